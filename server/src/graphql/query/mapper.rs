//! What callers read of their mappers.

use async_graphql::{Context, ID, InputObject, Object};
use domain::mapper::{Bound, Capability};

use crate::actions;
use crate::actions::mapper::preview::Trial;
use crate::error::Problem;
use crate::graphql::context::{app, caller, read_id, reader};
use crate::graphql::error::Failed;
use crate::graphql::page::{List, PageArguments, PageOf, Paging};
use crate::graphql::scalar::JsonObject;
use crate::graphql::r#type::{
    MapperBinding, MapperChange, MapperConfig, MapperRepair, MapperVersion, MappingPreview,
    MappingRun, OrderTimeline, RunOutcome, ShadowReport,
};
use crate::reads;
use crate::reads::timeline::Timeline;

/// What is read of mappers.
#[derive(Default)]
pub(crate) struct MapperQuery;

#[Object]
impl MapperQuery {
    /// Runs a mapper over one body of the store's, under the limits of any other run. Nothing is stored. Needs the role
    /// operator.
    #[graphql(complexity = "1_000 + child_complexity")]
    async fn preview_mapping(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which mapper, on what.")] input: PreviewMappingInput,
    ) -> Result<Option<MappingPreview>, Failed> {
        let business = read_id("input.businessId", &input.business_id)?;
        let trial = input.read()?;
        let preview = actions::mapper::preview::preview(app(ctx)?, caller(ctx)?, business, trial);
        Ok(Some(preview.await?.into()))
    }

    /// The business's mapper versions, the one uploaded last first.
    #[graphql(complexity = "crate::graphql::page::weight(first, last, child_complexity)")]
    async fn mapper_versions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<MapperVersion>>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let paging = Paging::of(ctx, List::MapperVersions, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let page = reads::mapper::versions(&reader, &request).await?;
        Ok(Some(paging.connection(page, MapperVersion::from)))
    }

    /// The business's mapper configs, the one made last first.
    #[graphql(complexity = "crate::graphql::page::weight(first, last, child_complexity)")]
    async fn mapper_configs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<MapperConfig>>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let paging = Paging::of(ctx, List::MapperConfigs, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let page = reads::mapper::configs(&reader, &request).await?;
        Ok(Some(paging.connection(page, MapperConfig::from)))
    }

    /// Which mapper serves the business.
    async fn active_mapper(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
    ) -> Result<Option<MapperBinding>, Failed> {
        let reader = reader(ctx, &business_id)?;
        Ok(Some(reads::mapper::binding(&reader).await?.into()))
    }

    /// How it came that this mapper serves, the newest change first.
    #[graphql(complexity = "crate::graphql::page::weight(first, last, child_complexity)")]
    async fn mapper_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<MapperChange>>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let paging = Paging::of(ctx, List::MapperChanges, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let page = reads::mapper::changes(&reader, &request).await?;
        Ok(Some(paging.connection(page, MapperChange::from)))
    }

