//! Connections to stores.
//!
//! The type is called `ConnectedStore`, because GraphQL clients take every type whose name ends in `Connection` for a
//! list with pages.

use async_graphql::{Enum, ID, SimpleObject};
use domain::connection::{Connection, SubscriptionResult};

use crate::actions::connect;
use crate::graphql::scalar::DateTime;
use crate::reads::connections::Scopes;

/// A connection of a business to its store.
#[derive(SimpleObject, Debug)]
pub(crate) struct ConnectedStore {
    /// Its id.
    id: ID,
    /// Whose it is.
    business_id: ID,
    /// The store system, for instance `shopify`.
    provider: String,
    /// The store, for instance `example.myshopify.com`.
    shop: String,
    /// Whether it works.
    status: ConnectionStatus,
    /// The permissions that the merchant granted, in the store's words.
    granted_scopes: Vec<String>,
    /// When it was made, or last made again.
    connected_at: DateTime,
    /// When it ended.
    ended_at: Option<DateTime>,
    /// From when on orders move stock; older ones are history.
    cutover_at: DateTime,
    /// The end of the last finished poll or import.
    last_synced_at: Option<DateTime>,
    /// What became of each subscription to the store's webhooks.
    subscriptions: Vec<WebhookSubscription>,
}

impl From<Connection> for ConnectedStore {
    fn from(connection: Connection) -> Self {
        Self {
            id: connection.id.into(),
            business_id: connection.business_id.into(),
            provider: connection.provider,
            shop: connection.shop,
            status: connection.status.into(),
            granted_scopes: connection.granted_scopes.into_iter().collect(),
            connected_at: connection.connected_at.into(),
            ended_at: connection.ended_at.map(Into::into),
            cutover_at: connection.cutover_at.into(),
            last_synced_at: connection.last_synced_at.map(Into::into),
            subscriptions: connection.subscriptions.into_iter().map(Into::into).collect(),
        }
    }
}

/// Whether a connection works.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::connection::ConnectionStatus")]
pub(crate) enum ConnectionStatus {
    /// Works.
    Active,
    /// Works in part: subscriptions or permissions are missing.
    Degraded,
    /// The merchant must connect again.
    ReauthRequired,
    /// Ended by the business or the merchant.
    Disconnected,
}

/// What became of a subscription to one of the store's webhook topics.
#[derive(SimpleObject, Debug)]
pub(crate) struct WebhookSubscription {
    /// The topic, for instance `orders/create`.
    topic: String,
    /// The store's id of the subscription; null where there is none.
    id: Option<String>,
    /// Why there is none.
    error: Option<String>,
}

impl From<SubscriptionResult> for WebhookSubscription {
    fn from(subscription: SubscriptionResult) -> Self {
        let (id, error) = match subscription.result {
            Ok(id) => (Some(id), None),
            Err(error) => (None, Some(error)),
        };
        Self { topic: subscription.topic, id, error }
    }
}

/// What a connection's merchant granted, and what is missing.
#[derive(SimpleObject, Debug)]
pub(crate) struct ScopeReport {
    /// The permissions that the merchant granted, in the store's words.
    granted: Vec<String>,
    /// What the gateway uses.
    required: Vec<ScopeRequirement>,
    /// What of it the merchant did not grant, with the feature that each one blocks.
    missing: Vec<ScopeRequirement>,
}

impl From<Scopes> for ScopeReport {
    fn from(scopes: Scopes) -> Self {
        Self {
            granted: scopes.granted.into_iter().collect(),
            required: scopes.required.into_iter().map(Into::into).collect(),
            missing: scopes.missing.into_iter().map(Into::into).collect(),
        }
    }
}

/// A permission that the gateway uses.
#[derive(SimpleObject, Debug)]
pub(crate) struct ScopeRequirement {
    /// The permission, in the store's word.
    scope: String,
    /// What it is needed for.
    feature: String,
    /// Whether a connection without it counts as degraded.
    required: bool,
}

impl From<domain::connection::ScopeRequirement> for ScopeRequirement {
    fn from(requirement: domain::connection::ScopeRequirement) -> Self {
        let domain::connection::ScopeRequirement { scope, feature, required } = requirement;
        Self { scope, feature, required }
    }
}

/// Where to send the merchant to authorize the gateway.
#[derive(SimpleObject, Debug)]
pub(crate) struct Authorization {
    /// The store's authorization page. It has to be opened in the browser that made this request, which was given a
    /// cookie for it.
    url: String,
    /// Until when the merchant has to be back.
    expires_at: DateTime,
}

impl From<connect::Authorization> for Authorization {
    fn from(authorization: connect::Authorization) -> Self {
        Self { url: authorization.url, expires_at: authorization.expires_at.into() }
    }
}
