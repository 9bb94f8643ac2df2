//! The Admin GraphQL API, as far as an app needs it that reads orders and products and subscribes to webhooks.

mod price;
mod project;
mod render;
mod roots;
mod search;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State as Extracted};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::clock;
use crate::cost::REQUESTED_MAX;
use crate::fault::{Faults, SLOW, strikes};
use crate::state::State;
use project::{DocumentError, Projection};

#[derive(Deserialize)]
pub(crate) struct Request {
    query: String,
    #[serde(default)]
    variables: Option<Map<String, Value>>,
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
    let scopes = state.with(&shop, |shop| shop.tokens.scopes_of(token.unwrap_or_default(), now));
    let Some(scopes) = scopes else { return StatusCode::NOT_FOUND.into_response() };
    let Some(scopes) = scopes else {
        let errors = json!({ "errors": "[API] Invalid API key or access token (unrecognized login or wrong password)" });
        return (StatusCode::UNAUTHORIZED, Json(errors)).into_response();
    };
    let faults = state.faults();
    if let Some(fault) = http_fault(&state, &shop, &faults).await {
        return fault;
    }
    let answer = answer(&state, &shop, &scopes, &faults, &request);
    let truncated = struck(&state, &shop, faults.truncated);
    versioned(match truncated {
        true => {
            let text = answer.to_string();
            let end = (0..=text.len() / 2).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
            let json = [("content-type", "application/json")];
            (json, Body::from(text[..end].to_owned())).into_response()
        }
        false => Json(answer).into_response(),
    })
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
    if struck(state, shop, faults.subscription_removed) {
        if let Some(first) = state.courier.subscriptions(shop).first() {
            state.courier.unsubscribe(shop, first.id);
        }
    }
    if struck(state, shop, faults.too_many_requests) {
        let errors = json!({ "errors": "Exceeded 2 calls per second for api client." });
        let wait = [("retry-after", "1.0")];
        return Some((StatusCode::TOO_MANY_REQUESTS, wait, Json(errors)).into_response());
    }
    struck(state, shop, faults.unavailable)
        .then(|| (StatusCode::SERVICE_UNAVAILABLE, "<html>Service Unavailable</html>").into_response())
}

/// Executes a document, within the shop's budget.
fn answer(
    state: &State,
    shop: &str,
    scopes: &std::collections::BTreeSet<String>,
    faults: &Faults,
    request: &Request,
) -> Value {
    let document = match async_graphql::parser::parse_query(&request.query) {
        Ok(document) => document,
        Err(error) => return json!({ "errors": [{ "message": format!("syntax error: {error}") }] }),
    };
    let variables = request.variables.clone().unwrap_or_default();
    let prepared = Projection::new(&document, &variables).and_then(|(projection, operation)| {
        let requested = price::requested(&projection, operation)?;
        Ok((projection, operation, requested))
    });
    let (projection, operation, requested) = match prepared {
        Ok(prepared) => prepared,
        Err(DocumentError(message)) => return json!({ "errors": [{ "message": message }] }),
    };
    if requested > REQUESTED_MAX {
        let message = format!("Query cost is {requested}, which exceeds the single query max cost limit ({REQUESTED_MAX}).");
        let extensions = json!({ "code": "MAX_COST_EXCEEDED", "cost": requested, "maxCost": REQUESTED_MAX });
        return json!({ "errors": [{ "message": message, "extensions": extensions }] });
    }
    let throttled = state.with(shop, |shop| {
        let unlucky = strikes(faults.throttled, &mut shop.rng);
        let holds = shop.bucket.holds(requested, clock::now());
        (unlucky || !holds).then(|| shop.bucket.status(requested, None))
    });
    if let Some(Some(extensions)) = throttled {
        let code = json!({ "code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits" });
        return json!({ "errors": [{ "message": "Throttled", "extensions": code }], "extensions": extensions });
    }
    let projected = roots::execute(state, shop, scopes, &projection, operation);
    let actual = match &projected {
        Ok(data) => price::actual(operation, data),
        Err(_) => 0,
    };
    let extensions = state.with(shop, |shop| {
        shop.bucket.take(actual);
        shop.bucket.status(requested, Some(actual))
    });
    match projected {
        Ok(data) => json!({ "data": data, "extensions": extensions }),
        Err(error) => json!({ "errors": [error], "extensions": extensions }),
    }
}
