//! Healing: what is missing or old is read again, and what is gone is marked, by the way of every delivery.

use domain::connection::Connection;
use domain::delivery::{Failure, NewDelivery, Source};
use domain::id::DeliveryId;
use domain::reconcile::{Drift, DriftKind, DriftState, Reconciliation, Remedy, Step};
use storage::{Received, StoreError};

use super::{Onward, advance, tell, window_now};
use crate::app::App;
use crate::internal;
use crate::sync::poll::{read_delivery, read_one};

/// Objects that are healed in one step.
const HEALED_PER_STEP: u64 = 10;

/// Heals some of what was found.
pub(super) async fn some(
    app: &App,
    connection: &Connection,
    mut run: Reconciliation,
) -> Result<Onward, Failure> {
    let tenant = app.storage.tenant(connection.business_id);
    let kinds = [DriftKind::Missing, DriftKind::Stale, DriftKind::Vanished];
    let open = tenant.drift_in(run.id, &kinds, DriftState::Open, HEALED_PER_STEP).await;
    let open = open.map_err(|error| Failure::from(&error))?;
    if open.is_empty() {
        run.enter(Step::Verifying, app.now());
        let run = advance(app, connection, run, Vec::new(), Vec::new()).await?;
        tell(app, connection, &run).await?;
        return Ok(Onward::Now);
    }
    let mut healing = Vec::with_capacity(open.len());
    for mut drift in open {
        match drift.remedy() {
            Remedy::Read => read(app, connection, &run, &mut drift).await?,
            Remedy::Remove => remove(app, connection, &run, &mut drift).await?,
            Remedy::Wait | Remedy::Mend => drift.state = DriftState::Left,
        }
        healing.push(drift);
    }
    // Where this is not noted, all of it is done again, which changes nothing.
    advance(app, connection, run, healing, Vec::new()).await?;
    Ok(Onward::Now)
}

/// Reads an object again. What the store no longer has is not missing any more; what is held of it is for the next
/// comparison.
async fn read(
    app: &App,
    connection: &Connection,
    run: &Reconciliation,
    drift: &mut Drift,
) -> Result<(), Failure> {
    let asked_at = app.now();
    let Some(body) = read_one(app, connection, run.kind, drift.object_id).await? else {
        let missing = drift.kind == DriftKind::Missing;
        drift.state = if missing { DriftState::Healed } else { DriftState::Left };
        return Ok(());
    };
    let what = (run.kind, Source::Reconcile);
    let delivery = read_delivery(app, connection, what, body, asked_at);
    deliver(app, connection, drift, delivery).await
}

/// Has an object marked as removed, as the store's own word that it is gone would: whoever processes it asks once more.
/// It is left where the store would no longer show it even if it had it.
async fn remove(
    app: &App,
    connection: &Connection,
    run: &Reconciliation,
    drift: &mut Drift,
) -> Result<(), Failure> {
    let window = window_now(app, connection, run.kind).await?;
    if !window.must_list(drift.created_at) {
        drift.state = DriftState::Left;
        return Ok(());
    }
    let delivery = internal::vanished(app, connection, run.kind, drift.object_id);
    deliver(app, connection, drift, delivery).await
}

/// Puts what heals an object into the inbox. The same reading that came before is processed once more: it did not do then
/// what it should have.
async fn deliver(
    app: &App,
    connection: &Connection,
    drift: &mut Drift,
    delivery: NewDelivery,
) -> Result<(), Failure> {
    let tenant = app.storage.tenant(connection.business_id);
    let stored = |error: StoreError| Failure::from(&error);
    let (id, sender) = (delivery.id, delivery.webhook_id.clone());
    let healed_by: Option<DeliveryId> = match tenant.receive(delivery).await.map_err(stored)? {
        Received::Stored => Some(id),
        Received::Duplicate => tenant.delivery_by_sender(&sender).await.map_err(stored)?,
    };
    if let Some(known) = healed_by.filter(|known| *known != id) {
        tenant.replay(known, app.now()).await.map_err(stored)?;
    }
    app.storage.hints().wake_workers();
    drift.healed_by = healed_by;
    drift.state = if healed_by.is_some() { DriftState::Healing } else { DriftState::Unhealed };
    Ok(())
}
