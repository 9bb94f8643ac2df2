//! The push loop: takes what is due to the stores, the pushes of one business at a time and of several businesses beside
//! each other. A store that is slow keeps nobody's pushes but its own.

mod batch;
mod feed;
mod key;
mod open;
mod store;

use std::time::Duration;

use domain::delivery::Failure;
use domain::push::ClaimedPush;
use storage::StoreError;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::LEASE;
use super::busy::{Busy, Turn};
use crate::app::App;
use crate::providers::LEVELS_MAX;

/// Businesses whose pushes are under way at the same time in one process.
const BUSINESSES_MAX: usize = 16;
/// How often the loop looks for due pushes. They gather for a second before they are due.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Takes due pushes to the stores until told to stop, and ends when those under way have ended.
pub(super) async fn run(app: App, mut stopped: watch::Receiver<bool>) {
    let busy = Busy::default();
    let mut under_way: JoinSet<()> = JoinSet::new();
    while !*stopped.borrow() {
        match claim(&app, &busy).await {
            Ok(Some((turn, claimed))) => {
                let app = app.clone();
                under_way.spawn(async move {
                    batch::send(&app, turn.business, claimed).await;
                    drop(turn);
                });
            }
            Ok(None) => {
                tokio::select! {
                    Some(_) = under_way.join_next() => {}
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                    _ = stopped.changed() => {}
                }
            }
            Err(error) => {
                tracing::error!(failure = %Failure::from(&error), "pushes could not be read");
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }
    while under_way.join_next().await.is_some() {}
}

/// The due pushes of a business that none are under way of.
async fn claim(app: &App, busy: &Busy) -> Result<Option<(Turn, Vec<ClaimedPush>)>, StoreError> {
    let others = busy.all();
    if others.len() >= BUSINESSES_MAX {
        return Ok(None);
    }
    let system = app.storage.system();
    let claimed = system.claim_pushes(LEVELS_MAX, LEASE, app.now(), &others).await?;
    Ok(claimed
        .first()
        .map(|first| first.business_id)
        .map(|business| (busy.begin(business), claimed)))
}
