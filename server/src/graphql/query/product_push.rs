//! What callers read of products on their way to the store.

use async_graphql::{Context, ID, InputObject, Object};

use crate::graphql::context::{read_id, reader};
use crate::graphql::error::Failed;
use crate::graphql::page::{List, PageArguments, PageOf, Paging};
use crate::graphql::r#type::ProductPush;
use crate::reads;

/// What is read of products on their way to the store.
#[derive(Default)]
pub(crate) struct ProductPushQuery;

#[Object]
impl ProductPushQuery {
    /// The products that the store was asked to show, and what became of each, by POS product.
    #[graphql(complexity = "crate::graphql::page::weight(first, last, child_complexity)")]
    #[expect(
        clippy::too_many_arguments,
        reason = "a list with a filter takes one more than others"
    )]
    async fn product_pushes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Which pushes; all of them where nothing is said.")] filter: Option<
            ProductPushFilter,
        >,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<ProductPush>>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let paging = Paging::of(ctx, List::ProductPushes, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let filter = filter.unwrap_or_default();
        let sync_log_id = filter.sync_log_id.as_ref();
        let sync_log_id = sync_log_id.map(|id| read_id("filter.syncLogId", id)).transpose()?;
        let failed = filter.failed.unwrap_or_default();
        let filter = reads::product_push::ProductPushFilter { sync_log_id, failed };
        let page = reads::product_push::pushes(&reader, &filter, &request).await?;
        Ok(Some(paging.connection(page, ProductPush::from)))
    }
}

/// Which pushes are wanted; what is not said is not asked for.
#[derive(InputObject, Default, Debug)]
pub(crate) struct ProductPushFilter {
    /// Those that were last part of this request, by its entry in the sync log.
    sync_log_id: Option<ID>,
    /// Those that failed.
    failed: Option<bool>,
}
