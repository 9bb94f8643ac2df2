//! The store's objects as its webhooks write them: in the shape of its REST resources.

mod line;
mod order;
mod parts;
mod product;
mod refund;

use serde_json::{Value, json};

use crate::change::{Change, Effects, Event, Notice};
use crate::model::Store;

impl Store {
    /// The body of deliveries that are about an order; none where there is no such order.
    pub fn order_body(&self, id: i64) -> Option<Value> {
        let order = self.orders.get(&id)?;
        Some(order::order(self, order))
    }

    /// The body of deliveries that are about a product; none where there is no such product.
    pub fn product_body(&self, id: i64) -> Option<Value> {
        let product = self.products.get(&id)?;
        Some(product::product(self, product))
    }

    /// Tells of a change. The bodies show the store as it is now, so this is called at the time of the change.
    pub(crate) fn tell(&self, effects: Effects) -> Change {
        let id = effects.object_id;
        let order = self.order_body(id);
        let events = effects
            .notices
            .into_iter()
            .filter_map(|notice| self.event(id, order.as_ref(), notice))
            .collect();
        Change { object_id: id, events }
    }

    fn event(&self, order_id: i64, order_body: Option<&Value>, notice: Notice) -> Option<Event> {
        let order = self.orders.get(&order_id);
        let (topic, body) = match notice {
            Notice::Order(topic) => (topic, order_body?.clone()),
            Notice::Transaction(place) => {
                let order = order?;
                let moved = order.transactions.get(place)?;
                ("order_transactions/create", refund::transaction(order, moved))
            }
            Notice::Refund(place) => {
                let order = order?;
                ("refunds/create", refund::refund(order, order.refunds.get(place)?))
            }
            Notice::Fulfillment(place) => {
                let order = order?;
                let sent = order.fulfillments.get(place)?;
                ("fulfillments/create", order::fulfillment(self, order, sent))
            }
            Notice::Edit(edit) => ("orders/edited", order::edit(order_id, &edit)),
            Notice::Product(topic, id) => (topic, self.product_body(id)?),
            Notice::Deleted(id) => ("products/delete", json!({ "id": id })),
            Notice::InventoryItem(topic, item) => (topic, product::inventory_item(self, item)),
            Notice::Level(item, location) => {
                ("inventory_levels/update", product::level(self, item, location)?)
            }
        };
        Some(Event { topic, body })
    }
}
