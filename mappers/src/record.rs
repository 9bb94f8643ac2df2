//! What is recorded of a run, so that it can be repeated and compared (F2).

use domain::delivery::Failure;
use domain::flow::RunOutcome;
use domain::pos::PosOrder;
use domain::refined::Order;
use sha2::{Digest, Sha256};

/// The contract that inputs are digested under; another one means other digests.
const INPUT_DOMAIN: &[u8] = b"tillgate:mapper@1.0.0/map-order";

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

/// The raw body that the order was refined from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Source<'a> {
    /// Its bytes; handed to plugins that ask for them.
    pub json: &'a [u8],
    /// SHA-256 of the bytes, where the caller has it. It then stands for the whole input in the input digest; else the
    /// order itself is digested, which costs more.
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
pub struct MapRun {
    /// What came of it.
    pub result: Result<MapAnswer, MapFailure>,
    /// The POS order as JSON: what is stored, and what `output_digest` is over.
    pub document: Option<String>,
    /// Fuel that was used: instructions, roughly. The same for every repetition.
    pub fuel: u64,
    /// The most memory that the plugin had, in bytes.
    pub memory_bytes: u64,
    /// SHA-256 over contract, source and settings.
    pub input_digest: [u8; 32],
    /// SHA-256 of `document`.
    pub output_digest: Option<[u8; 32]>,
    /// SHA-256 of the plugin.
    pub plugin_digest: [u8; 32],
    /// What the plugin logged, each line with its level before it. Plugins may log personal data.
    pub log: Vec<String>,
}

impl MapRun {
    /// How it ended, for the record.
    pub fn outcome(&self) -> RunOutcome {
        match &self.result {
            Ok(MapAnswer::Mapped(_)) => RunOutcome::Mapped,
            Ok(MapAnswer::Skipped(_)) => RunOutcome::Skipped,
            Err(MapFailure::Refused(_)) => RunOutcome::Refused,
            Err(MapFailure::Faulted(_)) => RunOutcome::Faulted,
        }
    }
}

impl std::fmt::Debug for MapRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MapRun")
            .field("result", &self.result)
            .field("fuel", &self.fuel)
            .field("memory_bytes", &self.memory_bytes)
            .field("log_lines", &self.log.len())
            .finish_non_exhaustive()
    }
}

/// A plugin's answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MapAnswer {
    /// The POS order, found to add up.
    Mapped(Box<PosOrder>),
    /// Deliberately left out, with the plugin's reason.
    Skipped(String),
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MapFailure {
    /// The plugin refused the order, or its answer was refused. Running it again gives the same.
    Refused(Failure),
    /// The plugin trapped or ran into a limit.
    Faulted(Failure),
}

impl MapFailure {
    /// What went wrong.
    pub fn failure(&self) -> &Failure {
        match self {
            Self::Refused(failure) | Self::Faulted(failure) => failure,
        }
    }
}

/// SHA-256 over all that decides what a plugin answers.
pub(crate) fn input_digest(order: &Order, settings: &MapSettings, source: &Source<'_>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(INPUT_DOMAIN);
    hasher.update(settings.digest);
    if let Some(hash) = source.hash {
        hasher.update([1]);
        hasher.update(hash);
    } else {
        hasher.update([0]);
        hasher.update(Sha256::digest(source.json));
        // Serialising our own types to memory cannot fail; were it to, the digest would only be less telling.
        hasher.update(serde_json::to_vec(order).unwrap_or_default());
    }
    hasher.finalize().into()
}
