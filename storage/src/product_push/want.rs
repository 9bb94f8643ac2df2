//! Asking for products to be pushed.

use domain::activity::SyncLogEntry;
use domain::id::{ConnectionId, SyncLogId};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use crate::log;
use crate::writer::Txn;
use crate::{StoreError, Tenant};

/// Whatever is under way already stays part of the request that it belongs to.
const WANT: &str = "
    INSERT INTO product_push (business_id, connection_id, pos_product_id, sync_log_id, state,
        attempts, run_at, updated_at, making)
    SELECT p.business_id, ?, p.pos_product_id, ?, 'ready',
        0, CAST(? AS BIGINT), CAST(? AS BIGINT), FALSE
    FROM pos_product AS p WHERE p.business_id = ? AND {which}
    ON CONFLICT (business_id, connection_id, pos_product_id) DO UPDATE SET
        sync_log_id = excluded.sync_log_id, state = 'ready', attempts = 0,
        run_at = excluded.run_at, updated_at = excluded.updated_at, hold = NULL,
        failure_code = NULL, failure_detail = NULL
    WHERE product_push.state NOT IN ('ready', 'running')";
const ON_SALE: &str = "p.active";
const UNDER_WAY: &str = "
    SELECT sync_log_id FROM product_push
    WHERE business_id = ? AND state IN ('ready', 'running') AND connection_id = ? LIMIT 1";

/// What came of asking.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WantedProducts {
    /// So many products are to be pushed; the request's entry stands in the sync log.
    Begun(u64),
    /// All of it is under way already, as part of that earlier request.
    Joined(SyncLogId),
    /// There is nothing to push. No entry was written.
    Nothing,
}

impl Tenant {
    /// Asks for products to be pushed to a connection's store, all that are on sale or those of these ids, and opens the
    /// sync log's entry of it. Products that are not in the catalogue are passed over.
    pub async fn want_product_pushes(
        &self,
        connection: ConnectionId,
        products: Option<Vec<String>>,
        entry: SyncLogEntry,
        now: Timestamp,
    ) -> Result<WantedProducts, StoreError> {
        let business = self.business_id().uuid();
        self.write(move |txn| {
            Box::pin(async move {
                let of = (business, connection.uuid());
                let begun = want(txn, of, products, entry.id, now).await?;
                if begun > 0 {
                    log::put(txn, business, entry).await?;
                    return Ok(WantedProducts::Begun(begun));
                }
                let values = [business.into(), connection.uuid().into()];
                let statement = txn.dialect().statement(UNDER_WAY, values);
                let row = txn.conn().query_one_raw(statement).await?;
                let earlier: Option<Uuid> = row.map(|row| row.try_get_by_index(0)).transpose()?;
                let joined = |id| WantedProducts::Joined(SyncLogId::from_uuid(id));
                Ok(earlier.map_or(WantedProducts::Nothing, joined))
            })
        })
        .await
    }
}

async fn want(
    txn: &Txn,
    (business, connection): (Uuid, Uuid),
    products: Option<Vec<String>>,
    entry: SyncLogId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let dialect = txn.dialect();
    let mut values: Vec<Value> = vec![
        connection.into(),
        entry.uuid().into(),
        now.millis().into(),
        now.millis().into(),
        business.into(),
    ];
    let which = match products {
        None => ON_SALE.to_owned(),
        Some(products) => {
            values.push(dialect.texts(products));
            format!("p.pos_product_id {}", dialect.in_list())
        }
    };
    let statement = dialect.statement(&WANT.replace("{which}", &which), values);
    Ok(txn.conn().execute_raw(statement).await?.rows_affected())
}
