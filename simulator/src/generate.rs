//! Making a store and its orders by chance, from a seed.

mod catalog;
mod discount;
mod lines;
mod order;
mod payment;
mod people;
mod shipping;
mod spec;
mod tax;

use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use crate::model::{Store, StoreSettings, whole_seconds};

pub use spec::OrderSpec;
pub(crate) use tax::{Tax, tax_line};

/// How far back the first orders reach. Shorter than the 60 days that a store shows without a special permission.
const PAST: TimeDelta = TimeDelta::days(50);
/// The longest time between an order of the past and what happens to it.
const LATEST_FOLLOW_UP_SECONDS: i64 = 3 * 24 * 3600;
/// The most that happens to an order of the past after it was made.
const FOLLOW_UPS: u32 = 3;

impl Store {
    /// A store with products, customers and orders of the past 50 days. Equal settings and times make equal stores.
    pub fn generate(settings: &StoreSettings, now: DateTime<Utc>) -> Self {
        let mut rng = SmallRng::seed_from_u64(settings.seed);
        let mut store = Self::empty(settings);
        let begin = whole_seconds(now) - PAST;
        store.add_locations();
        for index in 0..settings.products {
            store.add_product(&mut rng, index, begin);
        }
        let step = PAST.num_seconds() / (i64::try_from(settings.orders).unwrap_or(i64::MAX).max(1));
        for index in 0..settings.orders {
            let offset = step.saturating_mul(i64::try_from(index).unwrap_or(i64::MAX));
            // At least a second ago, so that what the past holds is before anything that happens from now on.
            let at = (begin + TimeDelta::seconds(offset))
                .min(whole_seconds(now) - TimeDelta::seconds(1));
            let order = store.draft_order(&mut rng, at);
            let id = order.id;
            let _told_to_nobody = store.place(order, at);
            store.follow_up(&mut rng, id, at, now);
        }
        store
    }

    /// What happened to an order of the past until `now`.
    fn follow_up(
        &mut self,
        rng: &mut SmallRng,
        id: i64,
        mut at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) {
        for _ in 0..rng.random_range(0..=FOLLOW_UPS) {
            at += TimeDelta::seconds(rng.random_range(0..=LATEST_FOLLOW_UP_SECONDS));
            if at >= now {
                break;
            }
            let _told_to_nobody = self.something_happens(rng, id, at);
        }
    }
}

/// Whether something that happens in `of_thousand` of 1,000 cases happens.
pub(crate) fn chance(rng: &mut SmallRng, of_thousand: u32) -> bool {
    rng.random_ratio(of_thousand, 1000)
}

/// One of several things; none where there are none.
pub(crate) fn pick<'a, T>(rng: &mut SmallRng, of: &'a [T]) -> Option<&'a T> {
    if of.is_empty() { None } else { of.get(rng.random_range(0..of.len())) }
}
