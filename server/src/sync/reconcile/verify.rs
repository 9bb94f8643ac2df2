//! Whether healing has mended what it should.

use std::time::Duration;

use domain::connection::Connection;
use domain::delivery::{DeliveryState, Failure};
use domain::id::{DeliveryId, ExternalId};
use domain::reconcile::{Drift, DriftKind, DriftState, Held, Reconciliation, RunState, cause};
use storage::StoreError;

use super::{Onward, advance, tell};
use crate::app::App;

/// Objects that are looked at in one step.
const VERIFIED_PER_STEP: u64 = 500;
/// How soon it is looked again at what waits.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How long healing may take; what still waits then counts as not mended, although it may be later.
const HEALING_MAX: Duration = Duration::from_mins(30);

/// Looks at some of what was healed. Ends the reconciliation where nothing is left to look at.
pub(super) async fn some(
    app: &App,
    connection: &Connection,
    mut run: Reconciliation,
) -> Result<Onward, Failure> {
    let tenant = app.storage.tenant(connection.business_id);
    let stored = |error: StoreError| Failure::from(&error);
    let kinds = [DriftKind::Missing, DriftKind::Stale, DriftKind::Vanished];
    let healing = tenant.drift_in(run.id, &kinds, DriftState::Healing, VERIFIED_PER_STEP).await;
    let healing = healing.map_err(stored)?;
    let ids: Vec<ExternalId> = healing.iter().map(|drift| drift.object_id).collect();
    let by: Vec<DeliveryId> = healing.iter().filter_map(|drift| drift.healed_by).collect();
    let states = tenant.delivery_states(&by).await.map_err(stored)?;
    let held = tenant.held_of(run.kind, &ids).await.map_err(stored)?;
    let traces = tenant.open_deliveries(run.kind, &ids).await.map_err(stored)?;
    let is_late = run.step_at.until(app.now()) > HEALING_MAX;
    let mut ended = Vec::new();
    for mut drift in healing.iter().cloned() {
        let state = drift.healed_by.and_then(|id| states.get(&id));
        let waits = matches!(state, Some(DeliveryState::Ready | DeliveryState::Running));
        let held = held.get(&drift.object_id);
        if is_mended(&drift, held) {
            drift.state = DriftState::Healed;
        } else if waits && !is_late {
            continue;
        } else {
            drift.state = DriftState::Unhealed;
            let of_object = traces.get(&drift.object_id).map(Vec::as_slice).unwrap_or_default();
            drift.cause = cause(of_object, held.map(|held| held.delivery_id), false);
        }
        ended.push(drift);
    }
    let all = ended.len() == healing.len();
    if !healing.is_empty() {
        advance(app, connection, run, ended, Vec::new()).await?;
        return Ok(if all { Onward::Now } else { Onward::In(LOOK_AGAIN) });
    }
    for (_, state, count) in tenant.drift_counts(run.id).await.map_err(stored)? {
        match state {
            DriftState::Healed => run.counts.healed += count,
            DriftState::Unhealed => run.counts.unhealed += count,
            DriftState::Open | DriftState::Healing | DriftState::Left => {}
        }
    }
    run.end(RunState::Done, app.now());
    let run = advance(app, connection, run, Vec::new(), Vec::new()).await?;
    tell(app, connection, &run).await?;
    Ok(Onward::Ended)
}

/// Whether what is held is what it should be.
fn is_mended(drift: &Drift, held: Option<&Held>) -> bool {
    match (drift.kind, held) {
        (DriftKind::Vanished, held) => held.is_none_or(|held| held.removed),
        (_, Some(held)) => drift.store_updated_at.is_some_and(|at| held.updated_at >= at),
        (_, None) => false,
    }
}
