//! The raw layer, and what we know of the store.

mod order;
mod product;

use std::collections::BTreeMap;

use domain::flow::Changes;
use domain::refined::{ObjectType, Version};
use domain::time::Timestamp;
use sea_orm::Value;

use super::each;
use crate::error::StoreError;
use crate::sql::{Column, Rows, bytes, int, text, uuid};
use crate::writer::Txn;

pub(super) async fn write(txn: &Txn, batches: &[&Changes]) -> Result<(), StoreError> {
    raw(txn, batches).await?;
    order::write(txn, batches).await?;
    order::assumed(txn, batches).await?;
    product::write(txn, batches).await?;
    removals(txn, batches).await
}

const RAW: &[Column] = &[
    uuid("business_id"),
    uuid("connection_id"),
    bytes("canonical_hash"),
    uuid("delivery_id"),
    text("object_type"),
    int("object_id").or_null(),
    text("source"),
    text("status"),
    text("error").or_null(),
    int("created_at"),
    int("updated_at"),
];

/// A payload that was seen before changes at most from failed to processed or back (S2.8).
async fn raw(txn: &Txn, batches: &[&Changes]) -> Result<(), StoreError> {
    // The last one counts where a payload stands twice: one statement must not touch a row twice.
    let mut last = BTreeMap::new();
    for (business_id, now, raw) in each(batches, |batch| &batch.raw) {
        last.insert((business_id, raw.connection_id, raw.canonical_hash), (now, raw));
    }
    let mut rows = Rows::new(RAW);
    for ((business_id, connection_id, hash), (now, raw)) in last {
        let status = if raw.error.is_some() { "error" } else { "processed" };
        rows.push([
            business_id.uuid().into(),
            connection_id.uuid().into(),
            hash.to_vec().into(),
            raw.delivery_id.uuid().into(),
            raw.object_type.as_str().into(),
            raw.object_id.map(|id| id.0).into(),
            raw.source.as_str().into(),
            status.into(),
            raw.error.clone().into(),
            now.millis().into(),
            now.millis().into(),
        ]);
    }
    let change = " ON CONFLICT (business_id, connection_id, canonical_hash) DO UPDATE
        SET status = excluded.status, error = excluded.error, updated_at = excluded.updated_at
        WHERE shopify_raw_ingest.status <> excluded.status";
    rows.insert(txn.conn(), txn.dialect(), "shopify_raw_ingest", change).await?;
    Ok(())
}

const REMOVED_ORDER: &[Column] =
    &[uuid("business_id").key(), int("order_id").key(), int("removed_at")];
const REMOVED_PRODUCT: &[Column] =
    &[uuid("business_id").key(), int("product_id").key(), int("removed_at")];

/// Marks what the store no longer has; the first mark stays.
async fn removals(txn: &Txn, batches: &[&Changes]) -> Result<(), StoreError> {
    let (mut orders, mut products) = (Rows::new(REMOVED_ORDER), Rows::new(REMOVED_PRODUCT));
    for (business_id, now, removal) in each(batches, |batch| &batch.removals) {
        let rows = match removal.kind {
            ObjectType::Order => &mut orders,
            ObjectType::Product => &mut products,
        };
        rows.push([business_id.uuid().into(), removal.id.0.into(), now.millis().into()]);
    }
    let (conn, dialect) = (txn.conn(), txn.dialect());
    orders.update(conn, dialect, "shopify_order", "", "removed_at IS NULL").await?;
    products.update(conn, dialect, "shopify_product", "", "removed_at IS NULL").await?;
    Ok(())
}

/// The key of an object's row and the version that must stand there.
fn expected(replaces: &Version) -> [Value; 3] {
    [
        replaces.updated_at.millis().into(),
        replaces.authority.as_str().into(),
        replaces.body_hash.to_vec().into(),
    ]
}

fn millis(at: Option<Timestamp>) -> Value {
    at.map(Timestamp::millis).into()
}
