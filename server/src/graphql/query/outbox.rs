//! POS orders on their way to the business's own POS.

use async_graphql::{Context, ID, Object};

use crate::graphql::context::reader;
use crate::graphql::error::Failed;
use crate::graphql::page::{List, PageArguments, PageOf, Paging};
use crate::graphql::r#type::{OutboxEntry, OutboxState, PosEndpoint};
use crate::reads;

/// What is read of the outbox.
#[derive(Default)]
pub(crate) struct OutboxQuery;

#[Object]
impl OutboxQuery {
    /// Where the business's POS orders are sent to; null where they are not.
    async fn pos_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
    ) -> Result<Option<PosEndpoint>, Failed> {
        let reader = reader(ctx, &business_id)?;
        Ok(reads::outbox::endpoint(&reader).await?.map(Into::into))
    }

    /// POS orders that are, or were, on their way to the business's own POS.
    #[graphql(complexity = "crate::graphql::page::weight(first, last, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a list, and a filter")]
    async fn outbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Those in this state only.")] state: Option<OutboxState>,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<OutboxEntry>>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let paging = Paging::of(ctx, List::Outbox, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let page = reads::outbox::page(&reader, state.map(Into::into), &request).await?;
        Ok(Some(paging.connection(page, OutboxEntry::from)))
    }
}
