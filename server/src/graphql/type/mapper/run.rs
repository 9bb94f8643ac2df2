//! Runs of plugins.

use async_graphql::{Enum, ID, SimpleObject};
use storage::StoredRun;

use super::{MapperCapability, MapperChoice};
use crate::actions::mapper::preview::Usage;
use crate::actions::mapper::replay::{Replayed, Verdict};
use crate::graphql::scalar::{DateTime, Long};
use crate::graphql::r#type::{ErrorCode, hex};

/// A run of a plugin, as it was recorded.
#[derive(SimpleObject)]
pub(crate) struct MappingRun {
    /// Its id.
    id: ID,
    /// The delivery that it was made for.
    delivery_id: ID,
    /// What was asked of the plugin.
    capability: MapperCapability,
    /// The order or product of the store.
    object_id: ID,
    /// Which mapper ran.
    mapper: MapperChoice,
    /// The contract that the plugin was built for.
    contract: String,
    /// What ran it: the gateway and its engine, with their versions.
    host: String,
    /// SHA-256 of contract, body and settings, in hexadecimal digits.
    input_digest: String,
    /// SHA-256 of the answer's document, in hexadecimal digits; null where there is none.
    output_digest: Option<String>,
    /// SHA-256 of the plugin, in hexadecimal digits.
    plugin_digest: String,
    /// SHA-256 of the settings as the plugin got them, in hexadecimal digits.
    config_digest: String,
    /// How it ended.
    outcome: RunOutcome,
    /// Why there is no answer, for programs.
    code: Option<ErrorCode>,
    /// Why there is no answer, for people.
    detail: Option<String>,
    /// What the plugin logged, where that was kept.
    log: Option<String>,
    /// Fuel that was used.
    fuel: Long,
    /// How long it took, in microseconds.
    duration_micros: Long,
    /// When.
    created_at: DateTime,
}

impl From<StoredRun> for MappingRun {
    fn from(StoredRun { run, created_at }: StoredRun) -> Self {
        let long = |number: u64| Long(i64::try_from(number).unwrap_or(i64::MAX));
        let (code, detail) = match run.failure {
            Some(failure) => (Some(failure.code.into()), Some(failure.detail)),
            None => (None, None),
        };
        Self {
            id: run.id.into(),
            delivery_id: run.delivery_id.into(),
            capability: run.capability.into(),
            object_id: run.external_id.into(),
            mapper: run.mapper.into(),
            contract: run.contract,
            host: run.host,
            input_digest: hex(&run.input_digest),
            output_digest: run.output_digest.as_ref().map(hex),
            plugin_digest: hex(&run.plugin_digest),
            config_digest: hex(&run.config_digest),
            outcome: run.outcome.into(),
            code,
            detail,
            log: run.log.map(domain::personal::Personal::into_inner),
            fuel: long(run.fuel),
            duration_micros: long(run.duration_us),
            created_at: created_at.into(),
        }
    }
}

/// What the repetition of a recorded run came to.
#[derive(SimpleObject, Debug)]
pub(crate) struct RunReplay {
    /// The run.
    run_id: ID,
    /// Whether it gave the same.
    verdict: ReplayVerdict,
    /// Where it differs, each place in a few words.
    differences: Vec<String>,
    /// Why it could not be repeated.
    detail: Option<String>,
    /// SHA-256 of the document that was recorded, in hexadecimal digits; null where there was none.
    recorded_digest: Option<String>,
    /// SHA-256 of the document that it gave now, in hexadecimal digits; null where there is none.
    replayed_digest: Option<String>,
    /// What recorded it.
    recorded_by: String,
    /// What repeated it.
    replayed_by: String,
}

impl From<Replayed> for RunReplay {
    fn from(Replayed { run, verdict, output_digest, host }: Replayed) -> Self {
        let (verdict, differences, detail) = match verdict {
            Verdict::Same => (ReplayVerdict::Same, Vec::new(), None),
            Verdict::Differs(differences) => (ReplayVerdict::Differs, differences, None),
            Verdict::Impossible(why) => (ReplayVerdict::Impossible, Vec::new(), Some(why)),
        };
        Self {
            run_id: run.id.into(),
            verdict,
            differences,
            detail,
            recorded_digest: run.output_digest.as_ref().map(hex),
            replayed_digest: output_digest.as_ref().map(hex),
            recorded_by: run.host,
            replayed_by: host,
        }
    }
}

/// Whether a repeated run gave the same.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ReplayVerdict {
    /// Byte for byte.
    Same,
    /// Something else. The activity feed tells of it as well.
    Differs,
    /// It cannot be repeated here.
    Impossible,
}

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
