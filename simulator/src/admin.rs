//! The Admin GraphQL API, as far as an app needs it that reads orders and products, subscribes to webhooks and sets
//! stock.

mod inventory;
mod listing;
mod price;
mod project;
mod render;
mod roots;
mod search;
mod subscriptions;

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::{Path, State as Extracted};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use shopify::cost::REQUESTED_COST_MAX;

use crate::clock;
use crate::fault::{Faults, SLOW, strikes};
use crate::state::State;
use project::{DocumentError, Projection};

#[derive(Deserialize)]
pub(crate) struct Request {
    query: String,
    /// `null` or absent where a document takes none.
    #[serde(default, deserialize_with = "given")]
    variables: Map<String, Value>,
}

fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map<String, Value>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// `POST /shops/{shop}/admin/api/{version}/graphql.json`.
pub(crate) async fn graphql(
    Extracted(state): Extracted<State>,
    Path((shop, _version)): Path<(String, String)>,
    headers: HeaderMap,
    Json(request): Json<Request>,
) -> Response {
    let token = headers.get("x-shopify-access-token").and_then(|value| value.to_str().ok());
    let now = clock::now();
    let scopes = state.with(&shop, |shop| shop.tokens.authorize(token.unwrap_or_default(), now));
    let Some(scopes) = scopes else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Some(scopes) = scopes else {
        let message =
            "[API] Invalid API key or access token (unrecognized login or wrong password)";
        let errors = json!({ "errors": message });
        return (StatusCode::UNAUTHORIZED, Json(errors)).into_response();
    };
    let faults = state.faults();
    if let Some(fault) = http_fault(&state, &shop, &faults).await {
        return fault;
    }
    let answer = answer(&state, &shop, &scopes, &faults, &request);
    let response = if struck(&state, &shop, faults.truncated) {
        broken_off(&answer)
    } else {
        Json(answer).into_response()
    };
    versioned(response)
}

/// The first half of an answer.
fn broken_off(answer: &Value) -> Response {
    let mut text = answer.to_string();
    let half = (0..=text.len() / 2).rev().find(|&at| text.is_char_boundary(at));
    text.truncate(half.unwrap_or(0));
    ([("content-type", "application/json")], text).into_response()
}

fn versioned(mut response: Response) -> Response {
    let version = HeaderValue::from_static(shopify::API_VERSION);
    response.headers_mut().insert("x-shopify-api-version", version);
    response
}

fn struck(state: &State, shop: &str, per_mille: u32) -> bool {
    state.with(shop, |shop| strikes(per_mille, &mut shop.rng)).unwrap_or(false)
}

/// A fault that comes before the document is looked at.
async fn http_fault(state: &State, shop: &str, faults: &Faults) -> Option<Response> {
    if struck(state, shop, faults.slow) {
        tokio::time::sleep(SLOW).await;
    }
    if struck(state, shop, faults.token_revoked) {
        state.with(shop, |shop| shop.tokens.revoke_all());
        return Some(StatusCode::UNAUTHORIZED.into_response());
    }
    if struck(state, shop, faults.subscription_removed)
        && let Some(first) = state.courier.subscriptions(shop).first()
    {
        state.courier.unsubscribe(shop, first.id);
    }
    if struck(state, shop, faults.too_many_requests) {
        let errors = json!({ "errors": "Exceeded 2 calls per second for api client." });
        let wait = [("retry-after", "1.0")];
        return Some((StatusCode::TOO_MANY_REQUESTS, wait, Json(errors)).into_response());
    }
    let calls = state.count_call();
    let ended = faults.unavailable_after.is_some_and(|after| calls >= after);
    (ended || struck(state, shop, faults.unavailable)).then(|| {
        (StatusCode::SERVICE_UNAVAILABLE, "<html>Service Unavailable</html>").into_response()
    })
}

/// Executes a document, within the shop's budget.
fn answer(
    state: &State,
    shop: &str,
    scopes: &BTreeSet<String>,
    faults: &Faults,
    request: &Request,
) -> Value {
    let document = match async_graphql::parser::parse_query(&request.query) {
        Ok(document) => document,
        Err(error) => return failed(&format!("syntax error: {error}")),
    };
    let prepared = Projection::new(&document, &request.variables).and_then(|prepared| {
        let requested = price::requested(&prepared.0, prepared.1)?;
        Ok((prepared, requested))
    });
    let ((projection, operation), requested) = match prepared {
        Ok(prepared) => prepared,
        Err(DocumentError(message)) => return failed(&message),
    };
    if requested > u64::from(REQUESTED_COST_MAX) {
        return too_dear(requested);
    }
    let throttled = state.with(shop, |shop| {
        let unlucky = strikes(faults.throttled, &mut shop.rng);
        let runs = !unlucky && shop.bucket.reserve(requested, clock::now());
        (!runs).then(|| shop.bucket.status(requested, None))
    });
    if let Some(Some(cost)) = throttled {
        return throttled_for(&cost);
    }
    let projected = roots::execute(state, shop, scopes, &projection, operation);
    let actual = match &projected {
        Ok(data) => price::actual(&projection, operation, data).unwrap_or(requested),
        Err(_) => 0,
    };
    let cost = state.with(shop, |shop| {
        shop.bucket.give_back(requested, actual);
        shop.bucket.status(requested, Some(actual))
    });
    match projected {
        Ok(data) => json!({ "data": data, "extensions": cost }),
        Err(error) => json!({ "errors": [error], "extensions": cost }),
    }
}

fn failed(message: &str) -> Value {
    json!({ "errors": [{ "message": message }] })
}

fn too_dear(requested: u64) -> Value {
    let message = format!(
        "Query cost is {requested}, which exceeds the single query max cost limit ({REQUESTED_COST_MAX})."
    );
    let extensions = json!({
        "code": "MAX_COST_EXCEEDED",
        "cost": requested,
        "maxCost": REQUESTED_COST_MAX,
    });
    json!({ "errors": [{ "message": message, "extensions": extensions }] })
}

fn throttled_for(cost: &Value) -> Value {
    let code = json!({
        "code": "THROTTLED",
        "documentation": "https://shopify.dev/api/usage/rate-limits",
    });
    json!({ "errors": [{ "message": "Throttled", "extensions": code }], "extensions": cost })
}
