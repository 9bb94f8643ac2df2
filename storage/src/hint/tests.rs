use std::time::Duration;

use domain::time::Timestamp;
use futures_util::{FutureExt, StreamExt};

use super::*;

const LONG: Duration = Duration::from_secs(30);

fn random() -> u64 {
    rand::TryRngCore::try_next_u64(&mut rand::rngs::OsRng).unwrap()
}

fn business(n: u8) -> BusinessId {
    BusinessId::new(Timestamp::EPOCH, &[n; 10])
}

#[tokio::test]
async fn a_wake_up_that_nobody_waits_for_is_kept() {
    let hints = Hints::local();
    assert!(hints.workers_woken().now_or_never().is_none());
    hints.wake_workers();
    hints.wake_workers();
    hints.workers_woken().await;
    assert!(hints.workers_woken().now_or_never().is_none());
}

#[tokio::test]
async fn signals_reach_the_business_and_merge() {
    let hints = Hints::local();
    let mut mine = hints.subscribe_activity(business(1));
    let mut other = hints.subscribe_activity(business(2));
    for sequence in [1, 3, 2] {
        hints.activity(business(1), sequence);
    }
    assert_eq!(mine.next().await, 3);
    hints.activity(business(1), 3);
    assert!(mine.next().now_or_never().is_none());
    assert!(other.next().now_or_never().is_none());
    hints.activity(business(1), 4);
    let mut stream = Box::pin(mine.into_stream());
    assert_eq!(stream.next().await, Some(4));
}

#[tokio::test]
async fn subscribers_that_left_are_forgotten() {
    let hints = Hints::local();
    drop(hints.subscribe_activity(business(1)));
    hints.activity(business(1), 9);
    let mut again = hints.subscribe_activity(business(1));
    assert!(again.next().now_or_never().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_lease_has_one_holder_until_it_is_given_back_or_ends() {
    let hints = Hints::local();
    let first = hints.lease(business(1), "refresh", LONG).await.unwrap();
    assert!(hints.lease(business(1), "refresh", LONG).await.is_none());
    assert!(hints.lease(business(1), "poll", LONG).await.is_some());
    assert!(hints.lease(business(2), "refresh", LONG).await.is_some());
    tokio::time::advance(LONG).await;
    let second = hints.lease(business(1), "refresh", LONG).await.unwrap();
    drop(first);
    assert!(hints.lease(business(1), "refresh", LONG).await.is_none());
    drop(second);
    assert!(hints.lease(business(1), "refresh", LONG).await.is_some());
}

#[tokio::test]
async fn a_redis_that_is_away_costs_nobody_an_error_or_much_time() {
    // Port 9 of this machine: nothing listens there.
    let hints = Hints::with_redis("redis://127.0.0.1:9", 1).unwrap();
    let mut signal = hints.subscribe_activity(business(1));
    let begin = tokio::time::Instant::now();
    hints.wake_workers();
    hints.workers_woken().await;
    hints.activity(business(1), 1);
    assert_eq!(signal.next().await, 1);
    let lease = hints.lease(business(1), "refresh", LONG).await;
    assert!(lease.is_some());
    assert!(begin.elapsed() < Duration::from_millis(500));
    while hints.redis_errors() == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[test]
fn a_wrong_url_is_refused_without_repeating_it() {
    for url in ["", "http://secret@host", "redis://:secret@:x/"] {
        let refused = Hints::with_redis(url, 1).unwrap_err();
        assert!(!refused.to_string().contains("secret"), "{url}");
    }
}

/// Two processes' hints over one Redis; none where there is no Redis.
async fn two_processes() -> Option<(Hints, Hints)> {
    let url = test_services::redis_url()?;
    let start = |instance| Hints::with_redis(url, instance).unwrap();
    let pair = (start(random() | 1), start(random() & !1));
    // Both listen once each has been woken by its own connecting.
    pair.0.workers_woken().await;
    pair.1.workers_woken().await;
    Some(pair)
}

#[tokio::test]
async fn redis_carries_hints_to_the_other_process() {
    let Some((here, there)) = two_processes().await else {
        return;
    };
    let business = BusinessId::from_uuid(uuid::Uuid::from_u64_pair(random(), 1));
    let mut signal = there.subscribe_activity(business);
    here.activity(business, 5);
    assert_eq!(tokio::time::timeout(LONG, signal.next()).await, Ok(5));
    here.wake_workers();
    tokio::time::timeout(LONG, there.workers_woken()).await.unwrap();
}

#[tokio::test]
async fn redis_gives_a_lease_to_one_process_at_a_time() {
    let Some((here, there)) = two_processes().await else {
        return;
    };
    let business = BusinessId::from_uuid(uuid::Uuid::from_u64_pair(random(), 2));
    let held = here.lease(business, "refresh", LONG).await.unwrap();
    assert!(there.lease(business, "refresh", LONG).await.is_none());
    drop(held);
    let mut tries = 0;
    while there.lease(business, "refresh", LONG).await.is_none() {
        tries += 1;
        assert!(tries < 1_000, "the lease was not given back");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
