//! The ledger and its levels, and the links that movements were decided by.

use std::collections::BTreeMap;

use domain::flow::Changes;
use domain::link::LinkOrigin;
use uuid::Uuid;

use super::feed::Numbers;
use super::{each, found_all};
use crate::error::StoreError;
use crate::push::{Wanted, want};
use crate::sql::{Column, Rows, int, text, uuid};
use crate::writer::Txn;

const LINK: &[Column] = &[
    uuid("business_id"),
    int("variant_id"),
    text("pos_product_id"),
    text("origin"),
    int("created_at"),
];
const ASSUMED: &[Column] =
    &[uuid("business_id"), int("variant_id"), text("pos_product_id").or_null()];
const MOVEMENT: &[Column] = &[
    uuid("business_id"),
    uuid("movement_id"),
    text("pos_product_id"),
    text("location"),
    int("quantity"),
    text("reason"),
    int("order_id"),
    int("line_item_id"),
    int("number"),
    int("block"),
    uuid("delivery_id"),
    int("created_at"),
];
const LEVEL: &[Column] = &[
    uuid("business_id"),
    text("pos_product_id"),
    text("location"),
    int("quantity"),
    int("updated_at"),
];

pub(super) async fn write(
    txn: &Txn,
    batches: &[&Changes],
    numbers: &Numbers,
) -> Result<(), StoreError> {
    assumed_links(txn, batches).await?;
    links(txn, batches).await?;
    movements(txn, batches, numbers).await?;
    levels(txn, batches).await?;
    pushes(txn, batches, numbers).await
}

/// What moved or was linked is pushed, where the POS owns stock: in the same transaction, so that nothing is forgotten.
async fn pushes(txn: &Txn, batches: &[&Changes], numbers: &Numbers) -> Result<(), StoreError> {
    for batch in batches.iter().filter(|batch| numbers.pushes(batch.business_id)) {
        let moved = batch.movements.iter().map(|(_, _, movement)| &movement.key.pos_product_id);
        let linked = batch.links.iter().map(|link| &link.pos_product_id);
        let business = batch.business_id.uuid();
        let wanted: Wanted = moved.chain(linked).map(|id| (business, id.clone())).collect();
        want(txn, &wanted, batch.now).await?;
    }
    Ok(())
}

/// A link that somebody made by hand replaces what is there; others are made only where there is none.
async fn links(txn: &Txn, batches: &[&Changes]) -> Result<(), StoreError> {
    let mut manual = Rows::new(LINK);
    let mut found = Rows::new(LINK);
    // The last one counts where a variant stands twice: one statement must not touch a row twice.
    let mut last = BTreeMap::new();
    for (business_id, now, link) in each(batches, |batch| &batch.links) {
        last.insert((business_id, link.origin.as_str(), link.variant_id), (now, link));
    }
    for ((business_id, origin, variant_id), (now, link)) in last {
        let rows = match link.origin {
            LinkOrigin::Manual => &mut manual,
            LinkOrigin::Sku => &mut found,
        };
        rows.push([
            business_id.uuid().into(),
            variant_id.0.into(),
            link.pos_product_id.as_str().into(),
            origin.into(),
            now.millis().into(),
        ]);
    }
    let replace = " ON CONFLICT (business_id, variant_id) DO UPDATE
        SET pos_product_id = excluded.pos_product_id, origin = excluded.origin,
            created_at = excluded.created_at";
    manual.insert(txn.conn(), txn.dialect(), "link", replace).await?;
    found.insert(txn.conn(), txn.dialect(), "link", " ON CONFLICT DO NOTHING").await?;
    Ok(())
}

/// The links must be what the decision took them for. Those that the batches make themselves come after this: whoever
/// makes a link has the orders posted again.
async fn assumed_links(txn: &Txn, batches: &[&Changes]) -> Result<(), StoreError> {
    let mut assumed = BTreeMap::new();
    for (business_id, _, (variant_id, product)) in each(batches, |batch| &batch.assumed_links) {
        let before = assumed.insert((business_id, *variant_id), product);
        if before.is_some_and(|before| before != product) {
            return Err(StoreError::Conflict("two batches relied on different links"));
        }
    }
    let mut rows = Rows::new(ASSUMED);
    for ((business_id, variant_id), product) in assumed {
        rows.push([business_id.uuid().into(), variant_id.0.into(), product.clone().into()]);
    }
    let head = "SELECT count(*) FROM (";
    let tail = ") AS batch LEFT JOIN link ON link.business_id = batch.column1
            AND link.variant_id = batch.column2
        WHERE link.pos_product_id IS DISTINCT FROM batch.column3";
    for row in rows.query(txn.conn(), txn.dialect(), head, tail).await? {
        if row.try_get_by_index::<i64>(0)? > 0 {
            return Err(StoreError::Conflict("a link is not what it was"));
        }
    }
    Ok(())
}

/// Two workers that add the same movement of an order collide here (F3).
async fn movements(txn: &Txn, batches: &[&Changes], numbers: &Numbers) -> Result<(), StoreError> {
    let mut rows = Rows::new(MOVEMENT);
    for (business_id, now, (id, delivery_id, movement)) in each(batches, |batch| &batch.movements) {
        rows.push([
            business_id.uuid().into(),
            id.uuid().into(),
            movement.key.pos_product_id.as_str().into(),
            movement.key.location.as_str().into(),
            movement.quantity.into(),
            "order".into(),
            movement.key.order_id.0.into(),
            movement.key.line_item_id.0.into(),
            movement.number.into(),
            numbers.block(business_id).into(),
            delivery_id.uuid().into(),
            now.millis().into(),
        ]);
    }
    let wanted = rows.len();
    let nothing = " ON CONFLICT DO NOTHING";
    let written = rows.insert(txn.conn(), txn.dialect(), "stock_movement", nothing).await?;
    found_all(written, wanted, "a movement is in the ledger already")
}

/// Adds the movements to the levels: each level once, in one order everywhere.
async fn levels(txn: &Txn, batches: &[&Changes]) -> Result<(), StoreError> {
    let mut sums: BTreeMap<(Uuid, &str, &str), (i64, i64)> = BTreeMap::new();
    for (business_id, now, (_, _, movement)) in each(batches, |batch| &batch.movements) {
        let key = &movement.key;
        let place = (business_id.uuid(), key.pos_product_id.as_str(), key.location.as_str());
        let (sum, at) = sums.entry(place).or_default();
        *sum += movement.quantity;
        *at = (*at).max(now.millis());
    }
    let mut rows = Rows::new(LEVEL);
    for ((business_id, product, location), (sum, at)) in sums {
        rows.push([business_id.into(), product.into(), location.into(), sum.into(), at.into()]);
    }
    let add = " ON CONFLICT (business_id, pos_product_id, location) DO UPDATE
        SET quantity = stock_level.quantity + excluded.quantity, updated_at = excluded.updated_at";
    rows.insert(txn.conn(), txn.dialect(), "stock_level", add).await?;
    Ok(())
}
