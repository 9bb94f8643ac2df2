//! The inbox loop: claim, process, wait.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::delivery::{Claimed, Failure};
use domain::id::BusinessId;
use storage::StoreError;
use tokio::sync::watch;

use super::LEASE;
use super::batch;
use super::lanes::{Lane, Lanes};
use crate::app::App;

/// The longest sleep between two looks into the inbox. Wake-ups make it shorter; where they are lost, this bounds the
/// delay.
const IDLE_MAX: Duration = Duration::from_secs(1);
/// The pause after a batch that was not full. Deliveries that come meanwhile share the next batch, and with it its
/// statements and its commit: under load that is most of what an order costs.
const GATHERING: Duration = Duration::from_millis(40);
/// How long to wait when the database does not answer.
const UNAVAILABLE_WAIT: Duration = Duration::from_secs(1);
/// How often a batch that collided with another worker is decided anew.
const COLLISIONS_MAX: u32 = 5;

/// Processes deliveries until told to stop.
pub(super) async fn run(app: App, lanes: Arc<Lanes>, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        let woken = app.storage.hints().workers_woken();
        match process_due(&app, &lanes).await {
            Ok(0) => {
                let idle = idle_time(&app, &lanes).await;
                tokio::select! {
                    () = woken => {}
                    () = tokio::time::sleep(idle) => {}
                    _ = stopped.changed() => {}
                }
            }
            Ok(full) if full >= app.config.workers.batch() as usize => {}
            Ok(_) => tokio::time::sleep(GATHERING).await,
            Err(error) => {
                tracing::error!(failure = %Failure::from(&error), "inbox could not be read");
                tokio::time::sleep(UNAVAILABLE_WAIT).await;
            }
        }
    }
}

/// Claims and processes one batch of what is due. Returns how many deliveries it held.
async fn process_due(app: &App, lanes: &Arc<Lanes>) -> Result<usize, StoreError> {
    let limit = app.config.workers.batch();
    let system = app.storage.system();
    let claimed = system.claim_but(limit, LEASE, app.now(), &lanes.aside()).await?;
    let count = claimed.len();
    let mut by_business: BTreeMap<BusinessId, Vec<Claimed>> = BTreeMap::new();
    for delivery in claimed {
        by_business.entry(delivery.delivery.business_id).or_default().push(delivery);
    }
    let mut together = Vec::with_capacity(by_business.len());
    for (business, batch) in by_business {
        match lanes.of(app, business).await? {
            Lane::Main => together.push(settle(app, business, batch, Lane::Main)),
            Lane::Aside => lanes.begin(app, business, batch),
        }
    }
    // The writer puts what arrives together into one commit.
    futures_util::future::join_all(together).await;
    Ok(count)
}

/// Processes the deliveries of one business. Whatever fails here leaves the rows leased: they come back when the lease
/// ends, with the attempt counted.
pub(super) async fn settle(app: &App, business: BusinessId, batch: Vec<Claimed>, lane: Lane) {
    for _ in 0..COLLISIONS_MAX {
        match batch::process(app, business, &batch, lane).await {
            Ok(()) => return,
            // It may be the binding that is another one by now.
            Err(StoreError::Conflict(_)) => app.bindings.forget(business),
            Err(StoreError::LostLease) => break,
            Err(error) => {
                tracing::error!(%business, failure = %Failure::from(&error), "batch failed");
                return;
            }
        }
    }
    one_by_one(app, business, batch, lane).await;
}

/// Processes each delivery by itself, so that one that is held elsewhere or collides does not keep the others.
async fn one_by_one(app: &App, business: BusinessId, batch: Vec<Claimed>, lane: Lane) {
    for claimed in batch {
        for _ in 0..COLLISIONS_MAX {
            match batch::process(app, business, std::slice::from_ref(&claimed), lane).await {
                Err(StoreError::Conflict(_)) => app.bindings.forget(business),
                Err(StoreError::LostLease) | Ok(()) => break,
                Err(error) => {
                    let failure = Failure::from(&error);
                    tracing::error!(%business, delivery = %claimed.delivery.id, %failure, "delivery failed");
                    break;
                }
            }
        }
    }
}

/// How long nothing is due.
async fn idle_time(app: &App, lanes: &Lanes) -> Duration {
    if !lanes.aside().is_empty() {
        // What is due may be theirs, and whoever is done with them wakes the loops.
        return GATHERING;
    }
    match app.storage.system().due_at().await {
        Ok(Some(due)) => app.now().until(due).min(IDLE_MAX),
        _ => IDLE_MAX,
    }
}
