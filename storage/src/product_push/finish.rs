//! What became of product pushes, in their rows and in the requests that they are part of.

use std::collections::BTreeMap;

use domain::activity::{SyncLogEntry, SyncStatus};
use domain::delivery::Failure;
use domain::id::{ExternalId, SyncLogId};
use domain::product_push::{ClaimedProductPush, Listing, ProductPushEnd};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, EntityTrait, Value};
use uuid::Uuid;

use crate::entity::sync_log;
use crate::log;
use crate::writer::Txn;
use crate::{StoreError, Tenant};

/// What was told last stays where nothing new was told.
const FINISH: &str = "
    UPDATE product_push SET state = ?, run_at = ?, attempts = ?, lease_token = NULL, hold = ?,
        failure_code = ?, failure_detail = ?, making = making AND ?,
        product_id = COALESCE(CAST(? AS BIGINT), product_id), listing = COALESCE(CAST(? AS TEXT), listing),
        pushed_at = COALESCE(CAST(? AS BIGINT), pushed_at), updated_at = ?
    WHERE business_id = ? AND connection_id = ? AND pos_product_id = ? AND lease_token = ?";
const MAKING: &str = "
    UPDATE product_push SET making = TRUE
    WHERE business_id = ? AND connection_id = ? AND pos_product_id = ? AND lease_token = ?";
const OPEN: &str = "
    SELECT 1 FROM product_push
    WHERE business_id = ? AND state IN ('ready', 'running') AND sync_log_id = ? LIMIT 1";

/// What a request's entry gains.
#[derive(Default)]
struct Gain {
    processed: u32,
    failed: u32,
    failure: Option<Failure>,
}

impl Tenant {
    /// Notes that the store is about to be asked to make a product, and returns after the commit: whatever becomes of the
    /// answer, the product is brought to its end. Fails with [`StoreError::LostLease`] where somebody else has the push.
    pub async fn begin_product(&self, claimed: &ClaimedProductPush) -> Result<(), StoreError> {
        let values: [Value; 4] = [
            claimed.business_id.uuid().into(),
            claimed.key.connection_id.uuid().into(),
            claimed.key.pos_product_id.as_str().into(),
            claimed.lease.into(),
        ];
        self.write(move |txn| {
            Box::pin(async move {
                let statement = txn.dialect().statement(MAKING, values);
                let noted = txn.conn().execute_raw(statement).await?.rows_affected();
                if noted == 1 { Ok(()) } else { Err(StoreError::LostLease) }
            })
        })
        .await
    }

    /// Writes what became of product pushes, and counts it in the requests that they are part of. Returns the entries
    /// of those requests that have ended with it. A push that somebody else has by now is left to them.
    pub async fn finish_product_pushes(
        &self,
        ends: Vec<(ClaimedProductPush, ProductPushEnd)>,
        now: Timestamp,
    ) -> Result<Vec<SyncLogEntry>, StoreError> {
        let business = self.business_id().uuid();
        let mut ends = ends;
        ends.sort_unstable_by(|(one, _), (other, _)| one.key.cmp(&other.key));
        self.write(move |txn| {
            Box::pin(async move {
                let mut gains: BTreeMap<SyncLogId, Gain> = BTreeMap::new();
                for (claimed, end) in &ends {
                    if finish(txn, claimed, end, now).await? {
                        let gain = gains.entry(claimed.sync_log_id).or_default();
                        match end {
                            ProductPushEnd::Done { .. } | ProductPushEnd::Held(_) => {
                                gain.processed += 1;
                            }
                            ProductPushEnd::Failed(failure) => {
                                gain.failed += 1;
                                gain.failure = Some(failure.clone());
                            }
                            ProductPushEnd::Again { .. } => {}
                        }
                    }
                }
                let mut ended = Vec::new();
                for (id, gain) in gains {
                    ended.extend(count(txn, (business, id), gain, now).await?);
                }
                Ok(ended)
            })
        })
        .await
    }
}

/// Writes one end. Returns whether the row was still ours.
async fn finish(
    txn: &Txn,
    claimed: &ClaimedProductPush,
    end: &ProductPushEnd,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let (mut hold, mut failure): (Option<String>, Option<&Failure>) = (None, None);
    let (mut attempt, mut making, mut product) = (claimed.attempt, true, None);
    let (mut listing, mut pushed_at): (Option<String>, Option<i64>) = (None, None);
    let (state, run_at) = match end {
        ProductPushEnd::Done { listing: shown, product_id, sent } => {
            product = product_id.map(|ExternalId(id)| id);
            making = false;
            if *sent {
                listing = Some(written(shown)?);
                pushed_at = Some(now.millis());
            }
            ("done", now)
        }
        ProductPushEnd::Held(why) => {
            hold = Some(why.as_str().to_owned());
            ("held", now)
        }
        ProductPushEnd::Again { at, failure: why, attempts } => {
            failure = Some(why);
            attempt = *attempts;
            ("ready", *at)
        }
        ProductPushEnd::Failed(why) => {
            failure = Some(why);
            ("failed", now)
        }
    };
    let values: [Value; 15] = [
        state.into(),
        run_at.millis().into(),
        i64::from(attempt).into(),
        hold.into(),
        failure.map(|failure| failure.code.as_str().to_owned()).into(),
        failure.map(|failure| failure.detail.clone()).into(),
        making.into(),
        product.into(),
        listing.into(),
        pushed_at.into(),
        now.millis().into(),
        claimed.business_id.uuid().into(),
        claimed.key.connection_id.uuid().into(),
        claimed.key.pos_product_id.as_str().into(),
        claimed.lease.into(),
    ];
    let statement = txn.dialect().statement(FINISH, values);
    Ok(txn.conn().execute_raw(statement).await?.rows_affected() > 0)
}

fn written(listing: &Listing) -> Result<String, StoreError> {
    let unwritable = |error: serde_json::Error| StoreError::Corrupt {
        table: "product_push",
        detail: error.to_string(),
    };
    serde_json::to_string(listing).map_err(unwritable)
}

/// Counts what a request gained, and ends it where nothing of it is open.
async fn count(
    txn: &Txn,
    (business, id): (Uuid, SyncLogId),
    gain: Gain,
    now: Timestamp,
) -> Result<Option<SyncLogEntry>, StoreError> {
    let row = sync_log::Entity::find_by_id((business, id.uuid())).one(txn.conn()).await?;
    let Some(row) = row else { return Ok(None) };
    let mut entry = log::read_entry(row)?;
    entry.processed = entry.processed.saturating_add(gain.processed);
    entry.failed = entry.failed.saturating_add(gain.failed);
    // The first says why; each product's own reason stands with it.
    entry.error_detail = entry.error_detail.or(gain.failure.map(|failure| failure.to_string()));
    let values = [business.into(), id.uuid().into()];
    let statement = txn.dialect().statement(OPEN, values);
    let ended = txn.conn().query_one_raw(statement).await?.is_none();
    if ended {
        entry.finished_at = Some(now);
        entry.status = match (entry.processed, entry.failed) {
            (_, 0) => SyncStatus::Success,
            (0, _) => SyncStatus::Error,
            _ => SyncStatus::Partial,
        };
    }
    log::put(txn, business, entry.clone()).await?;
    Ok(ended.then_some(entry))
}
