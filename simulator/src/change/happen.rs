//! Things that happen to orders by chance.

use chrono::{DateTime, Utc};
use rand::Rng;
use rand::rngs::SmallRng;

use super::{Change, Effects};
use crate::generate::{chance, pick};
use crate::model::Store;

/// How far back an order may be to which something happens in a living store.
const RECENT_ORDERS: usize = 200;

impl Store {
    /// Something happens, as in a living store: an order comes in mostly, or something happens to a recent one, or to
    /// a product.
    pub fn live_on(&mut self, rng: &mut SmallRng, now: DateTime<Utc>) -> Change {
        match rng.random_range(0..100) {
            0..55 => self.create_order(rng, now),
            55..92 => {
                let mut recent: Vec<i64> =
                    self.orders.keys().rev().take(RECENT_ORDERS).copied().collect();
                recent.sort_unstable();
                let id = pick(rng, &recent).copied();
                let effects = id.and_then(|id| self.something_happens(rng, id, now));
                match effects {
                    Some(effects) => self.tell(effects),
                    None => self.create_order(rng, now),
                }
            }
            92..99 => self.change_product(rng, now),
            _ => self.create_product(rng, now),
        }
    }

    /// Something happens to an order; none where what was about to happen cannot.
    pub(crate) fn something_happens(
        &mut self,
        rng: &mut SmallRng,
        id: i64,
        now: DateTime<Utc>,
    ) -> Option<Effects> {
        match rng.random_range(0..100) {
            0..20 => self.pay(id, now),
            20..55 => self.fulfill(id, now),
            55..72 => self.edit(rng, id, now),
            72..80 => {
                let restock = chance(rng, 700);
                self.cancel(id, restock, now)
            }
            _ => {
                let restock = chance(rng, 700);
                self.refund(rng, id, restock, now)
            }
        }
    }
}
