//! Sums over a business's tables, to be compared with another's books.

use sea_orm::{ConnectionTrait, Value};

use crate::{StoreError, Tenant};

/// What a business's tables add up to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// Orders that the store still has.
    pub orders: u64,
    /// Products that the store still has.
    pub products: u64,
    /// POS orders.
    pub pos_orders: u64,
    /// Lines of the POS orders' newest versions.
    pub order_lines: u64,
    /// Movements in the ledger.
    pub movements: u64,
    /// The sum of all movements.
    pub movement_sum: i64,
    /// The sum of all levels: the same as that of the movements.
    pub stock_sum: i64,
    /// Dead letters.
    pub dead: u64,
    /// Deliveries that wait or are being worked on.
    pub ready: u64,
}

const TOTALS: &str = "SELECT \
    (SELECT COUNT(*) FROM shopify_order WHERE business_id = ? AND removed_at IS NULL), \
    (SELECT COUNT(*) FROM shopify_product WHERE business_id = ? AND removed_at IS NULL), \
    (SELECT COUNT(*) FROM pos_order WHERE business_id = ?), \
    (SELECT CAST(COALESCE(SUM(line_count), 0) AS BIGINT) FROM pos_order WHERE business_id = ?), \
    (SELECT COUNT(*) FROM stock_movement WHERE business_id = ?), \
    (SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM stock_movement WHERE business_id = ?), \
    (SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM stock_level WHERE business_id = ?), \
    (SELECT COUNT(*) FROM inbox WHERE business_id = ? AND state = 'dead'), \
    (SELECT COUNT(*) FROM inbox WHERE business_id = ? AND state IN ('ready', 'running'))";

impl Tenant {
    /// Counts everything: for a summary or a test, not for a page.
    pub async fn totals(&self) -> Result<Totals, StoreError> {
        let business: Value = self.business_id().uuid().into();
        let values = vec![business; 9];
        let row = self.reader().query_one_raw(self.dialect().statement(TOTALS, values)).await?;
        let Some(row) = row else {
            return Ok(Totals::default());
        };
        let count = |index| row.try_get_by_index::<i64>(index).map(i64::unsigned_abs);
        Ok(Totals {
            orders: count(0)?,
            products: count(1)?,
            pos_orders: count(2)?,
            order_lines: count(3)?,
            movements: count(4)?,
            movement_sum: row.try_get_by_index(5)?,
            stock_sum: row.try_get_by_index(6)?,
            dead: count(7)?,
            ready: count(8)?,
        })
    }
}
