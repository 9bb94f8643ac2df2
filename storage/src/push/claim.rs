//! Claiming: which pushes a worker gets. Businesses take turns, as in the inbox, and a claim is of one business: what
//! goes to one store goes together.

use std::time::Duration;

use domain::delivery::LeaseToken;
use domain::id::{BusinessId, ConnectionId, ExternalId};
use domain::push::{ClaimedPush, Known, PushKey};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::PUSHES;
use crate::error::StoreError;
use crate::row::time;
use crate::sql::Dialect;
use crate::system::{System, lease_token};
use crate::writer::Txn;

const TAKE: &str = "
    UPDATE stock_push SET state = 'running', attempts = attempts + 1, lease_token = ?, run_at = ?
    WHERE business_id = ? AND (connection_id, inventory_item_id, location_id) IN (
        SELECT o.connection_id, o.inventory_item_id, o.location_id FROM stock_push AS o
        WHERE o.business_id = ? AND o.state IN ('ready', 'running') AND o.run_at <= ?
        ORDER BY o.run_at, o.inventory_item_id LIMIT ?{lock})
    RETURNING connection_id, inventory_item_id, location_id, pos_product_id, generation, attempts,
        is_known, known, known_at, changed_at,
        (SELECT pl.is_primary FROM push_location AS pl
         WHERE pl.business_id = stock_push.business_id
            AND pl.connection_id = stock_push.connection_id
            AND pl.location_id = stock_push.location_id)";

#[derive(Clone)]
struct Claim {
    limit: u32,
    lease: LeaseToken,
    until: Timestamp,
    now: Timestamp,
    after: Uuid,
    /// Businesses that are passed over.
    except: Vec<Uuid>,
}

impl System {
    /// Takes up to `limit` due pushes of one business for `lease`, those whose worker let its lease run out included.
    /// Each counts as an attempt. The next claim goes on with the next business. Some businesses are passed over.
    pub async fn claim_pushes(
        &self,
        limit: u32,
        lease: Duration,
        now: Timestamp,
        except: &[BusinessId],
    ) -> Result<Vec<ClaimedPush>, StoreError> {
        let turn = self.storage().push_turn();
        let after = turn.lock().map_or_else(|_| Uuid::nil(), |turn| *turn);
        let except = except.iter().map(|business| business.uuid()).collect();
        let claim = Claim { limit, lease: lease_token()?, until: now + lease, now, after, except };
        let (claimed, last) = self
            .writer()
            .write(None, move |txn| Box::pin(async move { take_turn(txn, &claim).await }))
            .await?;
        if let Ok(mut turn) = turn.lock() {
            *turn = last;
        }
        Ok(claimed)
    }

    /// When the next push is due, one that a worker holds counting from the end of its lease; none where nothing is
    /// open.
    pub async fn pushes_due_at(&self) -> Result<Option<Timestamp>, StoreError> {
        PUSHES.due_at(self.reader(), self.dialect()).await
    }
}

/// The due pushes of the next business that has any, and that business.
async fn take_turn(txn: &Txn, claim: &Claim) -> Result<(Vec<ClaimedPush>, Uuid), StoreError> {
    let mut after = claim.after;
    // From the last business to the end, and once from the beginning.
    let mut rounds = if after.is_nil() { 1 } else { 2 };
    while rounds > 0 {
        let seen = PUSHES.seek(txn.conn(), txn.dialect(), after).await?;
        let is_due =
            |(id, at): &&(Uuid, i64)| *at <= claim.now.millis() && !claim.except.contains(id);
        for (business, _) in seen.iter().filter(is_due) {
            let taken = take(txn, claim, *business).await?;
            if !taken.is_empty() {
                return Ok((taken, *business));
            }
        }
        if let Some((last, _)) = seen.last() {
            after = *last;
        } else {
            after = Uuid::nil();
            rounds -= 1;
        }
    }
    Ok((Vec::new(), after))
}

async fn take(txn: &Txn, claim: &Claim, business: Uuid) -> Result<Vec<ClaimedPush>, StoreError> {
    let lock = match txn.dialect() {
        Dialect::Sqlite => "",
        // Rows that another process is just taking, or that are just made due, are left.
        Dialect::Postgres => " FOR UPDATE SKIP LOCKED",
    };
    let statement = txn.dialect().statement(
        &TAKE.replace("{lock}", lock),
        [
            claim.lease.into(),
            claim.until.millis().into(),
            business.into(),
            business.into(),
            claim.now.millis().into(),
            i64::from(claim.limit).into(),
        ],
    );
    let rows = txn.conn().query_all_raw(statement).await?;
    rows.iter().map(|row| read(row, business, claim.lease)).collect()
}

fn read(row: &QueryResult, business: Uuid, lease: LeaseToken) -> Result<ClaimedPush, StoreError> {
    let known = Known {
        quantity: row.try_get_by_index(7)?,
        at: row.try_get_by_index::<Option<i64>>(8)?.map(time),
        changed_at: row.try_get_by_index::<Option<i64>>(9)?.map(time),
    };
    let is_known: bool = row.try_get_by_index(6)?;
    Ok(ClaimedPush {
        business_id: BusinessId::from_uuid(business),
        key: PushKey {
            connection_id: ConnectionId::from_uuid(row.try_get_by_index(0)?),
            inventory_item_id: ExternalId(row.try_get_by_index(1)?),
            location_id: ExternalId(row.try_get_by_index(2)?),
        },
        primary: row.try_get_by_index::<Option<bool>>(10)?.unwrap_or_default(),
        pos_product_id: row.try_get_by_index(3)?,
        generation: row.try_get_by_index(4)?,
        known: is_known.then_some(known),
        attempt: u32::try_from(row.try_get_by_index::<i64>(5)?).unwrap_or(u32::MAX),
        lease,
    })
}
