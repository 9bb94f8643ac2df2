//! Webhook subscriptions of one shop.

use serde::{Deserialize, Serialize};

use super::operation;
use super::page::{Connection, ListVariables, UserError};

/// A subscription to make.
#[derive(Debug, Clone, Serialize)]
pub struct SubscriptionVariables {
    /// The topic by its name in the schema, for instance `ORDERS_CREATE`.
    pub topic: String,
    /// Where to deliver.
    pub subscription: SubscriptionInput,
}

/// Where and how to deliver.
#[derive(Debug, Clone, Serialize)]
pub struct SubscriptionInput {
    /// An https address.
    pub uri: String,
    /// `JSON`.
    pub format: &'static str,
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Subscription {
    /// The global id.
    pub id: String,
    /// The topic by its name in the schema.
    pub topic: String,
    /// Where it delivers.
    pub uri: String,
}

/// What became of a subscription to make.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionCreateData {
    /// The payload; none beside an error.
    pub webhook_subscription_create: Option<Created>,
}

/// What became of a subscription to make.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Created {
    /// The subscription.
    pub webhook_subscription: Option<Subscription>,
    /// Why there is none.
    #[serde(default)]
    pub user_errors: Vec<UserError>,
}

/// A page of subscriptions.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionPageData {
    /// The page.
    pub webhook_subscriptions: Connection<Subscription>,
}

/// A subscription to end.
#[derive(Debug, Clone, Serialize)]
pub struct SubscriptionDeleteVariables {
    /// The global id.
    pub id: String,
}

/// What became of a subscription to end.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionDeleteData {
    /// The payload; none beside an error.
    pub webhook_subscription_delete: Option<Deleted>,
}

/// What became of a subscription to end.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deleted {
    /// The id, if it was ended.
    pub deleted_webhook_subscription_id: Option<String>,
    /// Why it was not.
    #[serde(default)]
    pub user_errors: Vec<UserError>,
}

operation! {
    /// Makes a subscription. Repeating it may leave two.
    SubscriptionCreate(SubscriptionVariables) -> SubscriptionCreateData, repeatable: false,
    ["subscription_create"]
}
operation! {
    /// A page of this app's subscriptions in this shop.
    SubscriptionPage(ListVariables) -> SubscriptionPageData, repeatable: true,
    ["subscription_page"]
}
operation! {
    /// Ends a subscription.
    SubscriptionDelete(SubscriptionDeleteVariables) -> SubscriptionDeleteData, repeatable: true,
    ["subscription_delete"]
}
