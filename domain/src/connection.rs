//! Connections of a business to its store.

mod subscriptions;

use std::collections::BTreeSet;

use crate::code::Code;
use crate::id::{BusinessId, ConnectionId};
use crate::time::Timestamp;

pub use subscriptions::{Inspection, Seen, inspect, silent_since};

/// A business: the tenant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Business {
    /// Its id.
    pub id: BusinessId,
    /// Its name.
    pub name: String,
    /// Since when it is with us.
    pub created_at: Timestamp,
}

/// A connection to a store. Its secrets stand elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// Whose it is.
    pub business_id: BusinessId,
    /// The store system, for instance `shopify`.
    pub provider: String,
    /// The store, for instance `example.myshopify.com`.
    pub shop: String,
    /// Whether it works.
    pub status: ConnectionStatus,
    /// What the merchant granted.
    pub granted_scopes: BTreeSet<String>,
    /// When it was made, or last made again.
    pub connected_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// From when on orders move stock; older ones are history.
    pub cutover_at: Timestamp,
    /// The end of the last finished poll or import.
    pub last_synced_at: Option<Timestamp>,
    /// Which subscriptions stand, by topic.
    pub subscriptions: Vec<SubscriptionResult>,
}

/// Whether a connection works.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ConnectionStatus {
    /// Works.
    Active,
    /// Works in part: subscriptions or scopes are missing.
    Degraded,
    /// The merchant must connect again.
    ReauthRequired,
    /// Ended by the business or the merchant.
    Disconnected,
}

impl ConnectionStatus {
    /// Every status.
    pub const ALL: [Self; 4] =
        [Self::Active, Self::Degraded, Self::ReauthRequired, Self::Disconnected];

    /// The name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Degraded => "degraded",
            Self::ReauthRequired => "reauth_required",
            Self::Disconnected => "disconnected",
        }
    }

    /// The status of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether deliveries are taken and polls run.
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::Disconnected)
    }
}

/// What became of one wanted subscription (S2.46).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubscriptionResult {
    /// The topic, for instance `orders/create`.
    pub topic: String,
    /// The store's id of the subscription, or why there is none.
    pub result: Result<String, String>,
}

/// The state of a connection with these subscriptions and scopes.
pub fn status_of(subscriptions: &[SubscriptionResult], missing_scopes: usize) -> ConnectionStatus {
    if missing_scopes == 0 && subscriptions.iter().all(|subscription| subscription.result.is_ok()) {
        ConnectionStatus::Active
    } else {
        ConnectionStatus::Degraded
    }
}

/// What the gateway needs of a store, and what each missing permission costs (F11).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScopeRequirement {
    /// The permission, in the store's word.
    pub scope: String,
    /// What it is needed for.
    pub feature: String,
    /// Whether a connection without it counts as degraded.
    pub required: bool,
}

/// An authorization under way: made when the merchant is sent to the store, used up when they come back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PendingAuthorization {
    /// SHA-256 of the state; the state itself is known to the browser only.
    pub state_hash: [u8; 32],
    /// For which business.
    pub business_id: BusinessId,
    /// Whether the business does not exist yet: it comes to be together with its connection, and not before.
    pub founds: bool,
    /// Which store system.
    pub provider: String,
    /// Which store.
    pub shop: String,
    /// Who asked.
    pub subject: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// How long a merchant may take to come back, in seconds.
pub const AUTHORIZATION_SECONDS_MAX: u64 = 600;

/// Judges a returned authorization. The shop must be the one that it was made for.
pub fn check_authorization(
    pending: Option<&PendingAuthorization>,
    shop: &str,
    now: Timestamp,
) -> Result<(), Code> {
    match pending {
        Some(pending) if pending.expires_at > now && pending.shop == shop => Ok(()),
        _ => Err(Code::InvalidState),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failed_subscription_degrades() {
        let subscription = |result| SubscriptionResult { topic: "orders/create".into(), result };
        let good = subscription(Ok("gid://1".into()));
        let bad = subscription(Err("no scope".into()));
        assert_eq!(status_of(std::slice::from_ref(&good), 0), ConnectionStatus::Active);
        assert_eq!(status_of(std::slice::from_ref(&good), 1), ConnectionStatus::Degraded);
        assert_eq!(status_of(&[good, bad], 0), ConnectionStatus::Degraded);
    }

    #[test]
    fn an_authorization_is_for_one_shop_and_ten_minutes() {
        let pending = PendingAuthorization {
            state_hash: [0; 32],
            business_id: BusinessId::new(Timestamp::EPOCH, &[0; 10]),
            founds: false,
            provider: "shopify".into(),
            shop: "a.myshopify.com".into(),
            subject: "s".into(),
            expires_at: Timestamp::from_millis(10),
        };
        let check =
            |pending, shop, at| check_authorization(pending, shop, Timestamp::from_millis(at));
        assert_eq!(check(Some(&pending), "a.myshopify.com", 9), Ok(()));
        assert_eq!(check(Some(&pending), "a.myshopify.com", 10), Err(Code::InvalidState));
        assert_eq!(check(Some(&pending), "b.myshopify.com", 9), Err(Code::InvalidState));
        assert_eq!(check(None, "a.myshopify.com", 9), Err(Code::InvalidState));
    }
}
