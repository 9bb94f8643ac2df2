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
    quantity.map(|quantity| quantity.0).filter(|quantity| (-STOCK_MAX..=STOCK_MAX).contains(quantity))
}
