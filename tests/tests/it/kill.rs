//! The short kill test; the long one is a program of its own.

use std::time::Duration;

use tempfile::TempDir;
use tests::kill::{Place, Torment, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_and_nothing_doubled_when_the_gateway_is_killed() {
    let folder = TempDir::new().unwrap();
    let torment = Torment { kills: 4, seed: 7, orders: 20, between: Duration::from_millis(60) };
    let outcome = run(Place::Folder(folder.path().to_owned()), torment).await.unwrap();
    assert!(outcome.is_good(), "{}", outcome.comparison);
    assert_eq!(outcome.kills, 4);
    assert!(outcome.acknowledged > 20, "the store had something to tell: {outcome:?}");
    assert!(outcome.comparison.store_orders > 20, "it lived meanwhile: {outcome:?}");
}
