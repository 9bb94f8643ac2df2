//! Products that an app makes, changes and publishes.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::project::Arguments;
use super::render::{gid, number_of};
use super::roots::text;
use crate::change::Wanted;
use crate::clock;
use crate::state::State;

/// Where the shop publishes: the online store and the point of sale.
pub(super) const PUBLICATIONS: [i64; 2] = [1, 2];
/// Variants that one call may change.
const VARIANTS_MAX: usize = 250;

/// Makes a product, or brings the one of that handle to what is given. Only products without options are known.
pub(super) fn set(state: &State, shop: &str, arguments: &Arguments) -> Value {
    let (identifier, input) = (arguments.get("identifier"), arguments.get("input"));
    let input = input.cloned().unwrap_or_default();
    let handle = identifier.and_then(|it| it["handle"].as_str()).unwrap_or_default();
    let wanted = match wanted(handle, &input) {
        Ok(wanted) => wanted,
        Err(error) => return json!({ "product": null, "userErrors": [error] }),
    };
    let made = state.change_shop(shop, |shop| {
        let change = shop.store.set_product(wanted, clock::now());
        let product = shop.store.products.get(&change.object_id);
        let rendered = product.map(|product| super::render::product(&shop.store, product));
        (rendered, Some(change))
    });
    json!({ "product": made.flatten(), "userErrors": [] })
}

fn wanted(handle: &str, input: &Value) -> Result<Wanted, Value> {
    let title = input["title"].as_str().unwrap_or_default();
    if title.trim().is_empty() {
        return Err(error("BLANK", &["input", "title"], "Title can't be blank"));
    }
    let variants = input["variants"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ([variant], Some(_)) = (variants, input["productOptions"].as_array()) else {
        let message = "The simulator knows products with one variant and one option only";
        return Err(error("INVALID_INPUT", &["input", "variants"], message));
    };
    let item = &variant["inventoryItem"];
    Ok(Wanted {
        handle: handle.to_owned(),
        title: title.to_owned(),
        sku: item["sku"].as_str().map(str::to_owned),
        price: price(variant, &["input", "variants", "0", "price"])?,
        tracked: item["tracked"].as_bool(),
    })
}

/// Changes variants of one product, all or none.
pub(super) fn update(state: &State, shop: &str, arguments: &Arguments) -> Value {
    let product = number_of("Product", text(arguments, "productId")).unwrap_or_default();
    let variants = arguments.get("variants").and_then(Value::as_array).cloned().unwrap_or_default();
    let done = state.change_shop(shop, |shop| {
        let known = |id: i64| {
            let product = shop.store.products.get(&product);
            product.is_some_and(|product| product.variants.iter().any(|one| one.id == id))
        };
        if !shop.store.products.contains_key(&product) {
            let message = "Product does not exist";
            return (Err(error("PRODUCT_DOES_NOT_EXIST", &["productId"], message)), None);
        }
        match updates(&variants, known) {
            Ok(updates) => (Ok(()), shop.store.update_variants(product, &updates, clock::now())),
            Err(error) => (Err(error), None),
        }
    });
    let errors: Vec<Value> = done.and_then(Result::err).into_iter().collect();
    json!({ "userErrors": errors })
}

fn updates(
    variants: &[Value],
    known: impl Fn(i64) -> bool,
) -> Result<Vec<(i64, Decimal, Option<String>)>, Value> {
    if variants.len() > VARIANTS_MAX {
        return Err(error("INVALID_INPUT", &["variants"], "Too many variants"));
    }
    let update = |(place, variant): (usize, &Value)| {
        let place = place.to_string();
        let id = number_of("ProductVariant", variant["id"].as_str().unwrap_or_default());
        let id = id.filter(|id| known(*id)).ok_or_else(|| {
            let message = "Product variant does not exist";
            error("PRODUCT_VARIANT_DOES_NOT_EXIST", &["variants", &place, "id"], message)
        })?;
        let sku = variant["inventoryItem"]["sku"].as_str().map(str::to_owned);
        Ok((id, price(variant, &["variants", &place, "price"])?, sku))
    };
    variants.iter().enumerate().map(update).collect()
}

fn price(variant: &Value, path: &[&str]) -> Result<Decimal, Value> {
    let price: Option<Decimal> = variant["price"].as_str().and_then(|text| text.parse().ok());
    price
        .filter(|price| !price.is_sign_negative())
        .ok_or_else(|| error("INVALID_INPUT", path, "Price must be greater than or equal to 0"))
}

/// Publishes a product.
pub(super) fn publish(state: &State, shop: &str, arguments: &Arguments) -> Value {
    let product = number_of("Product", text(arguments, "id")).unwrap_or_default();
    let places = arguments.get("input").and_then(Value::as_array).map_or(0, Vec::len);
    let found = state.change_shop(shop, |shop| {
        let found = shop.store.products.contains_key(&product) && places > 0;
        let change = if found { shop.store.publish(product, clock::now()) } else { None };
        (found, change)
    });
    let message = "Product or publication does not exist";
    let errors = match found {
        Some(true) => Vec::new(),
        _ => vec![json!({ "field": ["id"], "message": message })],
    };
    json!({ "userErrors": errors })
}

/// Where the shop publishes.
pub(super) fn publication(id: i64) -> Value {
    json!({ "__typename": "Publication", "id": gid("Publication", id) })
}

fn error(code: &str, field: &[&str], message: &str) -> Value {
    json!({ "code": code, "field": field, "message": message })
}
