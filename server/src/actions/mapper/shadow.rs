//! Shadow runs: what would change if a candidate served (F1). It runs over the business's last orders and products
//! beside what serves now; nothing of what either answers is written but the report.

mod pair;
mod report;
mod run;
mod tally;

use domain::access::{Caller, Role};
use domain::code::Code;
use domain::id::{BusinessId, ShadowReportId};
use domain::mapper::{Bound, MapperVersionState, STANDARD_VERSION, ShadowReport, WorkState};
use storage::Tenant;
use tokio::sync::OwnedSemaphorePermit;

use super::behind::held_until;
use super::place;
use crate::app::App;
use crate::error::Problem;
use crate::mapping::Mapper;

pub(crate) use report::ShadowBody;

/// Orders, and products, that one shadow run looks at, at most.
pub(crate) const LAST_MAX: u32 = 10_000;
/// Orders, and products, where the caller does not say.
pub(crate) const LAST: u32 = 1_000;

/// What is to be compared.
#[derive(Debug)]
struct Task {
    report: ShadowReport,
    candidate: Mapper,
    active: Mapper,
    last: u32,
    /// Held until the run has ended: a process has few of these at a time, so that live orders find threads.
    _permit: OwnedSemaphorePermit,
}

/// Begins to compare a candidate with what serves now, over the business's last orders and products. Answers at once;
/// the report and the feed tell how it goes on.
pub(crate) async fn start(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    candidate: Bound,
    last: u32,
) -> Result<ShadowReport, Problem> {
    let tenant = app.tenant(caller, business, Role::Operator)?;
    if !(1..=LAST_MAX).contains(&last) {
        return Err(Problem::input("input.last", format!("must be from 1 to {LAST_MAX}")));
    }
    check_state(&tenant, candidate.version).await?;
    let candidate = Mapper::load(app, &tenant, candidate).await?;
    candidate.check_own_settings(app, &tenant, "input.config").await?;
    let active = Mapper::load(app, &tenant, tenant.binding().await?.active).await?;
    let permit = place(&app.shadowing, "shadow runs")?;
    let now = app.now();
    let report = ShadowReport {
        id: ShadowReportId::new(now, &app.entropy()),
        candidate: candidate.bound,
        active: active.bound,
        state: WorkState::Running,
        body: None,
        created_by: caller.subject.clone(),
        created_at: now,
        finished_at: None,
    };
    tenant.begin_shadow_run(report.clone(), held_until(app)).await?;
    let task = Task { report: report.clone(), candidate, active, last, _permit: permit };
    let app = app.clone();
    app.tasks.clone().spawn(async move { run::to_its_end(&app, &tenant, task).await });
    Ok(report)
}

/// A version that may not serve need not be compared.
async fn check_state(tenant: &Tenant, version: u32) -> Result<(), Problem> {
    if version == STANDARD_VERSION {
        return Ok(());
    }
    let stored = tenant.mapper_version(version).await?;
    let stored = stored.ok_or_else(|| Problem::not_found("mapper version"))?;
    if stored.state == MapperVersionState::Validated {
        return Ok(());
    }
    let message = format!("mapper version {version} is {}", stored.state.as_str());
    Err(Problem { code: Code::Conflict, ..Problem::input("input.version", message) })
}
