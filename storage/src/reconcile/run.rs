//! Reconciliations: the rows that say how far each is.

use domain::code::Code;
use domain::delivery::Failure;
use domain::id::{BusinessId, ConnectionId, ExternalId, ReconciliationId};
use domain::page::{Page, PageRequest};
use domain::reconcile::{Counts, Drift, Reconciliation, RunState, Step, Window};
use domain::refined::ObjectType;
use domain::time::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use uuid::Uuid;

use super::drift;
use crate::entity::reconciliation::{Column, Entity, Model};
use crate::page::{Sort, by_id, id_of, keyset, page_of};
use crate::row::{self, Of};
use crate::{StoreError, Tenant};

const RUN: Of = Of("reconciliation");

impl Tenant {
    /// Notes a reconciliation that begins, unless the connection has one of its kind under way: returns the one that is.
    /// Those that wait for approval are superseded by it.
    pub async fn begin_reconciliation(
        &self,
        run: Reconciliation,
    ) -> Result<Reconciliation, StoreError> {
        let row = row_of(self.business_id(), run);
        self.write(move |txn| {
            Box::pin(async move {
                let of_subject = || {
                    Entity::find()
                        .filter(Column::BusinessId.eq(row.business_id))
                        .filter(Column::ConnectionId.eq(row.connection_id))
                        .filter(Column::Kind.eq(row.kind.as_str()))
                };
                let running = RunState::Running.as_str();
                let running =
                    of_subject().filter(Column::State.eq(running)).one(txn.conn()).await?;
                if let Some(running) = running {
                    return read_run(running);
                }
                let statement = txn.dialect().statement(
                    "UPDATE reconciliation SET state = ?, revision = revision + 1
                     WHERE business_id = ? AND connection_id = ? AND kind = ? AND state = ?",
                    [
                        RunState::Superseded.as_str().into(),
                        row.business_id.into(),
                        row.connection_id.into(),
                        row.kind.as_str().into(),
                        RunState::WaitingForApproval.as_str().into(),
                    ],
                );
                txn.conn().execute_raw(statement).await?;
                let insert = Entity::insert(row.clone().into_active_model());
                insert.exec_without_returning(txn.conn()).await?;
                read_run(row)
            })
        })
        .await
    }

    /// Notes how a reconciliation goes on, with the drift that was found or mended, and without that of objects about
    /// which it was mistaken. Fails with [`StoreError::LostLease`] where somebody else wrote it since `run` was read; then
    /// nothing is written. Returns it as it stands.
    pub async fn advance_reconciliation(
        &self,
        mut run: Reconciliation,
        found: Vec<Drift>,
        mistaken: Vec<ExternalId>,
    ) -> Result<Reconciliation, StoreError> {
        let read = run.revision;
        run.revision += 1;
        let row = row_of(self.business_id(), run.clone());
        self.write(move |txn| {
            Box::pin(async move {
                let key = (row.business_id, row.reconciliation_id);
                let update = Entity::update_many()
                    .filter(Column::BusinessId.eq(row.business_id))
                    .filter(Column::ReconciliationId.eq(row.reconciliation_id))
                    .filter(Column::Revision.eq(read))
                    .set(row.into_active_model().reset_all());
                if update.exec(txn.conn()).await?.rows_affected == 0 {
                    return Err(StoreError::LostLease);
                }
                drift::write(txn, key, &found).await?;
                drift::remove(txn, key, &mistaken).await
            })
        })
        .await?;
        Ok(run)
    }

    /// The reconciliation of that kind that is under way with a connection.
    pub async fn running_reconciliation(
        &self,
        connection_id: ConnectionId,
        kind: ObjectType,
    ) -> Result<Option<Reconciliation>, StoreError> {
        let row = Entity::find()
            .filter(Column::BusinessId.eq(self.business_id().uuid()))
            .filter(Column::ConnectionId.eq(connection_id.uuid()))
            .filter(Column::Kind.eq(kind.as_str()))
            .filter(Column::State.eq(RunState::Running.as_str()))
            .one(self.reader())
            .await?;
        row.map(read_run).transpose()
    }

