//! One page of the store's list beside what is held.

use std::collections::{BTreeMap, HashSet};

use super::drift::DriftKind;
use super::window::Window;
use crate::code::Code;
use crate::delivery::Failure;
use crate::id::{DeliveryId, ExternalId};
use crate::time::Timestamp;

/// An object of the store, as its list tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    /// Its id.
    pub id: ExternalId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// An object as it is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Held {
    /// Its id.
    pub id: ExternalId,
    /// When it was made; none where no body told.
    pub created_at: Option<Timestamp>,
    /// The time of the version that is held.
    pub updated_at: Timestamp,
    /// The delivery that brought that version.
    pub delivery_id: DeliveryId,
    /// Whether the store said that it is gone.
    pub removed: bool,
}

/// Refuses a page that does not go on where the one before ended, id by id: what is left out of such a list proves
/// nothing.
pub fn check_order(after: Option<ExternalId>, page: &[Head]) -> Result<(), Failure> {
    let mut last = after;
    for head in page {
        if last.is_some_and(|last| head.id <= last) {
            let detail = "the store's list is not in the order of its ids";
            return Err(Failure::new(Code::UpstreamUnavailable, detail));
        }
        last = Some(head.id);
    }
    Ok(())
}

/// What of a page is not here, or here in an older version. What is on its way does not count.
pub fn compare(
    window: &Window,
    page: &[Head],
    held: &BTreeMap<ExternalId, Held>,
) -> Vec<(DriftKind, Head)> {
    let settled = page.iter().filter(|head| window.is_settled(head.updated_at));
    let judged = settled.filter_map(|head| match held.get(&head.id) {
        None => Some((DriftKind::Missing, *head)),
        Some(held) if held.updated_at < head.updated_at => Some((DriftKind::Stale, *head)),
        Some(_) => None,
    });
    judged.collect()
}

/// What is held of the ids that a page spans and should have stood in it. That alone proves nothing.
pub fn unseen(window: &Window, page: &[Head], held: &[Held]) -> Vec<Held> {
    let listed: HashSet<ExternalId> = page.iter().map(|head| head.id).collect();
    let missed = held.iter().filter(|held| {
        let must = held.created_at.is_some_and(|created_at| window.must_list(created_at));
        must && !held.removed && !listed.contains(&held.id)
    });
    missed.copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1_000)
    }

    fn head(id: i64, updated: i64) -> Head {
        Head { id: ExternalId(id), created_at: at(1), updated_at: at(updated) }
    }

    fn held(id: i64, updated: i64) -> Held {
        let delivery_id = DeliveryId::new(at(updated), &[0; 10]);
        let created_at = Some(at(1));
        Held {
            id: ExternalId(id),
            created_at,
            updated_at: at(updated),
            delivery_id,
            removed: false,
        }
    }

    const WINDOW: Window = Window { from: None, until: Timestamp::from_millis(100_000) };

    #[test]
    fn what_is_missing_or_old_is_drift_and_what_is_on_its_way_is_not() {
        let page = [head(1, 10), head(2, 11), head(3, 10), head(4, 100), head(5, 99), head(6, 101)];
        let here: BTreeMap<_, _> =
            [held(1, 10), held(2, 10), held(3, 12), held(6, 50)].map(|it| (it.id, it)).into();
        let found: Vec<_> =
            compare(&WINDOW, &page, &here).into_iter().map(|(kind, it)| (kind, it.id.0)).collect();
        assert_eq!(found, [(DriftKind::Stale, 2), (DriftKind::Missing, 5)]);
    }

    #[test]
    fn only_what_must_be_listed_can_be_unseen() {
        let window = Window { from: Some(at(1)), ..WINDOW };
        let old = Held { created_at: Some(at(0)), ..held(2, 10) };
        let new = Held { created_at: Some(at(100)), ..held(3, 10) };
        let untold = Held { created_at: None, ..held(4, 10) };
        let removed = Held { removed: true, ..held(5, 10) };
        let all = [held(1, 10), old, new, untold, removed, held(6, 10)];
        let missed = unseen(&window, &[head(1, 10)], &all);
        assert_eq!(missed.iter().map(|held| held.id.0).collect::<Vec<_>>(), [6]);
    }

    #[test]
    fn a_list_out_of_order_is_refused() {
        let after = Some(ExternalId(3));
        assert!(check_order(after, &[head(4, 1), head(9, 1)]).is_ok());
        assert!(check_order(after, &[head(3, 1)]).is_err());
        assert!(check_order(None, &[head(4, 1), head(4, 1)]).is_err());
    }
}
