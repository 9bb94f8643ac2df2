//! Ids of deliveries. An app remembers those that it has seen, so no two runs of a simulator may make the same.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// Makes ids that begin with what is particular to this run and end with a number.
#[derive(Debug)]
pub(super) struct Ids {
    run: u64,
    next: AtomicU64,
}

impl Ids {
    /// The ids of a run with this seed, begun at this time.
    pub(super) fn new(seed: u64, begun: DateTime<Utc>) -> Self {
        let micros = begun.timestamp_micros().unsigned_abs();
        let run = SmallRng::seed_from_u64(seed ^ micros.rotate_left(32)).random();
        Self { run, next: AtomicU64::new(1) }
    }

    /// A number that is not used twice in this run.
    pub(super) fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// The id of a delivery.
    pub(super) fn webhook(&self) -> String {
        self.uuid(0x8000)
    }

    /// The id of an event.
    pub(super) fn event(&self) -> String {
        self.uuid(0x9000)
    }

    fn uuid(&self, variant: u16) -> String {
        let (high, middle, low) = (self.run >> 32, (self.run >> 16) & 0xffff, self.run & 0xfff);
        format!("{high:08x}-{middle:04x}-4{low:03x}-{variant:04x}-{:012x}", self.number())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn no_two_runs_make_the_same_ids() {
        let (now, later) =
            (DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH + TimeDelta::milliseconds(1));
        let ids = [Ids::new(1, now), Ids::new(2, now), Ids::new(1, later)];
        let mut made: Vec<String> =
            ids.iter().flat_map(|ids| [ids.webhook(), ids.webhook(), ids.event()]).collect();
        assert!(made.iter().all(|id| id.len() == 36));
        made.sort_unstable();
        made.dedup();
        assert_eq!(made.len(), 9);
    }
}
