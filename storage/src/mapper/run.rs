//! Executions of plugins, as they were recorded (F2).

use domain::delivery::Failure;
use domain::flow::{Run, RunOutcome};
use domain::id::{DeliveryId, Entropy, ExternalId, RunId};
use domain::mapper::{Bound, Capability, STANDARD_VERSION};
use domain::page::{Page, PageRequest};
use domain::personal::Personal;
use domain::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::{bound_of, failure_of};
use crate::entity::mapper_run::{Column, Entity, Model};
use crate::page::{Sort, by_id, id_of, keyset, page_of};
use crate::row::{self, Of};
use crate::{StoreError, Tenant};

const RUN: Of = Of("mapper_run");

/// Runs that one call gives at most, beside pages.
const RUNS_MAX: u32 = 1_000;
/// Stands in the condition of the index of uploaded mappers' runs, word for word, so that the index is used.
const IS_UPLOADED: &str = "mapper_version <> 0";
/// The same of the index of runs that did not map.
const IS_UNMAPPED: &str = "outcome <> 'mapped'";

/// A run with its time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredRun {
    /// What was run and what came of it.
    pub run: Run,
    /// When.
    pub created_at: Timestamp,
}

/// Which runs are listed; no condition means all.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RunFilter {
    /// Of this mapper.
    pub mapper: Option<Bound>,
    /// Over this order or product of the store.
    pub object: Option<(Capability, ExternalId)>,
    /// That ended so.
    pub outcome: Option<RunOutcome>,
}

/// A run of a mapper whose results are to be made anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VersionRun {
    /// The run.
    pub id: RunId,
    /// What was asked of the plugin.
    pub capability: Capability,
    /// The order or product.
    pub external_id: ExternalId,
    /// The delivery that it was made for.
    pub delivery_id: DeliveryId,
}

/// How a run ended: over which order or product, how, and why there is no output.
pub type RunEnd = (ExternalId, RunOutcome, Option<Failure>);

impl Tenant {
    /// A run.
    pub async fn run(&self, id: RunId) -> Result<Option<StoredRun>, StoreError> {
        let key = (self.business_id().uuid(), id.uuid());
        let row = Entity::find_by_id(key).one(self.reader()).await?;
        row.map(read_run).transpose()
    }

    /// A page of runs, the newest first. Runs sort by their ids, which sort by age.
    pub async fn runs(
        &self,
        request: &PageRequest,
        filter: &RunFilter,
    ) -> Result<Page<StoredRun>, StoreError> {
        let place = match &request.cursor {
            Some(cursor) => Some([id_of::<Uuid>(cursor)?.into()]),
            None => None,
        };
        let mut select = self.select_runs();
        if let Some(mapper) = filter.mapper {
            select = of_mapper(select, mapper);
        }
        if let Some((capability, id)) = filter.object {
            select = select
                .filter(Column::ExternalId.eq(id.0))
                .filter(Column::Capability.eq(capability.as_str()));
        }
        if let Some(outcome) = filter.outcome {
            select = select.filter(Column::Outcome.eq(outcome.as_str()));
            if outcome != RunOutcome::Mapped {
                select = select.filter(Expr::cust(IS_UNMAPPED));
            }
        }
        let columns = [Column::RunId];
        let models =
            keyset(select, request, Sort::NewestFirst, columns, place).all(self.reader()).await?;
        page_of(request, models, |model| by_id(&model.run_id), read_run)
    }

    /// The runs over an order, the oldest first, those after `after`, at most `limit` and a thousand.
    pub async fn runs_of_order(
        &self,
        order: ExternalId,
        after: Option<RunId>,
        limit: u32,
    ) -> Result<Vec<StoredRun>, StoreError> {
        let select = self
            .select_runs()
            .filter(Column::ExternalId.eq(order.0))
            .filter(Column::Capability.eq(Capability::MapOrder.as_str()));
        let rows = walk(select, after, limit).all(self.reader()).await?;
        rows.into_iter().map(read_run).collect()
    }

    /// All runs, the oldest first, those after `after`, at most `limit` and a thousand.
    pub async fn runs_after(
        &self,
        after: Option<RunId>,
        limit: u32,
    ) -> Result<Vec<StoredRun>, StoreError> {
        let rows = walk(self.select_runs(), after, limit).all(self.reader()).await?;
        rows.into_iter().map(read_run).collect()
    }

