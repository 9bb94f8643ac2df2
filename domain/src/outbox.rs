//! POS orders on their way to the business's own POS: an address that is told of each new version.
//!
//! What is sent is the newest version; one that was overtaken is not sent, and none follows a newer one. Each version has
//! one key, the same in every attempt, so that a POS which takes a key once has each version once.

mod verdict;

use crate::delivery::Failure;
use crate::id::{BusinessId, ExternalId, PosOrderId};
use crate::time::Timestamp;

pub use verdict::{ATTEMPTS_MAX, Answer, Verdict, pause, verdict};

/// Where a business's POS orders are sent to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PosEndpoint {
    /// Whose.
    pub business_id: BusinessId,
    /// The address.
    pub url: String,
    /// Failures in a row, of whatever order.
    pub failures: u32,
    /// Until when nothing is sent, because it does not answer.
    pub paused_until: Option<Timestamp>,
    /// When it said that it is gone for good, and nothing was sent from then on.
    pub gone_at: Option<Timestamp>,
    /// When it was set first.
    pub created_at: Timestamp,
    /// When it was set last.
    pub updated_at: Timestamp,
}

/// Where a POS order is on its way.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OutboxState {
    /// Waits for its time.
    Ready,
    /// Somebody is sending it.
    Running,
    /// Its newest version was taken.
    Sent,
    /// Given up, until somebody has it sent again or it gets a new version.
    Dead,
}

impl OutboxState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Ready, Self::Running, Self::Sent, Self::Dead];

    /// The name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Sent => "sent",
            Self::Dead => "dead",
        }
    }

    /// The state of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// A POS order on its way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutboxEntry {
    /// The store order.
    pub external_id: ExternalId,
    /// The version that the POS is to have.
    pub wanted_version: i64,
    /// The version that it has taken; 0 where it has none.
    pub sent_version: i64,
    /// Where it is.
    pub state: OutboxState,
    /// Attempts since the last success.
    pub attempts: u32,
    /// When it is sent next, or taken from whoever is sending it.
    pub run_at: Timestamp,
    /// Why the last attempt failed.
    pub failure: Option<Failure>,
    /// When a version was taken last.
    pub sent_at: Option<Timestamp>,
}

/// The key of a version: the same in every attempt, and another for every other version.
pub fn message_id(order: PosOrderId, version: i64) -> String {
    format!("pos_order_{order}_{version}")
}
