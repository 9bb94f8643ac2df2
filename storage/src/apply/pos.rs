//! POS orders and their versions.

use domain::flow::{Changes, PosOrderWrite};
use domain::id::BusinessId;
use domain::time::Timestamp;
use sea_orm::Value;

use super::feed::Numbers;
use super::{each, found_all};
use crate::error::StoreError;
use crate::sql::{Column, Rows, bytes, int, text, uuid};
use crate::writer::Txn;

const FIRST: &[Column] = &[
    uuid("business_id"),
    int("external_id"),
    uuid("pos_order_id"),
    int("version"),
    uuid("delivery_id"),
    bytes("source_hash"),
    bytes("document_hash"),
    text("number"),
    text("state"),
    text("currency"),
    text("total"),
    text("refunded_total"),
    int("line_count"),
    int("unlinked_lines"),
    int("mapper_version"),
    int("mapper_config"),
    int("placed_at"),
    int("created_at"),
    int("updated_at"),
];
const NEXT: &[Column] = &[
    uuid("business_id").key(),
    int("external_id").key(),
    uuid("pos_order_id").key(),
    // The version that this one follows.
    int("version").key(),
    int("version"),
    uuid("delivery_id"),
    bytes("source_hash"),
    bytes("document_hash"),
    text("number"),
    text("state"),
    text("currency"),
    text("total"),
    text("refunded_total"),
    int("line_count"),
    int("unlinked_lines"),
    int("mapper_version"),
    int("mapper_config"),
    int("placed_at"),
    int("updated_at"),
];
const SAME: &[Column] = &[
    uuid("business_id").key(),
    int("external_id").key(),
    int("version").key(),
    uuid("delivery_id"),
    bytes("source_hash"),
    int("unlinked_lines"),
    int("mapper_version"),
    int("mapper_config"),
    int("updated_at"),
];
const VERSION: &[Column] = &[
    uuid("business_id"),
    int("external_id"),
    int("version"),
    uuid("delivery_id"),
    uuid("run_id"),
    bytes("source_hash"),
    bytes("document_hash"),
    text("document"),
    int("created_at"),
];
/// The version of a POS order's first document.
const FIRST_VERSION: i64 = 1;

pub(super) async fn write(
    txn: &Txn,
    batches: &[&Changes],
    numbers: &Numbers,
) -> Result<(), StoreError> {
    let (mut first, mut next, mut same) = (Rows::new(FIRST), Rows::new(NEXT), Rows::new(SAME));
    let mut versions = Rows::new(VERSION);
    for (business_id, now, order) in each(batches, |batch| &batch.pos_orders) {
        if !order.changed {
            same.push(same_values(business_id, now, order));
            continue;
        }
        versions.push(version_values(business_id, now, order));
        if order.version == FIRST_VERSION {
            first.push(first_values(business_id, now, order));
        } else {
            next.push(next_values(business_id, now, order));
        }
    }
    let (conn, dialect) = (txn.conn(), txn.dialect());
    let nothing = " ON CONFLICT DO NOTHING";

    let wanted = first.len();
    let written = first.insert(conn, dialect, "pos_order", nothing).await?;
    found_all(written, wanted, "a POS order exists already")?;

    let wanted = next.len() + same.len();
    let found = next.update(conn, dialect, "pos_order", "", "").await?
        + same.update(conn, dialect, "pos_order", "", "").await?;
    found_all(found, wanted, "a POS order has another version by now")?;

    let wanted = versions.len();
    let written = versions.insert(conn, dialect, "pos_order_version", nothing).await?;
    found_all(written, wanted, "a POS order's version exists already")?;
    outbox(txn, batches, numbers).await
}

/// The business's own POS is to have the new versions, where it has one.
async fn outbox(txn: &Txn, batches: &[&Changes], numbers: &Numbers) -> Result<(), StoreError> {
    for batch in batches.iter().filter(|batch| numbers.tells(batch.business_id)) {
        let changed = batch.pos_orders.iter().filter(|order| order.changed);
        let orders: Vec<_> = changed.map(|order| order.external_id).collect();
        if !orders.is_empty() {
            crate::outbox::enqueue(txn, batch.business_id, &orders, batch.now).await?;
        }
    }
    Ok(())
}

fn first_values(business_id: BusinessId, now: Timestamp, order: &PosOrderWrite) -> [Value; 19] {
    [
        business_id.uuid().into(),
        order.external_id.0.into(),
        order.id.uuid().into(),
        order.version.into(),
        order.delivery_id.uuid().into(),
        order.source_hash.to_vec().into(),
        order.document_hash.to_vec().into(),
        order.number.as_str().into(),
        order.state.as_str().into(),
        order.currency.code().into(),
        order.total.to_string().into(),
        order.refunded_total.to_string().into(),
        i64::from(order.line_count).into(),
        i64::from(order.unlinked_lines).into(),
        i64::from(order.mapper.version).into(),
        i64::from(order.mapper.config).into(),
        order.placed_at.millis().into(),
        now.millis().into(),
        now.millis().into(),
    ]
}

fn next_values(business_id: BusinessId, now: Timestamp, order: &PosOrderWrite) -> [Value; 19] {
    [
        business_id.uuid().into(),
        order.external_id.0.into(),
        order.id.uuid().into(),
        (order.version - 1).into(),
        order.version.into(),
        order.delivery_id.uuid().into(),
        order.source_hash.to_vec().into(),
        order.document_hash.to_vec().into(),
        order.number.as_str().into(),
        order.state.as_str().into(),
        order.currency.code().into(),
        order.total.to_string().into(),
        order.refunded_total.to_string().into(),
        i64::from(order.line_count).into(),
        i64::from(order.unlinked_lines).into(),
        i64::from(order.mapper.version).into(),
        i64::from(order.mapper.config).into(),
        order.placed_at.millis().into(),
        now.millis().into(),
    ]
}

fn same_values(business_id: BusinessId, now: Timestamp, order: &PosOrderWrite) -> [Value; 9] {
    [
        business_id.uuid().into(),
        order.external_id.0.into(),
        order.version.into(),
        order.delivery_id.uuid().into(),
        order.source_hash.to_vec().into(),
        i64::from(order.unlinked_lines).into(),
        i64::from(order.mapper.version).into(),
        i64::from(order.mapper.config).into(),
        now.millis().into(),
    ]
}

fn version_values(business_id: BusinessId, now: Timestamp, order: &PosOrderWrite) -> [Value; 9] {
    [
        business_id.uuid().into(),
        order.external_id.0.into(),
        order.version.into(),
        order.delivery_id.uuid().into(),
        order.run_id.uuid().into(),
        order.source_hash.to_vec().into(),
        order.document_hash.to_vec().into(),
        order.document.as_str().into(),
        now.millis().into(),
    ]
}
