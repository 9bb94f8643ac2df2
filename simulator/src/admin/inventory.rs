//! Inventory items with what is available of them, and setting it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::project::Arguments;
use super::render::{gid, number_of, time};
use crate::change::Change;
use crate::clock;
use crate::idempotency::Standing;
use crate::model::Store;
use crate::state::{Shop, State};

/// Quantities that one call may set.
const QUANTITIES_MAX: usize = 250;
/// The most pieces of an item at a location.
const PIECES_MAX: i64 = 1_000_000_000;
/// The store's reasons for setting a quantity.
const REASONS: [&str; 12] = [
    "correction",
    "cycle_count_available",
    "damaged",
    "movement_canceled",
    "movement_created",
    "movement_received",
    "movement_updated",
    "other",
    "promotion",
    "quality_control",
    "received",
    "restock",
];

/// An inventory item with its level at one location; none where the store has no such item.
pub(super) fn item(store: &Store, id: &str, location: &str) -> Option<Value> {
    let item = number_of("InventoryItem", id)?;
    let product = store.products.get(&store.product_of_item(item)?)?;
    let variant = product.variants.iter().find(|one| one.inventory_item_id == item)?;
    let location = number_of("Location", location);
    let pieces = location.and_then(|location| store.levels.get(&(item, location)));
    let level = pieces.map(|pieces| {
        json!({
            "__typename": "InventoryLevel",
            // Every movement sets the time of the product.
            "updatedAt": time(product.updated_at),
            "quantities": [{
                "__typename": "InventoryQuantity", "name": "available", "quantity": pieces,
            }],
        })
    });
    Some(json!({
        "__typename": "InventoryItem",
        "id": gid("InventoryItem", item),
        "sku": variant.sku,
        "tracked": variant.tracked,
        "inventoryLevel": level,
    }))
}

/// Sets quantities, all of them or none, once for each key. An error comes in the shape of the answer's `errors`.
pub(super) fn set_quantities(
    state: &State,
    shop: &str,
    key: Option<&str>,
    arguments: &Arguments,
) -> Result<Value, Value> {
    let Some(key) = key.filter(|key| !key.trim().is_empty()) else {
        let message =
            "The @idempotent directive is required for this mutation but was not provided.";
        return Err(json!({ "message": message, "extensions": { "code": "BAD_REQUEST" } }));
    };
    let input = arguments.get("input").cloned().unwrap_or_default();
    let wanted = read(&input)?;
    let set = state.change_shop(shop, |shop| set_once(shop, key, &input, &wanted));
    Ok(set.unwrap_or_default())
}

fn set_once(
    shop: &mut Shop,
    key: &str,
    input: &Value,
    wanted: &[Wanted],
) -> (Value, Option<Change>) {
    match shop.keys.standing(key, input) {
        Standing::New => {}
        Standing::Answered(payload) => return (payload, None),
        Standing::Other => {
            let message =
                "The same idempotency key cannot be used with different operation parameters.";
            return (refused(&[error("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", &[], message)]), None);
        }
        Standing::Refused => {
            let message = "A previous request with this idempotency key failed. Retry with a new idempotency key.";
            return (refused(&[error("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", &[], message)]), None);
        }
    }
    let errors = judge(&shop.store, input, wanted);
    if !errors.is_empty() {
        shop.keys.remember(key, input.clone(), None);
        return (refused(&errors), None);
    }
    let quantities: Vec<_> = wanted.iter().filter_map(Wanted::resolved).collect();
    let change = shop.store.set_available(&quantities, clock::now());
    let id = shop.store.take_id();
    let changed = shop.store.products.get(&change.object_id).map(|one| one.updated_at);
    let group = json!({
        "__typename": "InventoryAdjustmentGroup",
        "id": gid("InventoryAdjustmentGroup", id),
        "createdAt": time(changed.unwrap_or_else(clock::now)),
        "reason": input["reason"],
    });
    let payload = payload(&group, &[]);
    shop.keys.remember(key, input.clone(), Some(payload.clone()));
    (payload, Some(change))
}

/// A quantity that somebody wants set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Wanted {
    item: Option<i64>,
    location: Option<i64>,
    quantity: i64,
    /// What is expected to be there; none where that is of no matter.
    expected: Option<i64>,
}

impl Wanted {
    fn resolved(&self) -> Option<(i64, i64, i64)> {
        Some((self.item?, self.location?, self.quantity))
    }
}

