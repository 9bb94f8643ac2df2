//! The loop that takes products to the stores, those of one business at a time and of several businesses beside each
//! other.

mod batch;
mod deed;

use std::time::Duration;

use domain::delivery::Failure;
use domain::id::BusinessId;
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::LEASE;
use super::busy::Busy;
use crate::app::App;

/// Businesses whose products are under way at the same time in one process.
const BUSINESSES_MAX: usize = 8;
/// Products of one claim: as many as the store can be told of within a lease.
const PRODUCTS_MAX: u32 = 10;
/// How often the loop looks for work that somebody asked for.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Takes products to the stores until told to stop, and ends when those under way have ended.
pub(super) async fn run(app: App, mut stopped: watch::Receiver<bool>) {
    let (busy, mut turn) = (Busy::default(), BusinessId::from_uuid(Uuid::nil()));
    let mut under_way: JoinSet<()> = JoinSet::new();
    while !*stopped.borrow() {
        let others = busy.all();
        let system = app.storage.system();
        let claimed = if others.len() >= BUSINESSES_MAX {
            Ok(Vec::new())
        } else {
            system.claim_product_pushes(PRODUCTS_MAX, LEASE, turn, app.now(), &others).await
        };
        match claimed {
            Ok(claimed) if !claimed.is_empty() => {
                turn = claimed[0].business_id;
                let (app, held) = (app.clone(), busy.begin(turn));
                under_way.spawn(async move {
                    batch::send(&app, held.business, claimed).await;
                    drop(held);
                });
            }
            Ok(_) => {
                tokio::select! {
                    Some(_) = under_way.join_next() => {}
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                    _ = stopped.changed() => {}
                }
            }
            Err(error) => {
                tracing::error!(failure = %Failure::from(&error), "product pushes could not be read");
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }
    while under_way.join_next().await.is_some() {}
}
