//! Deliveries: what the store sends when something changed.
//!
//! Each event goes to every subscription of its topic. A failed delivery is repeated eight times with the same id and
//! body; then the subscription is removed, as the store does with subscriptions made through the Admin API.

mod send;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::Rng;
use rand::rngs::SmallRng;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::{Notify, Semaphore};

use crate::fault::{Faults, strikes};
use send::Parcel;

/// Deliveries under way at the same time.
const AT_ONCE_MAX: usize = 64;
/// Repetitions of a failed delivery.
const RETRIES_MAX: u32 = 8;
/// How long the receiver may take.
const ANSWER_MAX: Duration = Duration::from_secs(5);

/// A subscription.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Subscription {
    pub(crate) id: i64,
    pub(crate) topic: String,
    pub(crate) uri: String,
}

/// What became of deliveries so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct DeliveryStats {
    /// Requests sent, repetitions and duplicates included.
    pub sent: u64,
    /// Requests answered with 2xx.
    pub accepted: u64,
    /// Requests that failed.
    pub failed: u64,
    /// Deliveries that were never sent, on purpose.
    pub dropped: u64,
    /// Deliveries given up after all repetitions.
    pub given_up: u64,
    /// Deliveries not finished yet.
    pub pending: u64,
}

#[derive(Debug, Default)]
struct Counters {
    sent: AtomicU64,
    accepted: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
    given_up: AtomicU64,
    pending: AtomicU64,
}

/// The sender of all shops.
#[derive(Debug)]
pub(crate) struct Courier {
    client: reqwest::Client,
    secret: shopify::Secret,
    first_retry: Duration,
    slots: Semaphore,
    subscriptions: Mutex<BTreeMap<String, Vec<Subscription>>>,
    next_id: AtomicU64,
    counters: Counters,
    idle: Notify,
}

impl Courier {
    pub(crate) fn new(secret: &str, first_retry: Duration) -> Result<Self, reqwest::Error> {
        // A redirect is a failure, as it is for the store.
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(ANSWER_MAX)
            .build()?;
        Ok(Self {
            client,
            secret: shopify::Secret::new(secret),
            first_retry,
            slots: Semaphore::new(AT_ONCE_MAX),
            subscriptions: Mutex::default(),
            next_id: AtomicU64::new(1),
            counters: Counters::default(),
            idle: Notify::new(),
        })
    }

    /// A shop's subscriptions.
    pub(crate) fn subscriptions(&self, shop: &str) -> Vec<Subscription> {
        self.locked().get(shop).cloned().unwrap_or_default()
    }

    /// Subscribes; none where the same topic goes to the same address already.
    pub(crate) fn subscribe(&self, shop: &str, topic: &str, uri: &str) -> Option<Subscription> {
        let id = self.number();
        let mut all = self.locked();
        let of_shop = all.entry(shop.to_owned()).or_default();
        if of_shop.iter().any(|known| known.topic == topic && known.uri == uri) {
            return None;
        }
        let id = i64::try_from(id).unwrap_or(i64::MAX);
        let made = Subscription { id, topic: topic.to_owned(), uri: uri.to_owned() };
        of_shop.push(made.clone());
        Some(made)
    }

    /// Ends a subscription. Returns whether there was one.
    pub(crate) fn unsubscribe(&self, shop: &str, id: i64) -> bool {
        let mut all = self.locked();
        let of_shop = all.entry(shop.to_owned()).or_default();
        let before = of_shop.len();
        of_shop.retain(|known| known.id != id);
        of_shop.len() < before
    }

    /// Sends an event to everyone who subscribed to its topic, with the faults that strike it. `event` tells the
    /// deliveries of one change from those of another.
    pub(crate) fn deliver(
        self: &Arc<Self>,
        shop: &str,
        (topic, body, event): (&str, &Value, u64),
        faults: &Faults,
        rng: &mut SmallRng,
    ) {
        for subscription in self.subscriptions(shop).into_iter().filter(|s| s.topic == topic) {
            if strikes(faults.drop, rng) {
                self.counters.dropped.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let parcel = Parcel::new(self.number(), event, shop, subscription, body);
            let delay = |rng: &mut SmallRng| match strikes(faults.delay, rng) {
                true => Duration::from_millis(rng.random_range(0..=faults.delay_millis_max)),
                false => Duration::ZERO,
            };
            if strikes(faults.forged, rng) {
                self.dispatch(parcel.forged(self.number()), Duration::ZERO);
            }
            if strikes(faults.duplicate, rng) {
                let later = delay(rng);
                self.dispatch(parcel.clone(), later);
            }
            if strikes(faults.duplicate_with_new_id, rng) {
                let later = delay(rng);
                self.dispatch(parcel.renamed(self.number()), later);
            }
            let later = delay(rng);
            self.dispatch(parcel, later);
        }
    }

    /// Ends when nothing is under way.
    pub(crate) async fn settled(&self) {
        loop {
            let idle = self.idle.notified();
            if self.counters.pending.load(Ordering::SeqCst) == 0 {
                return;
            }
            idle.await;
        }
    }

    pub(crate) fn stats(&self) -> DeliveryStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        DeliveryStats {
            sent: read(&self.counters.sent),
            accepted: read(&self.counters.accepted),
            failed: read(&self.counters.failed),
            dropped: read(&self.counters.dropped),
            given_up: read(&self.counters.given_up),
            pending: read(&self.counters.pending),
        }
    }

    /// A number that is not used twice.
    pub(crate) fn number(&self) -> u64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    fn dispatch(self: &Arc<Self>, parcel: Parcel, delay: Duration) {
        self.counters.pending.fetch_add(1, Ordering::SeqCst);
        let courier = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            courier.carry(&parcel).await;
            courier.counters.pending.fetch_sub(1, Ordering::SeqCst);
            courier.idle.notify_waiters();
        });
    }

    /// Sends a parcel until it is taken or given up.
    async fn carry(&self, parcel: &Parcel) {
        let mut wait = self.first_retry;
        for attempt in 0..=RETRIES_MAX {
            if self.send(parcel).await || parcel.is_forged() {
                return;
            }
            if attempt < RETRIES_MAX {
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
        }
        self.counters.given_up.fetch_add(1, Ordering::Relaxed);
        self.unsubscribe(parcel.shop(), parcel.subscription());
    }

    async fn send(&self, parcel: &Parcel) -> bool {
        // The semaphore is never closed.
        let Ok(_slot) = self.slots.acquire().await else { return false };
        self.counters.sent.fetch_add(1, Ordering::Relaxed);
        let answer = parcel.request(&self.client, &self.secret).send().await;
        let taken = answer.is_ok_and(|answer| answer.status().is_success());
        let counter = if taken { &self.counters.accepted } else { &self.counters.failed };
        counter.fetch_add(1, Ordering::Relaxed);
        taken
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Vec<Subscription>>> {
        self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
