//! A push under way.

use domain::push::{ClaimedPush, PushEnd};
use domain::time::Timestamp;

/// A push on its way: what the store is to have, and what it has by our knowledge.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) claimed: ClaimedPush,
    pub(super) level: i64,
    pub(super) buffer: u32,
    pub(super) quantity: i64,
}

impl Open {
    /// The store has it; `sent` says whether by our doing.
    pub(super) fn settled(&self, at: Option<Timestamp>, sent: bool) -> PushEnd {
        PushEnd::Settled {
            level: self.level,
            buffer: self.buffer,
            quantity: self.quantity,
            at,
            sent,
        }
    }

    /// Due again, without the attempt counting.
    pub(super) fn again(&self, at: Timestamp) -> PushEnd {
        let attempts = self.claimed.attempt.saturating_sub(1);
        PushEnd::Again { at, known: self.claimed.known, failure: None, attempts }
    }
}

/// A push and what became of it.
pub(super) type Ended = (ClaimedPush, PushEnd);
