//! The contract's types and functions as a plugin sees them, generated from `mappers/wit`.
#![expect(
    clippy::same_length_and_capacity,
    reason = "how the generated code takes over memory that the host has filled"
)]

wit_bindgen::generate!({
    path: "../mappers/wit",
    world: "inbound-plugin",
    pub_export_macro: true,
});
