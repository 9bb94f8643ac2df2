//! What the gateway calls. Each trait below is one of the interfaces in `wit/mapper.wit`.
//!
//! A mapper is a pure function: it gets a whole order and the settings, and gives the order as the till shall have it.
//! There is no clock, no network and no file, and nothing survives from one order to the next. `HashMap` needs
//! randomness and ends the run: use `BTreeMap`.
//!
//! Fields are named as in `wit/types.wit`, with underscores instead of dashes: `line-items` is `line_items`. Amounts and
//! ids are text; [`plugins::Amount`] computes with amounts exactly.

mod money;
mod order;
mod people;
mod product;
mod tenders;

use plugins::product_types::{PosProduct, Product};
use plugins::types::{MapError, Order, PosOrder, Setting};
use plugins::{Describe, Description, OrderMapper, ProductMapper};

/// What can be configured, as a JSON Schema. The gateway refuses settings that do not fit.
const SETTINGS_SCHEMA: &str = include_str!("settings.schema.json");

struct Mapper;

impl Describe for Mapper {
    fn describe() -> Description {
        Description {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "Maps orders with a prefix on their numbers, and leaves out those with a tag."
                .to_owned(),
            settings_schema: SETTINGS_SCHEMA.to_owned(),
        }
    }
}

impl OrderMapper for Mapper {
    fn map_order(order: Order, settings: Vec<Setting>) -> Result<PosOrder, MapError> {
        log_panics();
        order::map_order(order, &settings)
    }
}

impl ProductMapper for Mapper {
    fn map_product(
        product: Product,
        currency: String,
        settings: Vec<Setting>,
    ) -> Result<Vec<PosProduct>, MapError> {
        log_panics();
        product::map_product(product, &currency, &settings)
    }
}

plugins::plugin!(Mapper);

/// A panic ends the run. Its message, with file and line, goes to the plugin's log, where `tillgate mapper test` and the
/// gateway show it.
fn log_panics() {
    use plugins::logging::{Level, log};
    std::panic::set_hook(Box::new(|panic| log(Level::Error, &panic.to_string())));
}
