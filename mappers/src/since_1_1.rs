//! The contract 1.1, which is the newest: its types are those that the conversions make and take.
//!
//! What goes into a plugin is borrowed from the caller, what comes out is owned: nothing is copied on the way in but
//! by the engine itself.

wasmtime::component::bindgen!({
    path: "wit/1.1",
    world: "full-plugin",
    imports: { default: trappable },
    ownership: Borrowing { duplicate_if_necessary: true },
});

pub(crate) use exports::tillgate::mapper::describe::Description;
pub(crate) use tillgate::mapper::{logging, product_types, source_json, types};

/// What `describe` takes and returns.
pub(crate) type DescribeParams = ();
pub(crate) type DescribeResults = (Description,);
/// What `map-order` takes and returns.
pub(crate) type OrderParams<'a> = (types::Order<'a>, &'a [types::Setting<'a>]);
pub(crate) type OrderResults = (Result<types::PosOrder, types::MapError>,);
/// What `map-product` of `product-mapper` takes and returns.
pub(crate) type ProductParams<'a> = (product_types::Product<'a>, &'a str, &'a [types::Setting<'a>]);
pub(crate) type ProductResults = (Result<Vec<product_types::PosProductResult>, types::MapError>,);
