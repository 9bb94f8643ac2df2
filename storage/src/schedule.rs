//! Work at set times: a row per connection and kind of work.

use std::time::Duration;

use domain::delivery::LeaseToken;
use domain::id::{BusinessId, ConnectionId};
use domain::time::Timestamp;
use sea_orm::ConnectionTrait;

use crate::Tenant;
use crate::error::StoreError;
use crate::sql::Dialect;
use crate::system::{System, lease_token};
use crate::writer::Txn;

/// A schedule whose time has come, held by whoever claimed it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClaimedSchedule {
    /// Whose.
    pub business_id: BusinessId,
    /// For which connection.
    pub connection_id: ConnectionId,
    /// What is to be done, in the worker's word, for instance `poll`.
    pub kind: String,
    /// The proof of holding it.
    pub lease: LeaseToken,
    /// How far work that is done piece by piece has come, in the worker's words; none at its beginning.
    pub place: Option<String>,
}

const CLAIM: &str = "
    UPDATE schedule SET lease_token = ?, next_run_at = ?
    WHERE (business_id, connection_id, kind) IN (
        SELECT s.business_id, s.connection_id, s.kind FROM schedule AS s
        WHERE s.next_run_at <= ? ORDER BY s.next_run_at LIMIT ?{lock})
    RETURNING business_id, connection_id, kind, place";

impl System {
    /// Takes up to `limit` schedules whose time has come, for `lease`. One that was missed several times comes once.
    /// Whoever does not finish in time loses it to the next claim.
    pub async fn claim_schedules(
        &self,
        limit: u32,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<ClaimedSchedule>, StoreError> {
        let token = lease_token()?;
        let lock = match self.dialect() {
            Dialect::Sqlite => "",
            Dialect::Postgres => " FOR UPDATE SKIP LOCKED",
        };
        let statement = self.dialect().statement(
            &CLAIM.replace("{lock}", lock),
            [
                token.into(),
                (now + lease).millis().into(),
                now.millis().into(),
                i64::from(limit).into(),
            ],
        );
        self.writer()
            .write(None, move |txn| {
                Box::pin(async move {
                    let rows = txn.conn().query_all_raw(statement).await?;
                    let claimed = rows.iter().map(|row| {
                        Ok(ClaimedSchedule {
                            business_id: BusinessId::from_uuid(row.try_get_by_index(0)?),
                            connection_id: ConnectionId::from_uuid(row.try_get_by_index(1)?),
                            kind: row.try_get_by_index(2)?,
                            lease: token,
                            place: row.try_get_by_index(3)?,
                        })
                    });
                    claimed.collect()
                })
            })
            .await
    }

    /// Gives a schedule back until `next_run_at`. Fails with [`StoreError::LostLease`] where somebody else has it or it
    /// was removed meanwhile.
    pub async fn finish_schedule(
        &self,
        claimed: &ClaimedSchedule,
        next_run_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.advance_schedule(claimed, next_run_at, None).await
    }

    /// Gives a schedule back until `next_run_at`, with the place that its work has come to. Fails as
    /// [`System::finish_schedule`] does.
    pub async fn advance_schedule(
        &self,
        claimed: &ClaimedSchedule,
        next_run_at: Timestamp,
        place: Option<String>,
    ) -> Result<(), StoreError> {
        let set = "UPDATE schedule SET next_run_at = ?, place = ?, lease_token = NULL";
        self.give_back(claimed, set, vec![next_run_at.millis().into(), place.into()]).await
    }

    /// Keeps a schedule for longer than it was claimed for. Fails as [`System::finish_schedule`] does.
    pub async fn hold_schedule(
        &self,
        claimed: &ClaimedSchedule,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let set = "UPDATE schedule SET next_run_at = ?";
        self.give_back(claimed, set, vec![until.millis().into()]).await
    }

    /// Removes a schedule whose work is done for good. Fails as [`System::finish_schedule`] does.
    pub async fn end_schedule(&self, claimed: &ClaimedSchedule) -> Result<(), StoreError> {
        self.give_back(claimed, "DELETE FROM schedule", Vec::new()).await
    }

    async fn give_back(
        &self,
        claimed: &ClaimedSchedule,
        verb: &str,
        mut values: Vec<sea_orm::Value>,
    ) -> Result<(), StoreError> {
        values.extend([
            claimed.business_id.uuid().into(),
            claimed.connection_id.uuid().into(),
            claimed.kind.clone().into(),
            claimed.lease.into(),
        ]);
        let held = "WHERE business_id = ? AND connection_id = ? AND kind = ? AND lease_token = ?";
        let statement = self.dialect().statement(&format!("{verb} {held}"), values);
        self.writer()
            .write(Some(claimed.business_id), move |txn| {
                Box::pin(async move {
                    match txn.conn().execute_raw(statement).await?.rows_affected() {
                        0 => Err(StoreError::LostLease),
                        _ => Ok(()),
                    }
                })
            })
            .await
    }

    /// When the next schedule's time comes; a held one counts from the end of its lease.
    pub async fn next_schedule_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let statement = self.dialect().statement("SELECT min(next_run_at) FROM schedule", []);
        let row = self.reader().query_one_raw(statement).await?;
        let at: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
        Ok(at.map(Timestamp::from_millis))
    }
}

impl Tenant {
    /// Makes sure that the connection has a schedule of that kind. One that exists keeps its time, unless `next_run_at`
    /// comes sooner and nobody is at it.
    pub async fn ensure_schedule(
        &self,
        kind: &str,
        connection_id: ConnectionId,
        next_run_at: Timestamp,
    ) -> Result<(), StoreError> {
        let (business, kind) = (self.business_id(), kind.to_owned());
        self.write(move |txn| {
            Box::pin(async move { ensure(txn, business, &kind, connection_id, next_run_at).await })
        })
        .await
    }

    /// Removes all schedules of a connection.
    pub async fn remove_schedules(&self, connection_id: ConnectionId) -> Result<(), StoreError> {
        let statement = self.dialect().statement(
            "DELETE FROM schedule WHERE business_id = ? AND connection_id = ?",
            [self.business_id().uuid().into(), connection_id.uuid().into()],
        );
        self.write(move |txn| {
            Box::pin(async move {
                txn.conn().execute_raw(statement).await?;
                Ok(())
            })
        })
        .await
    }
}

const ENSURE: &str = "
    INSERT INTO schedule (business_id, connection_id, kind, next_run_at)
    VALUES (?, ?, ?, ?)
    ON CONFLICT (business_id, connection_id, kind) DO UPDATE
        SET next_run_at = excluded.next_run_at
        WHERE schedule.lease_token IS NULL AND schedule.next_run_at > excluded.next_run_at";

/// The same as [`Tenant::ensure_schedule`], in a transaction that does more.
pub(crate) async fn ensure(
    txn: &Txn,
    business_id: BusinessId,
    kind: &str,
    connection_id: ConnectionId,
    next_run_at: Timestamp,
) -> Result<(), StoreError> {
    let values = [
        business_id.uuid().into(),
        connection_id.uuid().into(),
        kind.into(),
        next_run_at.millis().into(),
    ];
    txn.conn().execute_raw(txn.dialect().statement(ENSURE, values)).await?;
    Ok(())
}
