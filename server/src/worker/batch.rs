//! A batch: the deliveries of one business, from bytes to one transaction.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use domain::connection::Connection;
use domain::delivery::{Claimed, Failure, Fate, Outcome};
use domain::flow::{Changes, activity_of, sync_log_of};
use domain::id::{BusinessId, ConnectionId, SyncLogId};
use storage::{StoreError, Tenant, Tombstones};

use super::breaker::{self, Faulted};
use super::compute::compute;
use super::decide::Decision;
use super::lanes::Lane;
use super::posting::Posted;
use super::reading::{Reading, orphaned};
use super::{decide, posting, reread};
use crate::app::App;
use crate::metrics::Worked;

/// Takes a batch through all stages and writes what it comes to.
pub(super) async fn process(
    app: &App,
    business: BusinessId,
    batch: &[Claimed],
    lane: Lane,
) -> Result<(), StoreError> {
    let tenant = app.storage.tenant(business);
    let mut changes = Changes::new(business, app.now());
    let readings = read(app, &tenant, batch, &mut changes).await?;
    let decided = decide::decide(app, &tenant, readings).await?;
    let (asking, decided): (Vec<_>, Vec<_>) =
        decided.into_iter().partition(|(_, decision)| matches!(decision, Decision::Ask { .. }));
    let (decided, posted) = posting::post(app, &tenant, decided, lane, &mut changes).await?;
    for (reading, fate) in decided {
        conclude(app, reading, fate, &posted, &mut changes);
    }
    if !changes.deliveries.is_empty() || !changes.erased_bodies.is_empty() {
        let worked = Worked::of(batch, &changes);
        tenant.apply(changes).await?;
        app.metrics.note_batch(worked);
    }
    // Asking the store takes as long as the store takes; the others do not wait for it.
    reread::ask_later(app, business, asking);
    let faulted: Vec<Faulted> = posted.into_values().filter_map(Posted::faulted).collect();
    if !faulted.is_empty()
        && let Err(error) = breaker::look(app, &tenant, faulted).await
    {
        // The batch is written and must not be taken for failed. The mapper is looked at again after its next fault.
        tracing::warn!(%business, failure = %Failure::from(&error), "a faulty mapper was not looked at");
    }
    Ok(())
}

/// Reads each delivery. One whose connection is gone is finished here.
async fn read(
    app: &App,
    tenant: &Tenant,
    batch: &[Claimed],
    changes: &mut Changes,
) -> Result<Vec<Reading>, StoreError> {
    let mut connections: HashMap<ConnectionId, Option<Arc<Connection>>> = HashMap::new();
    let mut known = Vec::with_capacity(batch.len());
    for claimed in batch {
        let id = claimed.delivery.connection_id;
        let connection = match connections.entry(id) {
            Entry::Occupied(found) => found.into_mut(),
            Entry::Vacant(place) => {
                place.insert(app.connections.by_id(tenant.business_id(), id).await?)
            }
        };
        if let Some(connection) = connection {
            known.push((claimed.clone(), Arc::clone(connection)));
        } else {
            let fate = Fate::Dead(orphaned());
            changes.deliveries.push((claimed.delivery.id, claimed.lease, fate));
        }
    }
    // Looked up only where a claim says that there are any.
    let tombstones = if batch.iter().any(|claimed| claimed.erased) {
        tenant.tombstones().await?
    } else {
        Tombstones::default()
    };
    let at_work = app.clone();
    let reading = move || {
        let read = |(claimed, at)| Reading::new(&at_work, claimed, at, &tombstones);
        known.into_iter().map(read).collect::<Vec<_>>()
    };
    let readings = compute(app, reading).await;
    let erased = readings.iter().filter(|reading| reading.erased);
    changes.erased_bodies.extend(erased.map(|reading| {
        let delivery = &reading.claimed.delivery;
        (delivery.id, delivery.body.clone())
    }));
    Ok(readings)
}

/// Adds what became of one delivery: its fate, its raw row, its log entry, its event.
fn conclude(
    app: &App,
    reading: Reading,
    decided: Option<Fate>,
    posted: &HashMap<domain::id::DeliveryId, Posted>,
    changes: &mut Changes,
) {
    let Reading { claimed, raw, .. } = reading;
    let id = claimed.delivery.id;
    let outcome = posted.get(&id);
    let fate = match (decided, outcome) {
        (_, Some(Posted { failure: Some(failure), retry: true, .. })) => {
            let jitter = u64::from_le_bytes(app.random_bytes());
            Fate::after(failure.clone(), claimed.attempt, changes.now, jitter)
        }
        (_, Some(Posted { failure: Some(failure), .. })) => Fate::Dead(failure.clone()),
        (Some(fate), _) => fate,
        _ => Fate::Done(Outcome::Applied),
    };
    let note = outcome.and_then(|posted| posted.note.clone());
    let log_id = SyncLogId::new(changes.now, &app.entropy());
    changes.sync_log.extend(sync_log_of(&claimed, &fate, note, log_id, changes.now));
    changes.activity.extend(activity_of(&claimed, &fate, changes.now));
    if let Some(mut raw) = raw {
        if let Fate::Dead(failure) = &fate {
            raw.error = Some(failure.to_string());
        }
        if !matches!(fate, Fate::Retry { .. }) {
            changes.raw.push(raw);
        }
    }
    changes.deliveries.push((id, claimed.lease, fate));
}
