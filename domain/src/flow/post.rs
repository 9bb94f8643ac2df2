//! Post: which movements are missing from the ledger (F3).
//!
//! Stock is not moved "when an order arrives". What the order's current version implies is compared with what the
//! ledger holds for it, and the difference is added. Applying any versions any number of times in any order ends in the
//! same ledger.

use std::collections::{BTreeMap, HashMap};

use crate::id::ExternalId;
use crate::link::Links;
use crate::pos::PosOrder;
use crate::refined::{LineItem, Order};
use crate::stock::{EffectKey, Location, NewMovement, Recorded};
use crate::time::Timestamp;

/// What an order does to stock.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Posting {
    /// Pieces by key; negative when goods leave.
    pub effects: BTreeMap<EffectKey, i64>,
    /// Lines that would move stock if their variant were linked, with the variant.
    pub unlinked: Vec<(ExternalId, ExternalId)>,
}

/// What the order's current version implies: sold, less what was removed, less what was restocked, per line and place.
/// `pos` is the mapped order; none where the plugin left the order out, which then moves no stock. Orders from before
/// `cutover_at` are history and move none either.
///
/// The store forgets the variant of a line whose product was deleted; `recorded` then still tells what the line moved.
pub fn implied_effects(
    order: &Order,
    pos: Option<&PosOrder>,
    links: &Links,
    recorded: &BTreeMap<EffectKey, Recorded>,
    cutover_at: Timestamp,
) -> Posting {
    let mut posting = Posting::default();
    let Some(pos) = pos else { return posting };
    if order.created_at < cutover_at {
        return posting;
    }
    let chosen: HashMap<ExternalId, ExternalId> = pos
        .lines
        .iter()
        .filter_map(|line| line.location_id.map(|location| (line.external_id, location)))
        .collect();
    for line in order.line_items.iter().filter(|line| !line.gift_card && !line.tip) {
        let linked = match line.variant_id {
            Some(variant_id) => links.get(&variant_id),
            None => recorded_product(recorded, line.id),
        };
        let Some(pos_product_id) = linked else {
            posting.unlinked.extend(line.variant_id.map(|variant_id| (line.id, variant_id)));
            continue;
        };
        let home = Location::of(chosen.get(&line.id).copied().or(order.location_id));
        for (location, quantity) in effects_of_line(order, line, &home) {
            let key = EffectKey {
                order_id: order.id,
                line_item_id: line.id,
                pos_product_id: pos_product_id.clone(),
                location,
            };
            *posting.effects.entry(key).or_default() += quantity;
        }
    }
    posting
}

/// The product whose stock a line has moved.
fn recorded_product(
    recorded: &BTreeMap<EffectKey, Recorded>,
    line_item_id: ExternalId,
) -> Option<&String> {
    recorded
        .iter()
        .find(|(key, recorded)| key.line_item_id == line_item_id && recorded.quantity != 0)
        .map(|(key, _)| &key.pos_product_id)
}

/// The effects of one line: out of `home`, and back to wherever it was restocked.
fn effects_of_line(order: &Order, line: &LineItem, home: &Location) -> Vec<(Location, i64)> {
    let taken_back: Vec<_> = order
        .refunds
        .iter()
        .flat_map(|refund| &refund.lines)
        .filter(|refunded| refunded.line_item_id == line.id)
        .collect();
    let refunded: i64 = taken_back.iter().map(|refunded| refunded.quantity).sum();
    // An edit that takes unsent pieces off a line shows in its current quantity and, in some sources, as no refund.
    let removed = (line.quantity - line.current_quantity - refunded).max(0);
    let mut effects = vec![(home.clone(), removed - line.quantity)];
    for refunded in taken_back.into_iter().filter(|refunded| refunded.restock.restocks()) {
        let location =
            refunded.location_id.map_or_else(|| home.clone(), |id| Location::of(Some(id)));
        effects.push((location, refunded.quantity));
    }
    effects
}

