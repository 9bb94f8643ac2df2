//! Repairing what a bad version did (F4): its orders are mapped again by what serves now, and what it could not map is
//! tried again. Corrections are new versions of POS orders and further movements; where nothing differs, nothing is
//! written. So afterwards everything is as if the good version had served throughout, and doing it again is harmless. Orders
//! are mapped as they are now: one that the good version refuses only since its newest version is voided all the same.

mod run;

use domain::access::{Caller, Role};
use domain::code::Code;
use domain::id::{BusinessId, MapperRepairId};
use domain::mapper::{Bound, MapperRepair, STANDARD_VERSION, WorkState};

use super::behind::held_until;
use super::place;
use crate::app::App;
use crate::error::Problem;

/// Begins to have the orders that a version with a config ever mapped, or failed to, mapped again by what serves now.
/// Answers at once; the repair and the feed tell how it goes on. What still serves cannot be repaired: it would do it
/// again.
pub(crate) async fn start(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    bound: Bound,
) -> Result<MapperRepair, Problem> {
    let tenant = app.tenant(caller, business, Role::Admin)?;
    if bound.version != STANDARD_VERSION && tenant.mapper_version(bound.version).await?.is_none() {
        return Err(Problem::not_found("mapper version"));
    }
    let binding = tenant.binding().await?;
    if binding.serves(bound) {
        let message = "serves; roll back or activate another one first";
        let problem = Problem::input("input.version", message);
        return Err(Problem { code: Code::Conflict, ..problem });
    }
    let place = place(&app.repairing, "repairs")?;
    let now = app.now();
    let repair = MapperRepair {
        id: MapperRepairId::new(now, &app.entropy()),
        mapper: bound,
        state: WorkState::Running,
        found: None,
        detail: None,
        created_by: caller.subject.clone(),
        created_at: now,
        finished_at: None,
    };
    tenant.begin_repair(repair.clone(), held_until(app)).await?;
    tracing::info!(
        %business, repair = %repair.id, version = bound.version, config = bound.config,
        subject = caller.subject, "mapper repair begun"
    );
    let (work_app, begun) = (app.clone(), repair.clone());
    app.tasks.spawn(async move {
        run::to_its_end(&work_app, &tenant, begun).await;
        drop(place);
    });
    Ok(repair)
}