    /// A reconciliation.
    pub async fn reconciliation(
        &self,
        id: ReconciliationId,
    ) -> Result<Option<Reconciliation>, StoreError> {
        let key = (self.business_id().uuid(), id.uuid());
        let row = Entity::find_by_id(key).one(self.reader()).await?;
        row.map(read_run).transpose()
    }

    /// A page of reconciliations, the newest first.
    pub async fn reconciliations(
        &self,
        request: &PageRequest,
    ) -> Result<Page<Reconciliation>, StoreError> {
        let place = match &request.cursor {
            Some(cursor) => Some([id_of::<Uuid>(cursor)?.into()]),
            None => None,
        };
        let select = Entity::find().filter(Column::BusinessId.eq(self.business_id().uuid()));
        let columns = [Column::ReconciliationId];
        let models =
            keyset(select, request, Sort::NewestFirst, columns, place).all(self.reader()).await?;
        page_of(request, models, |model| by_id(&model.reconciliation_id), read_run)
    }
}

fn row_of(business: BusinessId, run: Reconciliation) -> Model {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let (failure_code, failure_detail) = match run.failure {
        Some(failure) => (Some(failure.code.as_str().to_owned()), Some(failure.detail)),
        None => (None, None),
    };
    Model {
        business_id: business.uuid(),
        reconciliation_id: run.id.uuid(),
        connection_id: run.connection_id.uuid(),
        kind: run.kind.as_str().to_owned(),
        state: run.state.as_str().to_owned(),
        step: run.step.as_str().to_owned(),
        step_at: run.step_at.millis(),
        window_from: run.window.from.map(Timestamp::millis),
        window_until: run.window.until.millis(),
        after_id: run.after.map(|id| id.0),
        seen: number(run.counts.seen),
        total: run.counts.total.map(number),
        missing: number(run.counts.missing),
        stale: number(run.counts.stale),
        vanished: number(run.counts.vanished),
        left_as_is: number(run.counts.left),
        healed: number(run.counts.healed),
        unhealed: number(run.counts.unhealed),
        attempts: run.attempts.into(),
        failure_code,
        failure_detail,
        revision: run.revision,
        started_by: run.started_by,
        approved_by: run.approved_by,
        created_at: run.created_at.millis(),
        finished_at: run.finished_at.map(Timestamp::millis),
    }
}

fn read_run(row: Model) -> Result<Reconciliation, StoreError> {
    let failure = match row.failure_code {
        Some(code) => {
            let code = RUN.word("failure_code", &code, Code::parse)?;
            Some(Failure::new(code, row.failure_detail.unwrap_or_default()))
        }
        None => None,
    };
    Ok(Reconciliation {
        id: ReconciliationId::from_uuid(row.reconciliation_id),
        connection_id: ConnectionId::from_uuid(row.connection_id),
        kind: RUN.word("kind", &row.kind, ObjectType::parse)?,
        state: RUN.word("state", &row.state, RunState::parse)?,
        step: RUN.word("step", &row.step, Step::parse)?,
        step_at: row::time(row.step_at),
        window: Window { from: row.window_from.map(row::time), until: row::time(row.window_until) },
        after: row.after_id.map(ExternalId),
        counts: Counts {
            seen: row.seen.unsigned_abs(),
            total: row.total.map(i64::unsigned_abs),
            missing: row.missing.unsigned_abs(),
            stale: row.stale.unsigned_abs(),
            vanished: row.vanished.unsigned_abs(),
            left: row.left_as_is.unsigned_abs(),
            healed: row.healed.unsigned_abs(),
            unhealed: row.unhealed.unsigned_abs(),
        },
        attempts: RUN.count("attempts", row.attempts)?,
        failure,
        revision: row.revision,
        started_by: row.started_by,
        approved_by: row.approved_by,
        created_at: row::time(row.created_at),
        finished_at: row.finished_at.map(row::time),
    })
}
