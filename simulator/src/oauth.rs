//! OAuth: the merchant always agrees, and tokens expire.

mod tokens;

use std::fmt::Write as _;

use axum::Json;
use axum::extract::{Form, Path, Query, State as Extracted};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::json;
use subtle::ConstantTimeEq;

use crate::clock;
use crate::state::{Shop, State};

pub(crate) use tokens::{Lives, Tokens};

#[derive(Deserialize)]
pub(crate) struct Authorize {
    client_id: String,
    #[serde(default)]
    scope: String,
    redirect_uri: String,
    state: String,
}

/// `GET /shops/{shop}/admin/oauth/authorize`: sends the merchant back at once, agreed.
pub(crate) async fn authorize(
    Extracted(state): Extracted<State>,
    Path(shop): Path<String>,
    Query(asked): Query<Authorize>,
) -> Response {
    if asked.client_id != state.settings.client_id {
        return (StatusCode::BAD_REQUEST, "unknown client_id").into_response();
    }
    let code = state.with(&shop, |shop| agree(shop, &asked.scope));
    let Some(code) = code else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let query =
        signed(&state, &shop, vec![("code".to_owned(), code), ("state".to_owned(), asked.state)]);
    let separator = if asked.redirect_uri.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{}{separator}{query}", asked.redirect_uri)).into_response()
}

/// A code for those of the scopes that the merchant grants.
fn agree(shop: &mut Shop, asked: &str) -> String {
    let mut scopes = shopify::scope::parse_list(asked);
    if let Some(grantable) = &shop.grantable {
        scopes.retain(|scope| grantable.contains(scope));
    }
    shop.tokens.make_code(scopes, clock::now(), &mut shop.rng)
}

/// The query of a signed link to the app, as the store makes when a merchant opens it.
pub(crate) fn app_query(state: &State, shop: &str) -> String {
    signed(state, shop, Vec::new())
}

fn signed(state: &State, shop: &str, mut parameters: Vec<(String, String)>) -> String {
    let name = shop.split('.').next().unwrap_or_default();
    let host = URL_SAFE_NO_PAD.encode(format!("admin.shopify.com/store/{name}"));
    parameters.push(("host".to_owned(), host));
    parameters.push(("shop".to_owned(), shop.to_owned()));
    parameters.push(("timestamp".to_owned(), clock::now().timestamp().to_string()));
    let secret = shopify::Secret::new(&state.settings.client_secret);
    let hmac = shopify::oauth::sign_query(&secret, &parameters);
    parameters.push(("hmac".to_owned(), hmac));
    let pair = |(name, value): &(String, String)| format!("{name}={}", encoded(value));
    parameters.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// Percent-encodes all but letters, digits and `-._`, so that a value stays one, whatever an app gave as its state.
fn encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
            text.push(char::from(byte));
        } else {
            // Writing into a string cannot fail.
            let _: std::fmt::Result = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[derive(Deserialize)]
pub(crate) struct Exchange {
    client_id: String,
    client_secret: String,
    #[serde(default)]
    code: Option<String>,
    /// `1` asks for a pair that expires; absent or `0`, for the token that does not.
    #[serde(default)]
    expiring: Option<String>,
    #[serde(default)]
    grant_type: Option<String>,
    #[serde(default)]
    refresh_token: Option<String>,
}

/// `POST /shops/{shop}/admin/oauth/access_token`: tokens for a code or a refresh token.
pub(crate) async fn access_token(
    Extracted(state): Extracted<State>,
    Path(shop): Path<String>,
    Form(asked): Form<Exchange>,
) -> Response {
    let settings = &state.settings;
    let is_secret = asked.client_secret.as_bytes().ct_eq(settings.client_secret.as_bytes());
    if asked.client_id != settings.client_id || !bool::from(is_secret) {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let lives = Lives { access: settings.token_life, refresh: settings.refresh_life };
    let issued = state.with(&shop, |shop| {
        let (tokens, rng, now) = (&mut shop.tokens, &mut shop.rng, clock::now());
        if asked.grant_type.as_deref() == Some("refresh_token") {
            return tokens.refresh(&asked.refresh_token?, lives, now, rng);
        }
        let expiring = asked.expiring.as_deref() == Some("1");
        tokens.exchange(&asked.code?, expiring.then_some(lives), now, rng)
    });
    match issued {
        Some(Some(tokens)) => Json(tokens).into_response(),
        Some(None) => refused(StatusCode::BAD_REQUEST, "invalid_grant"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn refused(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}
