//! What callers read of stock on its way to the store.

use async_graphql::{Context, ID, InputObject, Object};

use crate::graphql::context::reader;
use crate::graphql::error::Failed;
use crate::graphql::page::{List, PageArguments, PageOf, Paging};
use crate::graphql::r#type::{InventoryPolicy, StockPush};
use crate::reads;

/// What is read of stock on its way to the store.
#[derive(Default)]
pub(crate) struct InventoryQuery;

#[Object]
impl InventoryQuery {
    /// Who says how many pieces there are, and what the store is told.
    async fn inventory_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
    ) -> Result<Option<InventoryPolicy>, Failed> {
        let reader = reader(ctx, &business_id)?;
        Ok(Some(reads::inventory::policy(&reader).await?.into()))
    }

    /// What is sent of each item to each location of the store, and what became of it, by item.
    #[graphql(complexity = "crate::graphql::page::weight(first, last, child_complexity)")]
    #[expect(
        clippy::too_many_arguments,
        reason = "a list with a filter takes one more than others"
    )]
    async fn stock_pushes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Which pushes; all of them where nothing is said.")] filter: Option<
            StockPushFilter,
        >,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<StockPush>>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let paging = Paging::of(ctx, List::StockPushes, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let pos_product_id = filter.and_then(|filter| filter.pos_product_id).map(|id| id.0);
        let filter = reads::inventory::PushFilter { pos_product_id };
        let page = reads::inventory::pushes(&reader, &filter, &request).await?;
        Ok(Some(paging.connection(page, StockPush::from)))
    }
}

/// Which pushes are wanted; what is not said is not asked for.
#[derive(InputObject, Default, Debug)]
pub(crate) struct StockPushFilter {
    /// Those of this POS product.
    pos_product_id: Option<ID>,
}
