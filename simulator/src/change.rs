//! What happens in a store, and what the store tells of it.

mod cancel;
mod edit;
mod effects;
mod happen;
mod inventory;
mod listing;
mod order;
mod product;
mod refund;

use serde_json::Value;

pub(crate) use effects::{Edit, Effects, Notice, Piece};
pub(crate) use listing::Wanted;

/// What a change made the store tell.
#[derive(Clone, PartialEq, Debug)]
pub struct Change {
    /// The order or product that changed.
    pub object_id: i64,
    /// The deliveries, in the order in which the store makes them.
    pub events: Vec<Event>,
}

/// A delivery that the store makes to whoever subscribed.
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    /// The topic, for instance `orders/create`.
    pub topic: &'static str,
    /// The body, as of the change.
    pub body: Value,
}
