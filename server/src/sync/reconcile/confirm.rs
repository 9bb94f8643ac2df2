//! What the store's list was without: asked for by its id, once the list is complete. Then it is decided what follows.

use domain::connection::Connection;
use domain::delivery::Failure;
use domain::reconcile::{
    Drift, DriftKind, DriftState, Found, Next, Reconciliation, Remedy, RunState, Step, cause, next,
};
use storage::StoreError;

use super::{Onward, advance, tell, window_now};
use crate::app::App;
use crate::sync::poll::read_one;

/// Objects that are asked for in one step.
const CONFIRMED_PER_STEP: u64 = 20;

/// Asks for some of what was unlisted; where nothing is left, decides whether what was found is healed.
pub(super) async fn some(
    app: &App,
    connection: &Connection,
    run: Reconciliation,
) -> Result<Onward, Failure> {
    let tenant = app.storage.tenant(connection.business_id);
    let kinds = [DriftKind::Unseen];
    let unlisted = tenant.drift_in(run.id, &kinds, DriftState::Open, CONFIRMED_PER_STEP).await;
    let unlisted = unlisted.map_err(|error| Failure::from(&error))?;
    if unlisted.is_empty() {
        return decide(app, connection, run).await;
    }
    let window = window_now(app, connection, run.kind).await?;
    let (mut gone, mut mistaken) = (Vec::new(), Vec::new());
    for drift in unlisted {
        let id = drift.object_id;
        // What the store may no longer show is not asked about: its answer would prove nothing.
        let is_gone = window.must_list(drift.created_at)
            && read_one(app, connection, run.kind, id).await?.is_none();
        if is_gone {
            gone.push(vanished(app, connection, &run, drift).await?);
        } else {
            mistaken.push(id);
        }
    }
    advance(app, connection, run, gone, mistaken).await?;
    Ok(Onward::Now)
}

async fn vanished(
    app: &App,
    connection: &Connection,
    run: &Reconciliation,
    mut drift: Drift,
) -> Result<Drift, Failure> {
    let tenant = app.storage.tenant(connection.business_id);
    let stored = |error: StoreError| Failure::from(&error);
    let ids = [drift.object_id];
    let traces = tenant.open_deliveries(run.kind, &ids).await.map_err(stored)?;
    let held = tenant.held_of(run.kind, &ids).await.map_err(stored)?;
    let held = held.get(&drift.object_id).map(|held| held.delivery_id);
    let unread = tenant.has_unread().await.map_err(stored)?;
    let of_object = traces.get(&drift.object_id).map(Vec::as_slice).unwrap_or_default();
    drift.kind = DriftKind::Vanished;
    drift.cause = cause(of_object, held, unread);
    if drift.remedy() != Remedy::Remove {
        drift.state = DriftState::Left;
    }
    Ok(drift)
}

/// Everything was compared: it is healed, or waits for somebody to agree, or there is nothing to heal.
async fn decide(
    app: &App,
    connection: &Connection,
    mut run: Reconciliation,
) -> Result<Onward, Failure> {
    let tenant = app.storage.tenant(connection.business_id);
    let counts = tenant.drift_counts(run.id).await.map_err(|error| Failure::from(&error))?;
    let mut found = Found::default();
    run.counts.vanished = 0;
    run.counts.left = 0;
    for (kind, state, count) in counts {
        match (kind, state) {
            (DriftKind::Vanished, DriftState::Open) => found.to_remove += count,
            (_, DriftState::Open) => found.to_read += count,
            (_, DriftState::Left) => run.counts.left += count,
            _ => {}
        }
        if kind == DriftKind::Vanished {
            run.counts.vanished += count;
        }
    }
    let now = app.now();
    let onward = match next(found) {
        Next::Finish => {
            run.end(RunState::Done, now);
            Onward::Ended
        }
        Next::Heal => {
            run.enter(Step::Healing, now);
            Onward::Now
        }
        Next::Ask => {
            run.end(RunState::WaitingForApproval, now);
            Onward::Ended
        }
    };
    let run = advance(app, connection, run, Vec::new(), Vec::new()).await?;
    tell(app, connection, &run).await?;
    Ok(onward)
}
