//! Whose turn it is to run plugins for somebody who waits for it. There are few turns, so that the orders that come in
//! always find threads; and no business has more than half of them, so that another one finds a turn too.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use domain::code::Code;
use domain::id::BusinessId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::blocking;
use crate::app::App;
use crate::error::Problem;

/// Previews, examinations and the like at the same time, over all businesses.
const TURNS_MAX: usize = 4;
/// The same of one business.
const SHARE_MAX: usize = 2;
/// How long somebody waits for their business's share and for a turn, together: less than a request may take, so that
/// they are told what they waited for.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// Gives out turns.
#[derive(Debug)]
pub(crate) struct Turns {
    all: Arc<Semaphore>,
    /// What each business may still have. It is forgotten once nobody of it has a turn or waits for one.
    shares: Mutex<HashMap<BusinessId, Weak<Semaphore>>>,
}

/// A turn, for as long as it is held.
#[derive(Debug)]
pub(crate) struct Turn {
    _share: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
}

impl Default for Turns {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(TURNS_MAX)), shares: Mutex::default() }
    }
}

impl Turns {
    /// A turn for somebody of a business, once there is one. Who finds none in time is told whose turns they wait for.
    pub(crate) async fn take(&self, business: BusinessId) -> Result<Turn, Problem> {
        let until = Instant::now() + WAIT_MAX;
        // No semaphore is ever closed.
        let Ok(Ok(share)) = timeout_at(until, self.share(business).acquire_owned()).await else {
            let text = format!(
                "this business is trying {SHARE_MAX} mappers at this moment; try again when one has ended"
            );
            return Err(Problem::new(Code::Throttled, text));
        };
        let Ok(Ok(place)) = timeout_at(until, Arc::clone(&self.all).acquire_owned()).await else {
            let text = "others are trying mappers at this moment; try again";
            return Err(Problem::new(Code::Throttled, text));
        };
        Ok(Turn { _share: share, _place: place })
    }

    /// How many of a business have a turn or wait for one.
    #[cfg(test)]
    pub(crate) fn claimed(&self, business: BusinessId) -> usize {
        self.shares.lock().unwrap().get(&business).map_or(0, Weak::strong_count)
    }

    fn share(&self, business: BusinessId) -> Arc<Semaphore> {
        // No code that could panic runs under the lock, so a poisoned one is as good as any.
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = shares.get(&business).and_then(Weak::upgrade) {
            return share;
        }
        shares.retain(|_, share| share.strong_count() > 0);
        let share = Arc::new(Semaphore::new(SHARE_MAX));
        shares.insert(business, Arc::downgrade(&share));
        share
    }
}

/// Runs plugins for somebody of a business who waits for it, when it is their turn.
pub(crate) async fn in_turn<T: Send + 'static>(
    app: &App,
    business: BusinessId,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let turn = app.trying.take(business).await?;
    blocking(move || {
        // Given back when the work has ended, also where the caller has hung up before.
        let _turn = turn;
        work()
    })
    .await
}
