//! Stock on the store's shelves: counted once, owned by the POS from then on, and the same on both sides in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use simulator::{Books, Simulator, Store};

use super::client::{CallError, Caller};
use super::compare::{Comparison, pos_product_id, quantity_of};

/// Products whose levels one call reads.
const PRODUCTS_AT_ONCE: usize = 100;
/// How often the state of what is under way is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Counts what lies at the shop's primary location, for each POS product that stands for one of its variants, and has the
/// POS own stock from then on. Returns how many products were counted.
pub async fn take_stock(
    caller: &Caller,
    simulator: &Simulator,
    shop: &str,
) -> Result<usize, CallError> {
    let shelves = simulator.read(shop, shelves).unwrap_or_default();
    for (variant, pieces) in &shelves {
        let input = json!({
            "posProductId": pos_product_id(*variant), "quantity": pieces,
        });
        caller.mutate("setStock", input, "").await?;
    }
    caller.mutate("setInventoryPolicy", json!({ "ownership": "POS" }), "").await?;
    Ok(shelves.len())
}

/// What lies at the primary location, by variant.
fn shelves(store: &Store) -> Vec<(i64, i64)> {
    let Some(primary) = store.locations.first().map(|location| location.id) else {
        return Vec::new();
    };
    let goods = store.products.values().filter(|product| !product.gift_card);
    goods
        .flat_map(|product| &product.variants)
        .filter_map(|variant| {
            let pieces = store.levels.get(&(variant.inventory_item_id, primary))?;
            Some((variant.id, *pieces))
        })
        .collect()
}

/// Has the gateway compare its stock with the store's, and waits until it has pushed what differs, or until `deadline`.
pub async fn push_all(caller: &Caller, deadline: Instant) -> Result<(), CallError> {
    let (payload, _) = caller.mutate("syncInventory", json!({}), "syncLogEntry { id }").await?;
    let id = payload["syncLogEntry"]["id"].clone();
    while Instant::now() < deadline {
        let log = caller.all("syncLog", "id status").await?;
        let running = log.iter().any(|entry| entry["id"] == id && entry["status"] == "RUNNING");
        let pushes = caller.all("stockPushes", "state").await?;
        let is_open = |push: &Value| push["state"] == "WAITING" || push["state"] == "RUNNING";
        if !running && !pushes.iter().any(is_open) {
            break;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

/// Where the POS owns stock: compares what buyers can buy with what the ledger has, for each product that was counted and
/// that the store still has. The store's primary location sells what lies there and what lies nowhere in particular.
pub(super) async fn compare_shelves(
    caller: &Caller,
    books: &Books,
    counted: &BTreeSet<String>,
    comparison: &mut Comparison,
) -> Result<(), CallError> {
    let document = "query($businessId: ID!) {
        inventoryPolicy(businessId: $businessId) { ownership buffer } }";
    let policy = caller.call(document, json!({})).await?["inventoryPolicy"].take();
    let Some(primary) = books.primary_location.filter(|_| policy["ownership"] == "POS") else {
        return Ok(());
    };
    let primary = primary.to_string();
    let levels = levels(caller, counted, &primary).await?;
    for (variant, places) in &books.available {
        let product = pos_product_id(*variant);
        let (Some(there), true) = (places.get(&primary), counted.contains(&product)) else {
            continue;
        };
        let level = levels.get(&product).copied().unwrap_or(0);
        let here = (level - quantity_of(&policy["buffer"])).max(0);
        comparison.shelves += 1;
        comparison.store_available += there;
        comparison.pos_available += here;
        if *there != here {
            let difference = format!("{product} on the shelf: {there} there, {here} here");
            comparison.unaccounted.push(difference);
        }
    }
    Ok(())
}

/// What the ledger has for the primary location, by POS product.
async fn levels(
    caller: &Caller,
    products: &BTreeSet<String>,
    primary: &str,
) -> Result<BTreeMap<String, i64>, CallError> {
    let document = "query($businessId: ID!, $ids: [ID!]!) {
        stockLevels(businessId: $businessId, posProductIds: $ids) { posProductId location quantity }
    }";
    let products: Vec<&String> = products.iter().collect();
    let mut levels = BTreeMap::new();
    for part in products.chunks(PRODUCTS_AT_ONCE) {
        let mut answer = caller.call(document, json!({ "ids": part })).await?;
        let Value::Array(rows) = answer["stockLevels"].take() else { continue };
        let counts = |row: &&Value| row["location"] == "default" || row["location"] == primary;
        for row in rows.iter().filter(counts) {
            let product = row["posProductId"].as_str().unwrap_or_default().to_owned();
            *levels.entry(product).or_default() += quantity_of(&row["quantity"]);
        }
    }
    Ok(levels)
}
