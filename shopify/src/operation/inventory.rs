//! How much of what is in stock, and setting it.

use serde::{Deserialize, Serialize};

use super::operation;
use super::shop::Location;

/// Quantities that one call sets, and items that one call asks about. The store takes 250 in a list.
pub const QUANTITIES_MAX: u32 = 100;
/// The quantity that buyers can buy; the store keeps others beside it, for instance what is reserved.
pub const AVAILABLE: &str = "available";
/// Why quantities are set: somebody who knows better says so. One of the store's fixed reasons.
pub const CORRECTION: &str = "correction";

/// The location that sends what is sold online.
#[derive(Debug, Clone, Deserialize)]
pub struct PrimaryLocationData {
    /// The location; none in a shop that has lost its last one.
    pub location: Option<Location>,
}

/// Which items, at which location.
#[derive(Debug, Clone, Serialize)]
pub struct InventoryLevelsVariables {
    /// Global ids of inventory items, at most [`QUANTITIES_MAX`].
    pub ids: Vec<String>,
    /// The location's global id.
    pub location: String,
}

/// The items, in the order in which they were asked for.
#[derive(Debug, Clone, Deserialize)]
pub struct InventoryLevelsData {
    /// None for an item that the store does not have.
    pub nodes: Vec<Option<InventoryItem>>,
}

/// An inventory item with what lies at one location.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InventoryItem {
    /// The global id.
    pub id: String,
    /// Whether the store counts it at all.
    pub tracked: bool,
    /// What lies there; none where the item was never stocked at the location.
    pub inventory_level: Option<InventoryLevel>,
}

/// What lies at a location.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InventoryLevel {
    /// When it last changed.
    pub updated_at: String,
    /// The quantities that were asked for.
    pub quantities: Vec<InventoryQuantity>,
}

/// One of a level's quantities.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct InventoryQuantity {
    /// Which one, for instance [`AVAILABLE`].
    pub name: String,
    /// Pieces.
    pub quantity: i64,
}

/// What to set, and the key under which the store does it once.
#[derive(Debug, Clone, Serialize)]
pub struct InventorySetQuantitiesVariables {
    /// What to set.
    pub input: InventorySetQuantitiesInput,
    /// Not blank; the same key with the same input gives the first result again.
    pub key: String,
}

/// What to set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InventorySetQuantitiesInput {
    /// Which quantity, for instance [`AVAILABLE`].
    pub name: &'static str,
    /// Why, in one of the store's words.
    pub reason: &'static str,
    /// What of ours stands behind it; the merchant sees it in the item's history.
    pub reference_document_uri: Option<String>,
    /// The quantities, at most [`QUANTITIES_MAX`], no item and location twice.
    pub quantities: Vec<QuantityInput>,
}

/// A quantity to set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QuantityInput {
    /// The item's global id.
    pub inventory_item_id: String,
    /// The location's global id.
    pub location_id: String,
    /// Pieces.
    pub quantity: i64,
    /// What the store must have for this to be done. Written as `null` where there is none, which sets the quantity
    /// whatever the store has; to leave the field out is an error.
    pub change_from_quantity: Option<i64>,
}

/// What became of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InventorySetQuantitiesData {
    /// The payload; none beside an error.
    pub inventory_set_quantities: Option<QuantitiesSet>,
}

/// All of the quantities are set, or, where there are errors, none.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuantitiesSet {
    /// What was done; none where nothing was.
    pub inventory_adjustment_group: Option<AdjustmentGroup>,
    /// Why nothing was set.
    #[serde(default)]
    pub user_errors: Vec<QuantityError>,
}

/// What was done together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdjustmentGroup {
    /// When.
    pub created_at: String,
}

/// Why nothing was set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct QuantityError {
    /// The store's code, for instance `CHANGE_FROM_QUANTITY_STALE`.
    #[serde(default)]
    pub code: Option<String>,
    /// The argument that is wrong, as a path: `input`, `quantities`, the place in the list.
    #[serde(default)]
    pub field: Option<Vec<String>>,
    /// What is wrong.
    pub message: String,
}

impl QuantityError {
    /// The place in the list of quantities that it is about; none where it is about all of them.
    pub fn place(&self) -> Option<usize> {
        let path = self.field.as_deref()?;
        let list = path.iter().position(|part| part == "quantities")?;
        path.get(list + 1)?.parse().ok()
    }
}

operation! {
    /// The location that sends what is sold online.
    PrimaryLocation(()) -> PrimaryLocationData, repeatable: true, ["primary_location"]
}
operation! {
    /// What is available of some items at one location.
    InventoryLevels(InventoryLevelsVariables) -> InventoryLevelsData, repeatable: true,
    ["inventory_levels"]
}
operation! {
    /// Sets what is available. Its key makes repeating it harmless.
    InventorySetQuantities(InventorySetQuantitiesVariables) -> InventorySetQuantitiesData,
    repeatable: true, ["inventory_set_quantities"]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_expectation_is_written_as_null() {
        let input = QuantityInput {
            inventory_item_id: "gid://shopify/InventoryItem/1".to_owned(),
            location_id: "gid://shopify/Location/2".to_owned(),
            quantity: 3,
            change_from_quantity: None,
        };
        let written = serde_json::to_value(&input).unwrap_or_default();
        assert_eq!(written.get("changeFromQuantity"), Some(&serde_json::Value::Null));
    }

    #[test]
    fn an_error_names_its_place_in_the_list() {
        let error = |path: &[&str]| QuantityError {
            code: None,
            field: Some(path.iter().map(|part| (*part).to_owned()).collect()),
            message: String::new(),
        };
        assert_eq!(error(&["input", "quantities", "7", "changeFromQuantity"]).place(), Some(7));
        assert_eq!(error(&["input", "reason"]).place(), None);
        assert_eq!(error(&["input", "quantities"]).place(), None);
    }
}
