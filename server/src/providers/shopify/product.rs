//! Products: both of the store's shapes into ours.

use domain::delivery::Failure;
use domain::id::ExternalId;
use domain::refined::{Product, ProductStatus, ProductVariant};
use shopify::wire::{Id, Tags, Whole, node, rest};

use super::order::text;
use super::place::Place;

/// From this many variants on, a delivery's list is not believed to be complete.
const COMPLETE_VARIANTS_MAX: usize = 99;
/// Pieces in stock that are believed, either way.
const STOCK_MAX: i64 = 1_000_000_000_000;

/// From a delivery.
pub(super) fn of_rest(product: rest::Product) -> Result<Product, Failure> {
    let body = Place::Body;
    let variants = body.field("variants").each(product.variants, rest_variant)?;
    // All variants are listed by id even where the list of variants is cut off.
    let listed = product.variant_gids.map_or(0, |gids| gids.len());
    let variants_complete = variants.len() <= COMPLETE_VARIANTS_MAX && variants.len() >= listed;
    Ok(Product {
        id: body.field("id").id(product.id)?,
        title: product.title.unwrap_or_default(),
        handle: text(product.handle),
        vendor: text(product.vendor),
        product_type: text(product.product_type),
        status: status(product.status.as_deref()),
        tags: tags(product.tags),
        created_at: body.field("created_at").time(product.created_at.as_deref())?,
        updated_at: body.field("updated_at").required_time(product.updated_at.as_deref())?,
        variants,
        variants_complete,
    })
}

/// From the API.
pub(super) fn of_node(product: node::Product) -> Result<Product, Failure> {
    let body = Place::Body;
    let connection = body.field("variants");
    let cut = product.variants.as_ref().is_some_and(node::Nodes::is_cut);
    let nodes = product.variants.and_then(|variants| variants.nodes);
    let variants = connection.field("nodes").each(nodes, node_variant)?;
    let counted = product.variants_count.and_then(|count| count.count).map_or(0, |count| count.0);
    let counted = usize::try_from(counted).unwrap_or(0);
    let variants_complete = !cut && variants.len() >= counted;
    Ok(Product {
        id: body.field("id").id(product.id)?,
        title: product.title.unwrap_or_default(),
        handle: text(product.handle),
        vendor: text(product.vendor),
        product_type: text(product.product_type),
        status: status(product.status.as_deref()),
        tags: tags(product.tags),
        created_at: body.field("createdAt").time(product.created_at.as_deref())?,
        updated_at: body.field("updatedAt").required_time(product.updated_at.as_deref())?,
        variants,
        variants_complete,
    })
}

fn rest_variant(place: &Place<'_>, variant: rest::Variant) -> Result<ProductVariant, Failure> {
    let price = place.field("price");
    Ok(ProductVariant {
        id: place.field("id").id(variant.id)?,
        title: variant.title.unwrap_or_default(),
        sku: text(variant.sku),
        barcode: text(variant.barcode),
        price: price.required(price.amount(variant.price)?)?,
        compare_at_price: place.field("compare_at_price").amount(variant.compare_at_price)?,
        position: variant.position.map_or(0, |position| position.0),
        inventory_item_id: external(variant.inventory_item_id),
        inventory_quantity: stock(variant.inventory_quantity),
        taxable: variant.taxable.unwrap_or(true),
        updated_at: place.field("updated_at").time(variant.updated_at.as_deref())?,
    })
}

fn node_variant(place: &Place<'_>, variant: node::Variant) -> Result<ProductVariant, Failure> {
    let price = place.field("price");
    Ok(ProductVariant {
        id: place.field("id").id(variant.id)?,
        title: variant.title.unwrap_or_default(),
        sku: text(variant.sku),
        barcode: text(variant.barcode),
        price: price.required(price.amount(variant.price)?)?,
        compare_at_price: place.field("compareAtPrice").amount(variant.compare_at_price)?,
        position: variant.position.map_or(0, |position| position.0),
        inventory_item_id: external(variant.inventory_item.and_then(|item| item.id)),
        inventory_quantity: stock(variant.inventory_quantity),
        taxable: variant.taxable.unwrap_or(true),
        updated_at: place.field("updatedAt").time(variant.updated_at.as_deref())?,
    })
}

/// A product without a status is from before there were any: on sale.
fn status(text: Option<&str>) -> ProductStatus {
    text.map_or(ProductStatus::Active, ProductStatus::parse)
}

pub(super) fn tags(tags: Option<Tags>) -> Vec<String> {
    tags.map(|tags| tags.0).unwrap_or_default()
}

pub(super) fn external(id: Option<Id>) -> Option<ExternalId> {
    id.map(|id| ExternalId(id.0))
}

/// What the store says of stock, if it can be.
fn stock(quantity: Option<Whole>) -> Option<i64> {
    quantity
        .map(|quantity| quantity.0)
        .filter(|quantity| (-STOCK_MAX..=STOCK_MAX).contains(quantity))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use shopify::wire::parse;

    use super::*;

    fn delivered(body: &Value) -> Product {
        of_rest(parse(body.to_string().as_bytes()).unwrap()).unwrap()
    }

    fn rest(variants: usize, listed: usize) -> Value {
        let ids = |count: usize| 1..=i64::try_from(count).unwrap();
        let variants: Vec<_> = ids(variants)
            .map(|id| {
                json!({ "id": id, "title": "Loose", "sku": "TEA-1", "barcode": "", "price": "10.00",
                "compare_at_price": null, "position": id, "inventory_item_id": 70 + id,
                "inventory_quantity": -2, "taxable": true, "updated_at": "2026-11-03T10:00:00-04:00" })
            })
            .collect();
        let gids: Vec<_> = ids(listed)
            .map(|id| json!({ "admin_graphql_api_id": format!("gid://shopify/ProductVariant/{id}") }))
            .collect();
        json!({ "id": 9001, "title": "Tea", "handle": "tea", "vendor": "Leaf", "product_type": "",
            "status": "active", "tags": "green, loose", "created_at": "2026-01-01T00:00:00-05:00",
            "updated_at": "2026-11-03T10:00:00-04:00", "variants": variants, "variant_gids": gids })
    }

    #[test]
    fn both_shapes_of_a_product_are_one() {
        let node = json!({ "id": "gid://shopify/Product/9001", "title": "Tea", "handle": "tea",
            "vendor": "Leaf", "productType": "", "status": "ACTIVE", "tags": ["green", "loose"],
            "createdAt": "2026-01-01T05:00:00Z", "updatedAt": "2026-11-03T14:00:00Z",
            "variantsCount": { "count": 1 }, "variants": { "nodes": [{
                "id": "gid://shopify/ProductVariant/1", "title": "Loose", "sku": "TEA-1", "barcode": null,
                "price": "10.0", "compareAtPrice": null, "position": 1,
                "inventoryItem": { "id": "gid://shopify/InventoryItem/71" }, "inventoryQuantity": -2,
                "taxable": true, "updatedAt": "2026-11-03T14:00:00Z" }] } });
        let polled = of_node(parse(node.to_string().as_bytes()).unwrap()).unwrap();
        assert_eq!(delivered(&rest(1, 1)), polled);
    }

    #[test]
    fn a_cut_list_of_variants_is_not_taken_for_all() {
        for (variants, listed, complete) in
            [(1, 1, true), (1, 2, false), (1, 0, true), (99, 99, true), (100, 100, false)]
        {
            let product = delivered(&rest(variants, listed));
            assert_eq!(product.variants_complete, complete, "{variants} of {listed}");
        }
    }
}
