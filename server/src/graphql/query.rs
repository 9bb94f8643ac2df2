//! What callers read. Each resolver takes the right to read, calls one function of `reads`, and wraps what it gives.
//!
//! Here as everywhere in the schema, a field that may fail is nullable, so that its failure takes nothing else with it.

mod health;
mod inventory;
mod mapper;
mod outbox;
mod privacy;
mod product_push;
mod reconcile;

use async_graphql::{Context, ID, InputObject, MergedObject, Object};

use super::context::{app, caller, read_id, reader};
use super::error::Failed;
use super::page::{List, PageArguments, PageOf, Paging};
use super::r#type::{
    ActivityEvent, ConnectedStore, DeadLetter, Order, PosOrder, PosProduct, Product, ScopeReport,
    StockLevel, StockMovement, SyncLogEntry,
};
use crate::error::Problem;
use crate::reads;

use health::HealthQuery;
use inventory::InventoryQuery;
use mapper::MapperQuery;
use outbox::OutboxQuery;
use privacy::PrivacyQuery;
use product_push::ProductPushQuery;
use reconcile::ReconcileQuery;

/// Reading. Everything belongs to a business, and a business that is not the caller's does not exist for them.
#[derive(MergedObject, Default)]
pub(crate) struct Query(
    StoreQuery,
    MapperQuery,
    HealthQuery,
    OutboxQuery,
    InventoryQuery,
    PrivacyQuery,
    ProductPushQuery,
    ReconcileQuery,
);

/// What is read of the store, the POS and the stock.
#[derive(Default)]
pub(crate) struct StoreQuery;

#[Object]
impl StoreQuery {
    /// The business's live connection; null where it has none.
    async fn connection(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
    ) -> Result<Option<ConnectedStore>, Failed> {
        let reader = reader(ctx, &business_id)?;
        Ok(reads::connections::live(&reader).await?.map(Into::into))
    }

    /// Connections of one business or of all that the caller belongs to, ended ones included.
    #[graphql(complexity = "10 * child_complexity")]
    async fn connections(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose; needed by callers of more than 100 businesses.")]
        business_id: Option<ID>,
    ) -> Result<Option<Vec<ConnectedStore>>, Failed> {
        let business = business_id.as_ref().map(|id| read_id("businessId", id)).transpose()?;
        let found = reads::connections::all(app(ctx)?, caller(ctx)?, business).await?;
        Ok(Some(found.into_iter().map(Into::into).collect()))
    }

