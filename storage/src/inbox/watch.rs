//! How deliveries come in and go on: counts by the hour, the oldest that waits, those that were given up.

use domain::health::{HourCount, LEARNED_DAYS, hour_of};
use domain::id::{BusinessId, ConnectionId, DeliveryId};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, QueryResult, Value};

use crate::{StoreError, Tenant};

/// How many hours back are counted where nothing was counted yet.
const CATCH_UP_HOURS: i64 = 48;
/// How many days counts are kept.
const KEPT_DAYS: i64 = 2 * LEARNED_DAYS;
const DAY_HOURS: i64 = 24;
const HOUR_MILLIS: i64 = 3_600_000;
/// Dead letters are counted up to here.
const DEAD_LETTERS_MAX: i64 = 1_000;

const LAST_HOUR: &str =
    "SELECT max(hour) FROM delivery_hour WHERE business_id = ? AND connection_id = ?";
// Whole hours are counted anew, so that to count twice changes nothing. An id is never older than its delivery.
const COUNT: &str = "
    INSERT INTO delivery_hour (business_id, connection_id, hour, topic, deliveries, last_at)
    SELECT business_id, connection_id, received_at / 3600000, topic, count(*), max(received_at)
    FROM delivery
    WHERE business_id = ? AND delivery_id >= ? AND connection_id = ? AND received_at >= ?
        AND source = 'webhook'
    GROUP BY business_id, connection_id, received_at / 3600000, topic
    ON CONFLICT (business_id, connection_id, hour, topic) DO UPDATE
        SET deliveries = excluded.deliveries, last_at = excluded.last_at";
const UNCOUNTED: &str = "
    SELECT received_at / 3600000, count(*), max(received_at) FROM delivery
    WHERE business_id = ? AND delivery_id >= ? AND connection_id = ? AND received_at >= ?
        AND source = 'webhook'
    GROUP BY received_at / 3600000 ORDER BY received_at / 3600000";
const FORGET: &str =
    "DELETE FROM delivery_hour WHERE business_id = ? AND connection_id = ? AND hour < ?";
const HOURS: &str = "
    SELECT hour, CAST(sum(deliveries) AS BIGINT), max(last_at) FROM delivery_hour
    WHERE business_id = ? AND connection_id = ? AND hour >= ? AND hour < ?
    GROUP BY hour ORDER BY hour";
const WAITING_SINCE: &str =
    "SELECT min(run_at) FROM inbox WHERE business_id = ? AND state = 'ready'";
const DEAD_LETTERS: &str = "SELECT count(*) FROM
    (SELECT 1 FROM inbox WHERE business_id = ? AND state = 'dead' LIMIT ?) AS dead";

/// How a connection's webhooks came in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pulse {
    /// How many in each hour of which any came, the oldest first.
    pub hours: Vec<HourCount>,
    /// When the last one came.
    pub last_at: Option<Timestamp>,
}

impl Tenant {
    /// Counts what came in on a connection since it was counted last, and forgets what is too old to be normal.
    pub async fn count_deliveries(
        &self,
        connection: ConnectionId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (business, dialect) = (self.business_id(), self.dialect());
        self.write(move |txn| {
            Box::pin(async move {
                let key = [business.uuid().into(), connection.uuid().into()];
                let last = dialect.statement(LAST_HOUR, key.clone());
                let from = open_hour(txn.conn().query_one_raw(last).await?, now)?;
                let values = since(business, connection, from);
                txn.conn().execute_raw(dialect.statement(COUNT, values)).await?;
                let too_old = hour_of(now) - KEPT_DAYS * DAY_HOURS;
                let values = key.into_iter().chain([too_old.into()]);
                txn.conn().execute_raw(dialect.statement(FORGET, values)).await?;
                Ok(())
            })
        })
        .await
    }

    /// How a connection's webhooks came in, up to now.
    pub async fn pulse(
        &self,
        connection: ConnectionId,
        now: Timestamp,
    ) -> Result<Pulse, StoreError> {
        let (business, dialect, conn) = (self.business_id(), self.dialect(), self.reader());
        let key = [business.uuid().into(), connection.uuid().into()];
        let last = conn.query_one_raw(dialect.statement(LAST_HOUR, key.clone())).await?;
        let from = open_hour(last, now)?;
        let oldest = hour_of(now) - KEPT_DAYS * DAY_HOURS;
        let counted = key.into_iter().chain([oldest.into(), from.into()]);
        let counted = conn.query_all_raw(dialect.statement(HOURS, counted)).await?;
        let uncounted = dialect.statement(UNCOUNTED, since(business, connection, from));
        let uncounted = conn.query_all_raw(uncounted).await?;
        let mut pulse = Pulse::default();
        for row in counted.into_iter().chain(uncounted) {
            let (hour, deliveries, last): (i64, i64, i64) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            pulse.hours.push(HourCount { hour, deliveries: deliveries.unsigned_abs() });
            pulse.last_at = pulse.last_at.max(Some(Timestamp::from_millis(last)));
        }
        Ok(pulse)
    }

    /// Since when the oldest delivery that may be processed waits; a later time is when the next one may be.
    pub async fn waiting_since(&self) -> Result<Option<Timestamp>, StoreError> {
        let statement = self.dialect().statement(WAITING_SINCE, [self.business_id().uuid().into()]);
        let row = self.reader().query_one_raw(statement).await?;
        let at: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
        Ok(at.map(Timestamp::from_millis))
    }

    /// How many deliveries were given up, counted up to a thousand.
    pub async fn dead_letter_count(&self) -> Result<u64, StoreError> {
        let values = [self.business_id().uuid().into(), DEAD_LETTERS_MAX.into()];
        let statement = self.dialect().statement(DEAD_LETTERS, values);
        let row = self.reader().query_one_raw(statement).await?;
        let count: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        Ok(count.unwrap_or_default().unsigned_abs())
    }
}

/// The first hour that is not counted for good: the last one that was counted, since more may have come in it.
fn open_hour(last: Option<QueryResult>, now: Timestamp) -> Result<i64, StoreError> {
    let last: Option<i64> = last.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
    Ok(last.unwrap_or(hour_of(now) - CATCH_UP_HOURS))
}

/// The parameters that choose what came in on a connection since the beginning of an hour.
fn since(business: BusinessId, connection: ConnectionId, hour: i64) -> [Value; 4] {
    let from = hour * HOUR_MILLIS;
    let oldest = DeliveryId::new(Timestamp::from_millis(from), &[0; 10]);
    [business.uuid().into(), oldest.uuid().into(), connection.uuid().into(), from.into()]
}
