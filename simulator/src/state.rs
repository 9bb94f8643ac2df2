//! The shops of one process.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::SeedableRng;
use rand::rngs::SmallRng;

use crate::books::Books;
use crate::change::Change;
use crate::clock;
use crate::cost::Bucket;
use crate::deliveries::Courier;
use crate::fault::Faults;
use crate::idempotency::Keys;
use crate::live::{self, LiveHandle};
use crate::model::{Store, StoreSettings};
use crate::oauth::Tokens;
use crate::settings::Settings;

/// What each handler works on. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) settings: Arc<Settings>,
    pub(crate) courier: Arc<Courier>,
    shops: Arc<Mutex<BTreeMap<String, Shop>>>,
    faults: Arc<Mutex<Faults>>,
    /// Calls of the API since the faults were set.
    calls: Arc<AtomicU32>,
    living: Arc<Mutex<BTreeMap<String, LiveHandle>>>,
}

/// A shop with what Shopify keeps beside its data.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) store: Store,
    pub(crate) tokens: Tokens,
    pub(crate) bucket: Bucket,
    pub(crate) keys: Keys,
    pub(crate) rng: SmallRng,
    /// What the merchant grants, whatever is asked for beyond.
    pub(crate) grantable: Option<BTreeSet<String>>,
}

impl State {
    pub(crate) fn new(settings: Settings, courier: Courier) -> Self {
        Self {
            settings: Arc::new(settings),
            courier: Arc::new(courier),
            shops: Arc::default(),
            faults: Arc::default(),
            calls: Arc::default(),
            living: Arc::default(),
        }
    }

    pub(crate) fn add_shop(&self, settings: &StoreSettings) {
        let now = clock::now();
        let shop = Shop {
            store: Store::generate(settings, now),
            tokens: Tokens::default(),
            bucket: Bucket::new(self.settings.points_per_second, now),
            keys: Keys::default(),
            rng: SmallRng::seed_from_u64(settings.seed ^ self.settings.seed),
            grantable: None,
        };
        self.locked().insert(settings.domain.clone(), shop);
    }

    /// Works on a shop; none where there is no such shop.
    pub(crate) fn with<T>(&self, shop: &str, work: impl FnOnce(&mut Shop) -> T) -> Option<T> {
        self.locked().get_mut(shop).map(work)
    }

    /// Changes a shop's data and has what the store tells of it delivered.
    pub(crate) fn change(
        &self,
        shop: &str,
        change: impl FnOnce(&mut Store, &mut SmallRng, DateTime<Utc>) -> Option<Change>,
    ) -> Option<i64> {
        self.change_shop(shop, |shop| {
            let change = change(&mut shop.store, &mut shop.rng, clock::now());
            (change.as_ref().map(|change| change.object_id), change)
        })?
    }

    /// The same with all that Shopify keeps beside a shop's data. Returns what `change` gives besides.
    pub(crate) fn change_shop<T>(
        &self,
        shop: &str,
        change: impl FnOnce(&mut Shop) -> (T, Option<Change>),
    ) -> Option<T> {
        let faults = self.faults();
        let event = self.courier.event_id();
        self.with(shop, |state| {
            let (given, change) = change(state);
            for told in change.iter().flat_map(|change| &change.events) {
                let what = (told.topic, &told.body, event.as_str());
                self.courier.deliver(shop, what, &faults, &mut state.rng);
            }
            given
        })
    }

    pub(crate) fn books(&self, shop: &str, since: DateTime<Utc>) -> Option<Books> {
        self.with(shop, |shop| Books::of(&shop.store, since))
    }

    pub(crate) fn faults(&self) -> Faults {
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_faults(&self, faults: Faults) {
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults;
        self.calls.store(0, Ordering::Relaxed);
    }

    /// Counts a call of the API, and says how many there were before it.
    pub(crate) fn count_call(&self) -> u32 {
        self.calls.fetch_add(1, Ordering::Relaxed)
    }

    /// Has a shop live, at this pace from now on where it lived already.
    pub(crate) fn begin_life(&self, shop: &str, between: Duration) {
        let handle = live::live(self.clone(), shop.to_owned(), between);
        // A handle that is dropped has its store rest.
        drop(self.lives().insert(shop.to_owned(), handle));
    }

    /// Has a shop rest that was told to live. None where it was not.
    pub(crate) fn end_life(&self, shop: &str) -> Option<LiveHandle> {
        self.lives().remove(shop)
    }

    /// Has all shops rest that were told to live.
    pub(crate) fn end_all_lives(&self) {
        self.lives().clear();
    }

    fn lives(&self) -> MutexGuard<'_, BTreeMap<String, LiveHandle>> {
        self.living.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<String, Shop>> {
        self.shops.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
