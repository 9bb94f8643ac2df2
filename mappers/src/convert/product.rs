//! The product, into the contract.

use bumpalo::Bump;
use domain::refined::{Product, ProductStatus, ProductVariant};

use super::arena::{decimal, id, list, texts, time};
use crate::since_1_1::product_types as types;

/// The product, as the plugin gets it.
pub(crate) fn product<'a>(arena: &'a Bump, from: &'a Product) -> types::Product<'a> {
    types::Product {
        id: id(arena, from.id),
        title: &from.title,
        handle: from.handle.as_deref(),
        vendor: from.vendor.as_deref(),
        product_type: from.product_type.as_deref(),
        status: match from.status {
            ProductStatus::Active => types::ProductStatus::Active,
            ProductStatus::Archived => types::ProductStatus::Archived,
            ProductStatus::Draft => types::ProductStatus::Draft,
            ProductStatus::Unlisted => types::ProductStatus::Unlisted,
            ProductStatus::Other => types::ProductStatus::Other,
        },
        tags: texts(arena, &from.tags),
        created_at: from.created_at.map(|at| time(arena, at)),
        updated_at: time(arena, from.updated_at),
        metafields: &[],
        variants: list(arena, &from.variants, |one| variant(arena, one)),
        variants_complete: from.variants_complete,
    }
}

fn variant<'a>(arena: &'a Bump, from: &'a ProductVariant) -> types::ProductVariant<'a> {
    types::ProductVariant {
        id: id(arena, from.id),
        title: &from.title,
        sku: from.sku.as_deref(),
        barcode: from.barcode.as_deref(),
        price: decimal(arena, from.price),
        compare_at_price: from.compare_at_price.map(|price| decimal(arena, price)),
        position: from.position,
        inventory_item_id: from.inventory_item_id.map(|item| id(arena, item)),
        inventory_quantity: from.inventory_quantity,
        taxable: from.taxable,
        updated_at: from.updated_at.map(|at| time(arena, at)),
        metafields: &[],
    }
}
