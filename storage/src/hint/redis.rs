//! Hints between processes.
//!
//! Two background tasks own the connections: one publishes what gathered since its last round, so that a burst of hints
//! becomes one message, and one listens. Callers only leave a note for the first. The one call that waits for Redis is
//! taking a lease, and it waits [`CALLER_WAIT_MAX`] at most.

mod address;
mod listener;
mod names;
mod publisher;

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deadpool_redis::redis;
use deadpool_redis::{Manager, Pool, Runtime};
use domain::id::BusinessId;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::local::{Local, locked};

pub use address::{InvalidRedisAddress, RedisAddress};

/// How long a caller may be held up by Redis.
const CALLER_WAIT_MAX: Duration = Duration::from_millis(50);
/// Connections for leases and publishing; commands are short.
const CONNECTIONS_MAX: usize = 4;
/// Leases to give back that are kept while Redis is away; more end by their time.
const RELEASES_MAX: usize = 1_000;

/// The way to other processes.
pub(super) struct Redis {
    shared: Arc<Shared>,
    tasks: [AbortHandle; 2],
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("errors", &self.errors()).finish_non_exhaustive()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// What callers and tasks share.
struct Shared {
    instance: u64,
    pool: Pool,
    outbox: Mutex<Outbox>,
    noted: Notify,
    health: Health,
    last_lease: AtomicU64,
}

/// What waits to be published. Hints of one kind merge, so it grows with the number of businesses at most.
#[derive(Debug, Default)]
struct Outbox {
    work: bool,
    activity: HashMap<BusinessId, i64>,
    releases: Vec<(String, String)>,
}

impl Outbox {
    fn is_empty(&self) -> bool {
        !self.work && self.activity.is_empty() && self.releases.is_empty()
    }

    /// Notes leases to give back, as far as there is room.
    fn release(&mut self, leases: impl IntoIterator<Item = (String, String)>) {
        let room = RELEASES_MAX.saturating_sub(self.releases.len());
        self.releases.extend(leases.into_iter().take(room));
    }
}

/// Whether Redis answers, and how often it did not.
#[derive(Debug, Default)]
struct Health {
    away: AtomicBool,
    errors: AtomicU64,
}

impl Health {
    /// Logged once for each time that Redis goes away, not for each call that notices.
    fn failed(&self, reason: &dyn fmt::Display) {
        self.errors.fetch_add(1, Ordering::Relaxed);
        if !self.away.swap(true, Ordering::Relaxed) {
            tracing::warn!(%reason, "redis does not answer; other instances notice work later");
        }
    }

    fn answered(&self) {
        if self.away.swap(false, Ordering::Relaxed) {
            tracing::info!("redis answers again");
        }
    }

    fn is_away(&self) -> bool {
        self.away.load(Ordering::Relaxed)
    }
}

impl Redis {
    pub(super) fn start(
        address: RedisAddress<'_>,
        instance: u64,
        local: &Arc<Local>,
    ) -> Result<Self, InvalidRedisAddress> {
        let client = address.client()?;
        let manager = Manager::new(client.get_connection_info().clone())
            .map_err(|_| InvalidRedisAddress::Url)?;
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS_MAX)
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|_| InvalidRedisAddress::Url)?;
        let shared = Arc::new(Shared {
            instance,
            pool,
            outbox: Mutex::default(),
            noted: Notify::new(),
            health: Health::default(),
            last_lease: AtomicU64::new(0),
        });
        let publish = tokio::spawn(publisher::run(Arc::clone(&shared)));
        let listen = tokio::spawn(listener::run(client, Arc::clone(&shared), local.clone()));
        Ok(Self { shared, tasks: [publish.abort_handle(), listen.abort_handle()] })
    }

    pub(super) fn publish_work(&self) {
        self.shared.note(|outbox| outbox.work = true);
    }

    pub(super) fn publish_activity(&self, business: BusinessId, sequence: i64) {
        self.shared.note(|outbox| {
            let newest = outbox.activity.entry(business).or_insert(sequence);
            *newest = sequence.max(*newest);
        });
    }

    /// Takes the lease among processes; none where another process has it. Where Redis does not answer in time this
    /// process goes ahead: it holds the lease as far as it can know.
    pub(super) async fn lease(
        &self,
        business: BusinessId,
        purpose: &'static str,
        ttl: Duration,
    ) -> Option<RemoteLease> {
        let number = self.shared.last_lease.fetch_add(1, Ordering::Relaxed);
        let lease = RemoteLease {
            shared: Arc::clone(&self.shared),
            key: names::lease(business, purpose),
            token: format!("{:016x}-{number}", self.shared.instance),
        };
        if self.shared.health.is_away() {
            return Some(lease);
        }
        let taken = self.shared.take(&lease, ttl);
        match tokio::time::timeout(CALLER_WAIT_MAX, taken).await {
            Ok(Ok(true)) => Some(lease),
            Ok(Ok(false)) => None,
            Ok(Err(error)) => {
                self.shared.failed(&error);
                Some(lease)
            }
            Err(elapsed) => {
                self.shared.failed(&elapsed);
                Some(lease)
            }
        }
    }

    pub(super) fn errors(&self) -> u64 {
        self.shared.health.errors.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn note(&self, change: impl FnOnce(&mut Outbox)) {
        change(&mut locked(&self.outbox));
        self.noted.notify_one();
    }

    /// Has the publisher find out when Redis is back.
    fn failed(&self, reason: &dyn fmt::Display) {
        self.health.failed(reason);
        self.noted.notify_one();
    }

    async fn take(&self, lease: &RemoteLease, ttl: Duration) -> Result<bool, Unreachable> {
        let mut connection = self.pool.get().await?;
        let millis = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1);
        let set: Option<String> = redis::cmd("SET")
            .arg(&lease.key)
            .arg(&lease.token)
            .arg("NX")
            .arg("PX")
            .arg(millis)
            .query_async(&mut connection)
            .await?;
        Ok(set.is_some())
    }
}

/// A lease among processes; dropping it has the publisher give it back.
pub(super) struct RemoteLease {
    shared: Arc<Shared>,
    key: String,
    token: String,
}

impl fmt::Debug for RemoteLease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteLease").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Drop for RemoteLease {
    fn drop(&mut self) {
        let release = (std::mem::take(&mut self.key), std::mem::take(&mut self.token));
        self.shared.note(|outbox| outbox.release([release]));
    }
}

/// Redis could not be reached, or answered with an error.
#[derive(Debug, thiserror::Error)]
enum Unreachable {
    #[error("no connection: {0}")]
    Pool(#[from] deadpool_redis::PoolError),
    #[error("{0}")]
    Command(#[from] redis::RedisError),
    #[error("no answer in time")]
    Late(#[from] tokio::time::error::Elapsed),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leases_to_give_back_do_not_pile_up_while_redis_is_away() {
        let mut outbox = Outbox::default();
        let lease = |number: usize| (number.to_string(), String::new());
        for round in 0..3 {
            outbox.release((0..RELEASES_MAX - 1).map(lease));
            outbox.release([lease(round)]);
            assert_eq!(outbox.releases.len(), RELEASES_MAX);
        }
    }
}
