//! The contract's types and functions as a plugin sees them, generated from `mappers/wit`.

wit_bindgen::generate!({
    path: "../mappers/wit",
    world: "inbound-plugin",
    pub_export_macro: true,
    default_bindings_module: "plugins::bindings",
});
