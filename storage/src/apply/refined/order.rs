//! Orders and their lines.

use domain::flow::{Changes, OrderWrite};
use domain::id::BusinessId;
use domain::refined::LineItem;
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
            text("name"),
            int("number"),
            text("source_name").or_null(),
            truth("test"),
            text("financial_status"),
            text("fulfillment_status").or_null(),
            text("currency"),
            text("subtotal"),
            text("total_tax"),
            text("total"),
            text("current_total"),
            int("customer_id").or_null(),
            int("line_count"),
            int("created_at"),
            int("processed_at").or_null(),
            int("cancelled_at").or_null(),
            int("closed_at").or_null(),
            int("updated_at"),
            text("authority"),
            bytes("body_hash"),
            int("written_at"),
        ]
    };
}

const FIRST: &[Column] = columns!(uuid("business_id"), int("order_id"));
const NEXT: &[Column] = columns!(
    uuid("business_id").key(),
    int("order_id").key(),
    // The version that this one replaces.
    int("updated_at").key(),
    text("authority").key(),
    bytes("body_hash").key()
);
/// Orders with neighbouring numbers whose lines stand together in the index by variant: some pages full.
const ORDERS_PER_BLOCK: i64 = 256;

const ASSUMED: &[Column] = &[
    uuid("business_id"),
    int("order_id"),
    int("updated_at"),
    text("authority"),
    bytes("body_hash"),
];
const REPLACED: &[Column] = &[uuid("business_id"), int("order_id")];
const LINE: &[Column] = &[
    uuid("business_id"),
    int("order_id"),
    int("line_item_id"),
    int("block"),
    int("position"),
    int("product_id").or_null(),
    int("variant_id").or_null(),
    text("sku").or_null(),
    text("title"),
    text("variant_title").or_null(),
    int("quantity"),
    int("current_quantity"),
    text("unit_price"),
    text("discount"),
];

pub(super) async fn write(txn: &Txn, batches: &[&Changes]) -> Result<(), StoreError> {
    let (mut first, mut next) = (Rows::new(FIRST), Rows::new(NEXT));
    let (mut replaced, mut lines) = (Rows::new(REPLACED), Rows::new(LINE));
    for (business_id, now, write) in each(batches, |batch| &batch.orders) {
        let key = [business_id.uuid().into(), write.order.id.0.into()];
        match &write.replaces {
            None => first.push(key.into_iter().chain(content(now, write))),
            Some(version) => {
                replaced.push(key.clone());
                next.push(key.into_iter().chain(expected(version)).chain(content(now, write)));
            }
        }
        for (position, line) in (0..).zip(&write.order.line_items) {
            lines.push(line_values(business_id, write, position, line));
        }
    }
    let (conn, dialect) = (txn.conn(), txn.dialect());

    let wanted = first.len();
    let written = first.insert(conn, dialect, "shopify_order", " ON CONFLICT DO NOTHING").await?;
    found_all(written, wanted, "an order exists already")?;

    let wanted = next.len();
    let found = next.update(conn, dialect, "shopify_order", "removed_at = NULL", "").await?;
    found_all(found, wanted, "an order has another version by now")?;

    // The lines of an order are replaced as a set.
    let head = "DELETE FROM shopify_line_item WHERE (business_id, order_id) IN
        (SELECT column1, column2 FROM (";
    replaced.execute(conn, dialect, head, ") AS batch)").await?;
    lines.insert(conn, dialect, "shopify_line_item", "").await?;
    Ok(())
}

/// The orders must be of the versions that were mapped. Those that the batches write themselves come before this: what
/// one writes, another one of the same group must not post an older version over.
pub(super) async fn assumed(txn: &Txn, batches: &[&Changes]) -> Result<(), StoreError> {
    let mut rows = Rows::new(ASSUMED);
    for (business_id, _, (id, version)) in each(batches, |batch| &batch.assumed_orders) {
        let key = [business_id.uuid().into(), id.0.into()];
        rows.push(key.into_iter().chain(expected(version)));
    }
    let head = "SELECT count(*) FROM (";
    let tail = ") AS batch LEFT JOIN shopify_order AS stored ON stored.business_id = batch.column1
            AND stored.order_id = batch.column2
        WHERE stored.updated_at IS DISTINCT FROM batch.column3
            OR stored.authority IS DISTINCT FROM batch.column4
            OR stored.body_hash IS DISTINCT FROM batch.column5";
    for row in rows.query(txn.conn(), txn.dialect(), head, tail).await? {
        if row.try_get_by_index::<i64>(0)? > 0 {
            return Err(StoreError::Conflict(
                "an order that was mapped has another version by now",
            ));
        }
    }
    Ok(())
}

fn content(now: Timestamp, write: &OrderWrite) -> [Value; 23] {
    let OrderWrite { order, version, .. } = write;
    [
        write.connection_id.uuid().into(),
        write.delivery_id.uuid().into(),
        order.name.as_str().into(),
        order.number.into(),
        order.source_name.clone().into(),
        order.test.into(),
        order.financial_status.as_str().into(),
        order.fulfillment_status.clone().into(),
        order.currency.code().into(),
        order.subtotal.shop.to_string().into(),
        order.total_tax.shop.to_string().into(),
        order.total.shop.to_string().into(),
        order.current_total.shop.to_string().into(),
        order.customer.as_ref().map(|customer| customer.id.0).into(),
        i64::try_from(order.line_items.len()).unwrap_or(i64::MAX).into(),
        order.created_at.millis().into(),
        millis(order.processed_at),
        millis(order.cancelled_at),
        millis(order.closed_at),
        version.updated_at.millis().into(),
        version.authority.as_str().into(),
        version.body_hash.to_vec().into(),
        now.millis().into(),
    ]
}

fn line_values(
    business_id: BusinessId,
    write: &OrderWrite,
    position: i64,
    line: &LineItem,
) -> [Value; 14] {
    [
        business_id.uuid().into(),
        write.order.id.0.into(),
        line.id.0.into(),
        (write.order.number / ORDERS_PER_BLOCK).into(),
        position.into(),
        line.product_id.map(|id| id.0).into(),
        line.variant_id.map(|id| id.0).into(),
        line.sku.clone().into(),
        line.title.as_str().into(),
        line.variant_title.clone().into(),
        line.quantity.into(),
        line.current_quantity.into(),
        line.unit_price.shop.to_string().into(),
        line.discount().shop.to_string().into(),
    ]
}
