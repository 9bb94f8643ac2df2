//! What stores ask about persons.

use async_graphql::{Context, ID, Object};
use domain::access::Role;

use crate::graphql::context::{app, read_id, reader_as};
use crate::graphql::error::Failed;
use crate::graphql::page::{List, PageArguments, PageOf, Paging};
use crate::graphql::scalar::JsonObject;
use crate::graphql::r#type::{DataRequest, DataRequestExport, Erasure, ErasureProof};
use crate::reads;

/// What is read of requests about persons.
#[derive(Default)]
pub(crate) struct PrivacyQuery;

#[Object]
impl PrivacyQuery {
    /// The store's requests to erase, and what became of them, the one that came last first. Needs the role operator.
    #[graphql(complexity = "crate::graphql::page::weight(first, last, child_complexity)")]
    async fn erasures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<Erasure>>, Failed> {
        let reader = reader_as(ctx, &business_id, Role::Operator)?;
        let paging = Paging::of(ctx, List::Erasures, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let page = reads::privacy::erasures(&reader, &request).await?;
        Ok(Some(paging.connection(page, Erasure::from)))
    }

    /// Looks through everything that the business holds, now, for what is left of an erased person; null where there is no
    /// such request. Needs the role operator, and takes as long as there is to look through.
    #[graphql(complexity = "1_000 + child_complexity")]
    async fn erasure_proof(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "The request.")] id: ID,
    ) -> Result<Option<ErasureProof>, Failed> {
        let reader = reader_as(ctx, &business_id, Role::Operator)?;
        let proof = reads::privacy::proof(app(ctx)?, &reader, read_id("id", &id)?).await?;
        Ok(proof.map(Into::into))
    }

    /// The store's requests to tell what is held on a person, the one that came last first. Needs the role admin.
    #[graphql(complexity = "crate::graphql::page::weight(first, last, child_complexity)")]
    async fn data_requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "Rows from the beginning or after `after`: 1 to 100, else 20.")]
        first: Option<i32>,
        #[graphql(desc = "The cursor that the page follows.")] after: Option<String>,
        #[graphql(desc = "Rows from the end or before `before`: 1 to 100. Excludes `first`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor that the page precedes.")] before: Option<String>,
    ) -> Result<Option<PageOf<DataRequest>>, Failed> {
        let reader = reader_as(ctx, &business_id, Role::Admin)?;
        let paging = Paging::of(ctx, List::DataRequests, &reader)?;
        let request = paging.request(&PageArguments { first, after, last, before })?;
        let page = reads::privacy::data_requests(&reader, &request).await?;
        Ok(Some(paging.connection(page, DataRequest::from)))
    }

    /// Everything that is held on the person of a request, made when it is asked for and stored nowhere; null where there
    /// is no such request. Needs the role admin, and takes as long as there is to look through.
    #[graphql(complexity = "1_000 + child_complexity")]
    async fn data_request_export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "The request.")] id: ID,
    ) -> Result<Option<DataRequestExport>, Failed> {
        let reader = reader_as(ctx, &business_id, Role::Admin)?;
        let app = app(ctx)?;
        let exported_at = app.now().into();
        let data = reads::privacy::export(app, &reader, read_id("id", &id)?).await?;
        let export = |data| DataRequestExport { id, exported_at, data: JsonObject(data) };
        Ok(data.map(export))
    }
}
