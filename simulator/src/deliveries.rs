//! Deliveries: what the store sends when something changed.
//!
//! Each event goes to every subscription of its topic. A failed delivery is repeated eight times with the same id and
//! body; then the subscription is removed, as the store does with subscriptions made through the Admin API.

mod gate;
mod ids;
mod send;
mod stats;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::Rng;
use rand::rngs::SmallRng;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::{Notify, Semaphore};

use crate::fault::{Faults, GATHERING, strikes};
use crate::settings::Settings;
use gate::Gate;
use ids::Ids;
use send::Parcel;
use stats::Counters;

pub use stats::DeliveryStats;

/// Deliveries under way at the same time.
const AT_ONCE_MAX: usize = 64;
/// Repetitions of a failed delivery.
const RETRIES_MAX: u32 = 8;
/// How long the receiver may take to be reached, and to answer.
const CONNECT_MAX: Duration = Duration::from_secs(1);
const ANSWER_MAX: Duration = Duration::from_secs(5);

/// A subscription.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Subscription {
    pub(crate) id: i64,
    pub(crate) topic: String,
    pub(crate) uri: String,
}

/// The sender of all shops.
#[derive(Debug)]
pub(crate) struct Courier {
    client: reqwest::Client,
    secret: shopify::Secret,
    first_retry_millis: AtomicU64,
    slots: Semaphore,
    gate: Gate,
    subscriptions: Mutex<BTreeMap<String, Vec<Subscription>>>,
    ids: Ids,
    counters: Counters,
    idle: Notify,
}

impl Courier {
    pub(crate) fn new(settings: &Settings, now: DateTime<Utc>) -> Result<Self, reqwest::Error> {
        // A redirect is a failure, as it is for the store.
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_MAX)
            .timeout(ANSWER_MAX)
            .build()?;
        let courier = Self {
            client,
            secret: shopify::Secret::new(&settings.client_secret),
            first_retry_millis: AtomicU64::default(),
            slots: Semaphore::new(AT_ONCE_MAX),
            gate: Gate::default(),
            subscriptions: Mutex::default(),
            ids: Ids::new(settings.seed, now),
            counters: Counters::default(),
            idle: Notify::new(),
        };
        courier.set_first_retry(settings.first_retry);
        Ok(courier)
    }

    /// The wait before the first repetition, for failures from now on.
    pub(crate) fn set_first_retry(&self, wait: Duration) {
        let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        self.first_retry_millis.store(millis, Ordering::Relaxed);
    }

    /// Holds all requests back, repetitions included, or lets them go.
    pub(crate) fn set_paused(&self, paused: bool) {
        self.gate.set_paused(paused);
    }

    /// A shop's subscriptions.
    pub(crate) fn subscriptions(&self, shop: &str) -> Vec<Subscription> {
        self.locked().get(shop).cloned().unwrap_or_default()
    }

    /// Subscribes; none where the same topic goes to the same address already.
    pub(crate) fn subscribe(&self, shop: &str, topic: &str, uri: &str) -> Option<Subscription> {
        let id = i64::try_from(self.ids.number()).unwrap_or(i64::MAX);
        let mut all = self.locked();
        let of_shop = all.entry(shop.to_owned()).or_default();
        if of_shop.iter().any(|known| known.topic == topic && known.uri == uri) {
            return None;
        }
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

    /// An id for what is told of one change, shared by its deliveries.
    pub(crate) fn event_id(&self) -> String {
        self.ids.event()
    }

    /// Sends an event to everyone who subscribed to its topic, with the faults that strike it.
    pub(crate) fn deliver(
        self: &Arc<Self>,
        shop: &str,
        (topic, body, event): (&str, &Value, &str),
        faults: &Faults,
        rng: &mut SmallRng,
    ) {
        for subscription in self.subscriptions(shop).into_iter().filter(|s| s.topic == topic) {
            if strikes(faults.drop, rng) {
                self.counters.dropped.fetch_add(1, Ordering::SeqCst);
                continue;
            }
            if strikes(faults.burst, rng) {
                self.gate.gather(GATHERING);
            }
            let parcel = Parcel::new(self.ids.webhook(), event, shop, subscription, body);
            if strikes(faults.forged, rng) {
                self.dispatch(parcel.forged(self.ids.webhook()), Duration::ZERO);
            }
            if strikes(faults.duplicate, rng) {
                self.dispatch(parcel.clone(), delay(faults, rng));
            }
            if strikes(faults.duplicate_with_new_id, rng) {
                self.dispatch(parcel.renamed(self.ids.webhook()), delay(faults, rng));
            }
            self.dispatch(parcel, delay(faults, rng));
        }
    }

    /// Ends when nothing is under way. While deliveries are paused and some wait, it does not.
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
        self.counters.read()
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
        let first = Duration::from_millis(self.first_retry_millis.load(Ordering::Relaxed));
        for attempt in 0..=RETRIES_MAX {
            let taken = self.send(parcel).await;
            // Somebody who forges does not come back, and has no subscription to lose.
            if taken || parcel.is_forged() {
                return;
            }
            if attempt < RETRIES_MAX {
                tokio::time::sleep(first.saturating_mul(1 << attempt)).await;
            }
        }
        self.counters.given_up.fetch_add(1, Ordering::SeqCst);
        self.unsubscribe(parcel.shop(), parcel.subscription());
    }

    async fn send(&self, parcel: &Parcel) -> bool {
        self.gate.pass().await;
        // The semaphore is never closed.
        let Ok(_slot) = self.slots.acquire().await else {
            return false;
        };
        let answer = parcel.request(&self.client, &self.secret).send().await;
        let taken = answer.is_ok_and(|answer| answer.status().is_success());
        self.counters.count(parcel.is_forged(), taken);
        taken
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<String, Vec<Subscription>>> {
        self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn delay(faults: &Faults, rng: &mut SmallRng) -> Duration {
    if strikes(faults.delay, rng) {
        Duration::from_millis(rng.random_range(0..=faults.delay_millis_max))
    } else {
        Duration::ZERO
    }
}
