//! What a batch comes to, in numbers: taken before it is written, noted once it is.

use std::time::Duration;

use domain::delivery::{Claimed, Fate, Source};
use domain::flow::{Changes, RunOutcome};

/// A batch's deliveries and runs.
#[derive(Debug)]
pub(crate) struct Worked {
    /// Where each came from, what the attempt came to, and its age where that is the end.
    pub(super) deliveries: Vec<(Source, &'static str, Option<Duration>)>,
    /// How each ended, after which time.
    pub(super) runs: Vec<(RunOutcome, Duration)>,
}

impl Worked {
    /// What these changes do to those deliveries.
    pub(crate) fn of(batch: &[Claimed], changes: &Changes) -> Self {
        let deliveries = changes.deliveries.iter().filter_map(|(id, _, fate)| {
            let delivery = &batch.iter().find(|claimed| claimed.delivery.id == *id)?.delivery;
            let age = delivery.received_at.until(changes.now);
            Some(match fate {
                Fate::Done(outcome) => (delivery.source, outcome.as_str(), Some(age)),
                Fate::Retry { .. } => (delivery.source, "again", None),
                Fate::Dead(_) => (delivery.source, "dead", Some(age)),
            })
        });
        let runs = changes.runs.iter();
        Self {
            deliveries: deliveries.collect(),
            runs: runs.map(|run| (run.outcome, Duration::from_micros(run.duration_us))).collect(),
        }
    }
}
