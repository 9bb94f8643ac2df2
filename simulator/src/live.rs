//! A store that lives: orders come, and some are edited, sent, cancelled, refunded.

use std::time::Duration;

use rand::Rng;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::state::State;

/// Of a thousand steps, how many are not new orders but something that happens to a recent one, or to a product.
const EDITS: u32 = 60;
const CANCELLATIONS: u32 = 40;
const REFUNDS: u32 = 80;
const PAYMENTS: u32 = 60;
const SHIPMENTS: u32 = 100;
const PRODUCT_CHANGES: u32 = 40;
/// How far back something still happens to an order.
const RECENT: usize = 200;

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
    let (stop, mut stopped) = watch::channel(false);
    let task = tokio::spawn(async move {
        loop {
            let wait = state.with(&shop, |shop| jittered(between, &mut shop.rng));
            let Some(wait) = wait else { return };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                _ = stopped.changed() => return,
            }
            step(&state, &shop);
        }
    });
    LiveHandle { stop, task }
}

/// Waits between nothing and twice the mean.
fn jittered(mean: Duration, rng: &mut SmallRng) -> Duration {
    mean * rng.random_range(0..2_000) / 1_000
}

/// One thing that happens; after a new order perhaps a second one.
fn step(state: &State, shop: &str) {
    state.change(shop, |store, rng, now| Some(store.create_order(rng, now)));
    let happens = state.with(shop, |shop| shop.rng.random_range(0..1_000_u32)).unwrap_or(1_000);
    let happenings = [EDITS, CANCELLATIONS, REFUNDS, PAYMENTS, SHIPMENTS, PRODUCT_CHANGES];
    let mut below = 0;
    for (which, share) in happenings.into_iter().enumerate() {
        below += share;
        if happens < below {
            happen(state, shop, which);
            return;
        }
    }
}

fn happen(state: &State, shop: &str, which: usize) {
    state.change(shop, |store, rng, now| {
        if which == 5 {
            return Some(store.change_product(rng, now));
        }
        let recent: Vec<i64> = store.orders.keys().rev().take(RECENT).copied().collect();
        let id = *recent.choose(rng)?;
        match which {
            0 => store.edit_order(rng, id, now),
            1 => {
                let restock = rng.random();
                store.cancel_order(id, restock, now)
            }
            2 => {
                let restock = rng.random();
                store.refund_order(rng, id, restock, now)
            }
            3 => store.pay_order(id, now),
            _ => store.fulfill_order(id, now),
        }
    });
}
