//! What a change touched, before it is told. Changes of the past are told to nobody and never rendered.

use chrono::{DateTime, Utc};

use crate::model::{Order, Store, whole_seconds};

/// What a change touched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Effects {
    /// The order or product that changed.
    pub(crate) object_id: i64,
    /// What is told, in order; each once.
    pub(crate) notices: Vec<Notice>,
}

/// Something that the store tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Notice {
    /// The order, under a topic.
    Order(&'static str),
    /// A movement of money of the order, by place.
    Transaction(usize),
    /// A refund of the order, by place.
    Refund(usize),
    /// Something of the order that was sent, by place.
    Fulfillment(usize),
    /// An edit of the order.
    Edit(Edit),
    /// A product, under a topic.
    Product(&'static str, i64),
    /// An inventory item of a product that is there no longer or is new, under a topic.
    InventoryItem(&'static str, i64),
    /// A product that is there no longer.
    Deleted(i64),
    /// The stock of an inventory item at a location.
    Level(i64, i64),
}

/// An edit of an order, in pieces by line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Edit {
    pub(crate) id: i64,
    pub(crate) committed_at: DateTime<Utc>,
    pub(crate) additions: Vec<(i64, i64)>,
    pub(crate) removals: Vec<(i64, i64)>,
    pub(crate) removed_shipping: Vec<i64>,
}

impl Effects {
    pub(crate) const fn on(object_id: i64) -> Self {
        Self { object_id, notices: Vec::new() }
    }

    /// Adds what is told; the same thing is told once.
    pub(crate) fn tell(&mut self, notice: Notice) {
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }
}

/// A movement of stock that a change of an order asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub(crate) product_id: Option<i64>,
    pub(crate) inventory_item_id: Option<i64>,
    pub(crate) location_id: i64,
    pub(crate) pieces: i64,
}

impl Store {
    /// Moves stock and tells of the levels and then of the products, as the store does after every order.
    pub(crate) fn move_stock(
        &mut self,
        moved: &[Piece],
        effects: &mut Effects,
        now: DateTime<Utc>,
    ) {
        for piece in moved {
            let Some(item) = piece.inventory_item_id else {
                continue;
            };
            if piece.pieces == 0 {
                continue;
            }
            // What was deleted is counted no longer.
            let Some(level) = self.levels.get_mut(&(item, piece.location_id)) else {
                continue;
            };
            *level += piece.pieces;
            effects.tell(Notice::Level(item, piece.location_id));
        }
        for piece in moved {
            let product = piece.product_id.and_then(|id| self.products.get_mut(&id));
            if let Some(product) = product {
                product.updated_at = product.updated_at.max(whole_seconds(now));
                effects.tell(Notice::Product("products/update", product.id));
            }
        }
    }

    /// The order, to be changed: its time of change is set, and never goes back.
    pub(crate) fn changed_order(&mut self, id: i64, now: DateTime<Utc>) -> Option<&mut Order> {
        let order = self.orders.get_mut(&id)?;
        order.updated_at = order.updated_at.max(whole_seconds(now));
        Some(order)
    }
}
