//! Repairs of what a mapper did (F4).

use domain::id::{BusinessId, MapperRepairId};
use domain::mapper::{MapperRepair, Repaired, Work, WorkState};
use domain::page::{Page, PageRequest};
use domain::time::Timestamp;
use futures_util::FutureExt as _;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::bound_of;
use super::work::{self, Begun};
use crate::entity::mapper_repair::{Column, Entity, Model};
use crate::page::{Sort, by_id, id_of, keyset, page_of};
use crate::row::{self, Of};
use crate::{StoreError, Tenant};

const REPAIR: Of = Of("mapper_repair");

impl Tenant {
    /// Notes a repair that begins, held until `held_until`. Fails with [`StoreError::Conflict`] where the business has
    /// another one under way.
    pub async fn begin_repair(
        &self,
        repair: MapperRepair,
        held_until: Timestamp,
    ) -> Result<(), StoreError> {
        let (business, work, now) =
            (self.business_id(), Work::Repair(repair.id), repair.created_at);
        let row = row_of(business, repair).into_active_model();
        self.write(move |txn| {
            Box::pin(async move {
                if !work::begin(txn, business, work, now, held_until).await? {
                    return Err(StoreError::Conflict("a repair is under way already"));
                }
                Entity::insert(row).exec_without_returning(txn.conn()).await?;
                Ok(())
            })
        })
        .await
    }

    /// Notes how a repair ended, at `repair.finished_at`. Fails with [`StoreError::LostLease`] where it was not held any
    /// more.
    pub async fn end_repair(&self, repair: MapperRepair) -> Result<(), StoreError> {
        let (business, work) = (self.business_id(), Work::Repair(repair.id));
        let ended_at = repair.finished_at.unwrap_or(repair.created_at);
        let row = row_of(business, repair);
        self.write(move |txn| {
            Box::pin(async move {
                work::end(txn, business, work, ended_at).await?;
                let update = Entity::update_many()
                    .filter(Column::BusinessId.eq(row.business_id))
                    .filter(Column::RepairId.eq(row.repair_id))
                    .set(row.into_active_model().reset_all());
                update.exec(txn.conn()).await?;
                Ok(())
            })
        })
        .await
    }

    /// A repair as it is at `now`.
    pub async fn mapper_repair(
        &self,
        id: MapperRepairId,
        now: Timestamp,
    ) -> Result<Option<MapperRepair>, StoreError> {
        let read = || self.written_repair(id).boxed();
        self.judged(now, read, |found| found.iter_mut().collect()).await
    }

    async fn written_repair(&self, id: MapperRepairId) -> Result<Option<MapperRepair>, StoreError> {
        let key = (self.business_id().uuid(), id.uuid());
        let row = Entity::find_by_id(key).one(self.reader()).await?;
        row.map(read_repair).transpose()
    }

    /// A page of repairs as they are at `now`, the newest first.
    pub async fn mapper_repairs(
        &self,
        request: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<MapperRepair>, StoreError> {
        let read = || self.written_repairs(request).boxed();
        self.judged(now, read, |page| page.rows.iter_mut().map(|(_, row)| row).collect()).await
    }

    async fn written_repairs(
        &self,
        request: &PageRequest,
    ) -> Result<Page<MapperRepair>, StoreError> {
        let place = match &request.cursor {
            Some(cursor) => Some([id_of::<Uuid>(cursor)?.into()]),
            None => None,
        };
        let select = Entity::find().filter(Column::BusinessId.eq(self.business_id().uuid()));
        let columns = [Column::RepairId];
        let models =
            keyset(select, request, Sort::NewestFirst, columns, place).all(self.reader()).await?;
        page_of(request, models, |model| by_id(&model.repair_id), read_repair)
    }
}

impl Begun for MapperRepair {
    fn work(&self) -> Work {
        Work::Repair(self.id)
    }

    fn is_running(&self) -> bool {
        self.state == WorkState::Running
    }

    fn state(&mut self) -> &mut WorkState {
        &mut self.state
    }
}

fn row_of(business: BusinessId, repair: MapperRepair) -> Model {
    let found = |number: fn(Repaired) -> u64| {
        repair.found.map(|found| i64::try_from(number(found)).unwrap_or(i64::MAX))
    };
    Model {
        business_id: business.uuid(),
        repair_id: repair.id.uuid(),
        mapper_version: repair.mapper.version.into(),
        mapper_config: repair.mapper.config.into(),
        state: repair.state.as_str().to_owned(),
        orders: found(|found| found.orders),
        dead_letters: found(|found| found.dead_letters),
        detail: repair.detail,
        created_by: repair.created_by,
        created_at: repair.created_at.millis(),
        finished_at: repair.finished_at.map(Timestamp::millis),
    }
}

fn read_repair(row: Model) -> Result<MapperRepair, StoreError> {
    let found = row.orders.zip(row.dead_letters).map(|(orders, dead_letters)| Repaired {
        orders: orders.unsigned_abs(),
        dead_letters: dead_letters.unsigned_abs(),
    });
    Ok(MapperRepair {
        id: MapperRepairId::from_uuid(row.repair_id),
        mapper: bound_of(REPAIR, row.mapper_version, row.mapper_config)?,
        state: REPAIR.word("state", &row.state, WorkState::parse)?,
        found,
        detail: row.detail,
        created_by: row.created_by,
        created_at: row::time(row.created_at),
        finished_at: row.finished_at.map(row::time),
    })
}