    /// A shadow run with its report; null where there is none.
    #[graphql(complexity = "50 + 20 * child_complexity")]
    async fn shadow_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<Option<ShadowReport>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let report = reads::mapper::shadow_report(&reader, read_id("id", &id)?, app(ctx)?.now());
        Ok(report.await?.map(Into::into))
    }

    /// The business's shadow runs, the newest first.
    #[graphql(complexity = "crate::graphql::page::weight(first, last, child_complexity)")]
    async fn shadow_reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<ShadowReport>>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let paging = Paging::of(ctx, List::ShadowReports, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let page = reads::mapper::shadow_reports(&reader, &request, app(ctx)?.now()).await?;
        Ok(Some(paging.connection(page, ShadowReport::from)))
    }

    /// A repair; null where there is none.
    async fn mapper_repair(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<Option<MapperRepair>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let repair = reads::mapper::repair(&reader, read_id("id", &id)?, app(ctx)?.now());
        Ok(repair.await?.map(Into::into))
    }

    /// The business's repairs, the newest first.
    #[graphql(complexity = "crate::graphql::page::weight(first, last, child_complexity)")]
    async fn mapper_repairs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<MapperRepair>>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let paging = Paging::of(ctx, List::MapperRepairs, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let page = reads::mapper::repairs(&reader, &request, app(ctx)?.now()).await?;
        Ok(Some(paging.connection(page, MapperRepair::from)))
    }

    /// A recorded run of a mapper; null where there is none.
    async fn mapping_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<Option<MappingRun>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let run = reads::mapper::run(&reader, read_id("id", &id)?).await?;
        Ok(run.map(Into::into))
    }

    /// The recorded runs of mappers, the newest first.
    #[graphql(complexity = "crate::graphql::page::weight(first, last, child_complexity)")]
    #[expect(
        clippy::too_many_arguments,
        reason = "a list with a filter takes one more than others"
    )]
    async fn mapping_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Which runs; all of them where nothing is said.")] filter: Option<
            MappingRunFilter,
        >,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<MappingRun>>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let paging = Paging::of(ctx, List::MappingRuns, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let filter = filter.unwrap_or_default().read()?;
        let page = reads::mapper::runs(&reader, &filter, &request).await?;
        Ok(Some(paging.connection(page, MappingRun::from)))
    }

    /// The life of one order: what was told of it, what ran, what was posted and moved, and who let what serve; null
    /// where nothing was ever told of it.
    async fn order_timeline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "The store's id of the order.")] order_id: ID,
    ) -> Result<Option<OrderTimeline>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let timeline = Timeline::open(&reader, read_id("orderId", &order_id)?).await?;
        Ok(timeline.map(Into::into))
    }
}

/// Which runs are wanted; what is not said is not asked for.
#[derive(InputObject, Default, Debug)]
pub(crate) struct MappingRunFilter {
    /// Those of this mapper version, 0 for the built-in one, with the config.
    version: Option<u32>,
    /// The config, 0 for no settings; goes with `version`.
    config: Option<u32>,
    /// Those over this order of the store.
    order_id: Option<ID>,
    /// Those that ended so.
    outcome: Option<RunOutcome>,
}

impl MappingRunFilter {
    fn read(self) -> Result<reads::mapper::RunFilter, Problem> {
        let order = self.order_id.map(|id| read_id("filter.orderId", &id)).transpose()?;
        Ok(reads::mapper::RunFilter {
            mapper: read_bound("filter.config", self.version, self.config)?,
            object: order.map(|id| (Capability::MapOrder, id)),
            outcome: self.outcome.map(Into::into),
        })
    }
}

/// A version with a config, where a version is named; `field` names the config.
fn read_bound(
    field: &str,
    version: Option<u32>,
    config: Option<u32>,
) -> Result<Option<Bound>, Problem> {
    match (version, config) {
        (None, Some(_)) => Err(Problem::input(field, "goes with version, which is missing")),
        (version, config) => {
            Ok(version.map(|version| Bound { version, config: config.unwrap_or_default() }))
        }
    }
}

/// Which mapper to try on what.
#[derive(InputObject, Debug)]
pub(crate) struct PreviewMappingInput {
    /// The business.
    business_id: ID,
    /// The mapper version, 0 for the built-in one; what serves now where it is missing.
    version: Option<u32>,
    /// The config, 0 for no settings; goes with `version`.
    config: Option<u32>,
    /// Settings to try in place of the config's.
    settings: Option<JsonObject>,
    /// The topic that the body would come by.
    #[graphql(default = "orders/create")]
    topic: String,
    /// The body as the store would send it, at most 512 KiB.
    body: String,
    /// The currency of a product's prices, by its ISO 4217 code.
    #[graphql(default = "USD")]
    currency: String,
}

impl PreviewMappingInput {
    fn read(self) -> Result<Trial, Problem> {
        let currency = self.currency.parse();
        let currency =
            currency.map_err(|error| Problem::input("input.currency", format!("is {error}")))?;
        let bound = read_bound("input.config", self.version, self.config)?;
        let settings = self.settings.map(|JsonObject(settings)| settings);
        Ok(Trial { bound, settings, topic: self.topic, body: self.body, currency })
    }
}
