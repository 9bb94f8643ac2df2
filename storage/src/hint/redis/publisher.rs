//! Publishing: what gathered since the last round goes out in one round trip.

use std::sync::Arc;
use std::time::Duration;

use deadpool_redis::redis::{self, Pipeline};

use super::super::local::locked;
use super::{Outbox, Shared, Unreachable, names};

/// How long one round may take.
const ROUND_WAIT_MAX: Duration = Duration::from_secs(1);
/// The rest between rounds: hints of a burst merge in it. As long as a hint may be late for nobody to notice.
const REST: Duration = Duration::from_millis(5);
/// The rest while Redis is away.
const REST_AWAY: Duration = Duration::from_secs(1);

/// Gives a lease back only where it is still the same holder's: after its time somebody else may hold it.
const RELEASE: &str = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end";

pub(super) async fn run(shared: Arc<Shared>) {
    loop {
        if shared.health.is_away() {
            tokio::time::sleep(REST_AWAY).await;
        } else {
            shared.noted.notified().await;
        }
        let outbox = std::mem::take(&mut *locked(&shared.outbox));
        match round(&shared, &outbox).await {
            Ok(()) => shared.health.answered(),
            Err(error) => {
                shared.health.failed(&error);
                // Hints grow old; a lease that was not given back would block others until its time is up.
                locked(&shared.outbox).release(outbox.releases);
            }
        }
        tokio::time::sleep(REST).await;
    }
}

async fn round(shared: &Shared, outbox: &Outbox) -> Result<(), Unreachable> {
    let pipeline = pipeline(shared.instance, outbox);
    tokio::time::timeout(ROUND_WAIT_MAX, async {
        let mut connection = shared.pool.get().await?;
        pipeline.query_async::<()>(&mut connection).await.map_err(Unreachable::from)
    })
    .await?
}

/// Messages begin with the sender, who has already told its own.
fn pipeline(instance: u64, outbox: &Outbox) -> Pipeline {
    let mut pipeline = redis::pipe();
    if outbox.is_empty() {
        // While Redis is away a round is the question whether it is back.
        pipeline.cmd("PING").ignore();
    }
    if outbox.work {
        let message = format!("{instance:016x} 0");
        pipeline.cmd("PUBLISH").arg(names::WORK).arg(message).ignore();
    }
    for (business, sequence) in &outbox.activity {
        let message = format!("{instance:016x} {sequence}");
        let channel = names::feed(*business);
        pipeline.cmd("PUBLISH").arg(channel).arg(message).ignore();
    }
    for (key, token) in &outbox.releases {
        pipeline.cmd("EVAL").arg(RELEASE).arg(1).arg(key).arg(token).ignore();
    }
    pipeline
}
