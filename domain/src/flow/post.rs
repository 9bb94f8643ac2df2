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
pub fn implied_effects(
    order: &Order,
    pos: Option<&PosOrder>,
    links: &Links,
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
        let Some(variant_id) = line.variant_id else { continue };
        let Some(pos_product_id) = links.get(&variant_id) else {
            posting.unlinked.push((line.id, variant_id));
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
            (quantity != 0)
                .then(|| NewMovement { key: key.clone(), number: recorded.movements, quantity })
        })
        .collect()
}
