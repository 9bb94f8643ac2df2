//! Looking at a business's way from its store to its POS.

use async_graphql::{Context, ID, Object};

use crate::graphql::context::{app, caller, read_id};
use crate::graphql::error::Failed;
use crate::graphql::r#type::ConnectionHealth;
use crate::reads;

/// What is looked at when something seems wrong.
#[derive(Default)]
pub(crate) struct HealthQuery;

#[Object]
impl HealthQuery {
    /// Walks the way of the business's orders, link by link, and names the first one that is broken, with what to do.
    /// The store is asked for it. Needs the role operator.
    #[graphql(complexity = "50 + child_complexity")]
    async fn connection_health(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
    ) -> Result<Option<ConnectionHealth>, Failed> {
        let business = read_id("businessId", &business_id)?;
        let health = reads::health::report(app(ctx)?, caller(ctx)?, business).await?;
        Ok(Some(health.into()))
    }
}
