//! What callers do about products on their way to the store.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::actions;
use crate::error::Problem;
use crate::graphql::context::{app, caller, read_id};
use crate::graphql::error::{Failed, UserError, outcome};
use crate::graphql::r#type::SyncLogEntry;

/// What is done about products on their way to the store.
#[derive(Default)]
pub(crate) struct ProductPushMutation;

#[Object]
impl ProductPushMutation {
    /// Has the store show the POS's products: linked variants get the price and the SKU, what is linked to nothing becomes
    /// a product that is published and linked. Other variants, texts and pictures are left as they are, and what the store
    /// shows already is not sent again. Answers at once: the entry of the sync log counts what was done, `productPushes`
    /// tells what becomes of each; where all of it is under way already, the entry is that of the earlier request. Needs
    /// the role operator.
    async fn sync_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and which products.")] input: SyncProductsInput,
    ) -> Result<Option<SyncProductsPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            let products = input.pos_product_ids;
            let products = products.map(|ids| ids.into_iter().map(|id| id.0).collect());
            actions::product_push::sync(app, caller, business, products).await
        };
        let done: Result<_, Problem> = done.await;
        let (entry, user_errors) = outcome(done)?;
        Ok(Some(SyncProductsPayload { sync_log_entry: entry.map(Into::into), user_errors }))
    }
}

/// Which products the store is to show.
#[derive(InputObject, Debug)]
pub(crate) struct SyncProductsInput {
    /// The business.
    business_id: ID,
    /// POS products, 1 to 250; all that are on sale where it is missing.
    pos_product_ids: Option<Vec<ID>>,
}

/// The answer to `syncProducts`.
#[derive(SimpleObject, Debug)]
pub(crate) struct SyncProductsPayload {
    /// The sync log's entry, which may still be running.
    sync_log_entry: Option<SyncLogEntry>,
    /// What the caller has to change.
    user_errors: Vec<UserError>,
}
