//! What callers do about stock on its way to the store.

mod input;
mod payload;

use async_graphql::{Context, Object};

use crate::actions;
use crate::error::Problem;
use crate::graphql::context::{app, caller, read_id};
use crate::graphql::error::{Failed, outcome};

use input::{SetInventoryPolicyInput, SyncInventoryInput};
use payload::{SetInventoryPolicyPayload, SyncInventoryPayload};

/// What is done about stock on its way to the store.
#[derive(Default)]
pub(crate) struct InventoryMutation;

#[Object]
impl InventoryMutation {
    /// Changes who says how many pieces there are, and what the store is told. With `POS`, everything that is linked and
    /// was counted is compared with what the store has and pushed where it differs, at once and whenever it moves. Needs
    /// the role admin.
    async fn set_inventory_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: SetInventoryPolicyInput,
    ) -> Result<Option<SetInventoryPolicyPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            actions::inventory::set_policy(app, caller, business, input.read()).await
        };
        let (policy, user_errors) = outcome(done.await)?;
        let inventory_policy = policy.map(Into::into);
        Ok(Some(SetInventoryPolicyPayload { inventory_policy, user_errors }))
    }

    /// Compares what is linked with what the store has, and pushes where it differs. Answers at once: the entry of the
    /// sync log counts what was put up, `stockPushes` tells what becomes of each. Needs the role operator, and a business
    /// whose POS owns stock.
    async fn sync_inventory(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and of which products.")] input: SyncInventoryInput,
    ) -> Result<Option<SyncInventoryPayload>, Failed> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let done = async {
            let business = read_id("input.businessId", &input.business_id)?;
            let products = input.products()?;
            actions::inventory::sync(app, caller, business, products).await
        };
        let done: Result<_, Problem> = done.await;
        let (entry, user_errors) = outcome(done)?;
        Ok(Some(SyncInventoryPayload { sync_log_entry: entry.map(Into::into), user_errors }))
    }
}
