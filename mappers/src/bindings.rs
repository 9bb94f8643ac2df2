//! The contract's types and functions as the host sees them, generated from `wit/`.
//!
//! What goes into a plugin is borrowed from the caller, what comes out is owned: nothing is copied on the way in but
//! by the engine itself.

wasmtime::component::bindgen!({
    path: "wit",
    world: "order-plugin",
    imports: { default: trappable },
    ownership: Borrowing { duplicate_if_necessary: true },
});
