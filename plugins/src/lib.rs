//! The guest SDK: what a mapper plugin written in Rust builds on.
//!
//! A plugin is a `cdylib` that implements [`Describe`], [`OrderMapper`] and [`ProductMapper`] for one type and names
//! that type in [`plugin!`]:
//!
//! ```ignore
//! struct Mapper;
//! impl plugins::OrderMapper for Mapper { /* .. */ }
//! plugins::plugin!(Mapper);
//! ```
//!
//! It is a pure function. There is no clock, no randomness, no file and no network; `std::collections::HashMap` would
//! need randomness and traps, so use `BTreeMap`. Every run is a fresh instance: nothing survives from one order to the
//! next. The same crate compiles natively, where its functions can be tested like any others.

mod amount;
#[cfg(target_arch = "wasm32")]
mod arena;
pub mod bindings;
pub mod json;
pub mod money;
mod pattern;

pub use amount::{Amount, InvalidAmount, Rounding};
#[cfg(target_arch = "wasm32")]
pub use arena::Arena;
pub use bindings::exports::tillgate::mapper::describe::{Description, Guest as Describe};
pub use bindings::exports::tillgate::mapper::order_mapper::Guest as OrderMapper;
pub use bindings::exports::tillgate::mapper::product_mapper::Guest as ProductMapper;
/// Lines for the tenant's log.
pub use bindings::tillgate::mapper::logging;
/// Products, as the contract has them.
pub use bindings::tillgate::mapper::product_types;
/// The raw body.
pub use bindings::tillgate::mapper::source_json;
/// Orders and what is common, as the contract has them.
pub use bindings::tillgate::mapper::types;
pub use pattern::Patterns;

/// The value of the setting `key`, if the tenant set it.
pub fn setting<'a>(settings: &'a [types::Setting], key: &str) -> Option<&'a str> {
    settings.iter().find(|setting| setting.key == key).map(|setting| setting.value.as_str())
}

/// The value of the metafield `name`, which is `<namespace>.<key>`.
pub fn metafield<'f>(fields: &'f [types::Metafield], name: &str) -> Option<&'f str> {
    let (namespace, key) = name.split_once('.')?;
    let field = fields.iter().find(|field| field.namespace == namespace && field.key == key)?;
    Some(&field.value)
}

/// Whether `name` has the form of a metafield's, `<namespace>.<key>`.
pub fn is_metafield(name: &str) -> bool {
    name.split_once('.').is_some_and(|(space, key)| !space.is_empty() && !key.is_empty())
}

/// An input error about one field.
pub fn invalid(path: impl Into<String>, message: impl Into<String>) -> types::MapError {
    types::MapError::InvalidInput(vec![types::FieldError {
        path: path.into(),
        message: message.into(),
    }])
}

/// Makes `$plugin` the component's exports and the arena its allocator. Natively it does nothing.
#[macro_export]
macro_rules! plugin {
    ($plugin:ident) => {
        #[cfg(target_arch = "wasm32")]
        #[global_allocator]
        static ARENA: $crate::Arena = $crate::Arena::new();

        #[cfg(target_arch = "wasm32")]
        $crate::bindings::export!($plugin with_types_in $crate::bindings);
    };
}
