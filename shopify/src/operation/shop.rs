//! The shop itself, its locations, and what we may do there.

use serde::Deserialize;

use super::operation;
use super::page::{Connection, ListVariables};

/// What the merchant granted.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessScopesData {
    /// This app in this shop.
    pub current_app_installation: Option<Installation>,
}

/// This app in this shop.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Installation {
    /// The scopes, implied ones included.
    pub access_scopes: Vec<AccessScope>,
}

/// A scope.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AccessScope {
    /// Its name, for instance `read_orders`.
    pub handle: String,
}

/// The shop.
#[derive(Debug, Clone, Deserialize)]
pub struct ShopInfoEnvelope {
    /// The shop.
    pub shop: ShopInfoData,
}

/// The shop.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShopInfoData {
    /// The global id.
    pub id: String,
    /// The name shown to people.
    pub name: String,
    /// The permanent domain.
    pub myshopify_domain: String,
    /// The currency of its books.
    pub currency_code: String,
    /// The time zone, for instance `America/Toronto`.
    pub iana_timezone: String,
    /// Whether prices contain taxes.
    pub taxes_included: bool,
}

/// A page of locations.
#[derive(Debug, Clone, Deserialize)]
pub struct LocationsData {
    /// The page.
    pub locations: Connection<Location>,
}

/// A location.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// The global id.
    pub id: String,
    /// The name shown to people.
    pub name: String,
    /// Whether it is in use.
    pub is_active: bool,
}

operation! {
    /// The scopes of this app in this shop.
    AccessScopes(()) -> AccessScopesData, repeatable: true, ["access_scopes"]
}
operation! {
    /// The shop itself.
    ShopInfo(()) -> ShopInfoEnvelope, repeatable: true, ["shop"]
}
operation! {
    /// A page of locations, retired ones included.
    Locations(ListVariables) -> LocationsData, repeatable: true, ["locations"]
}
