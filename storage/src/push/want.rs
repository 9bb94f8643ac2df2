//! Wanting: which pushes are due because stock moved, or because somebody asks.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::id::ExternalId;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::{Column, Rows, int, text, uuid};
use crate::writer::Txn;
use crate::{StoreError as Error, Tenant};

/// How long movements gather before they are pushed together.
const GATHERING: Duration = Duration::from_secs(1);
/// Links that one transaction makes due.
const LINKS_MAX: i64 = 500;

const WANTED: &[Column] = &[uuid("business_id"), text("pos_product_id"), int("now"), int("run_at")];

/// A row for each item and location behind a product, where the POS owns stock. Several variants may share an item: one
/// statement must not write a row twice.
const INTO: &str = "INSERT INTO stock_push (business_id, connection_id, inventory_item_id,
        location_id, variant_id, pos_product_id, generation, state, attempts, run_at, is_known,
        updated_at)
    SELECT l.business_id, p.connection_id, v.inventory_item_id, pl.location_id,
        min(l.variant_id), min(l.pos_product_id), 1, 'ready', 0, min(batch.column4), FALSE,
        min(batch.column3)
    FROM (";
const FROM: &str = ") AS batch
        JOIN inventory_policy AS o ON o.business_id = batch.column1 AND o.ownership = 'pos'
        JOIN link AS l ON l.business_id = batch.column1 AND l.pos_product_id = batch.column2
        JOIN shopify_product_variant AS v
            ON v.business_id = l.business_id AND v.variant_id = l.variant_id
        JOIN shopify_product AS p ON p.business_id = v.business_id
            AND p.product_id = v.product_id AND p.removed_at IS NULL
        JOIN push_location AS pl
            ON pl.business_id = p.business_id AND pl.connection_id = p.connection_id
    WHERE v.inventory_item_id IS NOT NULL
    GROUP BY l.business_id, p.connection_id, v.inventory_item_id, pl.location_id
    ON CONFLICT (business_id, connection_id, inventory_item_id, location_id) DO UPDATE SET
        variant_id = excluded.variant_id, pos_product_id = excluded.pos_product_id,
        generation = stock_push.generation + 1, updated_at = excluded.updated_at, hold = NULL,
        state = CASE WHEN stock_push.state = 'running' THEN 'running' ELSE 'ready' END,";
/// What is due already keeps its time, so that pushes are not put off for as long as stock moves.
const MOVED: &str = "
        run_at = CASE WHEN stock_push.state IN ('ready', 'running')
            THEN stock_push.run_at ELSE excluded.run_at END,
        attempts = CASE WHEN stock_push.state IN ('ready', 'running')
            THEN stock_push.attempts ELSE 0 END";
/// Whoever asks wants the store to be asked, and now; a worker that is at it keeps its lease.
const ASKED: &str = "
        is_known = FALSE,
        run_at = CASE WHEN stock_push.state = 'running'
            THEN stock_push.run_at ELSE excluded.run_at END,
        attempts = CASE WHEN stock_push.state = 'running' THEN stock_push.attempts ELSE 0 END";

/// The links of a business, some at a time.
const LINKS: &str = "SELECT l.variant_id, l.pos_product_id FROM link AS l
    WHERE l.business_id = ? AND l.variant_id > ? ORDER BY l.variant_id LIMIT ?";
/// The same of some of the store's products.
const LINKS_OF: &str = "SELECT l.variant_id, l.pos_product_id FROM shopify_product_variant AS v
    JOIN link AS l ON l.business_id = v.business_id AND l.variant_id = v.variant_id
    WHERE v.business_id = ? AND l.variant_id > ? AND v.product_id {in}
    ORDER BY l.variant_id LIMIT ?";

/// POS products whose stock moved, each with its business.
pub(crate) type Wanted = BTreeSet<(Uuid, String)>;

/// Makes the pushes of these products due, in the transaction that moves their stock. Nothing happens where the store
/// owns stock, or is not known well enough to be told.
pub(crate) async fn want(txn: &Txn, products: &Wanted, now: Timestamp) -> Result<u64, StoreError> {
    write(txn, products, now, now + GATHERING, MOVED).await
}

async fn write(
    txn: &Txn,
    products: &Wanted,
    now: Timestamp,
    run_at: Timestamp,
    how: &str,
) -> Result<u64, StoreError> {
    let mut rows = Rows::new(WANTED);
    for (business, product) in products {
        let times = [now.millis().into(), run_at.millis().into()];
        rows.push([(*business).into(), product.as_str().into()].into_iter().chain(times));
    }
    rows.execute(txn.conn(), txn.dialect(), INTO, &format!("{FROM}{how}")).await
}

impl Tenant {
    /// Makes the pushes of everything that is linked due at once, or of the variants of some of the store's products, and
    /// has the store be asked what it has. Returns how many pushes those are.
    pub async fn want_pushes(
        &self,
        products: Option<&[ExternalId]>,
        now: Timestamp,
    ) -> Result<u64, Error> {
        let business = self.business_id().uuid();
        let (mut wanted, mut after) = (0, i64::MIN);
        loop {
            let links = self.links_after(after, products).await?;
            let Some((last, _)) = links.last() else { break };
            after = *last;
            let part: Wanted = links.into_iter().map(|(_, product)| (business, product)).collect();
            wanted += self
                .write(move |txn| Box::pin(async move { write(txn, &part, now, now, ASKED).await }))
                .await?;
        }
        Ok(wanted)
    }

    async fn links_after(
        &self,
        after: i64,
        products: Option<&[ExternalId]>,
    ) -> Result<Vec<(i64, String)>, Error> {
        let dialect = self.dialect();
        let business: Value = self.business_id().uuid().into();
        let statement = match products {
            None => dialect.statement(LINKS, [business, after.into(), LINKS_MAX.into()]),
            Some(products) => {
                let ids = dialect.ints(products.iter().map(|id| id.0));
                let sql = LINKS_OF.replace("{in}", dialect.in_list());
                dialect.statement(&sql, [business, after.into(), ids, LINKS_MAX.into()])
            }
        };
        let rows = self.reader().query_all_raw(statement).await?;
        rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
    }
}
