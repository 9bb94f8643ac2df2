//! Taking turns: which businesses have open work in a queue.
//!
//! A queue is a table whose open rows (`ready` or `running`) have an index by business and time, in which finding the
//! next business is one step. So looking for work costs as much as there are businesses with work, not as much as waits.

use domain::time::Timestamp;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::Dialect;

/// Businesses that are looked at in one step.
const BUSINESSES_MAX: i64 = 64;

/// The next businesses with open rows after a given one, each with the time of its earliest.
const SEEK: &str = "
    WITH RECURSIVE seek (business_id, step) AS (
        SELECT ?, 0
        UNION ALL
        SELECT (SELECT o.business_id FROM {queue} AS o
                WHERE o.state IN ('ready', 'running') AND o.business_id > seek.business_id
                ORDER BY o.business_id LIMIT 1), seek.step + 1
        FROM seek WHERE seek.business_id IS NOT NULL AND seek.step < ?)
    SELECT business_id, (SELECT min(o.run_at) FROM {queue} AS o
        WHERE o.state IN ('ready', 'running') AND o.business_id = seek.business_id) AS run_at
    FROM seek WHERE step > 0 AND business_id IS NOT NULL ORDER BY step";

/// A queue by its table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Queue(pub(crate) &'static str);

impl Queue {
    /// The next businesses with open rows after `after`, a limited number of them, each with the time of its earliest.
    pub(crate) async fn seek(
        self,
        conn: &impl ConnectionTrait,
        dialect: Dialect,
        after: Uuid,
    ) -> Result<Vec<(Uuid, i64)>, StoreError> {
        let sql = SEEK.replace("{queue}", self.0);
        let statement = dialect.statement(&sql, [after.into(), BUSINESSES_MAX.into()]);
        let rows = conn.query_all_raw(statement).await?;
        rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
    }

    /// When the earliest open row is due: a ready one's time, or the end of a running one's lease.
    pub(crate) async fn due_at(
        self,
        conn: &impl ConnectionTrait,
        dialect: Dialect,
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut after = Uuid::nil();
        let mut earliest: Option<i64> = None;
        loop {
            let seen = self.seek(conn, dialect, after).await?;
            let Some((last, _)) = seen.last() else { break };
            after = *last;
            earliest = seen.iter().map(|(_, at)| *at).chain(earliest).min();
        }
        Ok(earliest.map(Timestamp::from_millis))
    }
}
