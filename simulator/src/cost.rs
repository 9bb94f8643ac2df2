//! The leaky bucket of a shop (Shopify's rate limits page).

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// A bucket holds this many times what it regains in a second.
const DEPTH_SECONDS: u32 = 20;
/// The most that one document may ask for.
pub(crate) const REQUESTED_MAX: u64 = 1_000;

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
        let maximum = Decimal::from(points_per_second * DEPTH_SECONDS);
        let per_second = Decimal::from(points_per_second);
        Self { per_second, maximum, available: maximum, since: now }
    }

    /// Whether `requested` points are there now.
    pub(crate) fn holds(&mut self, requested: u64, now: DateTime<Utc>) -> bool {
        let millis = Decimal::from((now - self.since).num_milliseconds().max(0));
        let regained = self.per_second * millis / Decimal::from(1_000);
        self.available = (self.available + regained).min(self.maximum);
        self.since = now;
        Decimal::from(requested) <= self.available
    }

    /// Takes what an answer did cost.
    pub(crate) fn take(&mut self, actual: u64) {
        self.available = (self.available - Decimal::from(actual)).max(Decimal::ZERO);
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
