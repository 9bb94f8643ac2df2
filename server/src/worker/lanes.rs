//! Lanes: what a business's own mapper uses up, its own orders wait for.
//!
//! Businesses whose mappers are known to be quick, nearly all, share batches: a loop goes on when the last of them is
//! done. The others are processed aside, some orders at a time, by threads that leave the processor to everybody else,
//! and get no further deliveries from this process meanwhile.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::delivery::{Claimed, Failure};
use domain::id::BusinessId;
use storage::StoreError;
use tokio::sync::Semaphore;

use super::inbox;
use crate::app::App;

/// Batches that are processed aside at the same time.
const ASIDE_MAX: usize = 4;
/// Deliveries that a business gets in its turn.
const TURN: usize = 8;
/// How long deliveries that were taken may wait for their turn: well below their lease. Then they are handed back.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// Where a batch is processed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lane {
    /// With the others.
    Main,
    /// By itself.
    Aside,
}

/// The lanes of one process.
#[derive(Debug)]
pub(super) struct Lanes {
    aside: Mutex<HashSet<BusinessId>>,
    turns: Semaphore,
}

impl Lanes {
    pub(super) fn new() -> Self {
        Self { aside: Mutex::default(), turns: Semaphore::new(ASIDE_MAX) }
    }

    /// The businesses that are being processed aside.
    pub(super) fn aside(&self) -> Vec<BusinessId> {
        self.lock().iter().copied().collect()
    }

    /// Where a batch of the business belongs.
    pub(super) async fn of(&self, app: &App, business: BusinessId) -> Result<Lane, StoreError> {
        let quick = app.bindings.are_quick(&app.storage.tenant(business)).await?;
        Ok(if quick { Lane::Main } else { Lane::Aside })
    }

    /// Processes a batch aside, in a task of its own.
    pub(super) fn begin(self: &Arc<Self>, app: &App, business: BusinessId, batch: Vec<Claimed>) {
        let (lanes, app) = (Arc::clone(self), app.clone());
        if !self.lock().insert(business) {
            // Two loops claimed at the same moment; one of them is enough.
            app.tasks.clone().spawn(async move { hand_back(&app, &batch).await });
            return;
        }
        app.tasks.clone().spawn(async move {
            lanes.process(&app, business, &batch).await;
            lanes.lock().remove(&business);
            // What came meanwhile was passed over.
            app.storage.hints().wake_workers();
        });
    }

    async fn process(&self, app: &App, business: BusinessId, batch: &[Claimed]) {
        let begun = Instant::now();
        let mut rest = batch;
        while !rest.is_empty() {
            let waited = WAIT_MAX.saturating_sub(begun.elapsed());
            // The semaphore is never closed.
            let Ok(Ok(_turn)) = tokio::time::timeout(waited, self.turns.acquire()).await else {
                break;
            };
            let (turn, others) = rest.split_at(rest.len().min(TURN));
            inbox::settle(app, business, turn.to_vec(), Lane::Aside).await;
            rest = others;
        }
        hand_back(app, rest).await;
    }

    // No code that could panic runs under the lock, so a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, HashSet<BusinessId>> {
        self.aside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hands deliveries back that were not tried.
async fn hand_back(app: &App, batch: &[Claimed]) {
    let leases: Vec<_> =
        batch.iter().map(|c| (c.delivery.business_id, c.delivery.id, c.lease)).collect();
    if let Err(error) = app.storage.system().release(&leases).await {
        // Their leases end by themselves.
        tracing::warn!(failure = %Failure::from(&error), "deliveries were not handed back");
    }
}
