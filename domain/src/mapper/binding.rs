//! Which mapper serves which order.

use crate::id::{BusinessId, ExternalId};

/// The version of the built-in standard mapper, which every business has.
pub const STANDARD_VERSION: u32 = 0;
/// The config that stands for no settings.
pub const NO_CONFIG: u32 = 0;

/// A mapper version with a config: all that decides, beside the order, what a run answers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Bound {
    /// The version; [`STANDARD_VERSION`] is the built-in mapper.
    pub version: u32,
    /// The config; [`NO_CONFIG`] has no settings.
    pub config: u32,
}

impl Bound {
    /// The built-in mapper without settings: what serves a business that never chose.
    pub const STANDARD: Self = Self { version: STANDARD_VERSION, config: NO_CONFIG };
}

/// A candidate that serves a share of the orders (F4).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Canary {
    /// The candidate.
    pub bound: Bound,
    /// Its share, from 1 to [`Canary::PERCENT_MAX`].
    pub percent: u8,
}

impl Canary {
    /// The largest share: one that has every order is not a canary but active.
    pub const PERCENT_MAX: u8 = 99;
}

/// Which mapper serves a business now.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Binding {
    /// The number of the last change, from 1; 0 where nothing was ever changed.
    pub revision: i64,
    /// Serves all orders but the canary's.
    pub active: Bound,
    /// Serves a share of the orders.
    pub canary: Option<Canary>,
    /// What served before and was good: where a rollback leads.
    pub previous: Option<Bound>,
}

impl Binding {
    /// Which mapper an order is for. The same for all versions of an order while the binding stands, and an order that
    /// a canary has stays with it when the share grows: neither the revision nor the time decides.
    pub fn choose(&self, business: BusinessId, order: ExternalId) -> Bound {
        match self.canary {
            Some(canary) if share_of(business, order) < u64::from(canary.percent) => canary.bound,
            _ => self.active,
        }
    }

    /// Whether `bound` serves any orders.
    pub fn serves(&self, bound: Bound) -> bool {
        self.serving().any(|serving| serving == bound)
    }

    /// What serves orders: the active one, then the canary.
    pub fn serving(&self) -> impl Iterator<Item = Bound> {
        [Some(self.active), self.canary.map(|canary| canary.bound)].into_iter().flatten()
    }
}

/// Where an order stands among the business's, in percent: from 0 to 99, even over any run of ids.
fn share_of(business: BusinessId, order: ExternalId) -> u64 {
    // Only the second half of the id is random. Without it the same ids would try every business's candidates.
    let (_, salt) = business.uuid().as_u64_pair();
    mix(mix(order.0.cast_unsigned()) ^ salt) % 100
}

/// The finaliser of `SplitMix64`: each bit of the result depends on each bit of `x`.
const fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    const NEW: Bound = Bound { version: 2, config: 1 };

    fn business(byte: u8) -> BusinessId {
        BusinessId::new(Timestamp::EPOCH, &[byte; 10])
    }

    fn with_canary(percent: u8) -> Binding {
        Binding { canary: Some(Canary { bound: NEW, percent }), ..Binding::default() }
    }

    /// The orders of a thousand that `binding` gives to the canary.
    fn chosen(binding: &Binding, business: BusinessId) -> Vec<i64> {
        // Ids as the store gives them out: consecutive ones differ by some constant.
        let ids = (0..1_000).map(|n| 5_600_000_000_000 + n * 1_024);
        ids.filter(|id| binding.choose(business, ExternalId(*id)) == NEW).collect()
    }

    #[test]
    fn a_canary_has_its_share_and_keeps_its_orders_when_it_grows() {
        let mut before: Vec<i64> = Vec::new();
        for percent in [1, 5, 10, 50, 90, 99] {
            let share = chosen(&with_canary(percent), business(1));
            let expected = usize::from(percent) * 10;
            assert!(share.len().abs_diff(expected) <= 40, "{percent}: {}", share.len());
            assert!(before.iter().all(|id| share.contains(id)), "{percent}");
            before = share;
        }
    }

    #[test]
    fn the_choice_is_that_of_yesterday_whatever_the_revision() {
        let later = Binding { revision: 9, ..with_canary(30) };
        assert_eq!(chosen(&later, business(1)), chosen(&with_canary(30), business(1)));
        // Written down, since another choice would move running canaries.
        let first: Vec<i64> = (1..=40)
            .filter(|id| with_canary(10).choose(business(1), ExternalId(*id)) == NEW)
            .collect();
        assert_eq!(first, [18, 28, 29]);
    }

    #[test]
    fn another_business_tries_other_orders() {
        let binding = with_canary(50);
        assert_ne!(chosen(&binding, business(1)), chosen(&binding, business(2)));
    }

    #[test]
    fn without_a_canary_the_active_one_has_every_order() {
        let binding = Binding { active: NEW, ..Binding::default() };
        assert_eq!(chosen(&binding, business(1)).len(), 1_000);
        assert!(binding.serves(NEW) && !binding.serves(Bound::STANDARD));
    }
}
