//! Products and stock.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::parts::{decimal, gid, time};
use crate::model::{Product, ProductStatus, Store, Variant, minor_digits};

/// The store cuts the list of variants off here; the list of their ids is always whole.
const LISTED_VARIANTS: usize = 100;

pub(super) fn product(store: &Store, product: &Product) -> Value {
    let variants: Vec<Value> = product
        .variants
        .iter()
        .take(LISTED_VARIANTS)
        .map(|item| variant(store, product, item))
        .collect();
    let gids: Vec<Value> = product
        .variants
        .iter()
        .map(|item| {
            json!({
                "admin_graphql_api_id": gid("ProductVariant", item.id),
                "updated_at": item.updated_at.to_rfc3339_opts(SecondsFormat::Millis, true),
            })
        })
        .collect();
    let options: Vec<&str> = product.variants.iter().map(|item| item.title.as_str()).collect();
    let published = product.status == ProductStatus::Active && product.published;
    json!({
        "id": product.id,
        "admin_graphql_api_id": gid("Product", product.id),
        "body_html": null,
        "created_at": time(product.created_at),
        "handle": product.handle,
        "has_variants_that_requires_components": false,
        "image": null,
        "images": [],
        "media": [],
        "options": [{
            "id": product.id,
            "name": if product.variants.len() > 1 { "Size" } else { "Title" },
            "position": 1,
            "product_id": product.id,
            "values": options,
        }],
        "product_type": product.product_type,
        "published_at": published.then(|| time(product.created_at)),
        "published_scope": "web",
        "status": product.status.as_str(),
        "tags": product.tags.join(", "),
        "template_suffix": null,
        "title": product.title,
        "updated_at": time(product.updated_at),
        "variant_gids": gids,
        "variants": variants,
        "vendor": product.vendor,
    })
}

fn variant(store: &Store, product: &Product, variant: &Variant) -> Value {
    let digits = minor_digits(&store.currency);
    let available = store.available(variant.inventory_item_id);
    json!({
        "id": variant.id,
        "admin_graphql_api_id": gid("ProductVariant", variant.id),
        "barcode": variant.barcode,
        "compare_at_price": variant.compare_at_price.map(|price| decimal(price, digits)),
        "created_at": time(variant.created_at),
        "image_id": null,
        "inventory_item_id": variant.inventory_item_id,
        "inventory_policy": "continue",
        "inventory_quantity": available,
        "old_inventory_quantity": available,
        "option1": variant.title,
        "option2": null,
        "option3": null,
        "position": variant.position,
        "price": decimal(variant.price, digits),
        "product_id": product.id,
        "sku": variant.sku,
        "taxable": variant.taxable,
        "title": variant.title,
        "updated_at": time(variant.updated_at),
    })
}

/// An inventory item; of one that is there no longer, its id.
pub(super) fn inventory_item(store: &Store, id: i64) -> Value {
    let found = store
        .products
        .values()
        .flat_map(|product| &product.variants)
        .find(|variant| variant.inventory_item_id == id);
    let Some(variant) = found else {
        return json!({ "id": id, "admin_graphql_api_id": gid("InventoryItem", id) });
    };
    json!({
        "id": id,
        "admin_graphql_api_id": gid("InventoryItem", id),
        "cost": null,
        "country_code_of_origin": null,
        "country_harmonized_system_codes": [],
        "created_at": time(variant.created_at),
        "harmonized_system_code": null,
        "province_code_of_origin": null,
        "requires_shipping": variant.requires_shipping,
        "sku": variant.sku,
        "tracked": variant.tracked,
        "updated_at": time(variant.updated_at),
    })
}

/// The stock of an inventory item at a location; none where it is counted no longer.
pub(super) fn level(store: &Store, item: i64, location: i64) -> Option<Value> {
    let available = store.levels.get(&(item, location))?;
    let id = format!("gid://shopify/InventoryLevel/{location}?inventory_item_id={item}");
    // The time of the level is that of its product, which every movement sets.
    let updated_at = store
        .products
        .values()
        .find(|product| product.variants.iter().any(|variant| variant.inventory_item_id == item))
        .map(|product| time(product.updated_at));
    Some(json!({
        "inventory_item_id": item,
        "location_id": location,
        "available": available,
        "updated_at": updated_at,
        "admin_graphql_api_id": id,
    }))
}
