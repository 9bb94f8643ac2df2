//! Shadow runs: what would change if another mapper served.

mod comparison;

use async_graphql::{Enum, ID, SimpleObject};
use domain::mapper::{self, WorkState};

use super::MapperChoice;
use crate::actions::mapper::shadow::ShadowBody;
use crate::graphql::scalar::{DateTime, Long};
use crate::graphql::r#type::ErrorCode;

use comparison::{MappingComparison, count};

/// A shadow run: a candidate beside what serves, over the business's last orders and products.
#[derive(SimpleObject, Debug)]
pub(crate) struct ShadowReport {
    /// Its id.
    id: ID,
    /// What was tried.
    candidate: MapperChoice,
    /// What it was compared with: what was active when the run began.
    active: MapperChoice,
    /// How far it is.
    state: ShadowReportState,
    /// What would change; null until it is done.
    result: Option<ShadowResult>,
    /// Why there is no result, where it failed.
    detail: Option<String>,
    /// Who asked for it: the subject of their token.
    created_by: String,
    /// When it began.
    created_at: DateTime,
    /// When it ended; null while it is under way, and where it was interrupted.
    finished_at: Option<DateTime>,
}

impl From<mapper::ShadowReport> for ShadowReport {
    fn from(report: mapper::ShadowReport) -> Self {
        let (result, detail) = match (report.state, report.body) {
            (WorkState::Done, Some(body)) => match serde_json::from_str::<ShadowBody>(&body) {
                Ok(body) => (Some(body.into()), None),
                Err(_) => (None, Some("it was written by another version".to_owned())),
            },
            (WorkState::Failed, detail) => (None, detail),
            _ => (None, None),
        };
        Self {
            id: report.id.into(),
            candidate: report.candidate.into(),
            active: report.active.into(),
            state: report.state.into(),
            result,
            detail,
            created_by: report.created_by,
            created_at: report.created_at.into(),
            finished_at: report.finished_at.map(Into::into),
        }
    }
}

/// How far a shadow run is.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::mapper::WorkState")]
pub(crate) enum ShadowReportState {
    /// Under way.
    Running,
    /// Finished, with a result.
    Done,
    /// Ended without a result.
    Failed,
    /// The gateway that made it was stopped in the middle of it; begin another one.
    Interrupted,
}

/// What a shadow run found.
#[derive(SimpleObject, Debug)]
pub(crate) struct ShadowResult {
    /// What would change of orders.
    orders: MappingComparison,
    /// What would change of products. They move no money and no stock.
    products: MappingComparison,
    /// How the runs of either mapper ended.
    outcomes: Vec<OutcomeCount>,
    /// The first runs in which the candidate trapped or ran into a limit.
    faults: Vec<ShadowFault>,
    /// The candidate's slowest runs, the slowest first.
    slowest: Vec<SlowRun>,
    /// The most fuel that a run of the active mapper used.
    fuel_peak_before: Long,
    /// The most fuel that a run of the candidate used.
    fuel_peak_after: Long,
    /// Objects whose stored body could not be read any more.
    unreadable: Long,
    /// How long it took, in milliseconds.
    elapsed_millis: Long,
    /// Why it did not see all that it was to see. Such a report lets nothing be activated.
    cut_short: Option<String>,
}

impl From<ShadowBody> for ShadowResult {
    fn from(body: ShadowBody) -> Self {
        let outcomes = body.outcomes.into_iter().map(|(outcome, runs)| OutcomeCount {
            outcome,
            before: count(runs.before),
            after: count(runs.after),
        });
        let faults = body.faults.into_iter().map(|fault| ShadowFault {
            object_id: fault.id.into(),
            code: domain::code::Code::parse(&fault.code).map(Into::into),
            detail: fault.detail,
        });
        let slowest = body.slowest.into_iter().map(|run| SlowRun {
            object_id: run.id.into(),
            duration_micros: count(run.duration_us),
            fuel: count(run.fuel),
            memory_bytes: count(run.memory_bytes),
        });
        Self {
            orders: body.orders.into(),
            products: body.products.into(),
            outcomes: outcomes.collect(),
            faults: faults.collect(),
            slowest: slowest.collect(),
            fuel_peak_before: count(body.fuel_peak.before),
            fuel_peak_after: count(body.fuel_peak.after),
            unreadable: count(body.unreadable),
            elapsed_millis: count(body.elapsed_ms),
            cut_short: body.cut_short,
        }
    }
}

/// How many runs ended in one way.
#[derive(SimpleObject, Debug)]
pub(crate) struct OutcomeCount {
    /// The way: `mapped`, `skipped`, `refused` or `faulted`.
    outcome: String,
    /// Runs of the active mapper.
    before: Long,
    /// Runs of the candidate.
    after: Long,
}

/// A run in which a candidate trapped or ran into a limit.
#[derive(SimpleObject, Debug)]
pub(crate) struct ShadowFault {
    /// The order or product of the store.
    object_id: ID,
    /// What it was, for programs.
    code: Option<ErrorCode>,
    /// Which trap, which limit.
    detail: String,
}

/// A run that took long.
#[derive(SimpleObject, Debug)]
pub(crate) struct SlowRun {
    /// The order or product of the store.
    object_id: ID,
    /// How long, in microseconds.
    duration_micros: Long,
    /// Fuel that it used.
    fuel: Long,
    /// The most memory that it had, in bytes.
    memory_bytes: Long,
}
