//! Mappers that keep failing while there is nothing to fall back to: each of their batches would say so.

use std::collections::HashMap;
use std::time::Duration;

use domain::id::BusinessId;
use domain::mapper::Bound;
use domain::time::Timestamp;

/// How long it is not said again, while the same binding stands.
const AGAIN_AFTER: Duration = Duration::from_mins(1);
/// Mappers remembered at most; beyond that all are forgotten, and said once more.
const STUCK_MAX: usize = 10_000;

/// What was said, under which revision of the binding, and when.
#[derive(Debug, Default)]
pub(super) struct Stuck(HashMap<(BusinessId, Bound), (i64, Timestamp)>);

impl Stuck {
    /// Whether it is news that this mapper keeps failing and stays; notes that it was said.
    pub(super) fn is_news(
        &mut self,
        business: BusinessId,
        mapper: Bound,
        revision: i64,
        now: Timestamp,
    ) -> bool {
        let said = self.0.get(&(business, mapper));
        if said.is_some_and(|(of, at)| *of == revision && at.until(now) < AGAIN_AFTER) {
            return false;
        }
        if self.0.len() >= STUCK_MAX {
            self.0.clear();
        }
        self.0.insert((business, mapper), (revision, now));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_once_a_minute_and_after_each_change() {
        let business = BusinessId::new(Timestamp::EPOCH, &[7; 10]);
        let (one, other) = (Bound { version: 1, config: 0 }, Bound { version: 2, config: 0 });
        let at = |seconds| Timestamp::EPOCH + Duration::from_secs(seconds);
        let mut stuck = Stuck::default();
        let said = [(one, 3, 0), (one, 3, 59), (other, 3, 59), (one, 3, 60), (one, 4, 61)]
            .map(|(mapper, revision, now)| stuck.is_news(business, mapper, revision, at(now)));
        assert_eq!(said, [true, false, true, true, true]);
    }
}
