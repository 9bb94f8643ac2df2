//! What callers do about differences between the store and the gateway.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::actions;
use crate::graphql::context::{app, caller, read_id};
use crate::graphql::error::{Failed, UserError, outcome};
use crate::graphql::scalar::DateTime;
use crate::graphql::r#type::{Certificate, Reconciliation, Resource};

/// What to compare with which store.
#[derive(InputObject, Debug)]
pub(super) struct ReconcileInput {
    /// The business.
    business_id: ID,
    /// Its connection.
    connection_id: ID,
    /// What to compare.
    resource: Resource,
}

/// Which comparison's findings to heal.
#[derive(InputObject, Debug)]
pub(super) struct HealDriftInput {
    /// The business.
    business_id: ID,
    /// The comparison.
    reconciliation_id: ID,
}

/// What to certify.
#[derive(InputObject, Debug)]
pub(super) struct CertifyInput {
    /// The business.
    business_id: ID,
    /// Its connection.
    connection_id: ID,
    /// About what.
    resource: Resource,
    /// The beginning of the period, at most 366 days before its end.
    from: DateTime,
    /// The end of the period, which is not in it: ten minutes ago, or earlier.
    to: DateTime,
}

/// The answer to `certify`.
#[derive(SimpleObject, Debug)]
pub(super) struct CertifyPayload {
    /// The certificate, which is still being made.
    certificate: Option<Certificate>,
    /// What the caller has to change.
    user_errors: Vec<UserError>,
}

/// The answer to `reconcile`.
#[derive(SimpleObject, Debug)]
pub(super) struct ReconcilePayload {
    /// The comparison, which is still running.
    reconciliation: Option<Reconciliation>,
    /// What the caller has to change.
    user_errors: Vec<UserError>,
}

/// The answer to `healDrift`.
#[derive(SimpleObject, Debug)]
pub(super) struct HealDriftPayload {
    /// The comparison, which goes on.
    reconciliation: Option<Reconciliation>,
    /// What the caller has to change.
    user_errors: Vec<UserError>,
}

/// What is done about differences between the store and the gateway.
#[derive(Default)]
pub(crate) struct ReconcileMutation;

#[Object]
impl ReconcileMutation {
    /// Compares everything that the store has of a kind with what is held. Little of what differs is healed at once: what
    /// is missing or old is read again, what the store provably no longer has is marked as removed. Much of it waits for
    /// `healDrift`. Answers at once, with the one under way where there is one; `reconciliation` and `activity` tell how it
    /// goes on. It runs by itself once a day. Needs the role operator.
    async fn reconcile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to compare.")] input: ReconcileInput,
    ) -> Result<Option<ReconcilePayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            let connection = read_id("input.connectionId", &input.connection_id)?;
            let kind = input.resource.into();
            actions::reconcile::begin(app, caller, business, connection, kind).await
        };
        let (run, user_errors) = outcome(done.await)?;
        Ok(Some(ReconcilePayload { reconciliation: run.map(Into::into), user_errors }))
    }

    /// Agrees to what a comparison found being healed. Needs the role admin, and a comparison that waits for approval.
    async fn heal_drift(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which comparison.")] input: HealDriftInput,
    ) -> Result<Option<HealDriftPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            let id = read_id("input.reconciliationId", &input.reconciliation_id)?;
            actions::reconcile::heal(app, caller, business, id).await
        };
        let (run, user_errors) = outcome(done.await)?;
        Ok(Some(HealDriftPayload { reconciliation: run.map(Into::into), user_errors }))
    }

    /// Makes a certificate about what the store made in a period: that each object is held in the store's version with the
    /// bytes that it was refined from, or was refused with a reason; and lists those of which neither is true. Answers at
    /// once; `certificate` shows it when it is finished, and `certificates` ever after. Needs the role operator.
    async fn certify(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to certify.")] input: CertifyInput,
    ) -> Result<Option<CertifyPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            let connection = read_id("input.connectionId", &input.connection_id)?;
            let (kind, period) = (input.resource.into(), (input.from.0, input.to.0));
            actions::reconcile::certify(app, caller, business, (connection, kind), period).await
        };
        let (certificate, user_errors) = outcome(done.await)?;
        Ok(Some(CertifyPayload { certificate: certificate.map(Into::into), user_errors }))
    }
}
