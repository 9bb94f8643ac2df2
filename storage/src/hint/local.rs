//! Hints within this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::id::BusinessId;
use futures_util::Stream;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::redis::RemoteLease;

/// What one process shares.
#[derive(Debug, Default)]
pub(super) struct Local {
    work: Notify,
    feeds: Mutex<HashMap<BusinessId, watch::Sender<i64>>>,
    leases: Arc<Mutex<Leases>>,
}

#[derive(Debug, Default)]
struct Leases {
    held: HashMap<(BusinessId, &'static str), Held>,
    last_token: u64,
}

#[derive(Debug)]
struct Held {
    token: u64,
    until: Instant,
}

impl Local {
    pub(super) fn wake_workers(&self) {
        self.work.notify_one();
    }

    pub(super) async fn workers_woken(&self) {
        self.work.notified().await;
    }

    pub(super) fn activity(&self, business: BusinessId, sequence: i64) {
        if let Some(feed) = locked(&self.feeds).get(&business) {
            feed.send_if_modified(|newest| {
                let newer = sequence > *newest;
                *newest = sequence.max(*newest);
                newer
            });
        }
    }

    pub(super) fn subscribe_activity(&self, business: BusinessId) -> ActivitySignal {
        let mut feeds = locked(&self.feeds);
        feeds.retain(|_, feed| feed.receiver_count() > 0);
        let feed = feeds.entry(business).or_insert_with(|| watch::Sender::new(0));
        ActivitySignal { receiver: feed.subscribe() }
    }

    /// Hints may have been lost: everybody looks once.
    pub(super) fn wake_everybody(&self) {
        self.wake_workers();
        for feed in locked(&self.feeds).values() {
            feed.send_modify(|_| ());
        }
    }

    pub(super) fn lease(
        &self,
        business: BusinessId,
        purpose: &'static str,
        ttl: Duration,
    ) -> Option<Guard> {
        let now = Instant::now();
        let mut leases = locked(&self.leases);
        leases.held.retain(|_, held| held.until > now);
        let key = (business, purpose);
        if leases.held.contains_key(&key) {
            return None;
        }
        leases.last_token += 1;
        let token = leases.last_token;
        let until = now + ttl;
        leases.held.insert(key, Held { token, until });
        Some(Guard { leases: Arc::clone(&self.leases), key, token, remote: None })
    }
}

/// Tells when a business's feed goes on. Several events may come as one signal.
#[derive(Debug, Clone)]
pub struct ActivitySignal {
    receiver: watch::Receiver<i64>,
}

impl ActivitySignal {
    /// Waits for the next signal: the feed's newest number as far as known, which may be behind or repeat itself. Read
    /// the feed from your own place, whatever the number. Safe to cancel.
    pub async fn next(&mut self) -> i64 {
        if self.receiver.changed().await.is_err() {
            // Nobody can signal any more: the process is about to end.
            std::future::pending::<()>().await;
        }
        *self.receiver.borrow_and_update()
    }

    /// The signals as a stream that does not end.
    pub fn into_stream(self) -> impl Stream<Item = i64> + Send {
        futures_util::stream::unfold(self, |mut signal| async {
            let sequence = signal.next().await;
            Some((sequence, signal))
        })
    }
}

/// A lease that was taken; dropping it gives it back.
#[derive(Debug)]
pub struct Guard {
    leases: Arc<Mutex<Leases>>,
    key: (BusinessId, &'static str),
    token: u64,
    /// The same lease among processes, given back with this one.
    pub(super) remote: Option<RemoteLease>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut leases = locked(&self.leases);
        // After the time is up somebody else may hold it.
        if leases.held.get(&self.key).is_some_and(|held| held.token == self.token) {
            leases.held.remove(&self.key);
        }
    }
}

/// What these locks guard stays whole between any two statements, so a panic elsewhere does not spoil it.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
