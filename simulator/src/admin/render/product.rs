//! Products.

use serde_json::{Value, json};

use super::{gid, reference, time};
use crate::model::{Product, Store, Variant};

/// A product with its variants.
pub(in crate::admin) fn product(store: &Store, product: &Product) -> Value {
    let variants: Vec<Value> = product.variants.iter().map(|one| variant(store, one)).collect();
    json!({
        "__typename": "Product",
        "id": gid("Product", product.id),
        "title": product.title,
        "handle": product.handle,
        "vendor": product.vendor,
        "productType": product.product_type,
        "status": product.status.as_str().to_uppercase(),
        "tags": product.tags,
        "createdAt": time(product.created_at),
        "updatedAt": time(product.updated_at),
        "variantsCount": { "__typename": "Count", "count": variants.len(), "precision": "EXACT" },
        "variants": variants,
    })
}

fn variant(store: &Store, variant: &Variant) -> Value {
    json!({
        "__typename": "ProductVariant",
        "id": gid("ProductVariant", variant.id),
        "title": variant.title,
        "sku": variant.sku,
        "barcode": variant.barcode,
        "price": variant.price.to_string(),
        "compareAtPrice": variant.compare_at_price.map(|price| price.to_string()),
        "position": variant.position,
        "inventoryItem": reference("InventoryItem", variant.inventory_item_id),
        "inventoryQuantity": store.available(variant.inventory_item_id),
        "taxable": variant.taxable,
        "updatedAt": time(variant.updated_at),
    })
}
