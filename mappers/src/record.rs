//! What is recorded of a run, so that it can be repeated and compared (F2).

use std::time::Duration;

use domain::delivery::Failure;
use domain::draft::PosProductDraft;
use domain::flow::RunOutcome;
use domain::pos::PosOrder;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::contract::ContractVersion;

/// The tenant's settings for a plugin, with their digest.
#[derive(Clone, Debug)]
pub struct MapSettings {
    pairs: Vec<(String, String)>,
    digest: [u8; 32],
}

impl MapSettings {
    /// Settings by key and value, in the order that the plugin gets them.
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        let mut hasher = Sha256::new();
        for text in pairs.iter().flat_map(|(key, value)| [key, value]) {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text);
        }
        Self { pairs, digest: hasher.finalize().into() }
    }

    /// The settings by key and value.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// SHA-256 over the settings.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }
}

impl Default for MapSettings {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

/// The raw body that the input was refined from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Source<'a> {
    /// Its bytes; handed to plugins that ask for them.
    pub json: &'a [u8],
    /// SHA-256 of the bytes, where the caller has it. It then stands for the whole input in the input digest; else the
    /// input itself is digested, which costs more.
    pub hash: Option<[u8; 32]>,
}

impl<'a> From<&'a [u8]> for Source<'a> {
    fn from(json: &'a [u8]) -> Self {
        Self { json, hash: None }
    }
}

impl<'a> Source<'a> {
    /// A body whose hash is known.
    pub fn hashed(json: &'a [u8], hash: [u8; 32]) -> Self {
        Self { json, hash: Some(hash) }
    }
}

/// One execution of a plugin: what came of it and what it used.
#[derive(Clone)]
pub struct Run<T> {
    /// What came of it.
    pub result: Result<Answer<T>, MapFailure>,
    /// The answer as JSON: what is stored, and what `output_digest` is over.
    pub document: Option<String>,
    /// Fuel that was used: instructions, roughly. The same for every repetition.
    pub fuel: u64,
    /// The most memory that the plugin had, in bytes.
    pub memory_bytes: u64,
    /// What it was allowed to use.
    pub allowed: Allowed,
    /// How long it took, without waiting for a place.
    pub duration: Duration,
    /// SHA-256 over contract, source and settings.
    pub input_digest: [u8; 32],
    /// SHA-256 of `document`.
    pub output_digest: Option<[u8; 32]>,
    /// SHA-256 of the plugin.
    pub plugin_digest: [u8; 32],
    /// SHA-256 of the settings.
    pub config_digest: [u8; 32],
    /// The contract that the plugin was built for.
    pub contract: ContractVersion,
    /// What ran it: this program and its engine, with their versions.
    pub host: &'static str,
    /// What the plugin logged, each line with its level before it. Plugins may log personal data.
    pub log: Vec<String>,
}

/// A run over an order.
pub type MapRun = Run<Box<PosOrder>>;
/// A run over a product.
pub type ProductRun = Run<Vec<PosProductDraft>>;

impl<T> Run<T> {
    /// How it ended, for the record. A run that was turned away never began, and there is nothing to record of it.
    pub fn outcome(&self) -> RunOutcome {
        match &self.result {
            Ok(Answer::Mapped(_)) => RunOutcome::Mapped,
            Ok(Answer::Skipped(_)) => RunOutcome::Skipped,
            Err(MapFailure::Refused(_)) => RunOutcome::Refused,
            Err(MapFailure::Faulted(_) | MapFailure::Busy(_)) => RunOutcome::Faulted,
        }
    }

    /// What it used, beside what it was allowed to.
    pub fn usage(&self) -> Usage {
        let allowed = self.allowed;
        Usage {
            fuel: self.fuel,
            fuel_max: allowed.fuel,
            memory_bytes: self.memory_bytes,
            memory_bytes_max: allowed.memory_bytes,
            duration: self.duration,
            processor_time_max: allowed.processor_time,
            answer_bytes: self.document.as_ref().map_or(0, String::len) as u64,
            answer_bytes_max: allowed.answer_bytes,
            log_lines: self.log.len() as u64,
            log_lines_max: allowed.log_lines,
        }
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for Run<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run")
            .field("result", &self.result)
            .field("fuel", &self.fuel)
            .field("memory_bytes", &self.memory_bytes)
            .field("log_lines", &self.log.len())
            .finish_non_exhaustive()
    }
}

/// What a run may use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Allowed {
    /// Fuel.
    pub fuel: u64,
    /// Bytes of memory, over all memories.
    pub memory_bytes: u64,
    /// Time on a processor.
    pub processor_time: Duration,
    /// Bytes that it may hand over as its answer.
    pub answer_bytes: u64,
    /// Lines that it may log.
    pub log_lines: u64,
}

/// What a run used, beside what it was allowed to: how much room is left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Usage {
    /// Fuel that was used.
    pub fuel: u64,
    /// At most.
    pub fuel_max: u64,
    /// The most memory that the plugin had, in bytes.
    pub memory_bytes: u64,
    /// At most.
    pub memory_bytes_max: u64,
    /// How long it took.
    pub duration: Duration,
    /// Time on a processor, at most; what `duration` comes to where the machine is not busy.
    pub processor_time_max: Duration,
    /// Length of the answer's document in bytes, about what was handed over.
    pub answer_bytes: u64,
    /// Bytes handed over, at most.
    pub answer_bytes_max: u64,
    /// Lines that were logged.
    pub log_lines: u64,
    /// At most.
    pub log_lines_max: u64,
}

/// A plugin's answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer<T> {
    /// What the POS gets, found to add up.
    Mapped(T),
    /// Deliberately left out, with the plugin's reason.
    Skipped(String),
}

/// What a plugin made of an order.
pub type MapAnswer = Answer<Box<PosOrder>>;
/// What a plugin made of a product.
pub type ProductAnswer = Answer<Vec<PosProductDraft>>;

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MapFailure {
    /// The plugin refused the input, or its answer was refused. Running it again gives the same.
    Refused(Failure),
    /// The plugin trapped or ran into a limit.
    Faulted(Failure),
    /// Too many runs were waiting; nothing was run, and it can be tried again at once or later.
    Busy(Failure),
}

impl MapFailure {
    /// What went wrong.
    pub fn failure(&self) -> &Failure {
        match self {
            Self::Refused(failure) | Self::Faulted(failure) | Self::Busy(failure) => failure,
        }
    }
}

/// SHA-256 over all that decides what a plugin of `contract` answers when `function` is called with `input`.
pub(crate) fn input_digest(
    contract: ContractVersion,
    function: &str,
    input: &impl Serialize,
    settings: &MapSettings,
    source: &Source<'_>,
) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(contract.input_domain());
    hasher.update(function);
    hasher.update(settings.digest);
    if let Some(hash) = source.hash {
        hasher.update([1]);
        hasher.update(hash);
    } else {
        hasher.update([0]);
        hasher.update(Sha256::digest(source.json));
        // Serialising our own types to memory cannot fail; were it to, the digest would only be less telling.
        hasher.update(serde_json::to_vec(input).unwrap_or_default());
    }
    hasher.finalize().into()
}
