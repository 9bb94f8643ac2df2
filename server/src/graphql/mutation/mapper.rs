//! What callers do with their mappers.

mod input;
mod payload;

use async_graphql::{Context, Object};
use domain::access::Role;
use domain::mapper::Bound;

use crate::actions::mapper::{bind, config, repair, replay, shadow, upload};
use crate::graphql::context::{app, caller, read_id};
use crate::graphql::error::{Failed, outcome};

use input::{
    ActivateMapperInput, CanaryMapperInput, EndCanaryInput, RepairMapperInput, ReplayRunInput,
    RetireMapperInput, RollbackMapperInput, SetMapperConfigInput, ShadowMapperInput,
    UploadMapperInput, ValidateMapperInput,
};
use payload::{
    ActivateMapperPayload, CanaryMapperPayload, EndCanaryPayload, RepairMapperPayload,
    ReplayRunPayload, RetireMapperPayload, RollbackMapperPayload, SetMapperConfigPayload,
    ShadowMapperPayload, UploadMapperPayload, ValidateMapperPayload,
};

/// What is done with mappers.
#[derive(Default)]
pub(crate) struct MapperMutation;

#[Object]
impl MapperMutation {
    /// Keeps a component as the business's next mapper version and says whether it may serve: it has to load, to
    /// describe itself, and to pass the tests that travel with it. The same bytes again are the version that they are
    /// already. Send it as multipart/form-data with the header `apollo-require-preflight`. Needs the role admin.
    async fn upload_mapper(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to keep.")] input: UploadMapperInput,
    ) -> Result<Option<UploadMapperPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            // Who may not upload learns that first, and not what is wrong with the file.
            app.tenant(caller, business, Role::Admin)?;
            let component = input.component.read(ctx, "input.component")?;
            upload::upload(app, caller, business, component).await
        };
        let (version, user_errors) = outcome(done.await)?;
        Ok(Some(UploadMapperPayload { mapper_version: version.map(Into::into), user_errors }))
    }

    /// Examines a version anew, as on its upload. One that was retired may serve again if it passes. Needs the role
    /// operator.
    async fn validate_mapper(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which version.")] input: ValidateMapperInput,
    ) -> Result<Option<ValidateMapperPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            upload::validate(app, caller, business, input.version).await
        };
        let (version, user_errors) = outcome(done.await)?;
        Ok(Some(ValidateMapperPayload { mapper_version: version.map(Into::into), user_errors }))
    }

    /// Keeps settings for a version as the business's next mapper config, if they are as the version's schema wants them.
    /// Settings that say the same are the config that they are already. Nothing serves by it yet. Needs the role admin.
    async fn set_mapper_config(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which settings.")] input: SetMapperConfigInput,
    ) -> Result<Option<SetMapperConfigPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            config::set(app, caller, business, input.version, input.settings.0).await
        };
        let (config, user_errors) = outcome(done.await)?;
        Ok(Some(SetMapperConfigPayload { mapper_config: config.map(Into::into), user_errors }))
    }

    /// Begins to compare a mapper with the active one over the business's last orders and products. Nothing that either
    /// answers is kept but the report. Answers at once; `shadowReport` and `mapperProgress` tell how it goes on. Needs the
    /// role operator.
    async fn shadow_mapper(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to compare.")] input: ShadowMapperInput,
    ) -> Result<Option<ShadowMapperPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            let candidate = Bound { version: input.version, config: input.config };
            let last = input.last.unwrap_or(shadow::LAST);
            shadow::start(app, caller, business, candidate, last).await
        };
        let (report, user_errors) = outcome(done.await)?;
        Ok(Some(ShadowMapperPayload { shadow_report: report.map(Into::into), user_errors }))
    }

    /// Lets a mapper serve all orders, from the very next one on. A canary ends. Rests on a finished shadow report of
    /// exactly this mapper beside what is active, or on a reason why none is needed, which stays in the history. Needs the
    /// role admin.
    async fn activate_mapper(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to serve, and on what grounds.")] input: ActivateMapperInput,
    ) -> Result<Option<ActivateMapperPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            let bound = Bound { version: input.version, config: input.config };
            // Who may not change it learns that first, and not what is wrong with the grounds.
            app.tenant(caller, business, Role::Admin)?;
            let grounds = input::read_grounds(input.shadow_report_id, input.override_reason)?;
            bind::activate(app, caller, business, bound, grounds).await
        };
        outcome(done.await).map(|done| Some(done.into()))
    }

    /// Lets a mapper serve a share of the orders, chosen by their ids, in the place of any other canary. Rests on what
    /// `activateMapper` rests on. Needs the role admin.
    async fn canary_mapper(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to serve which share, and on what grounds.")]
        input: CanaryMapperInput,
    ) -> Result<Option<CanaryMapperPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            let bound = Bound { version: input.version, config: input.config };
            // Who may not change it learns that first, and not what is wrong with the grounds.
            app.tenant(caller, business, Role::Admin)?;
            let grounds = input::read_grounds(input.shadow_report_id, input.override_reason)?;
            bind::canary(app, caller, business, bound, input.percent, grounds).await
        };
        outcome(done.await).map(|done| Some(done.into()))
    }

    /// Ends the canary: the active mapper serves all orders. Needs the role admin.
    async fn end_canary(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose canary.")] input: EndCanaryInput,
    ) -> Result<Option<EndCanaryPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            bind::end_canary(app, caller, business, input.reason).await
        };
        outcome(done.await).map(|done| Some(done.into()))
    }

    /// Takes the last step back, from the very next order on: the canary ends, or, without one, what served before serves
    /// again. Needs the role admin.
    async fn rollback_mapper(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose mapper, and why.")] input: RollbackMapperInput,
    ) -> Result<Option<RollbackMapperPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            bind::rollback(app, caller, business, input.reason).await
        };
        outcome(done.await).map(|done| Some(done.into()))
    }

    /// Takes a version back that does not serve. It cannot serve until it is validated anew. Needs the role admin.
    async fn retire_mapper(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which version.")] input: RetireMapperInput,
    ) -> Result<Option<RetireMapperPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            bind::retire(app, caller, business, input.version, input.reason).await
        };
        outcome(done.await).map(|done| Some(done.into()))
    }

    /// Has every order that a mapper ever mapped, or failed to, mapped again by what serves now. Corrections are new
    /// versions of POS orders and further movements; where nothing differs, nothing is written. Roll back first: what
    /// serves cannot be repaired. Answers at once; `mapperRepair` and `mapperProgress` tell how it goes on. Needs the
    /// role admin.
    async fn repair_mapper(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What did it wrong.")] input: RepairMapperInput,
    ) -> Result<Option<RepairMapperPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            let bound = Bound { version: input.version, config: input.config };
            repair::start(app, caller, business, bound).await
        };
        let (repair, user_errors) = outcome(done.await)?;
        Ok(Some(RepairMapperPayload { repair: repair.map(Into::into), user_errors }))
    }

    /// Repeats a recorded run and compares what it gives, byte for byte, with what was recorded. Nothing is written but an
    /// alarm in the activity feed where it differs. Needs the role operator.
    async fn replay_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which run.")] input: ReplayRunInput,
    ) -> Result<Option<ReplayRunPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            app.tenant(caller, business, Role::Operator)?;
            let run = read_id("input.runId", &input.run_id)?;
            replay::one(app, caller, business, run).await
        };
        let (replay, user_errors) = outcome(done.await)?;
        Ok(Some(ReplayRunPayload { replay: replay.map(Into::into), user_errors }))
    }
}
