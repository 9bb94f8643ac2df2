//! Latencies and their percentiles.

use std::time::Duration;

/// Every latency of a run.
#[derive(Debug, Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// Adds one.
    pub fn add(&mut self, latency: Duration) {
        self.0.push(latency);
    }

    /// Adds those of another connection.
    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The latency that `per_mille` of a thousand stay below, in milliseconds.
    pub fn percentile(&mut self, per_mille: usize) -> f64 {
        if self.0.is_empty() {
            return 0.0;
        }
        self.0.sort_unstable();
        let at = (self.0.len() * per_mille / 1_000).min(self.0.len() - 1);
        self.0[at].as_secs_f64() * 1_000.0
    }
}
