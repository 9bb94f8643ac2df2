//! The gateway's time: the machine's, and as much more as a scenario needs.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};
use domain::time::Timestamp;
use server::{Clock, SystemClock};

/// A clock that runs and can be moved forward.
#[derive(Debug, Default)]
pub struct MovableClock {
    ahead_millis: AtomicI64,
}

impl MovableClock {
    /// Moves it forward, or back where that is negative.
    pub fn advance(&self, millis: i64) {
        self.ahead_millis.fetch_add(millis, Ordering::SeqCst);
    }

    /// Moves it to its next whole second, so that what happens then has a time of its own in stores that tell seconds.
    pub fn next_second(&self) -> DateTime<Utc> {
        let now = self.now().millis();
        let next = (now / 1_000 + 1) * 1_000;
        self.advance(next - now);
        DateTime::from_timestamp_millis(next).unwrap_or_default()
    }
}

impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        let ahead = self.ahead_millis.load(Ordering::SeqCst);
        Timestamp::from_millis(SystemClock.now().millis() + ahead)
    }
}
