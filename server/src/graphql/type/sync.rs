//! The sync log.

use async_graphql::{Enum, ID, SimpleObject};

use crate::graphql::scalar::DateTime;

/// A row of the sync log: one piece of work and how it went.
#[derive(SimpleObject, Debug)]
pub(crate) struct SyncLogEntry {
    /// Its id.
    id: ID,
    /// The connection that it was for.
    connection_id: Option<ID>,
    /// What kind of work.
    kind: SyncKind,
    /// How it went.
    status: SyncStatus,
    /// How many objects went well.
    processed: u32,
    /// How many failed.
    failed: u32,
    /// Why, where something failed or was left out.
    error_detail: Option<String>,
    /// The delivery, where the work was one.
    delivery_id: Option<ID>,
    /// When it began.
    started_at: DateTime,
    /// When it ended; null while it runs.
    finished_at: Option<DateTime>,
}

impl From<domain::activity::SyncLogEntry> for SyncLogEntry {
    fn from(entry: domain::activity::SyncLogEntry) -> Self {
        Self {
            id: entry.id.into(),
            connection_id: entry.connection_id.map(Into::into),
            kind: entry.kind.into(),
            status: entry.status.into(),
            processed: entry.processed,
            failed: entry.failed,
            error_detail: entry.error_detail,
            delivery_id: entry.delivery_id.map(Into::into),
            started_at: entry.started_at.into(),
            finished_at: entry.finished_at.map(Into::into),
        }
    }
}

/// What kind of work a sync log entry tells of.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::activity::SyncKind")]
pub(crate) enum SyncKind {
    /// An order delivered by the store.
    OrderWebhook,
    /// A poll of orders.
    OrderPoll,
    /// A product delivered by the store.
    ProductWebhook,
    /// A poll of products.
    ProductPoll,
    /// Any other delivery.
    OtherWebhook,
    /// The first import of orders.
    OrderImport,
    /// The first import of products.
    ProductImport,
}

/// How a piece of work went.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::activity::SyncStatus")]
pub(crate) enum SyncStatus {
    /// Not ended yet.
    Running,
    /// All went well.
    Success,
    /// A part failed or was left out.
    Partial,
    /// Nothing went well.
    Error,
}
