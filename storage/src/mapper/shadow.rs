//! Shadow runs and their reports (F1).

use domain::id::{BusinessId, ShadowReportId};
use domain::mapper::{ShadowReport, Work, WorkState};
use domain::page::{Page, PageRequest};
use domain::time::Timestamp;
use futures_util::FutureExt as _;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::bound_of;
use super::work::{self, Begun};
use crate::entity::shadow_report::{Column, Entity, Model};
use crate::page::{Sort, by_id, id_of, keyset, page_of};
use crate::row::{self, Of};
use crate::{StoreError, Tenant};

const REPORT: Of = Of("shadow_report");

impl Tenant {
    /// Notes a shadow run that begins, held until `held_until`. Fails with [`StoreError::Conflict`] where the business has
    /// another one under way.
    pub async fn begin_shadow_run(
        &self,
        report: ShadowReport,
        held_until: Timestamp,
    ) -> Result<(), StoreError> {
        let (business, work, now) =
            (self.business_id(), Work::Shadow(report.id), report.created_at);
        let row = row_of(business, report).into_active_model();
        self.write(move |txn| {
            Box::pin(async move {
                if !work::begin(txn, business, work, now, held_until).await? {
                    return Err(StoreError::Conflict("a shadow run is under way already"));
                }
                Entity::insert(row).exec_without_returning(txn.conn()).await?;
                Ok(())
            })
        })
        .await
    }

    /// Notes how a shadow run ended, at `report.finished_at`. Fails with [`StoreError::LostLease`] where it was not held
    /// any more.
    pub async fn end_shadow_run(&self, report: ShadowReport) -> Result<(), StoreError> {
        let (business, work) = (self.business_id(), Work::Shadow(report.id));
        let ended_at = report.finished_at.unwrap_or(report.created_at);
        let row = row_of(business, report);
        self.write(move |txn| {
            Box::pin(async move {
                work::end(txn, business, work, ended_at).await?;
                let update = Entity::update_many()
                    .filter(Column::BusinessId.eq(row.business_id))
                    .filter(Column::ReportId.eq(row.report_id))
                    .set(row.into_active_model().reset_all());
                update.exec(txn.conn()).await?;
                Ok(())
            })
        })
        .await
    }

    /// A shadow run as it is at `now`, with its report once it is done.
    pub async fn shadow_report(
        &self,
        id: ShadowReportId,
        now: Timestamp,
    ) -> Result<Option<ShadowReport>, StoreError> {
        let read = || self.written_shadow_report(id).boxed();
        self.judged(now, read, |found| found.iter_mut().collect()).await
    }

    /// The same without a look at whether it is held: for whom only one that is done counts.
    pub(super) async fn written_shadow_report(
        &self,
        id: ShadowReportId,
    ) -> Result<Option<ShadowReport>, StoreError> {
        let key = (self.business_id().uuid(), id.uuid());
        let row = Entity::find_by_id(key).one(self.reader()).await?;
        row.map(read_report).transpose()
    }

    /// A page of shadow runs as they are at `now`, the newest first.
    pub async fn shadow_reports(
        &self,
        request: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<ShadowReport>, StoreError> {
        let read = || self.written_shadow_reports(request).boxed();
        self.judged(now, read, |page| page.rows.iter_mut().map(|(_, row)| row).collect()).await
    }

    async fn written_shadow_reports(
        &self,
        request: &PageRequest,
    ) -> Result<Page<ShadowReport>, StoreError> {
        let place = match &request.cursor {
            Some(cursor) => Some([id_of::<Uuid>(cursor)?.into()]),
            None => None,
        };
        let select = Entity::find().filter(Column::BusinessId.eq(self.business_id().uuid()));
        let columns = [Column::ReportId];
        let models =
            keyset(select, request, Sort::NewestFirst, columns, place).all(self.reader()).await?;
        page_of(request, models, |model| by_id(&model.report_id), read_report)
    }
}

impl Begun for ShadowReport {
    fn work(&self) -> Work {
        Work::Shadow(self.id)
    }

    fn is_running(&self) -> bool {
        self.state == WorkState::Running
    }

    fn state(&mut self) -> &mut WorkState {
        &mut self.state
    }
}

fn row_of(business: BusinessId, report: ShadowReport) -> Model {
    Model {
        business_id: business.uuid(),
        report_id: report.id.uuid(),
        candidate_version: report.candidate.version.into(),
        candidate_config: report.candidate.config.into(),
        active_version: report.active.version.into(),
        active_config: report.active.config.into(),
        state: report.state.as_str().to_owned(),
        body: report.body,
        created_by: report.created_by,
        created_at: report.created_at.millis(),
        finished_at: report.finished_at.map(Timestamp::millis),
    }
}

fn read_report(row: Model) -> Result<ShadowReport, StoreError> {
    Ok(ShadowReport {
        id: ShadowReportId::from_uuid(row.report_id),
        candidate: bound_of(REPORT, row.candidate_version, row.candidate_config)?,
        active: bound_of(REPORT, row.active_version, row.active_config)?,
        state: REPORT.word("state", &row.state, WorkState::parse)?,
        body: row.body,
        created_by: row.created_by,
        created_at: row::time(row.created_at),
        finished_at: row.finished_at.map(row::time),
    })
}
