//! The POS's catalogue: a product for each variant of the store.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use simulator::{Books, Simulator, Store};

use super::client::{CallError, Caller};
use super::compare::pos_product_id;

/// Products that one call may put.
const PRODUCTS_AT_ONCE: usize = 250;

/// Puts a POS product for each variant of the shop, named after it, and links the two: by their SKU where they have one,
/// else by hand. Returns how many there are.
pub async fn put_catalogue(
    caller: &Caller,
    simulator: &Simulator,
    shop: &str,
) -> Result<usize, CallError> {
    put(caller, &simulator.read(shop, variants).unwrap_or_default()).await
}

/// Puts a POS product for each variant that sold, also for those that came and went while the store lived. Orders that
/// waited for one are posted again; what is linked already stays as it is.
pub async fn complete_catalogue(caller: &Caller, books: &Books) -> Result<usize, CallError> {
    let product = |variant: &i64| {
        let id = pos_product_id(*variant);
        let name = format!("Variant {variant}");
        (*variant, json!({ "id": id, "name": name, "price": "0", "currency": "CAD" }))
    };
    let rows = caller.all("posProducts", "id").await?;
    let known: BTreeSet<&str> = rows.iter().filter_map(|row| row["id"].as_str()).collect();
    let missing = books.moved.keys().filter(|id| !known.contains(pos_product_id(**id).as_str()));
    put(caller, &missing.map(product).collect::<Vec<_>>()).await
}

async fn put(caller: &Caller, variants: &[(i64, Value)]) -> Result<usize, CallError> {
    for part in variants.chunks(PRODUCTS_AT_ONCE) {
        let products: Vec<&Value> = part.iter().map(|(_, product)| product).collect();
        caller.mutate("upsertPosProducts", json!({ "products": products }), "").await?;
    }
    for (variant, _) in variants {
        let input =
            json!({ "variantId": variant.to_string(), "posProductId": pos_product_id(*variant) });
        caller.mutate("linkProduct", input, "").await?;
    }
    Ok(variants.len())
}

fn variants(store: &Store) -> Vec<(i64, Value)> {
    let goods = store.products.values().filter(|product| !product.gift_card);
    goods
        .flat_map(|product| product.variants.iter().map(move |variant| (product, variant)))
        .map(|(product, variant)| {
            let sku = (!variant.sku.is_empty()).then_some(&variant.sku);
            let put = json!({
                "id": pos_product_id(variant.id),
                "sku": sku,
                "name": product.title,
                "price": variant.price.to_string(),
                "currency": store.currency,
            });
            (variant.id, put)
        })
        .collect()
}