    /// What the live connection's merchant granted, what the gateway uses, and what is missing, with the feature that
    /// each missing permission blocks; null where the business has no live connection.
    async fn scopes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
    ) -> Result<Option<ScopeReport>, Failed> {
        let reader = reader(ctx, &business_id)?;
        Ok(reads::connections::scopes(app(ctx)?, &reader).await?.map(Into::into))
    }

    /// The sync log, the newest entry first.
    #[graphql(complexity = "super::page::weight(first, last, child_complexity)")]
    async fn sync_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<SyncLogEntry>>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let paging = Paging::of(ctx, List::SyncLog, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let page = reads::log::sync_log(&reader, &request).await?;
        Ok(Some(paging.connection(page, SyncLogEntry::from)))
    }

    /// The store's orders, the one made last first.
    #[graphql(complexity = "super::page::weight(first, last, child_complexity)")]
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<Order>>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let paging = Paging::of(ctx, List::Orders, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let page = reads::orders::page(&reader, &request).await?;
        Ok(Some(paging.connection(page, |row| Order::new(row, &reader))))
    }

    /// An order of the store; null where there is none.
    async fn order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "The store's id of it.")] id: ID,
    ) -> Result<Option<Order>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let row = reads::orders::one(&reader, read_id("id", &id)?).await?;
        Ok(row.map(|row| Order::new(row, &reader)))
    }

    /// The store's products, the newest first.
    #[graphql(complexity = "super::page::weight(first, last, child_complexity)")]
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<Product>>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let paging = Paging::of(ctx, List::Products, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let page = reads::products::page(&reader, &request).await?;
        Ok(Some(paging.connection(page, |row| Product::new(row, &reader))))
    }

    /// POS orders, the one placed last first.
    #[graphql(complexity = "super::page::weight(first, last, child_complexity)")]
    async fn pos_orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<PosOrder>>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let paging = Paging::of(ctx, List::PosOrders, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let page = reads::pos_orders::page(&reader, &request).await?;
        Ok(Some(paging.connection(page, |head| PosOrder::new(head, &reader))))
    }

    /// The POS order of a store order; null where it was not posted.
    async fn pos_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "The store's id of the order.")] order_id: ID,
    ) -> Result<Option<PosOrder>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let head = reads::pos_orders::one(&reader, read_id("orderId", &order_id)?).await?;
        Ok(head.map(|head| PosOrder::new(head, &reader)))
    }

    /// The POS's catalogue, by id.
    #[graphql(complexity = "super::page::weight(first, last, child_complexity)")]
    async fn pos_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<PosProduct>>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let paging = Paging::of(ctx, List::PosProducts, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let page = reads::products::pos_page(&reader, &request).await?;
        Ok(Some(paging.connection(page, PosProduct::from)))
    }

    /// The stock ledger's movements, the one recorded last first.
    #[graphql(complexity = "super::page::weight(first, last, child_complexity)")]
    #[expect(
        clippy::too_many_arguments,
        reason = "a list with a filter takes one more than others"
    )]
    async fn stock_movements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Which movements; all of them where nothing is said.")] filter: Option<
            StockMovementFilter,
        >,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<StockMovement>>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let paging = Paging::of(ctx, List::StockMovements, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let filter = filter.unwrap_or_default().read()?;
        let page = reads::stock::movements(&reader, &filter, &request).await?;
        Ok(Some(paging.connection(page, StockMovement::from)))
    }

    /// How much of these POS products lies at every place where they ever moved.
    #[graphql(complexity = "10 * child_complexity")]
    async fn stock_levels(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Which POS products, at most 100.")] pos_product_ids: Vec<ID>,
    ) -> Result<Option<Vec<StockLevel>>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let products: Vec<String> = pos_product_ids.into_iter().map(|id| id.0).collect();
        let levels = reads::stock::levels(&reader, &products).await?;
        Ok(Some(levels.into_iter().map(Into::into).collect()))
    }

    /// Deliveries that could not be processed, the newest first.
    #[graphql(complexity = "super::page::weight(first, last, child_complexity)")]
    async fn dead_letters(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<DeadLetter>>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let paging = Paging::of(ctx, List::DeadLetters, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let page = reads::log::dead_letters(&reader, &request).await?;
        Ok(Some(paging.connection(page, DeadLetter::from)))
    }

    /// The activity feed's past, the newest event first. The subscription of the same name tells what comes.
    #[graphql(complexity = "super::page::weight(first, last, child_complexity)")]
    async fn activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<ActivityEvent>>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let paging = Paging::of(ctx, List::Activity, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let page = reads::log::activity(&reader, &request).await?;
        Ok(Some(paging.connection(page, ActivityEvent::from)))
    }
}

/// Which movements of the ledger are wanted; what is not said is not asked for.
#[derive(InputObject, Default, Debug)]
pub(crate) struct StockMovementFilter {
    /// Those of this POS product.
    pos_product_id: Option<ID>,
    /// Those of this store order.
    order_id: Option<ID>,
}

impl StockMovementFilter {
    fn read(self) -> Result<reads::stock::MovementFilter, Problem> {
        let order_id = self.order_id.map(|id| read_id("filter.orderId", &id)).transpose()?;
        let pos_product_id = self.pos_product_id.map(|id| id.0);
        Ok(reads::stock::MovementFilter { pos_product_id, order_id })
    }
}
