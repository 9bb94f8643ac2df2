//! Deliveries that could not be processed.

use async_graphql::{Enum, ID, SimpleObject};

use super::ErrorCode;
use crate::graphql::scalar::DateTime;

/// A delivery that could not be processed. It stays until somebody replays it.
#[derive(SimpleObject, Debug)]
pub(crate) struct DeadLetter {
    /// The delivery.
    id: ID,
    /// Where it came from.
    source: DeliverySource,
    /// What it was about, in the store's words, for instance `orders/create`.
    topic: String,
    /// The sender's id of it.
    webhook_id: String,
    /// When it came.
    received_at: DateTime,
    /// Attempts made.
    attempts: u32,
    /// Why it could not be processed, for programs.
    code: ErrorCode,
    /// Why it could not be processed, for people.
    detail: String,
    /// The object that it was about, where that could be told.
    object: Option<StoreObject>,
}

impl From<domain::delivery::DeadLetter> for DeadLetter {
    fn from(dead: domain::delivery::DeadLetter) -> Self {
        Self {
            id: dead.id.into(),
            source: dead.source.into(),
            topic: dead.topic,
            webhook_id: dead.webhook_id,
            received_at: dead.received_at.into(),
            attempts: dead.attempts,
            code: dead.failure.code.into(),
            detail: dead.failure.detail,
            object: dead.object.map(|(kind, id)| StoreObject { kind: kind.into(), id: id.into() }),
        }
    }
}

/// An object of the store.
#[derive(SimpleObject, Debug)]
pub(crate) struct StoreObject {
    /// Which kind of object.
    kind: ObjectType,
    /// The store's id of it.
    id: ID,
}

/// The kinds of store objects that the gateway follows.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::refined::ObjectType")]
pub(crate) enum ObjectType {
    /// An order.
    Order,
    /// A product.
    Product,
}

/// Where a delivery came from.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::delivery::Source")]
pub(crate) enum DeliverySource {
    /// The store sent it.
    Webhook,
    /// Found by the regular poll.
    Poll,
    /// Read by the first import.
    Import,
    /// Read because another delivery told too little to act on.
    Reread,
    /// Made by the gateway itself, about something that it holds.
    Internal,
    /// Read because a reconciliation found that it was missing or old here.
    Reconcile,
}
