//! The sync log.

use async_graphql::{Enum, ID, SimpleObject};
use domain::delivery::Failure;
use domain::refined::ObjectType;

use super::ErrorCode;
use crate::actions::sync::Polls;
use crate::graphql::scalar::DateTime;
use crate::sync::poll::Polled;

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

/// What a poll of one kind of object came to.
#[derive(SimpleObject, Debug)]
pub(crate) struct PollReport {
    /// The kind of object; null where the poll failed.
    kind: Option<String>,
    /// Objects that the store listed.
    seen: u32,
    /// Objects among them that were news and will be processed.
    queued: u32,
    /// The store's ids of those, 50 at most.
    news: Vec<ID>,
    /// Why the poll failed; null where it did not.
    error: Option<String>,
    /// The stable name of that.
    code: Option<ErrorCode>,
}

impl PollReport {
    /// Of each kind that was polled.
    pub(crate) fn all(polls: Polls) -> Vec<Self> {
        let report = |polled| match polled {
            Ok((kind, polled)) => Self::done(kind, &polled),
            Err(failure) => Self::failed(&failure),
        };
        polls.into_iter().map(report).collect()
    }

    fn done(kind: ObjectType, polled: &Polled) -> Self {
        Self {
            kind: Some(kind.as_str().to_owned()),
            seen: polled.seen,
            queued: polled.queued,
            news: polled.news.iter().map(|id| ID(id.to_string())).collect(),
            error: None,
            code: None,
        }
    }

    fn failed(failure: &Failure) -> Self {
        Self {
            kind: None,
            seen: 0,
            queued: 0,
            news: Vec::new(),
            error: Some(failure.detail.clone()),
            code: Some(failure.code.into()),
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
    /// All stock was put up for comparison with the store's.
    StockSync,
    /// Products of the POS were brought to the store.
    ProductSync,
    /// Subscriptions to the store's webhooks that had vanished were made again, and what was missed was read.
    SubscriptionHeal,
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
