//! Claiming: which deliveries a worker gets.
//!
//! Businesses take turns. A claim goes on after the business that the last one ended with, looks at a limited number of
//! businesses that have open deliveries, and takes the same share of each as far as it has one. The work for a claim so
//! depends on what it takes and not on how much waits: open deliveries have an index of their own by business and time,
//! in which finding the next business is one step.

use domain::activity::{ActivityKind, NewActivity};
use domain::code::Code;
use domain::delivery::{ATTEMPTS_MAX, LeaseToken};
use domain::id::{BusinessId, DeliveryId};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::{Column, Dialect, Rows, int, uuid};
use crate::turn::Queue;
use crate::writer::Txn;

const INBOX: Queue = Queue("inbox");

/// Takes due deliveries of some businesses, the first of each before the second of any.
const TAKE_SQLITE: &str = "
    UPDATE inbox SET state = 'running', attempts = attempts + 1, lease_token = ?, run_at = ?
    FROM (
        SELECT i.business_id, i.delivery_id
        FROM (SELECT unhex(value) AS business_id FROM json_each(?)) AS tenant
        CROSS JOIN inbox AS i ON i.business_id = tenant.business_id AND i.delivery_id IN (
            SELECT o.delivery_id FROM inbox AS o
            WHERE o.business_id = tenant.business_id AND o.state IN ('ready', 'running')
                AND o.run_at <= ?
            ORDER BY o.run_at, o.delivery_id LIMIT ?)
        ORDER BY row_number() OVER (PARTITION BY i.business_id ORDER BY i.run_at, i.delivery_id),
            i.run_at
        LIMIT ?
    ) AS pick
    WHERE inbox.business_id = pick.business_id AND inbox.delivery_id = pick.delivery_id
    RETURNING business_id, delivery_id, attempts";

/// The same; rows that another process is just taking are left to it.
const TAKE_POSTGRES: &str = "
    UPDATE inbox SET state = 'running', attempts = attempts + 1, lease_token = ?, run_at = ?
    FROM (
        SELECT due.business_id, due.delivery_id
        FROM unnest(?::uuid[]) AS tenant (business_id)
        CROSS JOIN LATERAL (
            SELECT o.business_id, o.delivery_id, o.run_at FROM inbox AS o
            WHERE o.business_id = tenant.business_id AND o.state IN ('ready', 'running')
                AND o.run_at <= ?
            ORDER BY o.run_at, o.delivery_id LIMIT ? FOR UPDATE SKIP LOCKED) AS due
        ORDER BY row_number() OVER (PARTITION BY due.business_id
            ORDER BY due.run_at, due.delivery_id), due.run_at
        LIMIT ?
    ) AS pick
    WHERE inbox.business_id = pick.business_id AND inbox.delivery_id = pick.delivery_id
    RETURNING inbox.business_id, inbox.delivery_id, inbox.attempts";

/// A delivery that was taken, without its content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken {
    pub(crate) business_id: Uuid,
    pub(crate) delivery_id: Uuid,
    pub(crate) attempt: u32,
}

/// What a claim asks for.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) limit: u32,
    pub(crate) lease: LeaseToken,
    pub(crate) until: Timestamp,
    pub(crate) now: Timestamp,
    /// The business after which to go on.
    pub(crate) after: Uuid,
    /// Businesses that are passed over.
    pub(crate) except: Vec<Uuid>,
}

/// Takes up to `limit` due deliveries, those whose worker let the lease run out included, and returns the business to
/// go on after. Deliveries that have ended their worker's life too often become dead letters instead.
pub(crate) async fn claim(txn: &mut Txn, claim: Claim) -> Result<(Vec<Taken>, Uuid), StoreError> {
    let mut taken: Vec<Taken> = Vec::new();
    let mut after = claim.after;
    // From the last business to the end, and once from the beginning.
    let mut rounds = if after.is_nil() { 1 } else { 2 };
    while taken.is_empty() && rounds > 0 {
        let seen = INBOX.seek(txn.conn(), txn.dialect(), after).await?;
        let is_due =
            |(id, at): &&(Uuid, i64)| *at <= claim.now.millis() && !claim.except.contains(id);
        let due: Vec<Uuid> = seen.iter().filter(is_due).map(|(id, _)| *id).collect();
        if !due.is_empty() {
            taken = take(txn, &claim, &due).await?;
        }
        if let Some((last, _)) = seen.last() {
            after = *last;
        } else {
            after = Uuid::nil();
            rounds -= 1;
        }
    }
    let (alive, worn): (Vec<_>, Vec<_>) =
        taken.into_iter().partition(|taken| taken.attempt <= ATTEMPTS_MAX);
    bury(txn, &claim, &worn).await?;
    Ok((alive, after))
}

