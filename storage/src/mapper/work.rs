//! Who does the work that goes on behind.
//!
//! A row names the work of a kind that is under way in a business, and until when it is held. Whoever does it renews that;
//! where it ran out, the process is gone, its work counts as interrupted for good, and the next one takes the row over.

use domain::id::{BusinessId, MapperRepairId, ShadowReportId};
use domain::mapper::{Work, WorkState};
use domain::time::Timestamp;
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::entity::mapper_work::{Column, Entity};
use crate::writer::Txn;
use crate::{StoreError, Tenant};

/// Takes the row of a kind, unless somebody holds it now.
const BEGIN: &str = "
    INSERT INTO mapper_work (business_id, kind, work_id, held_until) VALUES (?, ?, ?, ?)
    ON CONFLICT (business_id, kind)
    DO UPDATE SET work_id = excluded.work_id, held_until = excluded.held_until
    WHERE mapper_work.held_until < ?";
const RENEW: &str = "UPDATE mapper_work SET held_until = ?";
const END: &str = "DELETE FROM mapper_work";
/// Holds for the row of work that is still held.
const HELD: &str = "WHERE business_id = ? AND kind = ? AND work_id = ? AND held_until >= ?";

/// Something that was begun, and may stand as running although nobody does it any more.
pub(super) trait Begun: Send {
    /// Which work it is.
    fn work(&self) -> Work;

    /// Whether it is said to be under way.
    fn is_running(&self) -> bool;

    /// How far it is said to be.
    fn state(&mut self) -> &mut WorkState;
}

impl Tenant {
    /// Holds work on until `held_until`. Fails with [`StoreError::LostLease`] where it was not held any more at `now`.
    pub async fn renew_work(
        &self,
        work: Work,
        now: Timestamp,
        held_until: Timestamp,
    ) -> Result<(), StoreError> {
        let business = self.business_id();
        let values = vec![held_until.millis().into()];
        self.write(move |txn| Box::pin(change_held(txn, business, work, now, RENEW, values))).await
    }

    /// What `read` gives, with the states corrected of those `rows` of it that nobody holds at `now`.
    pub(super) async fn judged<'a, C, T: Begun>(
        &self,
        now: Timestamp,
        read: impl Fn() -> BoxFuture<'a, Result<C, StoreError>> + Send + Sync,
        rows: fn(&mut C) -> Vec<&mut T>,
    ) -> Result<C, StoreError> {
        let mut found = read().await?;
        let running = rows(&mut found).into_iter().filter(|one| one.is_running());
        let mut lost: Vec<Work> = running.map(|one| one.work()).collect();
        let Some(first) = lost.first() else { return Ok(found) };
        let held = self.held(first.kind(), now).await?;
        lost.retain(|work| held != Some(uuid_of(*work)));
        if lost.is_empty() {
            return Ok(found);
        }
        // What has just ended is held no more either, but stands as ended by now.
        let mut found = read().await?;
        for one in rows(&mut found) {
            let is_held = !lost.contains(&one.work());
            let state = one.state();
            *state = state.given(is_held);
        }
        Ok(found)
    }

    /// The work of a kind that somebody holds at `now`.
    async fn held(&self, kind: &str, now: Timestamp) -> Result<Option<Uuid>, StoreError> {
        let row = Entity::find_by_id((self.business_id().uuid(), kind.to_owned()))
            .filter(Column::HeldUntil.gte(now.millis()))
            .one(self.reader())
            .await?;
        Ok(row.map(|row| row.work_id))
    }
}

/// Takes the place of the work of a kind; false where somebody has it at `now`.
pub(super) async fn begin(
    txn: &Txn,
    business: BusinessId,
    work: Work,
    now: Timestamp,
    held_until: Timestamp,
) -> Result<bool, StoreError> {
    let statement = txn.dialect().statement(
        BEGIN,
        [
            business.uuid().into(),
            work.kind().into(),
            uuid_of(work).into(),
            held_until.millis().into(),
            now.millis().into(),
        ],
    );
    Ok(txn.conn().execute_raw(statement).await?.rows_affected() == 1)
}

/// Gives the place back. Fails with [`StoreError::LostLease`] where it was not held any more at `now`.
pub(super) async fn end(
    txn: &mut Txn,
    business: BusinessId,
    work: Work,
    now: Timestamp,
) -> Result<(), StoreError> {
    change_held(txn, business, work, now, END, Vec::new()).await
}

async fn change_held(
    txn: &mut Txn,
    business: BusinessId,
    work: Work,
    now: Timestamp,
    verb: &str,
    mut values: Vec<sea_orm::Value>,
) -> Result<(), StoreError> {
    values.extend([
        business.uuid().into(),
        work.kind().into(),
        uuid_of(work).into(),
        now.millis().into(),
    ]);
    let statement = txn.dialect().statement(&format!("{verb} {HELD}"), values);
    match txn.conn().execute_raw(statement).await?.rows_affected() {
        0 => Err(StoreError::LostLease),
        _ => Ok(()),
    }
}

fn uuid_of(work: Work) -> Uuid {
    match work {
        Work::Shadow(id) => ShadowReportId::uuid(id),
        Work::Repair(id) => MapperRepairId::uuid(id),
    }
}
