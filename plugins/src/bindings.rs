//! The contract's types and functions as a plugin sees them, generated from `mappers/wit/1.0`.
#![expect(
    clippy::same_length_and_capacity,
    reason = "how the generated code takes over memory that the host has filled"
)]

wit_bindgen::generate!({
    path: "../mappers/wit/1.0",
    world: "inbound-plugin",
    pub_export_macro: true,
});
