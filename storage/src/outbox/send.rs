//! From a new version to the answer of the POS.

use std::time::Duration;

use domain::delivery::{Failure, LeaseToken};
use domain::id::{BusinessId, ExternalId};
use domain::outbox::pause;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use crate::StoreError;
use crate::system::{System, lease_token};
use crate::writer::Txn;

// Only of a business that has an endpoint, and never behind a version that is wanted already.
const ENQUEUE: &str = "
    INSERT INTO outbox (business_id, external_id, wanted_version, sent_version, state, attempts, run_at)
    SELECT p.business_id, p.external_id, p.version, 0, 'ready', 0, {now}
    FROM pos_endpoint AS e JOIN pos_order AS p ON p.business_id = e.business_id
    WHERE e.business_id = ? AND p.external_id {in_list}
    ON CONFLICT (business_id, external_id) DO UPDATE SET
        wanted_version = excluded.wanted_version,
        state = CASE WHEN outbox.state = 'running' THEN 'running' ELSE 'ready' END,
        attempts = CASE WHEN outbox.state = 'running' THEN outbox.attempts ELSE 0 END,
        run_at = CASE WHEN outbox.state = 'running' THEN outbox.run_at ELSE excluded.run_at END";
const DUE: &str = "
    SELECT e.business_id, e.failures FROM pos_endpoint AS e
    WHERE e.paused_until <= ? AND e.gone_at IS NULL AND EXISTS (
        SELECT 1 FROM outbox AS o
        WHERE o.business_id = e.business_id AND o.state IN ('ready', 'running') AND o.run_at <= ?)
    ORDER BY CASE WHEN e.business_id > ? THEN 0 ELSE 1 END, e.business_id LIMIT ?";
// What two instances choose at the same time only one of them gets: the other finds the lease's end.
const CLAIM: &str = "
    UPDATE outbox SET state = 'running', attempts = attempts + 1, run_at = ?, lease_token = ?
    WHERE business_id = ? AND external_id IN (
        SELECT external_id FROM outbox
        WHERE business_id = ? AND state IN ('ready', 'running') AND run_at <= ?
        ORDER BY run_at, external_id LIMIT ?)
    AND state IN ('ready', 'running') AND run_at <= ?
    RETURNING external_id, wanted_version, sent_version, attempts";
const SENT: &str = "
    UPDATE outbox SET sent_version = ?, sent_at = ?, attempts = 0, lease_token = NULL,
        failure_code = NULL, failure_detail = NULL, run_at = ?,
        state = CASE WHEN wanted_version > ? THEN 'ready' ELSE 'sent' END
    WHERE business_id = ? AND external_id = ? AND lease_token = ?";
const FAILED: &str = "
    UPDATE outbox SET state = ?, run_at = ?, failure_code = ?, failure_detail = ?, lease_token = NULL
    WHERE business_id = ? AND external_id = ? AND lease_token = ?";
const ANSWERS: &str =
    "UPDATE pos_endpoint SET failures = 0, paused_until = 0 WHERE business_id = ? AND failures > 0";
const FAILURES: &str = "SELECT failures FROM pos_endpoint WHERE business_id = ?";
const PAUSE: &str = "UPDATE pos_endpoint SET failures = ?, paused_until = ? WHERE business_id = ?";
const GONE: &str = "UPDATE pos_endpoint SET gone_at = ? WHERE business_id = ?";
const NEXT: &str = "
    SELECT min(CASE WHEN n.run_at > n.paused_until THEN n.run_at ELSE n.paused_until END)
    FROM (
        SELECT e.paused_until, (
            SELECT min(o.run_at) FROM outbox AS o
            WHERE o.business_id = e.business_id AND o.state IN ('ready', 'running')) AS run_at
        FROM pos_endpoint AS e WHERE e.gone_at IS NULL) AS n
    WHERE n.run_at IS NOT NULL";

/// A POS order to be sent, held by whoever claimed it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dispatch {
    /// Whose.
    pub business_id: BusinessId,
    /// The store order.
    pub external_id: ExternalId,
    /// The version that the POS is to have; there may be a newer one by now.
    pub wanted_version: i64,
    /// The version that it has taken; 0 where it has none.
    pub sent_version: i64,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// The proof of holding it.
    pub lease: LeaseToken,
}

/// What came of an attempt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Dispatched {
    /// The POS took that version.
    Sent(i64),
    /// To be tried again at that time.
    Again {
        /// When.
        at: Timestamp,
        /// Why.
        failure: Failure,
        /// Whether nothing else is sent to the endpoint for a while either.
        pause: bool,
    },
    /// Given up.
    Dead(Failure),
    /// The endpoint wants nothing ever again.
    Gone(Failure),
}

/// Notes that the POS is to have the newest versions of these orders, if the business has an endpoint. Returns how many
/// it is to have.
pub(crate) async fn enqueue(
    txn: &Txn,
    business: BusinessId,
    orders: &[ExternalId],
    now: Timestamp,
) -> Result<u64, StoreError> {
    let dialect = txn.dialect();
    let sql = ENQUEUE.replace("{in_list}", dialect.in_list()).replace("{now}", "CAST(? AS BIGINT)");
    let values = [
        now.millis().into(),
        business.uuid().into(),
        dialect.ints(orders.iter().map(|order| order.0)),
    ];
    Ok(txn.conn().execute_raw(dialect.statement(&sql, values)).await?.rows_affected())
}