/// The movements that bring the ledger to what is implied. Keys that are recorded and no longer implied are undone.
pub fn missing_movements(
    implied: &BTreeMap<EffectKey, i64>,
    recorded: &BTreeMap<EffectKey, Recorded>,
) -> Vec<NewMovement> {
    let undone = recorded.keys().filter(|key| !implied.contains_key(key)).map(|key| (key, 0));
    implied
        .iter()
        .map(|(key, quantity)| (key, *quantity))
        .chain(undone)
        .filter_map(|(key, wanted)| {
            let recorded = recorded.get(key).copied().unwrap_or_default();
            let quantity = wanted - recorded.quantity;
            (quantity != 0).then(|| NewMovement {
                key: key.clone(),
                number: recorded.movements,
                quantity,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::flow::sample::{line, order, pos_of, refund};
    use crate::refined::RestockType::{Cancel, NoRestock, Return};

    fn links() -> Links {
        HashMap::from([(ExternalId(71), "tea".to_owned()), (ExternalId(72), "mug".to_owned())])
    }

    /// The pieces that left, by product and place.
    fn effects(order: &Order) -> Vec<(String, String, i64)> {
        implied_effects(order, Some(&pos_of(order)), &links(), &BTreeMap::new(), Timestamp::EPOCH)
            .effects
            .into_iter()
            .map(|(key, n)| (key.pos_product_id, key.location.as_str().to_owned(), n))
            .collect()
    }

    fn gone(product: &str, place: &str, quantity: i64) -> (String, String, i64) {
        (product.to_owned(), place.to_owned(), quantity)
    }

    #[test]
    fn an_order_takes_what_it_sold() {
        let sold = order(vec![line(1, 71, 3), line(2, 72, 1)]);
        assert_eq!(effects(&sold), [gone("tea", "default", -3), gone("mug", "default", -1)]);
    }

    #[test]
    fn restocked_pieces_come_back_where_they_went() {
        let mut sold = order(vec![line(1, 71, 3)]);
        sold.location_id = Some(ExternalId(9));
        sold.line_items[0].current_quantity = 0;
        sold.refunds = vec![
            refund(1, 1, Return, Some(5)),
            refund(1, 1, Cancel, None),
            refund(1, 1, NoRestock, None),
        ];
        assert_eq!(effects(&sold), [gone("tea", "5", 1), gone("tea", "9", -2)]);
    }

    #[test]
    fn a_line_taken_off_by_an_edit_never_left() {
        let mut sold = order(vec![line(1, 71, 3)]);
        sold.line_items[0].current_quantity = 1;
        assert_eq!(effects(&sold), [gone("tea", "default", -1)]);
    }

    #[test]
    fn gift_cards_tips_and_custom_lines_move_nothing() {
        let mut lines = vec![line(1, 71, 1), line(2, 71, 1), line(3, 71, 1)];
        lines[0].gift_card = true;
        lines[1].tip = true;
        lines[2].variant_id = None;
        assert_eq!(effects(&order(lines)), []);
    }

    #[test]
    fn an_unlinked_line_is_listed_and_moves_nothing() {
        let sold = order(vec![line(1, 99, 1)]);
        let posting = implied_effects(
            &sold,
            Some(&pos_of(&sold)),
            &links(),
            &BTreeMap::new(),
            Timestamp::EPOCH,
        );
        assert!(posting.effects.is_empty());
        assert_eq!(posting.unlinked, [(ExternalId(1), ExternalId(99))]);
    }

    #[test]
    fn history_and_orders_left_out_move_nothing() {
        let sold = order(vec![line(1, 71, 1)]);
        let later = sold.created_at + std::time::Duration::from_millis(1);
        let history =
            implied_effects(&sold, Some(&pos_of(&sold)), &links(), &BTreeMap::new(), later);
        let left_out = implied_effects(&sold, None, &links(), &BTreeMap::new(), Timestamp::EPOCH);
        assert_eq!((history, left_out), (Posting::default(), Posting::default()));
    }

    #[test]
    fn a_line_whose_product_was_deleted_keeps_what_it_moved() {
        let sold = order(vec![line(1, 71, 3)]);
        let posting = |order: &Order, recorded: &BTreeMap<EffectKey, Recorded>| {
            implied_effects(order, Some(&pos_of(order)), &links(), recorded, Timestamp::EPOCH)
        };
        let before = posting(&sold, &BTreeMap::new());
        let record = |quantity: &i64| Recorded { quantity: *quantity, movements: 1 };
        let recorded = before.effects.iter().map(|(key, n)| (key.clone(), record(n))).collect();
        let mut forgotten = sold;
        forgotten.line_items[0].variant_id = None;
        assert_eq!(posting(&forgotten, &recorded), before);
    }

    #[test]
    fn the_location_that_the_plugin_chose_comes_first() {
        let mut sold = order(vec![line(1, 71, 1)]);
        sold.location_id = Some(ExternalId(9));
        let mut pos = pos_of(&sold);
        pos.lines[0].location_id = Some(ExternalId(8));
        let posting =
            implied_effects(&sold, Some(&pos), &links(), &BTreeMap::new(), Timestamp::EPOCH);
        let places: Vec<_> = posting.effects.keys().map(|key| key.location.as_str()).collect();
        assert_eq!(places, ["8"]);
    }

    proptest! {
        /// F3: versions applied in any order, each any number of times, end in the ledger of the one applied last.
        #[test]
        fn the_ledger_depends_on_the_last_version_only(
            versions in prop::collection::vec((0_i64..4, 0_i64..4, any::<bool>()), 1..12),
        ) {
            let mut ledger: BTreeMap<EffectKey, Recorded> = BTreeMap::new();
            let mut last = BTreeMap::new();
            for (tea, mugs, linked) in versions {
                let version = order(vec![line(1, 71, tea), line(2, 72, mugs)]);
                let links = if linked { links() } else { Links::new() };
                let pos = pos_of(&version);
                let posting = implied_effects(&version, Some(&pos), &links, &ledger, Timestamp::EPOCH);
                last = posting.effects;
                for movement in missing_movements(&last, &ledger) {
                    let recorded = ledger.entry(movement.key).or_default();
                    prop_assert_eq!(recorded.movements, movement.number);
                    recorded.movements += 1;
                    recorded.quantity += movement.quantity;
                }
                prop_assert_eq!(missing_movements(&last, &ledger), []);
            }
            for (key, recorded) in ledger {
                prop_assert_eq!(recorded.quantity, last.get(&key).copied().unwrap_or(0));
            }
        }
    }
}
