//! The way in: sending a merchant to the store, believing them when they come back, and getting tokens.

mod query;
mod token;

pub use query::{CLOCK_TOLERANCE_SECONDS, QueryProblem, VerifiedQuery, sign_query, verify_query};
pub use token::{Grant, TokenProblem};
pub(crate) use token::{TokenRequest, read_answer};

use crate::settings::Settings;
use crate::shop::Shop;

/// Where the merchant is sent to grant the scopes. `state` must consist of letters, digits, `-` and `_`, so that every
/// way of writing it in the callback is the same.
pub fn authorize_url(settings: &Settings, shop: &Shop, state: &str) -> String {
    let base = settings.shop_url_template.of(shop, "/admin/oauth/authorize");
    let pairs = [
        ("client_id", settings.client_id.as_str()),
        ("scope", &settings.scopes.join(",")),
        ("redirect_uri", &settings.redirect_uri),
        ("state", state),
    ]
    .map(|(name, value)| format!("{name}={}", query::encode(value)));
    format!("{base}?{}", pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{API_VERSION, Secret, ShopUrl};

    #[test]
    fn the_address_asks_for_an_offline_token() {
        let settings = Settings {
            client_id: "id".into(),
            client_secret: Secret::new("hush"),
            previous_client_secret: None,
            api_version: API_VERSION.into(),
            shop_url_template: ShopUrl::production(),
            redirect_uri: "https://gate.example/callback?x=1".into(),
            scopes: vec!["read_orders".into(), "read_products".into()],
        };
        let url = authorize_url(&settings, &Shop::parse("a.myshopify.com").unwrap(), "s-1_");
        assert_eq!(
            url,
            "https://a.myshopify.com/admin/oauth/authorize?client_id=id&scope=read_orders%2Cread_products\
             &redirect_uri=https%3A%2F%2Fgate.example%2Fcallback%3Fx%3D1&state=s-1_"
        );
    }
}
