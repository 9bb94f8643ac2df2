use std::time::Duration;

use domain::time::Timestamp;
use futures_util::{FutureExt, StreamExt};

use super::*;

const LONG: Duration = Duration::from_secs(30);

fn random() -> u64 {
    rand::TryRngCore::try_next_u64(&mut rand::rngs::OsRng).unwrap()
}

fn plain(url: &str) -> RedisAddress<'_> {
    RedisAddress { url, authorities: None }
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
    let hints = Hints::with_redis(plain("redis://127.0.0.1:9"), 1).unwrap();
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
    for url in ["", "http://secret@host", "redis://:secret@:x/", "rediss://:secret@host#insecure"] {
        let refused = Hints::with_redis(plain(url), 1).unwrap_err();
        assert!(!refused.to_string().contains("secret"), "{url}");
    }
}

#[test]
fn authorities_are_certificates_of_an_encrypted_connection() {
    let refusal = |url, authorities| {
        let address = RedisAddress { url, authorities: Some(authorities) };
        Hints::with_redis(address, 1).unwrap_err()
    };
    let broken = "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n";
    assert_eq!(refusal("redis://host", broken), InvalidRedisAddress::NotEncrypted);
    for text in ["", "not a certificate", broken] {
        assert_eq!(refusal("rediss://host", text), InvalidRedisAddress::Authorities, "{text}");
    }
}

/// Two processes' hints over one Redis; none where there is no Redis.
async fn two_processes() -> Option<(Hints, Hints)> {
    Some(two_processes_at(plain(test_services::redis_url()?)).await)
}

async fn two_processes_at(address: RedisAddress<'_>) -> (Hints, Hints) {
    let start = |instance| Hints::with_redis(address, instance).unwrap();
    let pair = (start(random() | 1), start(random() & !1));
    // Both listen once each has been woken by its own connecting.
    tokio::time::timeout(LONG, pair.0.workers_woken()).await.unwrap();
    tokio::time::timeout(LONG, pair.1.workers_woken()).await.unwrap();
    pair
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

#[tokio::test]
async fn hints_travel_encrypted_where_the_authority_is_known() {
    let Some(server) = test_services::encrypted_redis() else {
        return;
    };
    let authorities = std::fs::read_to_string(&server.authority).unwrap();
    let address = RedisAddress { url: &server.url, authorities: Some(&authorities) };
    let (here, there) = two_processes_at(address).await;
    let business = BusinessId::from_uuid(uuid::Uuid::from_u64_pair(random(), 3));
    let mut signal = there.subscribe_activity(business);
    here.activity(business, 5);
    assert_eq!(tokio::time::timeout(LONG, signal.next()).await, Ok(5));
    let held = here.lease(business, "refresh", LONG).await;
    assert!(held.is_some());
    assert_eq!((here.redis_errors(), there.redis_errors()), (0, 0));
}

#[tokio::test]
async fn a_redis_that_nobody_vouches_for_is_no_redis() {
    let Some(server) = test_services::encrypted_redis() else {
        return;
    };
    let stranger = std::fs::read_to_string(&server.stranger).unwrap();
    // By name instead of by number: the certificate does not speak for it.
    let authority = std::fs::read_to_string(&server.authority).unwrap();
    let renamed = server.url.replace("127.0.0.1", "localhost");
    for (url, authorities) in [
        (&server.url, None),
        (&server.url, Some(stranger.as_str())),
        (&renamed, Some(authority.as_str())),
    ] {
        let hints = Hints::with_redis(RedisAddress { url, authorities }, 1).unwrap();
        while hints.redis_errors() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(hints.workers_woken().now_or_never().is_none(), "it never listened to {url}");
    }
}

/// Ends when what one process says of a business's feed reaches the other again.
async fn heard_again(here: &Hints, there: &Hints, number: u64) {
    let business = BusinessId::from_uuid(uuid::Uuid::from_u64_pair(random(), number));
    let mut signal = there.subscribe_activity(business);
    let mut said = 0;
    let heard = async {
        loop {
            said += 1;
            here.activity(business, said);
            // Whoever connects anew is woken without a number.
            let waited = tokio::time::timeout(Duration::from_millis(50), signal.next());
            if waited.await.is_ok_and(|sequence| sequence > 0) {
                return;
            }
        }
    };
    tokio::time::timeout(LONG, heard).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_comes_and_goes_and_hints_travel_again() {
    let Some(mut redis) = test_services::Redis::start() else {
        return;
    };
    let url = redis.url();
    let (here, there) = two_processes_at(plain(&url)).await;
    for flap in 0..4 {
        let held = here.lease(business(1), "refresh", LONG).await;
        assert!(held.is_some());
        redis.kill();
        let errors = there.redis_errors();
        here.wake_workers();
        here.workers_woken().await;
        while there.redis_errors() == errors {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // Nobody can tell who holds it, so each goes ahead.
        assert!(there.lease(business(1), "refresh", LONG).await.is_some());
        drop(held);
        redis.give_back().unwrap();
        heard_again(&here, &there, flap).await;
        heard_again(&there, &here, flap).await;
    }
    // What is left of the wake-ups that connecting brought.
    while there.workers_woken().now_or_never().is_some() {}
    here.wake_workers();
    tokio::time::timeout(LONG, there.workers_woken()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_stands_still_holds_nobody_up() {
    let Some(mut redis) = test_services::Redis::start() else {
        return;
    };
    let url = redis.url();
    let (here, there) = two_processes_at(plain(&url)).await;
    drop(here.lease(business(1), "refresh", LONG).await.unwrap());
    redis.pause();
    let begin = tokio::time::Instant::now();
    for _ in 0..20 {
        here.wake_workers();
        here.activity(business(1), 1);
        assert!(here.lease(business(1), "refresh", LONG).await.is_some());
    }
    // The first one waits for an answer; it is known by then that there is none.
    assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
    assert!(here.redis_errors() > 0);
    redis.give_back().unwrap();
    heard_again(&here, &there, 9).await;
}
