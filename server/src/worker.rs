//! Workers: what runs without being asked.
//!
//! The inbox loops claim deliveries and take them through refine, map, post and publish; the push loops take stock and products
//! to the stores; the schedule loop runs polls and imports. A worker that dies loses nothing: its leases end, and another one
//! takes the rows over.

mod batch;
mod breaker;
mod busy;
mod canonical;
mod compute;
mod decide;
mod inbox;
mod lanes;
mod level;
mod map;
mod outbox;
mod posting;
mod product_push;
mod push;
mod reading;
mod reread;
mod schedule;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use self::lanes::Lanes;
use crate::app::App;

/// How long a claimed delivery or schedule belongs to its worker.
pub(crate) const LEASE: Duration = Duration::from_secs(30);
/// How long a stop waits for work under way; what is not done then is taken over when its lease ends.
const DRAIN_MAX: Duration = Duration::from_secs(25);

/// The loops of one process.
#[derive(Debug)]
pub(crate) struct Workers {
    stop: watch::Sender<bool>,
    loops: JoinSet<()>,
}

impl Workers {
    /// Starts the loops.
    pub(crate) fn start(app: &App) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut loops = JoinSet::new();
        let lanes = Arc::new(Lanes::new());
        for _ in 0..app.config.workers.count() {
            loops.spawn(inbox::run(app.clone(), Arc::clone(&lanes), stopped.clone()));
        }
        loops.spawn(outbox::run(app.clone(), stopped.clone()));
        loops.spawn(push::run(app.clone(), stopped.clone()));
        loops.spawn(product_push::run(app.clone(), stopped.clone()));
        loops.spawn(schedule::run(app.clone(), stopped));
        Self { stop, loops }
    }

    /// Has the loops finish what they hold, and waits for that.
    pub(crate) async fn stop(mut self) {
        // Nobody listening means that the loops have ended already.
        let _ = self.stop.send(true);
        let drained = async { while self.loops.join_next().await.is_some() {} };
        if tokio::time::timeout(DRAIN_MAX, drained).await.is_err() {
            tracing::warn!("workers did not finish in time; their leases will end");
        }
    }
}