async fn take(txn: &Txn, claim: &Claim, due: &[Uuid]) -> Result<Vec<Taken>, StoreError> {
    let (sql, businesses): (_, Value) = match txn.dialect() {
        Dialect::Sqlite => {
            (TAKE_SQLITE, txn.dialect().texts(due.iter().map(|id| id.simple().to_string())))
        }
        Dialect::Postgres => (TAKE_POSTGRES, due.to_vec().into()),
    };
    // Twice an even share, so that those who have much fill what others leave.
    let limit = i64::from(claim.limit);
    let businesses_due = i64::try_from(due.len()).unwrap_or(limit).max(1);
    let share = (2 * limit).div_euclid(businesses_due).clamp(1, limit.max(1));
    let values: [Value; 6] = [
        claim.lease.into(),
        claim.until.millis().into(),
        businesses,
        claim.now.millis().into(),
        share.into(),
        limit.into(),
    ];
    let rows = txn.conn().query_all_raw(txn.dialect().statement(sql, values)).await?;
    rows.iter().map(taken).collect()
}

fn taken(row: &QueryResult) -> Result<Taken, StoreError> {
    Ok(Taken {
        business_id: row.try_get_by_index(0)?,
        delivery_id: row.try_get_by_index(1)?,
        attempt: u32::try_from(row.try_get_by_index::<i64>(2)?).unwrap_or(u32::MAX),
    })
}

const WORN: &[Column] = &[uuid("business_id").key(), uuid("delivery_id").key()];

/// Makes dead letters of deliveries that no worker survived.
async fn bury(txn: &mut Txn, claim: &Claim, worn: &[Taken]) -> Result<(), StoreError> {
    if worn.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::new(WORN);
    for taken in worn {
        rows.push([taken.business_id.into(), taken.delivery_id.into()]);
    }
    let set = format!(
        "state = 'dead', lease_token = NULL, finished_at = {now}, failure_code = '{code}',
         failure_detail = 'its workers ended {ATTEMPTS_MAX} times without an answer'",
        now = claim.now.millis(),
        code = Code::AttemptsExhausted,
    );
    rows.update(txn.conn(), txn.dialect(), "inbox", &set, "").await?;
    for taken in worn {
        let event = NewActivity {
            kind: ActivityKind::DeliveryDied,
            subject: Some(("delivery".to_owned(), taken.delivery_id.to_string())),
            message: format!("a delivery could not be processed: {}", Code::AttemptsExhausted),
            percent: None,
            at: claim.now,
        };
        txn.publish(BusinessId::from_uuid(taken.business_id), &[event]).await?;
    }
    Ok(())
}

const RELEASED: &[Column] =
    &[uuid("business_id").key(), uuid("delivery_id").key(), int("lease_token").key()];

/// Hands deliveries back as if they had not been claimed. Those whose lease was lost meanwhile stay with whoever has
/// them.
pub(crate) async fn release(
    txn: &mut Txn,
    claimed: &[(BusinessId, DeliveryId, LeaseToken)],
) -> Result<(), StoreError> {
    let mut rows = Rows::new(RELEASED);
    for (business_id, delivery_id, lease) in claimed {
        rows.push([business_id.uuid().into(), delivery_id.uuid().into(), (*lease).into()]);
    }
    // When it was due before the claim is no longer known; when it came in is as good.
    let set = "state = 'ready', attempts = attempts - 1, lease_token = NULL,
        run_at = (SELECT d.received_at FROM delivery AS d
                  WHERE d.business_id = inbox.business_id AND d.delivery_id = inbox.delivery_id)";
    rows.update(txn.conn(), txn.dialect(), "inbox", set, "").await?;
    txn.news().ready();
    Ok(())
}

/// When the earliest open delivery is due: a ready one's time, or the end of a running one's lease.
pub(crate) async fn due_at(
    conn: &impl ConnectionTrait,
    dialect: Dialect,
) -> Result<Option<Timestamp>, StoreError> {
    INBOX.due_at(conn, dialect).await
}
