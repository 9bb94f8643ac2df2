//! Runs of plugins.

use async_graphql::{Enum, SimpleObject};

use crate::actions::mapper::preview::Usage;
use crate::graphql::scalar::Long;

/// How a run of a plugin ended.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::flow::RunOutcome")]
pub(crate) enum RunOutcome {
    /// With what the POS gets.
    Mapped,
    /// The plugin left the object out, on purpose.
    Skipped,
    /// The plugin refused, or the check of its answer did.
    Refused,
    /// The plugin trapped or ran into a limit.
    Faulted,
}

/// What a run used, beside what it was allowed to: how much room is left.
#[derive(SimpleObject, Debug)]
pub(crate) struct RunUsage {
    /// Fuel that was used: instructions, roughly. The same for every repetition.
    fuel: Long,
    /// Fuel, at most.
    fuel_max: Long,
    /// The most memory that the plugin had, in bytes.
    memory_bytes: Long,
    /// Bytes of memory, at most.
    memory_bytes_max: Long,
    /// How long it took, in microseconds.
    duration_micros: Long,
    /// Time on a processor, at most, in microseconds.
    processor_micros_max: Long,
    /// Bytes that were handed over as the answer.
    answer_bytes: Long,
    /// Bytes handed over, at most.
    answer_bytes_max: Long,
    /// Lines that were logged.
    log_lines: Long,
    /// Lines that may be logged.
    log_lines_max: Long,
}

impl From<Usage> for RunUsage {
    fn from(usage: Usage) -> Self {
        let long = |number: u64| Long(i64::try_from(number).unwrap_or(i64::MAX));
        let micros =
            |time: std::time::Duration| Long(i64::try_from(time.as_micros()).unwrap_or(i64::MAX));
        Self {
            fuel: long(usage.fuel),
            fuel_max: long(usage.fuel_max),
            memory_bytes: long(usage.memory_bytes),
            memory_bytes_max: long(usage.memory_bytes_max),
            duration_micros: micros(usage.duration),
            processor_micros_max: micros(usage.processor_time_max),
            answer_bytes: long(usage.answer_bytes),
            answer_bytes_max: long(usage.answer_bytes_max),
            log_lines: long(usage.log_lines),
            log_lines_max: long(usage.log_lines_max),
        }
    }
}
