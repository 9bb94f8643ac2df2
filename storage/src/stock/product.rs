//! The movements of one POS product.
//!
//! Their index begins with the block, because it is written with every order. So it is read block by block: a step goes
//! from one block to the next that exists, and a second one takes the product's movements out of some of them.

use domain::page::PageRequest;
use sea_orm::{ConnectionTrait, FromQueryResult, Order, Value};
use uuid::Uuid;

use crate::entity::stock_movement::Model;
use crate::page::{Sort, id_of, limit_of, order_of};
use crate::{StoreError, Tenant};

/// Blocks that are looked through first: enough for a product that sells.
const BLOCKS_FIRST: i64 = 4;
/// The most blocks that are looked through at a time, for one that does not.
const BLOCKS_MAX: i64 = 256;

/// The next blocks of a business from a given one on.
const BLOCKS: &str = "WITH RECURSIVE blocks (block, step) AS (
        SELECT {first}(m.block), 1 FROM stock_movement m
        WHERE m.business_id = ? AND m.block {from} ?
        UNION ALL
        SELECT (SELECT {first}(m.block) FROM stock_movement m
                WHERE m.business_id = ? AND m.block {beyond} blocks.block), blocks.step + 1
        FROM blocks WHERE blocks.block IS NOT NULL AND blocks.step < ?)
    SELECT block FROM blocks WHERE block IS NOT NULL ORDER BY step";

/// The product's movements in some blocks, beyond a given place.
const MOVEMENTS: &str = "SELECT * FROM stock_movement
    WHERE business_id = ? AND block {in} AND pos_product_id = ?
        AND (block, movement_id) {beyond} (?, ?)
    ORDER BY block {order}, movement_id {order} LIMIT ?";

/// The movements that `request` asks for and one more, in the direction of the request.
pub(super) async fn movements(
    tenant: &Tenant,
    request: &PageRequest,
    product: &str,
) -> Result<Vec<Model>, StoreError> {
    let newest_first = matches!(order_of(request, Sort::NewestFirst), Order::Desc);
    let place = match &request.cursor {
        Some(cursor) => (cursor.key, id_of::<Uuid>(cursor)?),
        None if newest_first => (i64::MAX, Uuid::max()),
        None => (i64::MIN, Uuid::nil()),
    };
    let wanted = limit_of(request) as usize + 1;
    let mut found = Vec::new();
    let mut from = place.0;
    let mut at_a_time = BLOCKS_FIRST;
    while found.len() < wanted {
        let blocks = blocks(tenant, newest_first, from, at_a_time).await?;
        let Some(last) = blocks.last().copied() else { break };
        found.extend(in_blocks(tenant, newest_first, blocks, product, place, wanted).await?);
        let Some(next) = last.checked_add(if newest_first { -1 } else { 1 }) else { break };
        from = next;
        at_a_time = (at_a_time * 4).min(BLOCKS_MAX);
    }
    found.truncate(wanted);
    Ok(found)
}

async fn blocks(
    tenant: &Tenant,
    newest_first: bool,
    from: i64,
    count: i64,
) -> Result<Vec<i64>, StoreError> {
    let (first, beyond) = if newest_first { ("max", "<") } else { ("min", ">") };
    let sql = BLOCKS
        .replace("{first}", first)
        .replace("{from}", &format!("{beyond}="))
        .replace("{beyond}", beyond);
    let business: Value = tenant.business_id().uuid().into();
    let values = [business.clone(), from.into(), business, count.into()];
    let statement = tenant.dialect().statement(&sql, values);
    let rows = tenant.reader().query_all_raw(statement).await?;
    Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
}

async fn in_blocks(
    tenant: &Tenant,
    newest_first: bool,
    blocks: Vec<i64>,
    product: &str,
    place: (i64, Uuid),
    limit: usize,
) -> Result<Vec<Model>, StoreError> {
    let dialect = tenant.dialect();
    let (order, beyond) = if newest_first { ("DESC", "<") } else { ("ASC", ">") };
    let sql = MOVEMENTS
        .replace("{in}", dialect.in_list())
        .replace("{beyond}", beyond)
        .replace("{order}", order);
    let values: [Value; 6] = [
        tenant.business_id().uuid().into(),
        dialect.ints(blocks),
        product.into(),
        place.0.into(),
        place.1.into(),
        i64::try_from(limit).unwrap_or(i64::MAX).into(),
    ];
    let rows = tenant.reader().query_all_raw(dialect.statement(&sql, values)).await?;
    Ok(rows.iter().map(|row| Model::from_query_result(row, "")).collect::<Result<_, _>>()?)
}
