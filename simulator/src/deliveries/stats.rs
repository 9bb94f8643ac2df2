//! What became of deliveries.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

/// What became of deliveries so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct DeliveryStats {
    /// Requests sent, repetitions and duplicates included, forged ones not.
    pub sent: u64,
    /// Requests answered with 2xx.
    pub accepted: u64,
    /// Requests that failed.
    pub failed: u64,
    /// Deliveries that were never sent, on purpose.
    pub dropped: u64,
    /// Deliveries given up after all repetitions.
    pub given_up: u64,
    /// Forged requests sent.
    pub forged: u64,
    /// Forged requests answered with 2xx: more than none means that the receiver does not check signatures.
    pub forged_accepted: u64,
    /// Deliveries not finished yet.
    pub pending: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) sent: AtomicU64,
    pub(super) accepted: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) dropped: AtomicU64,
    pub(super) given_up: AtomicU64,
    pub(super) forged: AtomicU64,
    pub(super) forged_accepted: AtomicU64,
    pub(super) pending: AtomicU64,
}

impl Counters {
    /// Counts an answered request.
    pub(super) fn count(&self, forged: bool, taken: bool) {
        let add = |counter: &AtomicU64| counter.fetch_add(1, Ordering::SeqCst);
        match (forged, taken) {
            (true, true) => {
                add(&self.forged);
                add(&self.forged_accepted)
            }
            (true, false) => add(&self.forged),
            (false, true) => {
                add(&self.sent);
                add(&self.accepted)
            }
            (false, false) => {
                add(&self.sent);
                add(&self.failed)
            }
        };
    }

    pub(super) fn read(&self) -> DeliveryStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        DeliveryStats {
            sent: read(&self.sent),
            accepted: read(&self.accepted),
            failed: read(&self.failed),
            dropped: read(&self.dropped),
            given_up: read(&self.given_up),
            forged: read(&self.forged),
            forged_accepted: read(&self.forged_accepted),
            pending: read(&self.pending),
        }
    }
}
