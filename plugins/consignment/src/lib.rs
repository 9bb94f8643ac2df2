//! A mapper for shops that sell other people's goods.
//!
//! It maps as the standard mapper does, by the standard mapper's settings, and adds what is owed to whom: for each
//! consignor and event the goods sold, the house's commission, and what is paid out, as attributes of the POS order.
//! [`map_order`] and [`map_product`] are pure functions over the contract's records, compiled as a component and
//! natively.

mod describe;
mod goods;
mod owed;
mod place;
mod product;
mod settings;
mod share;

use plugins::product_types::{PosProduct, Product};
use plugins::types::{MapError, Order, PosOrder, Setting};

pub use describe::describe;
pub use product::map_product;

use goods::Goods;
use settings::Settings;

/// The component's exports.
#[derive(Debug)]
pub struct Consignment;

/// Maps an order, and says what is owed for its goods.
pub fn map_order(order: Order, settings: &[Setting]) -> Result<PosOrder, MapError> {
    let (own, standards) = settings::split(settings);
    let settings = Settings::read(own)?;
    let goods = Goods::of(&order, &settings)?;
    let mut mapped = standard::map_order(order, &standards)?;
    let attributes = owed::attributes(&mapped, &goods, &settings)?;
    mapped.attributes.extend(attributes);
    Ok(mapped)
}

impl plugins::Describe for Consignment {
    fn describe() -> plugins::Description {
        describe()
    }
}

impl plugins::OrderMapper for Consignment {
    fn map_order(order: Order, settings: Vec<Setting>) -> Result<PosOrder, MapError> {
        map_order(order, &settings)
    }
}

impl plugins::ProductMapper for Consignment {
    fn map_product(
        product: Product,
        currency: String,
        settings: Vec<Setting>,
    ) -> Result<Vec<PosProduct>, MapError> {
        map_product(product, &currency, &settings)
    }
}

#[cfg(feature = "component")]
plugins::plugin!(Consignment);
