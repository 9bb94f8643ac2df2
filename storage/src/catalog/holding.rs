//! The orders that hold a variant, page by page: of a variant that sells well they are too many for one transaction.

use domain::id::{ConnectionId, ExternalId};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use crate::{StoreError, Tenant};

/// Orders on a page. Each becomes a delivery, in one transaction with those of the other pages that its batch asks for.
pub const HOLDING_ORDERS_MAX: usize = 100;
/// Blocks of the index of lines that are looked through for a page: several thousand orders.
const BLOCKS_MAX: usize = 32;

/// A page of the orders since the cut-over that hold one of some variants.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Holding {
    /// The orders, each with the connection that it came by; at most [`HOLDING_ORDERS_MAX`], perhaps none.
    pub orders: Vec<(ExternalId, ConnectionId)>,
    /// Where the next page begins; none where there is none.
    pub next: Option<String>,
}

/// How the index of lines by variant is walked: it has a row of blocks, and in each block the variants.
const BLOCKS: &str = "WITH RECURSIVE blocks (block, nth) AS ( \
        SELECT min(l.block), 1 FROM shopify_line_item l \
        WHERE l.business_id = ? AND l.variant_id IS NOT NULL AND l.block >= ? \
        UNION ALL \
        SELECT (SELECT min(l.block) FROM shopify_line_item l WHERE l.business_id = ? \
            AND l.variant_id IS NOT NULL AND l.block > blocks.block), blocks.nth + 1 \
        FROM blocks WHERE blocks.block IS NOT NULL AND blocks.nth < ?) \
    SELECT block FROM blocks WHERE block IS NOT NULL ORDER BY block";
const ORDERS: &str = "FROM shopify_line_item l \
    JOIN shopify_order o ON o.business_id = l.business_id AND o.order_id = l.order_id \
    JOIN connection c ON c.business_id = o.business_id AND c.connection_id = o.connection_id \
    WHERE l.business_id = ? AND o.removed_at IS NULL AND o.created_at >= c.cutover_at \
    AND l.variant_id IS NOT NULL";
const PAGE: &str = "ORDER BY l.block, l.order_id LIMIT ?";

impl Tenant {
    /// A page of the orders since the cut-over that hold one of these variants: those whose stock a link of the variant
    /// moves (S0.41). `after` is where the page before said that the next begins.
    pub async fn orders_with_variants(
        &self,
        variants: &[ExternalId],
        after: Option<&str>,
    ) -> Result<Holding, StoreError> {
        let (block, order) = after.map_or(Ok((i64::MIN, i64::MIN)), place)?;
        let blocks = self.blocks_from(block).await?;
        let Some(&last) = blocks.last().filter(|_| !variants.is_empty()) else {
            return Ok(Holding::default());
        };
        let sql = format!(
            "SELECT DISTINCT l.block, l.order_id, o.connection_id {ORDERS} \
             AND l.block {in_list} AND l.variant_id {in_list} \
             AND (l.block > ? OR l.order_id > ?) {PAGE}",
            in_list = self.dialect().in_list(),
        );
        let values = [
            self.business_id().uuid().into(),
            self.dialect().ints(blocks.iter().copied()),
            self.dialect().ints(variants.iter().map(|id| id.0)),
            block.into(),
            order.into(),
            whole(HOLDING_ORDERS_MAX),
        ];
        let rows = self.reader().query_all_raw(self.dialect().statement(&sql, values)).await?;
        let next = match rows.last().filter(|_| rows.len() == HOLDING_ORDERS_MAX) {
            Some(row) => Some((row.try_get_by_index(0)?, row.try_get_by_index(1)?)),
            None if blocks.len() == BLOCKS_MAX => Some((last, i64::MAX)),
            None => None,
        };
        let orders = rows.iter().map(holding).collect::<Result<_, StoreError>>()?;
        Ok(Holding {
            orders,
            next: next.map(|(block, order): (i64, i64)| format!("{block}/{order}")),
        })
    }

    /// How many orders [`Tenant::orders_with_variants`] gives on all pages together.
    pub async fn count_orders_with_variants(
        &self,
        variants: &[ExternalId],
    ) -> Result<u64, StoreError> {
        let mut count = 0;
        if variants.is_empty() {
            return Ok(count);
        }
        let mut from = i64::MIN;
        loop {
            let blocks = self.blocks_from(from).await?;
            let Some(&last) = blocks.last() else { return Ok(count) };
            count += self.count_in(&blocks, variants).await?;
            // A number of a block is far from the largest there is.
            from = last.saturating_add(1);
        }
    }

    async fn count_in(&self, blocks: &[i64], variants: &[ExternalId]) -> Result<u64, StoreError> {
        let sql = format!(
            "SELECT count(DISTINCT l.order_id) {ORDERS} \
             AND l.block {in_list} AND l.variant_id {in_list}",
            in_list = self.dialect().in_list(),
        );
        let values = [
            self.business_id().uuid().into(),
            self.dialect().ints(blocks.iter().copied()),
            self.dialect().ints(variants.iter().map(|id| id.0)),
        ];
        let row = self.reader().query_one_raw(self.dialect().statement(&sql, values)).await?;
        let count = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?;
        Ok(count.unwrap_or_default().unsigned_abs())
    }

    /// The next blocks of the index of lines by variant, at most [`BLOCKS_MAX`].
    async fn blocks_from(&self, block: i64) -> Result<Vec<i64>, StoreError> {
        let business = Value::from(self.business_id().uuid());
        let values = [business.clone(), block.into(), business, whole(BLOCKS_MAX)];
        let rows = self.reader().query_all_raw(self.dialect().statement(BLOCKS, values)).await?;
        rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
    }
}

fn holding(row: &QueryResult) -> Result<(ExternalId, ConnectionId), StoreError> {
    let connection: Uuid = row.try_get_by_index(2)?;
    Ok((ExternalId(row.try_get_by_index(1)?), ConnectionId::from_uuid(connection)))
}

fn place(text: &str) -> Result<(i64, i64), StoreError> {
    let read = |text: &str| {
        let (block, order) = text.split_once('/')?;
        Some((block.parse().ok()?, order.parse().ok()?))
    };
    read(text).ok_or(StoreError::InvalidCursor)
}

fn whole(number: usize) -> Value {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}
