//! OAuth: the merchant always agrees, and tokens expire.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::Json;
use axum::extract::{Form, Path, Query, State as Extracted};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use rand::Rng;
use rand::rngs::SmallRng;
use serde::Deserialize;
use serde_json::json;

use crate::clock;
use crate::state::{Shop, State};

/// How long a refresh token lasts, in seconds.
const REFRESH_SECONDS: u64 = 90 * 24 * 3_600;

/// The codes and tokens of a shop.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    codes: BTreeMap<String, BTreeSet<String>>,
    access: BTreeMap<String, Access>,
    refresh: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Debug)]
struct Access {
    scopes: BTreeSet<String>,
    expires_at: Option<DateTime<Utc>>,
}

impl Tokens {
    /// What a token may do; none for one that does not hold.
    pub(crate) fn scopes_of(&self, token: &str, now: DateTime<Utc>) -> Option<BTreeSet<String>> {
        let access = self.access.get(token)?;
        access.expires_at.is_none_or(|end| end > now).then(|| access.scopes.clone())
    }

    /// Ends all tokens, as an uninstalled app's.
    pub(crate) fn revoke_all(&mut self) {
        *self = Self::default();
    }

    /// How many access tokens were given.
    pub(crate) fn issued(&self) -> usize {
        self.access.len()
    }

    /// A permanent token, as a merchant makes by hand.
    pub(crate) fn make_permanent(&mut self, scopes: BTreeSet<String>, rng: &mut SmallRng) -> String {
        let token = random("shpat", rng);
        self.access.insert(token.clone(), Access { scopes, expires_at: None });
        token
    }

    fn issue(
        &mut self,
        scopes: BTreeSet<String>,
        life: Duration,
        rng: &mut SmallRng,
    ) -> serde_json::Value {
        let (access, refresh) = (random("shpat", rng), random("shprt", rng));
        let expires_at = Some(clock::now() + life);
        let scope = scopes.iter().cloned().collect::<Vec<_>>().join(",");
        self.access.insert(access.clone(), Access { scopes: scopes.clone(), expires_at });
        self.refresh.insert(refresh.clone(), scopes);
        json!({
            "access_token": access,
            "expires_in": life.as_secs(),
            "refresh_token": refresh,
            "refresh_token_expires_in": REFRESH_SECONDS,
            "scope": scope,
        })
    }
}

fn random(prefix: &str, rng: &mut SmallRng) -> String {
    format!("{prefix}_{:032x}", rng.random::<u128>())
}

#[derive(Deserialize)]
pub(crate) struct Authorize {
    client_id: String,
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
    let Some(code) = code else { return StatusCode::NOT_FOUND.into_response() };
    let name = shop.split('.').next().unwrap_or_default();
    let host = URL_SAFE_NO_PAD.encode(format!("admin.shopify.com/store/{name}"));
    let query = signed(
        &state,
        vec![
            ("code".to_owned(), code),
            ("host".to_owned(), host),
            ("shop".to_owned(), shop),
            ("state".to_owned(), asked.state),
        ],
    );
    let separator = if asked.redirect_uri.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{}{separator}{query}", asked.redirect_uri)).into_response()
}

/// The query of a signed link to the app, as the store makes when a merchant opens it.
pub(crate) fn app_query(state: &State, shop: &str) -> String {
    signed(state, vec![("shop".to_owned(), shop.to_owned())])
}

fn signed(state: &State, mut parameters: Vec<(String, String)>) -> String {
    parameters.push(("timestamp".to_owned(), clock::now().timestamp().to_string()));
    let secret = shopify::Secret::new(&state.settings.client_secret);
    let hmac = shopify::oauth::sign_query(&secret, &parameters);
    parameters.push(("hmac".to_owned(), hmac));
    // Every value is of letters, digits, `-`, `_`, `.`: nothing needs encoding.
    let pairs: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

fn agree(shop: &mut Shop, asked: &str) -> String {
    let asked = asked.split(',').map(|scope| scope.trim().to_owned()).filter(|s| !s.is_empty());
    let granted = match &shop.grantable {
        Some(grantable) => asked.filter(|scope| grantable.contains(scope)).collect(),
        None => asked.collect(),
    };
    let code = format!("{:032x}", shop.rng.random::<u128>());
    shop.tokens.codes.insert(code.clone(), granted);
    code
}

#[derive(Deserialize)]
pub(crate) struct Exchange {
    client_id: String,
    client_secret: String,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    grant_type: Option<String>,
    #[serde(default)]
    refresh_token: Option<String>,
}

/// `POST /shops/{shop}/admin/oauth/access_token`: a code or a refresh token for a new pair.
pub(crate) async fn access_token(
    Extracted(state): Extracted<State>,
    Path(shop): Path<String>,
    Form(exchange): Form<Exchange>,
) -> Response {
    let settings = &state.settings;
    if exchange.client_id != settings.client_id || exchange.client_secret != settings.client_secret {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let issued = state.with(&shop, |shop| {
        let scopes = match exchange.grant_type.as_deref() {
            // A used refresh token stays good until its successor is used, so that a lost answer can be asked for again.
            Some("refresh_token") => shop.tokens.refresh.get(&exchange.refresh_token?).cloned()?,
            _ => shop.tokens.codes.remove(&exchange.code?)?,
        };
        Some(shop.tokens.issue(scopes, settings.token_life, &mut shop.rng))
    });
    match issued {
        Some(Some(pair)) => Json(pair).into_response(),
        Some(None) => refused(StatusCode::BAD_REQUEST, "invalid_grant"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn refused(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}
