//! The leaky bucket of a shop (Shopify's rate limits page).

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// A bucket holds this many times what it regains in a second.
const DEPTH_SECONDS: u32 = 20;

/// Points that a shop has left.
#[derive(Debug)]
pub(crate) struct Bucket {
    per_second: Decimal,
    maximum: Decimal,
    available: Decimal,
    since: DateTime<Utc>,
}

impl Bucket {
    pub(crate) fn new(points_per_second: u32, now: DateTime<Utc>) -> Self {
        let per_second = Decimal::from(points_per_second);
        let maximum = per_second * Decimal::from(DEPTH_SECONDS);
        Self { per_second, maximum, available: maximum, since: now }
    }

    /// Sets `requested` points aside. Returns whether they were there.
    pub(crate) fn reserve(&mut self, requested: u64, now: DateTime<Utc>) -> bool {
        let millis = Decimal::from((now - self.since).num_milliseconds().max(0));
        let regained = self.per_second * millis / Decimal::ONE_THOUSAND;
        self.available = (self.available + regained).min(self.maximum);
        self.since = now;
        let requested = Decimal::from(requested);
        let holds = requested <= self.available;
        if holds {
            self.available -= requested;
        }
        holds
    }

    /// Gives back what was set aside and not spent.
    pub(crate) fn give_back(&mut self, requested: u64, actual: u64) {
        let unspent = Decimal::from(requested.saturating_sub(actual));
        self.available = (self.available + unspent).min(self.maximum);
    }

    /// The part of an answer that tells of it.
    pub(crate) fn status(&self, requested: u64, actual: Option<u64>) -> Value {
        let whole = |points: Decimal| {
            serde_json::from_str::<Value>(&points.trunc().to_string()).unwrap_or_default()
        };
        json!({ "cost": {
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": {
                "maximumAvailable": whole(self.maximum),
                "currentlyAvailable": whole(self.available),
                "restoreRate": whole(self.per_second),
            },
        } })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let now = DateTime::UNIX_EPOCH;
        let mut bucket = Bucket::new(100, now);
        assert!(bucket.reserve(1_000, now) && bucket.reserve(1_000, now));
        assert!(!bucket.reserve(1, now));
        bucket.give_back(1_000, 950);
        assert!(bucket.reserve(50, now) && !bucket.reserve(1, now));
        let later = now + TimeDelta::milliseconds(500);
        assert!(bucket.reserve(50, later) && !bucket.reserve(1, later));
        let much_later = now + TimeDelta::hours(1);
        assert!(bucket.reserve(2_000, much_later), "full again");
        assert!(!bucket.reserve(1, much_later), "and no fuller");
    }
}
