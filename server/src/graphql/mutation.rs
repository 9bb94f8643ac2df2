//! What callers do. Each mutation takes one `input`, calls one function of `actions`, and answers with a payload: the
//! object, or what the caller has to change.

mod endpoint;
mod input;
mod inventory;
mod mapper;
mod payload;
mod product_push;
mod reconcile;

use async_graphql::{Context, MergedObject, Object};

use super::context::{app, caller, read_id};
use super::error::{Failed, outcome};
use super::r#type::PollReport;
use crate::actions;
use crate::error::Problem;

use endpoint::EndpointMutation;
use input::{
    ConnectShopifyInput, DebugPollInput, DisconnectInput, HealSubscriptionsInput, LinkProductInput,
    PollNowInput, ReplayDeliveryInput, SetStockInput, UpsertPosProductsInput,
};
use inventory::InventoryMutation;
use mapper::MapperMutation;
use payload::{
    ConnectShopifyPayload, DebugPollPayload, DisconnectPayload, HealSubscriptionsPayload,
    LinkProductPayload, PollNowPayload, ReplayDeliveryPayload, SetStockPayload,
    UpsertPosProductsPayload,
};
use product_push::ProductPushMutation;
use reconcile::ReconcileMutation;

/// The name under which the provider of `connectShopify` is registered.
const SHOPIFY: &str = "shopify";

/// Doing. What the caller can mend comes as `userErrors`; everything else is an error.
#[derive(MergedObject, Default)]
pub(crate) struct Mutation(
    StoreMutation,
    MapperMutation,
    EndpointMutation,
    InventoryMutation,
    ProductPushMutation,
    ReconcileMutation,
);

/// What is done to the store's connection, the POS's catalogue and the stock.
#[derive(Default)]
pub(crate) struct StoreMutation;

#[Object]
impl StoreMutation {
    /// Starts to connect the business to a Shopify store: answers with the page to send the merchant to, and gives the
    /// browser a cookie that it has to bring back. Call it over HTTP, since a socket gives no cookies. Needs the role
    /// admin.
    async fn connect_shopify(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which store, for which business.")] input: ConnectShopifyInput,
    ) -> Result<Option<ConnectShopifyPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            actions::connect::begin(app, caller, business, SHOPIFY, &input.shop).await
        };
        let (authorization, user_errors) = outcome(done.await)?;
        if let Some(authorization) = &authorization {
            ctx.append_http_header(http::header::SET_COOKIE, authorization.cookie.as_str());
        }
        Ok(Some(ConnectShopifyPayload {
            authorization: authorization.map(Into::into),
            user_errors,
        }))
    }

    /// Lets go of the business's store. Doing it again does nothing. Needs the role admin.
    async fn disconnect(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose store.")] input: DisconnectInput,
    ) -> Result<Option<DisconnectPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            actions::connect::disconnect(app, caller, business).await
        };
        let (disconnected, user_errors) = outcome(done.await)?;
        Ok(Some(DisconnectPayload { disconnected, user_errors }))
    }

    /// Polls the business's store now. Answers at once; the entry of the sync log and `syncProgress` tell how it goes
    /// on. Needs the role operator.
    async fn poll_now(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose store.")] input: PollNowInput,
    ) -> Result<Option<PollNowPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            actions::sync::poll_now(app, caller, business).await
        };
        let (entry, user_errors) = outcome(done.await)?;
        Ok(Some(PollNowPayload { sync_log_entry: entry.map(Into::into), user_errors }))
    }

    /// Polls the business's store, waits for the end, and tells what was seen and what of it was news. For when something
    /// seems wrong: it shows an error of the store as it came. Needs the role operator.
    #[graphql(complexity = "50 + 2 * child_complexity")]
    async fn debug_poll(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose store.")] input: DebugPollInput,
    ) -> Result<Option<DebugPollPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            actions::sync::debug_poll(app, caller, business).await
        };
        let (polls, user_errors) = outcome(done.await)?;
        let polls = polls.map(PollReport::all);
        Ok(Some(DebugPollPayload { polls, user_errors }))
    }

    /// Has the subscriptions to the store's webhooks looked at now: those that vanished are made again, and what was
    /// missed meanwhile is read. Answers at once; the sync log and the activity feed tell what came of it. Needs the
    /// role operator.
    async fn heal_subscriptions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose store.")] input: HealSubscriptionsInput,
    ) -> Result<Option<HealSubscriptionsPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            actions::sync::heal_subscriptions(app, caller, business).await
        };
        let (connection, user_errors) = outcome(done.await)?;
        let connection = connection.map(Into::into);
        Ok(Some(HealSubscriptionsPayload { connection, user_errors }))
    }

    /// Has a finished or dead delivery processed once more, with all its attempts. Nothing happens twice by it. Needs
    /// the role operator.
    async fn replay_delivery(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which delivery.")] input: ReplayDeliveryInput,
    ) -> Result<Option<ReplayDeliveryPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            let delivery = read_id("input.deliveryId", &input.delivery_id)?;
            actions::deliveries::replay(app, caller, business, delivery).await?;
            Ok::<_, Problem>(input.delivery_id.clone())
        };
        let (delivery_id, user_errors) = outcome(done.await)?;
        Ok(Some(ReplayDeliveryPayload { delivery_id, user_errors }))
    }

    /// Puts products into the POS's catalogue, new or changed. Store variants with the same SKU that are not linked yet
    /// are linked, and orders that waited for it move their stock. Needs the role operator.
    async fn upsert_pos_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which products.")] input: UpsertPosProductsInput,
    ) -> Result<Option<UpsertPosProductsPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            let products = input::read_products(input.products)?;
            actions::catalog::upsert_pos_products(app, caller, business, products).await
        };
        let (products, user_errors) = outcome(done.await)?;
        let products = products.map(|products| products.into_iter().map(Into::into).collect());
        Ok(Some(UpsertPosProductsPayload { products, user_errors }))
    }

    /// Links a variant of the store to a POS product, in place of any link that it has. Orders since the cut-over are
    /// posted again: what they should have moved is moved now, what they moved on another product is undone. Needs the
    /// role operator.
    async fn link_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to link.")] input: LinkProductInput,
    ) -> Result<Option<LinkProductPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            let variant = read_id("input.variantId", &input.variant_id)?;
            let product = input.pos_product_id.0;
            actions::catalog::link_product(app, caller, business, variant, product).await
        };
        let (linked, user_errors) = outcome(done.await)?;
        Ok(Some(LinkProductPayload { linked: linked.map(Into::into), user_errors }))
    }

    /// Notes that somebody counted: the ledger gets the difference as a movement, and the level is what was counted.
    /// Needs the role operator.
    async fn set_stock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was counted.")] input: SetStockInput,
    ) -> Result<Option<SetStockPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let SetStockInput { business_id, pos_product_id, location, quantity } = input;
        let done = async {
            let business = read_id("input.businessId", &business_id)?;
            let product = pos_product_id.0;
            actions::stock::set_stock(app, caller, business, product, location, quantity.0).await
        };
        let (level, user_errors) = outcome(done.await)?;
        Ok(Some(SetStockPayload { stock_level: level.map(Into::into), user_errors }))
    }
}
