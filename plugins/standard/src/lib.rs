//! The standard mapper, a plugin like any other.
//!
//! [`map_order`] and [`map_product`] are pure functions over the contract's records. They are compiled twice: as the
//! component `standard.wasm`, which the gateway runs, and natively, where tests and benchmarks call them.
//!
//! The arithmetic is the store's own: an order's total is its lines after discounts, its charges after discounts, and
//! the taxes unless the prices contain them. The mapped order comes to the store's total to the last minor unit, or it
//! is refused with both totals and the difference.

mod charges;
mod describe;
mod discounts;
mod lines;
mod order;
mod people;
mod product;
mod refunds;
mod rules;
mod settings;
mod tenders;

use plugins::product_types::{PosProduct, Product};
use plugins::types::{MapError, Order, PosOrder, Setting};

pub use describe::describe;
pub use order::map_order;
pub use product::map_product;

/// The component's exports.
#[derive(Debug)]
pub struct Standard;

impl plugins::Describe for Standard {
    fn describe() -> plugins::Description {
        describe()
    }
}

impl plugins::OrderMapper for Standard {
    fn map_order(order: Order, settings: Vec<Setting>) -> Result<PosOrder, MapError> {
        map_order(order, &settings)
    }
}

impl plugins::ProductMapper for Standard {
    fn map_product(
        product: Product,
        currency: String,
        settings: Vec<Setting>,
    ) -> Result<Vec<PosProduct>, MapError> {
        map_product(product, &currency, &settings)
    }
}

// A plugin that builds on this one has exports of its own.
#[cfg(feature = "component")]
plugins::plugin!(Standard);
