//! What callers read of comparisons with the store.

use async_graphql::{Context, ID, Object};

use crate::graphql::context::{read_id, reader};
use crate::graphql::error::Failed;
use crate::graphql::page::{List, PageArguments, PageOf, Paging};
use crate::graphql::r#type::{Certificate, Drift, Reconciliation};
use crate::reads;

/// What is read of comparisons with the store.
#[derive(Default)]
pub(crate) struct ReconcileQuery;

#[Object]
impl ReconcileQuery {
    /// Comparisons of everything that the store has with what is held, the newest first.
    #[graphql(complexity = "crate::graphql::page::weight(first, last, child_complexity)")]
    async fn reconciliations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<Reconciliation>>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let paging = Paging::of(ctx, List::Reconciliations, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let page = reads::reconcile::page(&reader, &request).await?;
        Ok(Some(paging.connection(page, Reconciliation::from)))
    }

    /// A comparison; null where there is none.
    async fn reconciliation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<Option<Reconciliation>, Failed> {
        let reader = reader(ctx, &business_id)?;
        Ok(reads::reconcile::one(&reader, read_id("id", &id)?).await?.map(Into::into))
    }

    /// What a comparison found to differ, by the store's id.
    #[graphql(complexity = "crate::graphql::page::weight(first, last, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a list, and whose it is")]
    async fn drift(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Of which comparison.")] reconciliation_id: ID,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<Drift>>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let paging = Paging::of(ctx, List::Drift, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let id = read_id("reconciliationId", &reconciliation_id)?;
        let page = reads::reconcile::drift(&reader, id, &request).await?;
        Ok(Some(paging.connection(page, Drift::from)))
    }

    /// Certificates that everything of a period is accounted for, the newest first.
    #[graphql(complexity = "crate::graphql::page::weight(first, last, child_complexity)")]
    async fn certificates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<Certificate>>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let paging = Paging::of(ctx, List::Certificates, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let page = reads::reconcile::certificates(&reader, &request).await?;
        Ok(Some(paging.connection(page, Certificate::from)))
    }

    /// A certificate; null where there is none.
    async fn certificate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<Option<Certificate>, Failed> {
        let reader = reader(ctx, &business_id)?;
        let found = reads::reconcile::certificate(&reader, read_id("id", &id)?).await?;
        Ok(found.map(Into::into))
    }
}
