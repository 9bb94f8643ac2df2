//! Claiming: which product pushes a worker gets. Businesses take turns, and a claim is of one business.

use std::time::Duration;

use domain::id::{BusinessId, ConnectionId, SyncLogId};
use domain::product_push::{ClaimedProductPush, Listing, ProductPushKey};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use super::PUSHES;
use crate::StoreError;
use crate::row::{Of, time};
use crate::sql::Dialect;
use crate::system::{System, lease_token};
use crate::writer::Txn;

const PUSH: Of = Of("product_push");

const TAKE: &str = "
    UPDATE product_push SET state = 'running', attempts = attempts + 1, lease_token = ?, run_at = ?
    WHERE business_id = ? AND (connection_id, pos_product_id) IN (
        SELECT o.connection_id, o.pos_product_id FROM product_push AS o
        WHERE o.business_id = ? AND o.state IN ('ready', 'running') AND o.run_at <= ?
        ORDER BY o.run_at, o.pos_product_id LIMIT ?{lock})
    RETURNING connection_id, pos_product_id, sync_log_id, attempts, listing, pushed_at, making";

impl System {
    /// Takes up to `limit` due product pushes of one business for `lease`, the next after `turn` that has any, those whose
    /// worker let its lease run out included. Each counts as an attempt. Some businesses are passed over.
    pub async fn claim_product_pushes(
        &self,
        limit: u32,
        lease: Duration,
        turn: BusinessId,
        now: Timestamp,
        except: &[BusinessId],
    ) -> Result<Vec<ClaimedProductPush>, StoreError> {
        let dialect = self.dialect();
        // Looked at outside of the writer: mostly there is nothing.
        let mut due = self.due_after(turn.uuid(), now, except).await?;
        if due.is_none() && !turn.uuid().is_nil() {
            due = self.due_after(Uuid::nil(), now, except).await?;
        }
        let Some(business) = due else { return Ok(Vec::new()) };
        let token = lease_token()?;
        let values: Vec<Value> = vec![
            token.into(),
            (now + lease).millis().into(),
            business.into(),
            business.into(),
            now.millis().into(),
            i64::from(limit).into(),
        ];
        let rows = self
            .writer()
            .write(None, move |txn| Box::pin(async move { take(txn, dialect, values).await }))
            .await?;
        let read = |row: &QueryResult| read(row, business, token);
        rows.iter().map(read).collect()
    }

    async fn due_after(
        &self,
        after: Uuid,
        now: Timestamp,
        except: &[BusinessId],
    ) -> Result<Option<Uuid>, StoreError> {
        let mut after = after;
        loop {
            let seen = PUSHES.seek(self.reader(), self.dialect(), after).await?;
            let Some((last, _)) = seen.last().copied() else { return Ok(None) };
            let passed = |id: Uuid| except.iter().any(|one| one.uuid() == id);
            let due = seen.into_iter().find(|(id, at)| *at <= now.millis() && !passed(*id));
            if let Some((business, _)) = due {
                return Ok(Some(business));
            }
            after = last;
        }
    }
}

async fn take(
    txn: &Txn,
    dialect: Dialect,
    values: Vec<Value>,
) -> Result<Vec<QueryResult>, StoreError> {
    let lock = match dialect {
        Dialect::Sqlite => "",
        // Rows that another process is just taking, or that are just asked for, are left.
        Dialect::Postgres => " FOR UPDATE SKIP LOCKED",
    };
    let statement = dialect.statement(&TAKE.replace("{lock}", lock), values);
    Ok(txn.conn().query_all_raw(statement).await?)
}

fn read(row: &QueryResult, business: Uuid, lease: i64) -> Result<ClaimedProductPush, StoreError> {
    let listing: Option<String> = row.try_get_by_index(4)?;
    let listing: Option<Listing> =
        listing.map(|listing| PUSH.json("listing", &listing)).transpose()?;
    let pushed_at: Option<i64> = row.try_get_by_index(5)?;
    Ok(ClaimedProductPush {
        business_id: BusinessId::from_uuid(business),
        key: ProductPushKey {
            connection_id: ConnectionId::from_uuid(row.try_get_by_index(0)?),
            pos_product_id: row.try_get_by_index(1)?,
        },
        sync_log_id: SyncLogId::from_uuid(row.try_get_by_index(2)?),
        pushed: listing.zip(pushed_at.map(time)),
        making: row.try_get_by_index(6)?,
        attempt: PUSH.count("attempts", row.try_get_by_index(3)?)?,
        lease,
    })
}
