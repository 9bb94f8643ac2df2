//! What the app is registered with.

use crate::secret::Secret;
use crate::shop::ShopUrl;

/// The version of the Admin API that this crate is written for. Older and newer ones answer other shapes.
pub const API_VERSION: &str = "2026-10";

/// The app's registration, and where its shops are.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The app's public id.
    pub client_id: String,
    /// The app's secret: it signs deliveries and callbacks, and is exchanged with codes for tokens.
    pub client_secret: Secret,
    /// The secret before the last rotation; deliveries are signed with it until it is revoked.
    pub previous_client_secret: Option<Secret>,
    /// The version to ask for; [`API_VERSION`] unless an operator knows better.
    pub api_version: String,
    /// How a shop's address is made.
    pub shop_url_template: ShopUrl,
    /// Where the merchant comes back to; must be registered with the store.
    pub redirect_uri: String,
    /// The scopes to ask the merchant for.
    pub scopes: Vec<String>,
}

impl Settings {
    /// The secrets that a signature may be made with, the current one first.
    pub fn secrets(&self) -> Vec<&Secret> {
        std::iter::once(&self.client_secret).chain(&self.previous_client_secret).collect()
    }
}
