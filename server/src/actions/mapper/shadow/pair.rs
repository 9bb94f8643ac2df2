//! The two mappers of a shadow run, side by side over one object.

use domain::connection::Connection;
use domain::delivery::NewDelivery;
use domain::id::ExternalId;
use domain::mapper::Capability;
use domain::money::Currency;
use domain::refined::Order;
use domain::time::Timestamp;
use mappers::{MapRun, MapSettings, Plugin, ProductRun, Source};
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::mapping::{ConnectionsById, Input, Mapper, patiently, read_stored};

/// What runs on one side.
#[derive(Clone, Debug)]
struct Side {
    for_orders: Plugin,
    for_products: Plugin,
    settings: MapSettings,
}

/// What serves now, and the candidate.
#[derive(Clone, Debug)]
pub(super) struct Sides {
    before: Side,
    after: Side,
    /// The currency of products' prices.
    currency: Currency,
}

/// An object after both have run over it.
pub(super) enum Compared {
    Order(Box<OrderRuns>),
    Product {
        id: ExternalId,
        before: Box<ProductRun>,
        after: Box<ProductRun>,
    },
    /// Its stored body cannot be read any more.
    Unreadable,
}

/// An order with its two runs.
pub(super) struct OrderRuns {
    pub(super) order: Order,
    /// When its connection began; older orders move no stock.
    pub(super) cutover_at: Timestamp,
    pub(super) before: MapRun,
    pub(super) after: MapRun,
}

impl Sides {
    pub(super) fn new(app: &App, active: &Mapper, candidate: &Mapper, currency: Currency) -> Self {
        let side = |mapper: &Mapper| Side {
            for_orders: mapper.plugin_for(app, Capability::MapOrder),
            for_products: mapper.plugin_for(app, Capability::MapProduct),
            settings: mapper.settings.clone(),
        };
        Self { before: side(active), after: side(candidate), currency }
    }

    /// Runs both over a stored object. Blocks.
    pub(super) fn run(
        &self,
        app: &App,
        connections: &ConnectionsById,
        delivery: &NewDelivery,
    ) -> Compared {
        let body = delivery.body.as_slice();
        let source = Source::hashed(body, Sha256::digest(body).into());
        match read_stored(&app.providers, connections, delivery) {
            Ok(Input::Order(order)) => {
                let map = |side: &Side| {
                    patiently(|| {
                        app.mappers.map_order(&side.for_orders, &order, &side.settings, source)
                    })
                };
                let (before, after) = (map(&self.before), map(&self.after));
                let connection = connections.get(&delivery.connection_id);
                let cutover_at = connection.map_or(Timestamp::EPOCH, |c: &Connection| c.cutover_at);
                Compared::Order(Box::new(OrderRuns { order: *order, cutover_at, before, after }))
            }
            Ok(Input::Product(product)) => {
                let map = |side: &Side| {
                    Box::new(patiently(|| {
                        let (plugin, settings) = (&side.for_products, &side.settings);
                        app.mappers.map_product(plugin, &product, self.currency, settings, source)
                    }))
                };
                let (before, after) = (map(&self.before), map(&self.after));
                Compared::Product { id: product.id, before, after }
            }
            Err(_) => Compared::Unreadable,
        }
    }
}
