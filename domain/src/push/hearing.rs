//! What the store tells of a level: an echo of our own write, or something that it did by itself (S1.6).

use crate::id::ExternalId;
use crate::time::Timestamp;

/// What the store tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Told {
    /// Of which inventory item.
    pub inventory_item_id: ExternalId,
    /// At which location.
    pub location_id: ExternalId,
    /// Pieces that buyers can buy.
    pub available: i64,
    /// When it came to be so, by the store's clock, which tells seconds.
    pub at: Timestamp,
}

/// What it means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hearing {
    /// We did that, or knew it.
    Echo,
    /// What we know is from after it.
    Stale,
    /// The store did that.
    Changed,
}

/// Tells our own writes from the store's changes: by the quantity and what we wrote, not by time alone. `sending` is what
/// a write under way sets; `known` what the store has by our knowledge, and `known_at` when it last told us of it.
pub fn hear(
    told: &Told,
    sending: Option<i64>,
    known: Option<i64>,
    known_at: Option<Timestamp>,
) -> Hearing {
    if sending == Some(told.available) {
        Hearing::Echo
    } else if known_at.is_some_and(|known_at| told.at < known_at) {
        Hearing::Stale
    } else if known == Some(told.available) {
        Hearing::Echo
    } else {
        Hearing::Changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_is_told_from_a_change() {
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1_000);
        let told = |available, seconds| Told {
            inventory_item_id: ExternalId(1),
            location_id: ExternalId(2),
            available,
            at: at(seconds),
        };
        let cases = [
            ("a write under way", told(5, 10), Some(5), Some(9), Some(at(11)), Hearing::Echo),
            ("our last write", told(5, 10), None, Some(5), None, Hearing::Echo),
            ("an order beside our write", told(3, 10), Some(5), Some(9), None, Hearing::Changed),
            ("a change", told(3, 10), None, Some(5), Some(at(10)), Hearing::Changed),
            ("late news", told(3, 9), None, Some(5), Some(at(10)), Hearing::Stale),
            ("of an item never pushed", told(3, 9), None, None, None, Hearing::Changed),
        ];
        for (what, told, sending, known, known_at, expected) in cases {
            assert_eq!(hear(&told, sending, known, known_at), expected, "{what}");
        }
    }
}
