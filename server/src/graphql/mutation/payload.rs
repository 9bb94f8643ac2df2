//! What mutations answer with: the object where it was done, and `userErrors` where the caller has to change something.

use async_graphql::{ID, SimpleObject};

use crate::actions::catalog::Linked;
use crate::graphql::error::UserError;
use crate::graphql::r#type::{
    Authorization, ConnectedStore, PollReport, PosProduct, StockLevel, SyncLogEntry,
};

/// The answer to `connectShopify`.
#[derive(SimpleObject, Debug)]
pub(super) struct ConnectShopifyPayload {
    /// Where to send the merchant.
    pub(super) authorization: Option<Authorization>,
    /// What the caller has to change.
    pub(super) user_errors: Vec<UserError>,
}

/// The answer to `disconnect`.
#[derive(SimpleObject, Debug)]
pub(super) struct DisconnectPayload {
    /// Whether there was a connection.
    pub(super) disconnected: Option<bool>,
    /// What the caller has to change.
    pub(super) user_errors: Vec<UserError>,
}

/// The answer to `pollNow`.
#[derive(SimpleObject, Debug)]
pub(super) struct PollNowPayload {
    /// The sync log's entry of the poll of orders, which is still running.
    pub(super) sync_log_entry: Option<SyncLogEntry>,
    /// What the caller has to change.
    pub(super) user_errors: Vec<UserError>,
}

/// The answer to `debugPoll`.
#[derive(SimpleObject, Debug)]
pub(super) struct DebugPollPayload {
    /// What was seen and done, by kind of object.
    pub(super) polls: Option<Vec<PollReport>>,
    /// What the caller has to change.
    pub(super) user_errors: Vec<UserError>,
}

/// The answer to `healSubscriptions`.
#[derive(SimpleObject, Debug)]
pub(super) struct HealSubscriptionsPayload {
    /// The connection, as it stands before.
    pub(super) connection: Option<ConnectedStore>,
    /// What the caller has to change.
    pub(super) user_errors: Vec<UserError>,
}

/// The answer to `replayDelivery`.
#[derive(SimpleObject, Debug)]
pub(super) struct ReplayDeliveryPayload {
    /// The delivery that will be processed once more.
    pub(super) delivery_id: Option<ID>,
    /// What the caller has to change.
    pub(super) user_errors: Vec<UserError>,
}

/// The answer to `upsertPosProducts`.
#[derive(SimpleObject, Debug)]
pub(super) struct UpsertPosProductsPayload {
    /// The products as they stand now.
    pub(super) products: Option<Vec<PosProduct>>,
    /// What the caller has to change.
    pub(super) user_errors: Vec<UserError>,
}

/// The answer to `linkProduct`.
#[derive(SimpleObject, Debug)]
pub(super) struct LinkProductPayload {
    /// The link.
    pub(super) linked: Option<LinkedProduct>,
    /// What the caller has to change.
    pub(super) user_errors: Vec<UserError>,
}

/// A link, and what follows from it.
#[derive(SimpleObject, Debug)]
pub(super) struct LinkedProduct {
    /// The store's variant.
    variant_id: ID,
    /// The POS product.
    pos_product_id: ID,
    /// How many orders are posted again because of it.
    reposted_orders: u64,
}

impl From<Linked> for LinkedProduct {
    fn from(linked: Linked) -> Self {
        Self {
            variant_id: linked.variant_id.into(),
            pos_product_id: linked.pos_product_id.into(),
            reposted_orders: linked.reposted_orders,
        }
    }
}

/// The answer to `setStock`.
#[derive(SimpleObject, Debug)]
pub(super) struct SetStockPayload {
    /// What lies there now.
    pub(super) stock_level: Option<StockLevel>,
    /// What the caller has to change.
    pub(super) user_errors: Vec<UserError>,
}
