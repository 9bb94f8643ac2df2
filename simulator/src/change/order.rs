//! Orders come in, are paid, and are sent.

use chrono::{DateTime, Utc};
use rand::rngs::SmallRng;

use super::{Change, Effects, Notice, Piece};
use crate::model::{
    Fulfillment, LineItem, Order, Store, Transaction, TransactionKind, whole_seconds,
};

/// Every so many orders with several lines, one is sent in two parcels.
const TWO_PARCELS_EVERY: i64 = 5;

impl Store {
    /// An order comes in: an ordinary one mostly, with anything that orders may have at times.
    pub fn create_order(&mut self, rng: &mut SmallRng, now: DateTime<Utc>) -> Change {
        let order = self.draft_order(rng, now);
        let effects = self.place(order, now);
        self.tell(effects)
    }

    /// What is still owed is paid. None where nothing is.
    pub fn pay_order(&mut self, id: i64, now: DateTime<Utc>) -> Option<Change> {
        let effects = self.pay(id, now)?;
        Some(self.tell(effects))
    }

    /// What is still to be sent is sent; some orders take two parcels. None where nothing is, or the order is
    /// cancelled.
    pub fn fulfill_order(&mut self, id: i64, now: DateTime<Utc>) -> Option<Change> {
        let effects = self.fulfill(id, now)?;
        Some(self.tell(effects))
    }

    pub(crate) fn place(&mut self, order: Order, now: DateTime<Utc>) -> Effects {
        let mut effects = Effects::on(order.id);
        effects.tell(Notice::Order("orders/create"));
        for index in 0..order.transactions.len() {
            effects.tell(Notice::Transaction(index));
        }
        if order.financial_status() == "paid" {
            effects.tell(Notice::Order("orders/paid"));
        }
        effects.tell(Notice::Order("orders/updated"));
        let taken: Vec<Piece> =
            order.lines.iter().map(|line| taken_by(line, line.quantity)).collect();
        self.orders.insert(order.id, order);
        self.move_stock(&taken, &mut effects, now);
        effects
    }

    pub(crate) fn pay(&mut self, id: i64, now: DateTime<Utc>) -> Option<Effects> {
        let order = self.orders.get(&id)?;
        let owed = order.outstanding();
        if order.cancelled_at.is_some() || !owed.is_positive() {
            return None;
        }
        // A promise is taken once; what was added after it is paid by itself.
        let taken = |kind| order.transactions.iter().any(|moved| moved.kind == kind);
        let promise = order
            .transactions
            .iter()
            .find(|moved| moved.kind == TransactionKind::Authorization)
            .filter(|_| !taken(TransactionKind::Capture))
            .cloned();
        let last_gateway = order.transactions.last().map(|moved| moved.gateway.clone());
        let gateway = last_gateway.unwrap_or_else(|| "manual".to_owned());
        let kind = if promise.is_some() { TransactionKind::Capture } else { TransactionKind::Sale };
        let paid = self.movement(kind, &gateway, owed, whole_seconds(now));
        let order = self.changed_order(id, now)?;
        let mut effects = Effects::on(id);
        effects.tell(Notice::Transaction(order.transactions.len()));
        order
            .transactions
            .push(Transaction { parent_id: promise.map(|promise| promise.id), ..paid });
        close_if_done(order, now);
        effects.tell(Notice::Order("orders/paid"));
        effects.tell(Notice::Order("orders/updated"));
        Some(effects)
    }

    pub(crate) fn fulfill(&mut self, id: i64, now: DateTime<Utc>) -> Option<Effects> {
        let order = self.orders.get(&id)?;
        if order.cancelled_at.is_some() {
            return None;
        }
        let mut open: Vec<(i64, i64)> = order
            .lines
            .iter()
            .map(|line| (line.id, order.fulfillable_quantity(line)))
            .filter(|(_, pieces)| *pieces > 0)
            .collect();
        let location_id = order.lines.first()?.stock_location_id;
        if open.is_empty() {
            return None;
        }
        if order.fulfillments.is_empty() && open.len() > 1 && order.number % TWO_PARCELS_EVERY == 0
        {
            open.truncate(open.len() / 2);
        }
        let parcel = Fulfillment {
            id: self.take_id(),
            status: "success".to_owned(),
            location_id,
            created_at: whole_seconds(now),
            lines: open,
        };
        let order = self.changed_order(id, now)?;
        let mut effects = Effects::on(id);
        effects.tell(Notice::Fulfillment(order.fulfillments.len()));
        order.fulfillments.push(parcel);
        effects.tell(Notice::Order(if order.fulfillment_status() == Some("fulfilled") {
            "orders/fulfilled"
        } else {
            "orders/partially_fulfilled"
        }));
        close_if_done(order, now);
        effects.tell(Notice::Order("orders/updated"));
        Some(effects)
    }
}

/// The stock that pieces of a line take.
pub(super) fn taken_by(line: &LineItem, pieces: i64) -> Piece {
    Piece {
        product_id: line.product_id,
        inventory_item_id: line.inventory_item_id,
        location_id: line.stock_location_id,
        pieces: -pieces,
    }
}

/// Closes an order that is paid and sent, as stores do by default.
fn close_if_done(order: &mut Order, now: DateTime<Utc>) {
    let sent = order.fulfillment_status() == Some("fulfilled");
    if sent && order.closed_at.is_none() && !order.outstanding().is_positive() {
        order.closed_at = Some(whole_seconds(now));
    }
}
