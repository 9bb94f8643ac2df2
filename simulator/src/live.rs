//! A store that lives: orders come, and some are edited, sent, cancelled, refunded.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::Rng;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::change::Change;
use crate::model::Store;
use crate::state::State;

/// How far back something still happens to an order.
const RECENT_ORDERS: usize = 200;

/// What happens beside new orders.
#[derive(Clone, Copy)]
enum Happening {
    Edit,
    Cancellation,
    Refund,
    Payment,
    Shipment,
    ProductChange,
}

/// How often each happens after a new order, of a thousand times; mostly nothing does.
const HAPPENINGS: [(u32, Happening); 6] = [
    (60, Happening::Edit),
    (40, Happening::Cancellation),
    (80, Happening::Refund),
    (60, Happening::Payment),
    (100, Happening::Shipment),
    (40, Happening::ProductChange),
];

/// A living store; it rests when this is stopped or dropped.
#[derive(Debug)]
pub struct LiveHandle {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl LiveHandle {
    /// Has the store rest, and waits until it does. Deliveries under way go on.
    pub async fn stop(self) {
        // Nobody listening means that it rests already.
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

/// Has `shop` live, with a new order each `between` on average.
pub(crate) fn live(state: State, shop: String, between: Duration) -> LiveHandle {
    let (ending, mut ended) = watch::channel(false);
    let task = tokio::spawn(async move {
        loop {
            let wait = state.with(&shop, |shop| jittered(between, &mut shop.rng));
            let Some(wait) = wait else { return };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                _ = ended.changed() => return,
            }
            state.change(&shop, |store, rng, now| Some(store.create_order(rng, now)));
            state.change(&shop, happen);
        }
    });
    LiveHandle { stop: ending, task }
}

/// Waits between nothing and twice the mean.
fn jittered(mean: Duration, rng: &mut SmallRng) -> Duration {
    mean.saturating_mul(rng.random_range(0..2_000)) / 1_000
}

/// Perhaps something happens to a product or to a recent order.
fn happen(store: &mut Store, rng: &mut SmallRng, now: DateTime<Utc>) -> Option<Change> {
    let mut drawn = rng.random_range(0..1_000);
    let happening = HAPPENINGS.iter().find_map(|(share, happening)| {
        let hit = drawn < *share;
        drawn = drawn.saturating_sub(*share);
        hit.then_some(*happening)
    })?;
    let recent: Vec<i64> = store.orders.keys().rev().take(RECENT_ORDERS).copied().collect();
    let id = *recent.choose(rng)?;
    match happening {
        Happening::Edit => store.edit_order(rng, id, now),
        Happening::Cancellation => store.cancel_order(id, rng.random(), now),
        Happening::Refund => {
            let restock = rng.random();
            store.refund_order(rng, id, restock, now)
        }
        Happening::Payment => store.pay_order(id, now),
        Happening::Shipment => store.fulfill_order(id, now),
        Happening::ProductChange => Some(store.change_product(rng, now)),
    }
}
