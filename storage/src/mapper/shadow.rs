//! Shadow runs and their reports (F1).

use domain::id::{BusinessId, ShadowReportId};
use domain::mapper::{ShadowReport, ShadowState};
use domain::page::{Page, PageRequest};
use domain::time::Timestamp;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::bound_of;
use crate::entity::shadow_report::{Column, Entity, Model};
use crate::page::{Sort, by_id, id_of, keyset, page_of};
use crate::row::{self, Of};
use crate::{StoreError, Tenant};

const REPORT: Of = Of("shadow_report");

impl Tenant {
    /// Notes a shadow run that begins.
    pub async fn add_shadow_report(&self, report: ShadowReport) -> Result<(), StoreError> {
        let row = row_of(self.business_id(), report).into_active_model();
        self.write(move |txn| {
            Box::pin(async move {
                Entity::insert(row).exec_without_returning(txn.conn()).await?;
                Ok(())
            })
        })
        .await
    }

    /// Notes how a shadow run went on: its state, its body, its end. Fails with [`StoreError::Conflict`] where it has
    /// ended before.
    pub async fn update_shadow_report(&self, report: ShadowReport) -> Result<(), StoreError> {
        let row = row_of(self.business_id(), report);
        self.write(move |txn| {
            Box::pin(async move {
                let update = Entity::update_many()
                    .filter(Column::BusinessId.eq(row.business_id))
                    .filter(Column::ReportId.eq(row.report_id))
                    .filter(Column::State.eq(ShadowState::Running.as_str()))
                    .set(row.into_active_model().reset_all());
                let updated = update.exec(txn.conn()).await?.rows_affected;
                if updated == 0 {
                    return Err(StoreError::Conflict("the shadow run is not under way"));
                }
                Ok(())
            })
        })
        .await
    }

    /// A shadow run, with its report once it is done.
    pub async fn shadow_report(
        &self,
        id: ShadowReportId,
    ) -> Result<Option<ShadowReport>, StoreError> {
        let key = (self.business_id().uuid(), id.uuid());
        let row = Entity::find_by_id(key).one(self.reader()).await?;
        row.map(read_report).transpose()
    }

    /// A page of shadow runs, the newest first.
    pub async fn shadow_reports(
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
        state: REPORT.word("state", &row.state, ShadowState::parse)?,
        body: row.body,
        created_by: row.created_by,
        created_at: row::time(row.created_at),
        finished_at: row.finished_at.map(row::time),
    })
}
