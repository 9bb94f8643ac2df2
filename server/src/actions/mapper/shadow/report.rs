//! What a shadow run tells, as it is stored.

use std::collections::BTreeMap;

use domain::flow::{Comparison, Pair};
use domain::id::ExternalId;
use serde::{Deserialize, Serialize};

/// Slowest runs that a report lists, and faults.
pub(super) const LISTED_MAX: usize = 10;

/// The body of a shadow report.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ShadowBody {
    /// What would change of orders.
    pub(crate) orders: Comparison,
    /// What would change of products.
    pub(crate) products: Comparison,
    /// How the runs ended, by the word that their outcome is stored as.
    pub(crate) outcomes: Outcomes,
    /// The first runs in which the candidate faulted.
    pub(crate) faults: Vec<Fault>,
    /// The candidate's slowest runs, the slowest first.
    pub(crate) slowest: Vec<SlowRun>,
    /// The most fuel that a run of the candidate used, and that it might have used.
    pub(crate) fuel_peak: Pair<u64>,
    /// Objects whose stored body could not be read any more.
    pub(crate) unreadable: u64,
    /// How long it took, in milliseconds.
    pub(crate) elapsed_ms: u64,
    /// Why it did not see all that it was to see, if so.
    pub(crate) cut_short: Option<String>,
}

/// How runs ended, by either mapping.
pub(crate) type Outcomes = BTreeMap<String, Pair<u64>>;

/// A run in which the candidate faulted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Fault {
    /// The order or product.
    pub(crate) id: ExternalId,
    /// The catalogue's code.
    pub(crate) code: String,
    /// Which trap, which limit.
    pub(crate) detail: String,
}

/// A run that took long.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct SlowRun {
    /// The order or product.
    pub(crate) id: ExternalId,
    /// How long, in microseconds.
    pub(crate) duration_us: u64,
    /// Fuel that it used.
    pub(crate) fuel: u64,
    /// The most memory that it had, in bytes.
    pub(crate) memory_bytes: u64,
}
