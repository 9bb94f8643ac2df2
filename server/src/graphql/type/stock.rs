//! The stock ledger.

use async_graphql::{Enum, ID, SimpleObject};
use domain::stock::Movement;

use crate::graphql::scalar::{DateTime, Long};

/// A movement of the stock ledger. Movements are only ever added.
#[derive(SimpleObject, Debug)]
pub(crate) struct StockMovement {
    /// Its id.
    id: ID,
    /// The POS product that moved.
    pos_product_id: ID,
    /// Where: a store location by its number, or `default` where the store names none.
    location: String,
    /// Pieces: negative when goods leave.
    quantity: Long,
    /// Why.
    reason: MovementReason,
    /// The store order, for `ORDER`.
    order_id: Option<ID>,
    /// The order's line, for `ORDER`.
    line_item_id: Option<ID>,
    /// The delivery that brought the order's version, for `ORDER`.
    delivery_id: Option<ID>,
    /// When it was recorded.
    created_at: DateTime,
}

impl From<Movement> for StockMovement {
    fn from(movement: Movement) -> Self {
        Self {
            id: movement.id.into(),
            pos_product_id: movement.pos_product_id.into(),
            location: movement.location.as_str().to_owned(),
            quantity: movement.quantity.into(),
            reason: movement.reason.into(),
            order_id: movement.order.map(|(order, _)| order.into()),
            line_item_id: movement.order.map(|(_, line)| line.into()),
            delivery_id: movement.delivery_id.map(Into::into),
            created_at: movement.created_at.into(),
        }
    }
}

/// Why stock moved.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::stock::Reason")]
pub(crate) enum MovementReason {
    /// An order's current version implies it.
    Order,
    /// Somebody counted.
    Count,
}

/// How much of a POS product lies at a place: the sum of its movements there.
#[derive(SimpleObject, Debug)]
pub(crate) struct StockLevel {
    /// The POS product.
    pos_product_id: ID,
    /// Where: a store location by its number, or `default` where the store names none.
    location: String,
    /// Pieces; below zero where more was sold than was ever counted.
    quantity: Long,
    /// When it last changed.
    updated_at: DateTime,
}

impl From<crate::reads::stock::StockLevel> for StockLevel {
    fn from(level: crate::reads::stock::StockLevel) -> Self {
        Self {
            pos_product_id: level.pos_product_id.into(),
            location: level.location.as_str().to_owned(),
            quantity: level.quantity.into(),
            updated_at: level.updated_at.into(),
        }
    }
}
