//! What a store is asked of its stock, and what it is told.

use domain::id::ExternalId;
use domain::time::Timestamp;

/// Items that one question asks about, and levels that one call sets.
pub(crate) const LEVELS_MAX: u32 = 100;

/// What a store has of an item at a location.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ItemLevel {
    /// It has no such item.
    Gone,
    /// It does not count the item.
    Untracked,
    /// It has never stocked the item there.
    NeverStocked,
    /// Pieces that buyers can buy.
    Pieces {
        /// How many.
        quantity: i64,
        /// Since when, by the store's clock, where it can be read.
        at: Option<Timestamp>,
    },
}

/// A level to set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LevelToSet {
    /// Of which inventory item.
    pub inventory_item_id: ExternalId,
    /// At which location.
    pub location_id: ExternalId,
    /// Pieces that buyers can buy.
    pub quantity: i64,
    /// What the store has to have for it to be set; none where that does not matter.
    pub from: Option<i64>,
}

/// What became of levels to set. All are set, or none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LevelsSet {
    /// All are set.
    Done {
        /// Since when, by the store's clock, where it can be read.
        at: Option<Timestamp>,
    },
    /// None is, because of these.
    Refused(Vec<LevelRefusal>),
}

/// Why levels were not set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LevelRefusal {
    /// The place of the level that it is about; none where it is about all.
    pub place: Option<usize>,
    /// Why.
    pub why: WhyRefused,
}

/// Why a level was not set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WhyRefused {
    /// The store has something else than was expected, or has refused the same call before: it has to be asked.
    Stale,
    /// The same call is being worked on.
    UnderWay,
    /// The store has no such item or location.
    Gone,
    /// Something else, in the store's words.
    Other(String),
}
