//! Products and their variants.

use domain::flow::{Changes, ProductWrite};
use domain::id::BusinessId;
use domain::refined::ProductVariant;
use domain::time::Timestamp;
use sea_orm::Value;

use super::{expected, millis};
use crate::apply::{each, found_all};
use crate::error::StoreError;
use crate::sql::{Column, Rows, bytes, int, text, truth, uuid};
use crate::writer::Txn;

/// The columns after `$key`, in the order of [`content`].
macro_rules! columns {
    ($($key:expr),+) => {
        &[
            $($key,)+
            uuid("connection_id"),
            uuid("delivery_id"),
            text("title"),
            text("handle").or_null(),
            text("vendor").or_null(),
            text("product_type").or_null(),
            text("status"),
            text("tags"),
            truth("variants_complete"),
            int("created_at").or_null(),
            int("updated_at"),
            text("authority"),
            bytes("body_hash"),
            int("written_at"),
        ]
    };
}

const FIRST: &[Column] = columns!(uuid("business_id"), int("product_id"));
const NEXT: &[Column] = columns!(
    uuid("business_id").key(),
    int("product_id").key(),
    // The version that this one replaces.
    int("updated_at").key(),
    text("authority").key(),
    bytes("body_hash").key()
);
const REPLACED: &[Column] = &[uuid("business_id"), int("product_id")];
const VARIANT: &[Column] = &[
    uuid("business_id"),
    int("product_id"),
    int("variant_id"),
    int("position"),
    text("title"),
    text("sku").or_null(),
    text("barcode").or_null(),
    text("price"),
    text("compare_at_price").or_null(),
    int("inventory_item_id").or_null(),
    int("inventory_quantity").or_null(),
    truth("taxable"),
    int("updated_at").or_null(),
];

pub(super) async fn write(txn: &Txn, batches: &[&Changes]) -> Result<(), StoreError> {
    let (mut first, mut next) = (Rows::new(FIRST), Rows::new(NEXT));
    let (mut replaced, mut variants) = (Rows::new(REPLACED), Rows::new(VARIANT));
    for (business_id, now, write) in each(batches, |batch| &batch.products) {
        let key = [business_id.uuid().into(), write.product.id.0.into()];
        // A source that tells only a part of the variants leaves the others as they are.
        if write.replaces.is_some() && write.product.variants_complete {
            replaced.push(key.clone());
        }
        match &write.replaces {
            None => first.push(key.into_iter().chain(content(now, write))),
            Some(version) => {
                next.push(key.into_iter().chain(expected(version)).chain(content(now, write)));
            }
        }
        for variant in &write.product.variants {
            variants.push(variant_values(business_id, write, variant));
        }
    }
    let (conn, dialect) = (txn.conn(), txn.dialect());

    let wanted = first.len();
    let written = first.insert(conn, dialect, "shopify_product", " ON CONFLICT DO NOTHING").await?;
    found_all(written, wanted, "a product exists already")?;

    let wanted = next.len();
    let found = next.update(conn, dialect, "shopify_product", "removed_at = NULL", "").await?;
    found_all(found, wanted, "a product has another version by now")?;

    let head = "DELETE FROM shopify_product_variant WHERE (business_id, product_id) IN
        (SELECT column1, column2 FROM (";
    replaced.execute(conn, dialect, head, ") AS batch)").await?;
    let newest = " ON CONFLICT (business_id, product_id, variant_id) DO UPDATE
        SET position = excluded.position, title = excluded.title, sku = excluded.sku,
            barcode = excluded.barcode, price = excluded.price,
            compare_at_price = excluded.compare_at_price,
            inventory_item_id = excluded.inventory_item_id,
            inventory_quantity = excluded.inventory_quantity, taxable = excluded.taxable,
            updated_at = excluded.updated_at";
    variants.insert(conn, dialect, "shopify_product_variant", newest).await?;
    Ok(())
}

fn content(now: Timestamp, write: &ProductWrite) -> [Value; 14] {
    let ProductWrite { product, version, .. } = write;
    [
        write.connection_id.uuid().into(),
        write.delivery_id.uuid().into(),
        product.title.as_str().into(),
        product.handle.clone().into(),
        product.vendor.clone().into(),
        product.product_type.clone().into(),
        product.status.as_str().into(),
        serde_json::Value::from(product.tags.clone()).to_string().into(),
        product.variants_complete.into(),
        millis(product.created_at),
        version.updated_at.millis().into(),
        version.authority.as_str().into(),
        version.body_hash.to_vec().into(),
        now.millis().into(),
    ]
}

fn variant_values(
    business_id: BusinessId,
    write: &ProductWrite,
    variant: &ProductVariant,
) -> [Value; 13] {
    [
        business_id.uuid().into(),
        write.product.id.0.into(),
        variant.id.0.into(),
        variant.position.into(),
        variant.title.as_str().into(),
        variant.sku.clone().into(),
        variant.barcode.clone().into(),
        variant.price.to_string().into(),
        variant.compare_at_price.map(|price| price.to_string()).into(),
        variant.inventory_item_id.map(|id| id.0).into(),
        variant.inventory_quantity.into(),
        variant.taxable.into(),
        millis(variant.updated_at),
    ]
}