    /// The runs of a mapper, the oldest first, those after `after`, at most `limit` and a thousand: what a repair goes
    /// through (F4).
    pub async fn runs_of_version(
        &self,
        mapper: Bound,
        after: Option<RunId>,
        limit: u32,
    ) -> Result<Vec<VersionRun>, StoreError> {
        let rows: Vec<(Uuid, String, i64, Uuid)> =
            walk(of_mapper(self.select_runs(), mapper), after, limit)
                .select_only()
                .columns([
                    Column::RunId,
                    Column::Capability,
                    Column::ExternalId,
                    Column::DeliveryId,
                ])
                .into_tuple()
                .all(self.reader())
                .await?;
        let read = rows.into_iter().map(|(id, capability, external_id, delivery_id)| {
            Ok(VersionRun {
                id: RunId::from_uuid(id),
                capability: RUN.word("capability", &capability, Capability::parse)?,
                external_id: ExternalId(external_id),
                delivery_id: DeliveryId::from_uuid(delivery_id),
            })
        });
        read.collect()
    }

    /// How the newest runs of a mapper ended, the last one first: those since `since`, at most `limit` and a thousand.
    pub async fn newest_runs_of(
        &self,
        mapper: Bound,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<RunEnd>, StoreError> {
        // Ids begin with their time.
        let first = RunId::new(since, &Entropy::default()).uuid();
        let rows: Vec<(i64, String, Option<String>, Option<String>)> =
            of_mapper(self.select_runs(), mapper)
                .filter(Column::RunId.gte(first))
                .order_by_desc(Column::RunId)
                .limit(u64::from(limit.min(RUNS_MAX)))
                .select_only()
                .columns([
                    Column::ExternalId,
                    Column::Outcome,
                    Column::FailureCode,
                    Column::FailureDetail,
                ])
                .into_tuple()
                .all(self.reader())
                .await?;
        let read = rows.into_iter().map(|(id, outcome, code, detail)| {
            let outcome = RUN.word("outcome", &outcome, RunOutcome::parse)?;
            Ok((ExternalId(id), outcome, failure_of(RUN, code.as_deref(), detail)?))
        });
        read.collect()
    }

    fn select_runs(&self) -> Select<Entity> {
        Entity::find().filter(Column::BusinessId.eq(self.business_id().uuid()))
    }
}

fn of_mapper(select: Select<Entity>, mapper: Bound) -> Select<Entity> {
    let select = select
        .filter(Column::MapperVersion.eq(i64::from(mapper.version)))
        .filter(Column::MapperConfig.eq(i64::from(mapper.config)));
    if mapper.version == STANDARD_VERSION { select } else { select.filter(Expr::cust(IS_UPLOADED)) }
}

fn walk(select: Select<Entity>, after: Option<RunId>, limit: u32) -> Select<Entity> {
    let select = match after {
        Some(after) => select.filter(Column::RunId.gt(after.uuid())),
        None => select,
    };
    select.order_by_asc(Column::RunId).limit(u64::from(limit.min(RUNS_MAX)))
}

fn read_run(row: Model) -> Result<StoredRun, StoreError> {
    let run = Run {
        id: RunId::from_uuid(row.run_id),
        delivery_id: DeliveryId::from_uuid(row.delivery_id),
        capability: RUN.word("capability", &row.capability, Capability::parse)?,
        external_id: ExternalId(row.external_id),
        mapper: bound_of(RUN, row.mapper_version, row.mapper_config)?,
        contract: row.contract,
        host: row.host,
        plugin_digest: RUN.hash("plugin_digest", row.plugin_digest)?,
        config_digest: RUN.hash("config_digest", row.config_digest)?,
        input_digest: RUN.hash("input_digest", row.input_digest)?,
        output_digest: match row.output_digest {
            Some(digest) => Some(RUN.hash("output_digest", digest)?),
            None => None,
        },
        outcome: RUN.word("outcome", &row.outcome, RunOutcome::parse)?,
        failure: failure_of(RUN, row.failure_code.as_deref(), row.failure_detail)?,
        log: row.log.map(Personal::new),
        fuel: row.fuel.unsigned_abs(),
        duration_us: row.duration_us.unsigned_abs(),
    };
    Ok(StoredRun { run, created_at: row::time(row.created_at) })
}
