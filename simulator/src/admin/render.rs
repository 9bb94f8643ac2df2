//! Objects in the Admin API's shape, whole: a document's selections are projected onto them.

mod order;
mod product;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

pub(super) use order::order;
pub(super) use product::product;

use crate::model::{Location, Money, Store};

/// A global id.
pub(super) fn gid(kind: &str, id: i64) -> String {
    format!("gid://shopify/{kind}/{id}")
}

/// The number of a global id of that kind.
pub(super) fn number_of(kind: &str, gid: &str) -> Option<i64> {
    gid.strip_prefix("gid://shopify/")?.strip_prefix(kind)?.strip_prefix('/')?.parse().ok()
}

/// Something of which only the id is told.
fn reference(kind: &str, id: i64) -> Value {
    json!({ "__typename": kind, "id": gid(kind, id) })
}

pub(super) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// An amount in both currencies.
fn money(amount: Money, shop: &str, presentment: &str) -> Value {
    let side = |amount: rust_decimal::Decimal, currency: &str| {
        let amount = amount.to_string();
        json!({ "__typename": "MoneyV2", "amount": amount, "currencyCode": currency })
    };
    json!({
        "__typename": "MoneyBag",
        "shopMoney": side(amount.shop, shop),
        "presentmentMoney": side(amount.presentment, presentment),
    })
}

pub(super) fn shop(store: &Store) -> Value {
    json!({
        "__typename": "Shop",
        "id": gid("Shop", store.id),
        "name": store.name,
        "myshopifyDomain": store.domain,
        "currencyCode": store.currency,
        "ianaTimezone": store.time_zone,
        "taxesIncluded": store.taxes_included,
    })
}

pub(super) fn location(location: &Location) -> Value {
    json!({
        "__typename": "Location",
        "id": gid("Location", location.id),
        "name": location.name,
        "isActive": location.active,
    })
}