impl System {
    /// Takes POS orders whose time has come, for `lease`: of up to `businesses` businesses, beginning after `turn`, and
    /// up to `orders` of each; of an endpoint that failed last, one. Returns also whose turn was last.
    pub async fn claim_dispatches(
        &self,
        (businesses, orders): (u32, u32),
        turn: BusinessId,
        lease: Duration,
        now: Timestamp,
    ) -> Result<(Vec<Dispatch>, BusinessId), StoreError> {
        let (token, dialect) = (lease_token()?, self.dialect());
        let due = [
            now.millis().into(),
            now.millis().into(),
            turn.uuid().into(),
            i64::from(businesses).into(),
        ];
        // Looked at outside of the writer: mostly there is nothing.
        let due = self.reader().query_all_raw(dialect.statement(DUE, due)).await?;
        if due.is_empty() {
            return Ok((Vec::new(), turn));
        }
        let due: Vec<(Uuid, i64)> = due
            .iter()
            .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
            .collect::<Result<_, StoreError>>()?;
        let last = due.last().map_or(turn, |(business, _)| BusinessId::from_uuid(*business));
        let until = (now + lease).millis();
        let claimed = self
            .writer()
            .write(None, move |txn| {
                Box::pin(async move {
                    let mut claimed = Vec::new();
                    for (business, failures) in due {
                        let limit = if failures > 0 { 1 } else { i64::from(orders) };
                        let values: [Value; 7] = [
                            until.into(),
                            token.into(),
                            business.into(),
                            business.into(),
                            now.millis().into(),
                            limit.into(),
                            now.millis().into(),
                        ];
                        let claim = dialect.statement(CLAIM, values);
                        for row in txn.conn().query_all_raw(claim).await? {
                            let attempt: i64 = row.try_get_by_index(3)?;
                            claimed.push(Dispatch {
                                business_id: BusinessId::from_uuid(business),
                                external_id: ExternalId(row.try_get_by_index(0)?),
                                wanted_version: row.try_get_by_index(1)?,
                                sent_version: row.try_get_by_index(2)?,
                                attempt: u32::try_from(attempt).unwrap_or(u32::MAX),
                                lease: token,
                            });
                        }
                    }
                    Ok(claimed)
                })
            })
            .await?;
        Ok((claimed, last))
    }

    /// Notes what came of an attempt. Where somebody else holds the row by now, nothing is noted.
    pub async fn dispatched(
        &self,
        dispatch: &Dispatch,
        came: Dispatched,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let dispatch = dispatch.clone();
        let business = dispatch.business_id;
        self.writer()
            .write(Some(business), move |txn| {
                Box::pin(async move { note(txn, &dispatch, came, now).await })
            })
            .await
    }

    /// When the next POS order is to be sent; none where nothing waits.
    pub async fn next_dispatch_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let row = self.reader().query_one_raw(self.dialect().statement(NEXT, [])).await?;
        let at: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
        Ok(at.map(Timestamp::from_millis))
    }
}

async fn note(
    txn: &Txn,
    dispatch: &Dispatch,
    came: Dispatched,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (conn, dialect) = (txn.conn(), txn.dialect());
    let business: Value = dispatch.business_id.uuid().into();
    let key = [business.clone(), dispatch.external_id.0.into(), dispatch.lease.into()];
    let failed = |state: &str, at: Timestamp, failure: &Failure| -> Vec<Value> {
        let values: [Value; 4] = [
            state.into(),
            at.millis().into(),
            failure.code.as_str().into(),
            failure.detail.clone().into(),
        ];
        values.into_iter().chain(key.clone()).collect()
    };
    let (sql, values) = match &came {
        Dispatched::Sent(version) => {
            let at = now.millis();
            let values: [Value; 4] = [(*version).into(), at.into(), at.into(), (*version).into()];
            (SENT, values.into_iter().chain(key.clone()).collect())
        }
        Dispatched::Again { at, failure, .. } => (FAILED, failed("ready", *at, failure)),
        Dispatched::Gone(failure) => (FAILED, failed("ready", now, failure)),
        Dispatched::Dead(failure) => (FAILED, failed("dead", now, failure)),
    };
    if conn.execute_raw(dialect.statement(sql, values)).await?.rows_affected() == 0 {
        return Ok(());
    }
    match came {
        Dispatched::Sent(_) => {
            conn.execute_raw(dialect.statement(ANSWERS, [business])).await?;
        }
        Dispatched::Again { pause: true, .. } => {
            let row = conn.query_one_raw(dialect.statement(FAILURES, [business.clone()])).await?;
            let failures: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
            let failures = failures.saturating_add(1);
            let until = now + pause(u32::try_from(failures).unwrap_or(u32::MAX));
            let values = [failures.into(), until.millis().into(), business];
            conn.execute_raw(dialect.statement(PAUSE, values)).await?;
        }
        Dispatched::Gone(_) => {
            conn.execute_raw(dialect.statement(GONE, [now.millis().into(), business])).await?;
        }
        Dispatched::Again { .. } | Dispatched::Dead(_) => {}
    }
    Ok(())
}
