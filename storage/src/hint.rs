//! Hints: wake-ups between the parts of a process and, through Redis, between processes.
//!
//! A hint says "look now" and nothing more. Whoever misses one looks a little later by its own timer, and whoever gets
//! one too many looks in vain. So nothing here can fail, block, or lose data: with Redis away, the instances only notice
//! each other's work later.

mod local;
mod redis;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use domain::id::BusinessId;

pub use local::{ActivitySignal, Guard};
pub use redis::{InvalidRedisAddress, RedisAddress};

use local::Local;
use redis::Redis;

/// Hints of this process, shared with other processes where Redis carries them. Cheap to clone.
#[derive(Clone)]
pub struct Hints {
    local: Arc<Local>,
    redis: Option<Arc<Redis>>,
}

impl fmt::Debug for Hints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hints").field("redis", &self.redis.is_some()).finish_non_exhaustive()
    }
}

impl Hints {
    /// Hints within this process only.
    pub fn local() -> Self {
        Self { local: Arc::new(Local::default()), redis: None }
    }

    /// Hints that Redis carries to other processes. `instance` is a random number that tells this process from the
    /// others. Connects in the background, so that an absent Redis does not delay the start; needs a Tokio runtime.
    pub fn with_redis(
        address: RedisAddress<'_>,
        instance: u64,
    ) -> Result<Self, InvalidRedisAddress> {
        let local = Arc::new(Local::default());
        let redis = Redis::start(address, instance, &local)?;
        Ok(Self { local, redis: Some(Arc::new(redis)) })
    }

    /// Tells workers here and elsewhere that something is ready.
    pub fn wake_workers(&self) {
        self.local.wake_workers();
        if let Some(redis) = &self.redis {
            redis.publish_work();
        }
    }

    /// Ends at the next wake-up, at once where one came since the last call. Several callers share the wake-ups: each
    /// wakes one of them, and whoever is woken works until nothing is ready.
    pub async fn workers_woken(&self) {
        self.local.workers_woken().await;
    }

    /// Tells readers here and elsewhere that the business's feed reaches to `sequence`.
    pub fn activity(&self, business: BusinessId, sequence: i64) {
        self.local.activity(business, sequence);
        if let Some(redis) = &self.redis {
            redis.publish_activity(business, sequence);
        }
    }

    /// Signals of the business's feed from now on. Subscribe first and read the feed after it: then nothing falls
    /// between the two.
    pub fn subscribe_activity(&self, business: BusinessId) -> ActivitySignal {
        self.local.subscribe_activity(business)
    }

    /// Takes the lease of `purpose` in the business for at most `ttl`, so that one process at a time does what need not
    /// be done twice; none where another one has it. It saves work and is no lock: with Redis away, each process has
    /// its own, so what must not happen twice must be safe in storage as well.
    pub async fn lease(
        &self,
        business: BusinessId,
        purpose: &'static str,
        ttl: Duration,
    ) -> Option<Guard> {
        let mut guard = self.local.lease(business, purpose, ttl)?;
        if let Some(redis) = &self.redis {
            guard.remote = Some(redis.lease(business, purpose, ttl).await?);
        }
        Some(guard)
    }

    /// How often Redis failed to answer since the start; zero without Redis.
    pub fn redis_errors(&self) -> u64 {
        self.redis.as_ref().map_or(0, |redis| redis.errors())
    }
}

#[cfg(test)]
mod tests;
