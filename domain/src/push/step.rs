//! What is next for one item at one location: the oversell guard (F12).

use std::time::Duration;

use crate::time::Timestamp;

/// How long a change that the store made by itself is left alone before a higher quantity overwrites it. It may be an
/// order whose delivery is still under way: to overwrite it would sell its pieces twice.
pub const SETTLING: Duration = Duration::from_secs(3);

/// What the store has of an item at a location, by our knowledge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    /// Pieces; none where the store has never stocked the item there.
    pub quantity: Option<i64>,
    /// As of when, by the store's clock, where it told.
    pub at: Option<Timestamp>,
    /// When we learned that the store had changed it by itself; none where the quantity is what we had set.
    pub changed_at: Option<Timestamp>,
}

/// What is next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// To ask the store what it has.
    Ask,
    /// Nothing: the store has it.
    Nothing,
    /// To wait: the store has changed the quantity by itself a moment ago.
    Wait {
        /// Until when.
        until: Timestamp,
    },
    /// To set it.
    Set {
        /// Pieces.
        quantity: i64,
        /// What the store has to have for that; none where it has never stocked the item there.
        from: Option<i64>,
    },
}

/// What is next, where the store is to have `quantity`.
///
/// Lowering is always safe and done at once. Raising over a change of the store's own is not: if that change was an
/// order, the ledger will follow soon, and then there may be nothing left to do.
pub fn next_step(quantity: i64, known: Option<Known>, now: Timestamp) -> Step {
    let Some(known) = known else {
        return Step::Ask;
    };
    if known.quantity == Some(quantity) {
        return Step::Nothing;
    }
    let raises = known.quantity.is_some_and(|has| quantity > has);
    let settled_at = known.changed_at.map(|at| at + SETTLING);
    match settled_at {
        Some(until) if raises && until > now => Step::Wait { until },
        _ => Step::Set { quantity, from: known.quantity },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_step_follows_from_what_the_store_has() {
        let at = Timestamp::from_millis;
        let known = |quantity, changed: Option<i64>| {
            let changed_at = changed.map(Timestamp::from_millis);
            Some(Known { quantity, at: None, changed_at })
        };
        let settling = i64::try_from(SETTLING.as_millis()).unwrap();
        let set = |from| Step::Set { quantity: 5, from };
        let cases = [
            ("unknown", None, Step::Ask),
            ("there already", known(Some(5), None), Step::Nothing),
            ("there already, by the store's own doing", known(Some(5), Some(9_000)), Step::Nothing),
            ("ours to raise", known(Some(3), None), set(Some(3))),
            ("never stocked", known(None, None), set(None)),
            ("lowering", known(Some(8), Some(9_999)), set(Some(8))),
            (
                "raising over a fresh change",
                known(Some(3), Some(9_000)),
                Step::Wait { until: at(9_000 + settling) },
            ),
            ("raising over an old one", known(Some(3), Some(10_000 - settling)), set(Some(3))),
        ];
        for (what, known, expected) in cases {
            assert_eq!(next_step(5, known, at(10_000)), expected, "{what}");
        }
    }
}
