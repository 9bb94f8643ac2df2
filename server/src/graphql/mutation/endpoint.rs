//! Where POS orders are sent to.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::actions;
use crate::graphql::context::{app, caller, read_id};
use crate::graphql::error::{Failed, UserError, outcome};
use crate::graphql::r#type::PosEndpoint;

/// Which address to send POS orders to.
#[derive(InputObject, Debug)]
pub(super) struct SetPosEndpointInput {
    /// The business.
    business_id: ID,
    /// The address, for instance `https://pos.example/orders`.
    url: String,
    /// Makes a new secret. The former one goes on signing beside it for a day.
    #[graphql(default)]
    new_secret: bool,
}

/// Whose POS orders to send nowhere.
#[derive(InputObject, Debug)]
pub(super) struct RemovePosEndpointInput {
    /// The business.
    business_id: ID,
}

/// Which POS order to send.
#[derive(InputObject, Debug)]
pub(super) struct SendPosOrderInput {
    /// The business.
    business_id: ID,
    /// The store order.
    order_id: ID,
}

/// The answer to `setPosEndpoint`.
#[derive(SimpleObject, Debug)]
pub(super) struct SetPosEndpointPayload {
    /// The endpoint.
    endpoint: Option<PosEndpoint>,
    /// The secret that signs what is sent, where one was made. It is shown this once.
    secret: Option<String>,
    /// What the caller has to change.
    user_errors: Vec<UserError>,
}

/// The answer to `removePosEndpoint`.
#[derive(SimpleObject, Debug)]
pub(super) struct RemovePosEndpointPayload {
    /// Whether there was one.
    removed: Option<bool>,
    /// What the caller has to change.
    user_errors: Vec<UserError>,
}

/// The answer to `sendPosOrder`.
#[derive(SimpleObject, Debug)]
pub(super) struct SendPosOrderPayload {
    /// The store order whose POS order is sent.
    order_id: Option<ID>,
    /// What the caller has to change.
    user_errors: Vec<UserError>,
}

/// What is done to the way to the business's own POS.
#[derive(Default)]
pub(crate) struct EndpointMutation;

#[Object]
impl EndpointMutation {
    /// Has each new version of a POS order sent to an address from now on, signed after the Standard Webhooks convention,
    /// at least once and never an older version after a newer one. Needs the role admin.
    async fn set_pos_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which address.")] input: SetPosEndpointInput,
    ) -> Result<Option<SetPosEndpointPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            actions::endpoint::set(app, caller, business, &input.url, input.new_secret).await
        };
        let (set, user_errors) = outcome(done.await)?;
        let (endpoint, secret) =
            set.map_or((None, None), |set| (Some(set.endpoint.into()), set.secret));
        let secret = secret.map(|secret| secret.reveal().to_owned());
        Ok(Some(SetPosEndpointPayload { endpoint, secret, user_errors }))
    }

    /// Sends POS orders nowhere any more, and forgets those that waited. Needs the role admin.
    async fn remove_pos_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] input: RemovePosEndpointInput,
    ) -> Result<Option<RemovePosEndpointPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            actions::endpoint::remove(app, caller, business).await
        };
        let (removed, user_errors) = outcome(done.await)?;
        Ok(Some(RemovePosEndpointPayload { removed, user_errors }))
    }

    /// Sends the newest version of a POS order, also one that was sent before or given up. Needs the role operator.
    async fn send_pos_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which order.")] input: SendPosOrderInput,
    ) -> Result<Option<SendPosOrderPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            let order = read_id("input.orderId", &input.order_id)?;
            actions::endpoint::send(app, caller, business, order).await
        };
        let (sent, user_errors) = outcome(done.await)?;
        let order_id = sent.map(|()| input.order_id.clone());
        Ok(Some(SendPosOrderPayload { order_id, user_errors }))
    }
}
