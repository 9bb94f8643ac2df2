//! What the store is to have of an item at a location.

use super::policy::{InventoryPolicy, NegativePolicy, Ownership, StockBasis};
use crate::id::ExternalId;
use crate::stock::Location;

/// The most pieces that a store takes at a location.
pub const QUANTITY_MAX: i64 = 1_000_000_000;

/// What the ledger has of a POS product at one of its places.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaceLevel {
    /// Where.
    pub location: Location,
    /// Pieces.
    pub quantity: i64,
    /// Whether anybody has ever counted there. Until then the sum of movements has nothing to start from.
    pub counted: bool,
}

/// What the store is to have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// So many pieces.
    Pieces {
        /// What the ledger has, by the policy's basis.
        level: i64,
        /// What of it is held back.
        buffer: u32,
        /// What the store is to have: from 0 to [`QUANTITY_MAX`].
        quantity: i64,
    },
    /// Whatever it has.
    Held(Hold),
}

/// Why the store is told nothing of an item.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Hold {
    /// The store says how many pieces there are.
    StoreOwns,
    /// Nobody has counted the POS product at a place that matters.
    NeverCounted,
    /// Less than nothing is left, and the policy is not to say so.
    BelowZero,
    /// The store does not count the item.
    Untracked,
    /// The store no longer has the item or the location.
    Gone,
    /// The connection has ended.
    Disconnected,
}

impl Hold {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::StoreOwns,
        Self::NeverCounted,
        Self::BelowZero,
        Self::Untracked,
        Self::Gone,
        Self::Disconnected,
    ];

    /// The name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StoreOwns => "store_owns",
            Self::NeverCounted => "never_counted",
            Self::BelowZero => "below_zero",
            Self::Untracked => "untracked",
            Self::Gone => "gone",
            Self::Disconnected => "disconnected",
        }
    }

    /// The reason of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hold| hold.as_str() == text)
    }
}

/// What the store is to have at its location `at`, given what the ledger has of the POS product everywhere. `primary`
/// says whether it is the location that sends what is sold nowhere in particular.
///
/// A product that nobody has counted is left alone: its level is what moved since the cut-over, not what there is, and
/// the store would be told that nearly everything is sold out.
pub fn target(
    policy: &InventoryPolicy,
    levels: &[PlaceLevel],
    at: ExternalId,
    primary: bool,
) -> Target {
    if policy.ownership == Ownership::Store {
        return Target::Held(Hold::StoreOwns);
    }
    let here = Location::of(Some(at));
    let nowhere = Location::of(None);
    let counts = |level: &&PlaceLevel| match policy.basis {
        StockBasis::Everywhere => true,
        StockBasis::Location => level.location == here || (primary && level.location == nowhere),
    };
    let (mut level, mut counted) = (0_i64, false);
    for place in levels.iter().filter(counts) {
        level = level.saturating_add(place.quantity);
        counted |= place.counted;
    }
    if !counted {
        return Target::Held(Hold::NeverCounted);
    }
    let left = level.saturating_sub(i64::from(policy.buffer));
    if level < 0 && policy.negative == NegativePolicy::Hold {
        return Target::Held(Hold::BelowZero);
    }
    Target::Pieces { level, buffer: policy.buffer, quantity: left.clamp(0, QUANTITY_MAX) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: ExternalId = ExternalId(7);

    fn policy() -> InventoryPolicy {
        InventoryPolicy { ownership: Ownership::Pos, ..InventoryPolicy::default() }
    }

    fn levels(places: &[(&str, i64, bool)]) -> Vec<PlaceLevel> {
        let level = |(name, quantity, counted): &(&str, i64, bool)| PlaceLevel {
            location: Location::named(name).unwrap(),
            quantity: *quantity,
            counted: *counted,
        };
        places.iter().map(level).collect()
    }

    fn pieces(level: i64, buffer: u32, quantity: i64) -> Target {
        Target::Pieces { level, buffer, quantity }
    }

    #[test]
    fn nothing_is_pushed_before_somebody_says_so() {
        let all = levels(&[("default", 9, true)]);
        let decided = target(&InventoryPolicy::default(), &all, HERE, true);
        assert_eq!(decided, Target::Held(Hold::StoreOwns));
    }

    #[test]
    fn the_basis_says_which_pieces_count() {
        let all = levels(&[("7", 4, true), ("8", 20, false), ("default", -1, false)]);
        let everywhere = InventoryPolicy { basis: StockBasis::Everywhere, ..policy() };
        let cases = [
            (policy(), true, pieces(3, 0, 3)),
            (policy(), false, pieces(4, 0, 4)),
            (everywhere, true, pieces(23, 0, 23)),
        ];
        for (policy, primary, expected) in cases {
            assert_eq!(target(&policy, &all, HERE, primary), expected, "{policy:?} {primary}");
        }
    }

    #[test]
    fn a_product_that_nobody_counted_is_left_alone() {
        for all in [levels(&[]), levels(&[("7", -3, false)]), levels(&[("8", 5, true)])] {
            assert_eq!(target(&policy(), &all, HERE, true), Target::Held(Hold::NeverCounted));
        }
    }

    #[test]
    fn the_buffer_is_held_back_and_the_store_is_told_no_less_than_nothing() {
        let hold = NegativePolicy::Hold;
        let cases = [
            (5, 2, NegativePolicy::Zero, pieces(5, 2, 3)),
            (1, 2, NegativePolicy::Zero, pieces(1, 2, 0)),
            (-4, 0, NegativePolicy::Zero, pieces(-4, 0, 0)),
            (1, 2, hold, pieces(1, 2, 0)),
            (-4, 0, hold, Target::Held(Hold::BelowZero)),
            (i64::MIN, 9, NegativePolicy::Zero, pieces(i64::MIN, 9, 0)),
            (i64::MAX, 0, NegativePolicy::Zero, pieces(i64::MAX, 0, QUANTITY_MAX)),
        ];
        for (level, buffer, negative, expected) in cases {
            let policy = InventoryPolicy { buffer, negative, ..policy() };
            let all = levels(&[("default", level, true)]);
            assert_eq!(target(&policy, &all, HERE, true), expected);
        }
    }
}
