//! POS orders on their way to the business's own POS.

use async_graphql::{Enum, ID, SimpleObject};

use super::ErrorCode;
use crate::graphql::scalar::{DateTime, Long};

/// Where a business's POS orders are sent to.
#[derive(SimpleObject, Debug)]
pub(crate) struct PosEndpoint {
    /// The address.
    url: String,
    /// Failures in a row, of whatever order.
    failures: u32,
    /// Until when nothing is sent because it does not answer; null while it does.
    paused_until: Option<DateTime>,
    /// When it said that it is gone for good; nothing is sent since. Set it anew to go on.
    gone_at: Option<DateTime>,
    /// When it was set first.
    created_at: DateTime,
    /// When it was set last.
    updated_at: DateTime,
}

impl From<domain::outbox::PosEndpoint> for PosEndpoint {
    fn from(endpoint: domain::outbox::PosEndpoint) -> Self {
        Self {
            url: endpoint.url,
            failures: endpoint.failures,
            paused_until: endpoint.paused_until.map(Into::into),
            gone_at: endpoint.gone_at.map(Into::into),
            created_at: endpoint.created_at.into(),
            updated_at: endpoint.updated_at.into(),
        }
    }
}

/// A POS order on its way to the business's own POS.
#[derive(SimpleObject, Debug)]
pub(crate) struct OutboxEntry {
    /// The store order.
    order_id: ID,
    /// The version that the POS is to have.
    wanted_version: Long,
    /// The version that it has taken; 0 where it has none.
    sent_version: Long,
    /// Where it is.
    state: OutboxState,
    /// Attempts since the last success.
    attempts: u32,
    /// When it is sent next, while it waits.
    run_at: DateTime,
    /// When a version was taken last.
    sent_at: Option<DateTime>,
    /// The stable name of why the last attempt failed.
    code: Option<ErrorCode>,
    /// Why the last attempt failed.
    detail: Option<String>,
}

impl From<domain::outbox::OutboxEntry> for OutboxEntry {
    fn from(entry: domain::outbox::OutboxEntry) -> Self {
        let (code, detail) = match entry.failure {
            Some(failure) => (Some(failure.code.into()), Some(failure.detail)),
            None => (None, None),
        };
        Self {
            order_id: entry.external_id.into(),
            wanted_version: entry.wanted_version.into(),
            sent_version: entry.sent_version.into(),
            state: entry.state.into(),
            attempts: entry.attempts,
            run_at: entry.run_at.into(),
            sent_at: entry.sent_at.map(Into::into),
            code,
            detail,
        }
    }
}

/// Where a POS order is on its way.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::outbox::OutboxState")]
pub(crate) enum OutboxState {
    /// Waits for its time.
    Ready,
    /// Somebody is sending it.
    Running,
    /// Its newest version was taken.
    Sent,
    /// Given up, until `sendPosOrder` or a new version.
    Dead,
}
