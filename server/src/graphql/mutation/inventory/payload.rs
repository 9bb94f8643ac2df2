//! What mutations of stock on its way to the store answer with.

use async_graphql::SimpleObject;

use crate::graphql::error::UserError;
use crate::graphql::r#type::{InventoryPolicy, SyncLogEntry};

/// The answer to `setInventoryPolicy`.
#[derive(SimpleObject, Debug)]
pub(super) struct SetInventoryPolicyPayload {
    /// What the store is told from now on.
    pub(super) inventory_policy: Option<InventoryPolicy>,
    /// What the caller has to change.
    pub(super) user_errors: Vec<UserError>,
}

/// The answer to `syncInventory`.
#[derive(SimpleObject, Debug)]
pub(super) struct SyncInventoryPayload {
    /// The sync log's entry, which is still running.
    pub(super) sync_log_entry: Option<SyncLogEntry>,
    /// What the caller has to change.
    pub(super) user_errors: Vec<UserError>,
}
