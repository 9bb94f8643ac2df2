//! A push: what is to be sent of one item to one location, and what became of it. The rows are the queue, one for each
//! item and location, so that however often stock moves, one quantity is sent.

use super::step::Known;
use super::target::Hold;
use crate::code::Code;
use crate::delivery::{Failure, LeaseToken, backoff};
use crate::id::{BusinessId, ConnectionId, ExternalId};
use crate::time::Timestamp;

/// Which push of a business.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PushKey {
    /// To which store.
    pub connection_id: ConnectionId,
    /// The store's inventory item.
    pub inventory_item_id: ExternalId,
    /// The store's location.
    pub location_id: ExternalId,
}

/// A push that a worker holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClaimedPush {
    /// Whose.
    pub business_id: BusinessId,
    /// Which.
    pub key: PushKey,
    /// Whether it is the location that sends what is sold nowhere in particular.
    pub primary: bool,
    /// The POS product behind the item.
    pub pos_product_id: String,
    /// Raised by every movement and count, and by whoever asks for it. A push that was raised while it was under way is
    /// due again.
    pub generation: i64,
    /// What the store has, by our knowledge; none where it is to be asked.
    pub known: Option<Known>,
    /// Attempts so far, this one included.
    pub attempt: u32,
    /// The proof of holding it.
    pub lease: LeaseToken,
}

/// What became of a claimed push.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PushEnd {
    /// The store has what it is to have.
    Settled {
        /// What the ledger had.
        level: i64,
        /// What of it was held back.
        buffer: u32,
        /// What the store has now.
        quantity: i64,
        /// As of when, by the store's clock, where it told.
        at: Option<Timestamp>,
        /// Whether that was our doing.
        sent: bool,
    },
    /// The store is told nothing.
    Held(Hold),
    /// It is due again.
    Again {
        /// When.
        at: Timestamp,
        /// What the store has, by our knowledge; none where it is to be asked.
        known: Option<Known>,
        /// Why, where something failed.
        failure: Option<Failure>,
        /// The attempts that count by now.
        attempts: u32,
    },
    /// It failed, until stock moves again or somebody asks for it.
    Failed(Failure),
}

impl PushEnd {
    /// Another attempt after a back-off, or the end where `attempt` was the last one. The same is sent again unless stock
    /// moves meanwhile: where the answer was lost, the store knows it by its key. `jitter` is a random number.
    pub fn after(
        failure: Failure,
        known: Option<Known>,
        attempt: u32,
        now: Timestamp,
        jitter: u64,
    ) -> Self {
        match backoff(attempt, jitter) {
            Some(wait) => {
                Self::Again { at: now + wait, known, failure: Some(failure), attempts: attempt }
            }
            None => Self::Failed(Failure::new(
                Code::AttemptsExhausted,
                format!("gave up after {attempt} attempts; the last failed with {failure}"),
            )),
        }
    }
}

/// The state of a push, as operators see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PushState {
    /// Waits for its time or for a worker; the failure of the last attempt, where it failed.
    Waiting(Option<Failure>),
    /// A worker holds it.
    Running,
    /// The store has what it is to have.
    Settled,
    /// The store is told nothing.
    Held(Hold),
    /// It failed, until stock moves again or somebody asks for it.
    Failed(Failure),
}

/// A push and all that is known of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StockPush {
    /// Which.
    pub key: PushKey,
    /// The POS product behind the item.
    pub pos_product_id: String,
    /// The variant that is linked to it.
    pub variant_id: ExternalId,
    /// How it stands.
    pub state: PushState,
    /// Attempts since it was last settled.
    pub attempts: u32,
    /// When it is due, while it waits.
    pub due_at: Timestamp,
    /// What the ledger had when it was last decided on, by the policy's basis.
    pub level: Option<i64>,
    /// What of it was held back.
    pub buffer: Option<u32>,
    /// What the store is to have, as of then.
    pub target: Option<i64>,
    /// What the store has, by our knowledge.
    pub known: Option<i64>,
    /// What we sent last, and when.
    pub sent: Option<(i64, Timestamp)>,
    /// When something of it last changed.
    pub updated_at: Timestamp,
}

impl StockPush {
    /// By how much the store has more than it is to have; none where either is unknown, or a push is yet to come.
    pub fn drift(&self) -> Option<i64> {
        let settled = self.state == PushState::Settled;
        let drift = || self.known?.checked_sub(self.target?);
        if settled { drift() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::ATTEMPTS_MAX;

    #[test]
    fn a_push_that_keeps_failing_ends() {
        let failure = Failure::new(Code::UpstreamUnavailable, "no answer");
        let now = Timestamp::EPOCH;
        let again = PushEnd::after(failure.clone(), None, 1, now, 0);
        assert!(matches!(again, PushEnd::Again { known: None, failure: Some(_), .. }));
        let PushEnd::Failed(ended) = PushEnd::after(failure, None, ATTEMPTS_MAX, now, 0) else {
            panic!("goes on")
        };
        assert_eq!(ended.code, Code::AttemptsExhausted);
    }
}
