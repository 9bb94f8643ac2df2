//! The stock ledger: movements that are only ever added.

use crate::id::{DeliveryId, ExternalId, MovementId};
use crate::time::Timestamp;

/// Where stock lies: a store location by its number, or [`Location::DEFAULT`] where the store names none.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Location(String);

impl Location {
    /// The name of the place that is meant where the store names none.
    pub const DEFAULT: &'static str = "default";

    /// A place by its name: 1 to 64 characters.
    pub fn named(name: &str) -> Option<Self> {
        let fits = (1..=64).contains(&name.len()) && !name.chars().any(char::is_control);
        fits.then(|| Self(name.to_owned()))
    }

    /// The place of a store location.
    pub fn of(id: Option<ExternalId>) -> Self {
        Self(id.map_or_else(|| Self::DEFAULT.to_owned(), |id| id.to_string()))
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why stock moved.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reason {
    /// An order's current version implies it.
    Order,
    /// Somebody counted.
    Count,
}

impl Reason {
    /// The name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Count => "count",
        }
    }

    /// The reason of that name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Order, Self::Count].into_iter().find(|reason| reason.as_str() == text)
    }
}

/// What an order's line does to stock at one place. The ledger numbers the movements of a key without gaps, so that two
/// workers that both add the next one collide instead of moving stock twice (F3).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EffectKey {
    /// The store order.
    pub order_id: ExternalId,
    /// The order's line.
    pub line_item_id: ExternalId,
    /// The POS product that moved; relinking a line moves it back on the old product and out on the new one.
    pub pos_product_id: String,
    /// Where.
    pub location: Location,
}

/// What the ledger already holds for a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Recorded {
    /// The sum of its movements.
    pub quantity: i64,
    /// How many there are; the next one takes this number.
    pub movements: i64,
}

/// A movement to add for an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewMovement {
    /// Which line's effect.
    pub key: EffectKey,
    /// Its number among the key's movements, from 0.
    pub number: i64,
    /// Pieces: negative when goods leave.
    pub quantity: i64,
}

/// A movement of the ledger.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Movement {
    /// Its id.
    pub id: MovementId,
    /// What moved.
    pub pos_product_id: String,
    /// Where.
    pub location: Location,
    /// Pieces: negative when goods leave.
    pub quantity: i64,
    /// Why.
    pub reason: Reason,
    /// The store order and its line, for [`Reason::Order`].
    pub order: Option<(ExternalId, ExternalId)>,
    /// The delivery that brought the version, for [`Reason::Order`].
    pub delivery_id: Option<DeliveryId>,
    /// When it was recorded.
    pub created_at: Timestamp,
}
