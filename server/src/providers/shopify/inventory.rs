//! Stock: what the store has, and setting it.

use domain::id::ExternalId;
use domain::time::Timestamp;
use shopify::operation::{
    AVAILABLE, CORRECTION, InventoryItem, InventoryLevels, InventoryLevelsVariables,
    InventorySetQuantities, InventorySetQuantitiesInput, InventorySetQuantitiesVariables,
    PrimaryLocation, QuantityError, QuantityInput,
};
use shopify::wire::Id;
use shopify::{Access, Client};

use super::super::{ItemLevel, LevelRefusal, LevelToSet, LevelsSet, ProviderError, WhyRefused};
use super::adapter::{broken, denied, error_of};

/// The location that sends what is sold online.
pub(super) async fn primary_location(
    client: &Client,
    access: &Access,
) -> Result<Option<ExternalId>, ProviderError> {
    let answer = client.execute::<PrimaryLocation>(access, &()).await.map_err(error_of)?;
    let Some(location) = answer.data.location else {
        return Ok(None);
    };
    let id = Id::parse(&location.id).ok_or_else(|| broken("a location without an id"))?;
    Ok(Some(ExternalId(id.0)))
}

/// What the store has of `items`, in their order.
pub(super) async fn levels(
    client: &Client,
    access: &Access,
    location: ExternalId,
    items: &[ExternalId],
) -> Result<Vec<ItemLevel>, ProviderError> {
    let variables = InventoryLevelsVariables {
        ids: items.iter().map(|id| item_gid(*id)).collect(),
        location: location_gid(location),
    };
    let answer = client.execute::<InventoryLevels>(access, &variables).await.map_err(error_of)?;
    if let Some(withheld) = answer.partial.first() {
        return Err(denied(&withheld.message));
    }
    let nodes = answer.data.nodes;
    if nodes.len() != items.len() {
        return Err(broken("an answer for each item was expected"));
    }
    nodes.into_iter().map(level_of).collect()
}

fn level_of(item: Option<InventoryItem>) -> Result<ItemLevel, ProviderError> {
    Ok(match item {
        None => ItemLevel::Gone,
        Some(InventoryItem { tracked: false, .. }) => ItemLevel::Untracked,
        Some(InventoryItem { inventory_level: None, .. }) => ItemLevel::NeverStocked,
        Some(InventoryItem { inventory_level: Some(level), .. }) => {
            let available = level.quantities.iter().find(|one| one.name == AVAILABLE);
            let available = available.ok_or_else(|| broken("a level without its quantity"))?;
            let at = Timestamp::parse(&level.updated_at).ok();
            ItemLevel::Pieces { quantity: available.quantity, at }
        }
    })
}

/// Sets levels, once for each `key`.
pub(super) async fn set(
    client: &Client,
    access: &Access,
    key: &str,
    levels: &[LevelToSet],
) -> Result<LevelsSet, ProviderError> {
    let quantity = |level: &LevelToSet| QuantityInput {
        inventory_item_id: item_gid(level.inventory_item_id),
        location_id: location_gid(level.location_id),
        quantity: level.quantity,
        change_from_quantity: level.from,
    };
    let input = InventorySetQuantitiesInput {
        name: AVAILABLE,
        reason: CORRECTION,
        reference_document_uri: Some(format!("gid://tillgate/StockPush/{key}")),
        quantities: levels.iter().map(quantity).collect(),
    };
    let variables = InventorySetQuantitiesVariables { input, key: key.to_owned() };
    let answer = client.execute::<InventorySetQuantities>(access, &variables).await;
    let set = answer.map_err(error_of)?.data.inventory_set_quantities;
    let set = set.ok_or_else(|| denied("no quantity was set"))?;
    if !set.user_errors.is_empty() {
        return Ok(LevelsSet::Refused(set.user_errors.iter().map(refusal).collect()));
    }
    let group = set.inventory_adjustment_group;
    Ok(LevelsSet::Done { at: group.and_then(|group| Timestamp::parse(&group.created_at).ok()) })
}

fn refusal(error: &QuantityError) -> LevelRefusal {
    let why = match error.code.as_deref() {
        // A call whose refusal was lost on the way is refused again, whatever it was refused for.
        Some("CHANGE_FROM_QUANTITY_STALE" | "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED") => {
            WhyRefused::Stale
        }
        Some("IDEMPOTENCY_CONCURRENT_REQUEST") => WhyRefused::UnderWay,
        Some("INVALID_INVENTORY_ITEM" | "INVALID_LOCATION") => WhyRefused::Gone,
        Some(code) => WhyRefused::Other(format!("{code}: {}", error.message)),
        None => WhyRefused::Other(error.message.clone()),
    };
    LevelRefusal { place: error.place(), why }
}

fn item_gid(id: ExternalId) -> String {
    format!("gid://shopify/InventoryItem/{id}")
}

fn location_gid(id: ExternalId) -> String {
    format!("gid://shopify/Location/{id}")
}