/// Reads what the schema has as required, and what the store requires beyond it.
fn read(input: &Value) -> Result<Vec<Wanted>, Value> {
    let list = input["quantities"].as_array().cloned().unwrap_or_default();
    if list.len() > QUANTITIES_MAX {
        let message = format!(
            "The input array size of {} is greater than the maximum allowed of {QUANTITIES_MAX}.",
            list.len()
        );
        return Err(json!({
            "message": message,
            "extensions": { "code": "MAX_INPUT_SIZE_EXCEEDED" },
        }));
    }
    list.iter()
        .map(|one| {
            let text = |name: &str| one[name].as_str().unwrap_or_default();
            let Some(quantity) = one["quantity"].as_i64() else {
                return Err(invalid("quantity"));
            };
            // It may be null, but must be given.
            let Some(expected) = one.get("changeFromQuantity") else {
                return Err(invalid("changeFromQuantity"));
            };
            Ok(Wanted {
                item: number_of("InventoryItem", text("inventoryItemId")),
                location: number_of("Location", text("locationId")),
                quantity,
                expected: expected.as_i64(),
            })
        })
        .collect()
}

fn invalid(field: &str) -> Value {
    json!({
        "message": format!("Variable $input of type InventorySetQuantitiesInput! was provided invalid value for quantities: {field} must be given"),
        "extensions": { "code": "INVALID_VARIABLE" },
    })
}

fn judge(store: &Store, input: &Value, wanted: &[Wanted]) -> Vec<Value> {
    let mut errors = Vec::new();
    if input["name"] != "available" {
        let message = "The quantity name must be either 'available' or 'on_hand'.";
        errors.push(error("INVALID_NAME", &["input", "name"], message));
    }
    if !REASONS.iter().any(|reason| input["reason"] == *reason) {
        let message = "The specified reason is invalid.";
        errors.push(error("INVALID_REASON", &["input", "reason"], message));
    }
    let mut seen = BTreeSet::new();
    for (place, one) in wanted.iter().enumerate() {
        if let Some((code, field, message)) = problem(store, one, &mut seen) {
            let place = place.to_string();
            errors.push(error(code, &["input", "quantities", &place, field], message));
        }
    }
    errors
}

type Problem = (&'static str, &'static str, &'static str);

fn problem(store: &Store, wanted: &Wanted, seen: &mut BTreeSet<(i64, i64)>) -> Option<Problem> {
    let item = wanted.item.filter(|item| store.product_of_item(*item).is_some());
    let Some(item) = item else {
        let message = "The specified inventory item could not be found.";
        return Some(("INVALID_INVENTORY_ITEM", "inventoryItemId", message));
    };
    let is_here = |id: &i64| store.locations.iter().any(|location| location.id == *id);
    let Some(location) = wanted.location.filter(is_here) else {
        let message = "The specified location could not be found.";
        return Some(("INVALID_LOCATION", "locationId", message));
    };
    if !seen.insert((item, location)) {
        let message = "The combination of inventoryItemId and locationId must be unique.";
        return Some(("NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR", "inventoryItemId", message));
    }
    if wanted.quantity < 0 {
        return Some(("INVALID_QUANTITY_NEGATIVE", "quantity", "The quantity can't be negative."));
    }
    if wanted.quantity > PIECES_MAX {
        let message = "The total quantity can't be higher than 1,000,000,000.";
        return Some(("INVALID_QUANTITY_TOO_HIGH", "quantity", message));
    }
    let stored = store.levels.get(&(item, location)).copied().unwrap_or(0);
    let stale = wanted.expected.is_some_and(|expected| expected != stored);
    stale.then_some((
        "CHANGE_FROM_QUANTITY_STALE",
        "changeFromQuantity",
        "The changeFromQuantity value does not match persisted value.",
    ))
}

fn error(code: &str, field: &[&str], message: &str) -> Value {
    json!({
        "__typename": "InventorySetQuantitiesUserError",
        "code": code,
        "field": field,
        "message": message,
    })
}

fn refused(errors: &[Value]) -> Value {
    payload(&Value::Null, errors)
}

fn payload(group: &Value, errors: &[Value]) -> Value {
    json!({
        "__typename": "InventorySetQuantitiesPayload",
        "inventoryAdjustmentGroup": group,
        "userErrors": errors,
    })
}
