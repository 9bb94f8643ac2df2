//! The breaker: a mapper that keeps failing is taken out of service, whichever instances its orders came by.
//!
//! Faults are counted where they stand anyway, in the recorded runs, and only when one was recorded just now: a mapper
//! that works costs nothing here. What could not be loaded left no run and is counted by each instance for itself.

use std::collections::BTreeMap;

use domain::delivery::Failure;
use domain::mapper::{
    BindingChange, Bound, Fault, Known, Refused, STANDARD_VERSION, Streak, decide,
};
use domain::page::{Direction, PageRequest};
use domain::time::Timestamp;
use storage::{StoreError, Tenant};

use crate::app::App;

/// Runs that are looked at: more than must fail in a row, since one order can be behind many of them.
const RUNS_MAX: u32 = 50;
/// How often a fallback is decided anew because the binding was changed meanwhile.
const TRIES_MAX: u32 = 5;

/// A mapper that was at fault, how, and what that looked like.
pub(super) type Faulted = (Bound, Fault, Failure);

/// Looks at the mappers that were at fault in a batch, after it was written.
pub(super) async fn look(
    app: &App,
    tenant: &Tenant,
    faulted: Vec<Faulted>,
) -> Result<(), StoreError> {
    let last: BTreeMap<Bound, (Fault, Failure)> =
        faulted.into_iter().map(|(bound, fault, failure)| (bound, (fault, failure))).collect();
    for (bound, (fault, failure)) in last {
        if bound.version == STANDARD_VERSION {
            // Ours to mend, and there is nothing better to fall back to.
            continue;
        }
        let streak = match fault {
            Fault::Load => app.bindings.note_unloadable(tenant.business_id(), bound),
            Fault::Run(_) => streak_of(tenant, bound).await?,
        };
        if streak.trips() {
            fall_back(app, tenant, bound, streak, &failure).await?;
        }
    }
    Ok(())
}

/// The faults in a row that a mapper's newest runs came to, since the binding was changed last: what serves again had
/// somebody who answers for it.
async fn streak_of(tenant: &Tenant, bound: Bound) -> Result<Streak, StoreError> {
    let newest = PageRequest { limit: 1, direction: Direction::Forward, cursor: None };
    let changed = tenant.mapper_changes(&newest).await?;
    let since = changed.rows.first().map_or(Timestamp::EPOCH, |(_, change)| change.at);
    let runs = tenant.newest_runs_of(bound, since, RUNS_MAX).await?;
    let faults = runs
        .into_iter()
        .map_while(|(order, outcome, failure)| Fault::of_run(order, outcome, &failure?));
    Ok(faults.fold(Streak::NONE, Streak::with))
}

/// Takes a mapper out of service, and says so to everybody who listens.
async fn fall_back(
    app: &App,
    tenant: &Tenant,
    faulted: Bound,
    streak: Streak,
    failure: &Failure,
) -> Result<(), StoreError> {
    let business = tenant.business_id();
    let Bound { version, config } = faulted;
    let change = BindingChange::Fallback { faulted, reason: failure.to_string() };
    for _ in 0..TRIES_MAX {
        let before = tenant.binding().await?;
        app.bindings.forget(business);
        let decided = decide(&before, &Known::default(), change.clone(), None, app.now());
        let (after, entry) = match decided {
            Ok(decided) => decided,
            // Another instance was faster, or somebody who watched.
            Err(Refused::NotServing(_)) => return Ok(()),
            Err(refused) => {
                if app.bindings.is_news(business, faulted, before.revision, app.now()) {
                    tracing::error!(
                        %business, version, config, faults = streak.faults(), %failure, %refused,
                        "a mapper keeps failing and cannot be taken out of service; its orders wait"
                    );
                }
                return Ok(());
            }
        };
        match tenant.change_binding(before.revision, after, entry).await {
            Ok(()) => {
                tracing::error!(
                    %business, version, config, faults = streak.faults(), %failure,
                    serving_version = after.active.version, serving_config = after.active.config,
                    "a mapper kept failing and was taken out of service"
                );
                app.metrics.note_fallback();
                app.bindings.forget(business);
                return Ok(());
            }
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
