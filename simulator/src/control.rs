//! The simulator's own doors, for tests in which the app is another process.

use std::time::Duration;

use axum::extract::{Path, Query, State as Extracted};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use chrono::DateTime;
use serde::Deserialize;
use serde_json::json;

use crate::fault::Faults;
use crate::model::StoreSettings;
use crate::state::State;

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/control/shops", post(add_shop))
        .route("/control/shops/{shop}/orders", post(create_order))
        .route("/control/shops/{shop}/books", get(books))
        .route("/control/faults", put(set_faults))
        .route("/control/deliveries", get(deliveries))
        .route("/control/settled", get(settled))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewShop {
    domain: String,
    #[serde(default = "default_currency")]
    currency: String,
    #[serde(default)]
    seed: u64,
    #[serde(default)]
    products: usize,
    #[serde(default)]
    orders: usize,
    #[serde(default)]
    big_ids: bool,
}

fn default_currency() -> String {
    "CAD".to_owned()
}

async fn add_shop(Extracted(state): Extracted<State>, Json(new): Json<NewShop>) -> StatusCode {
    let NewShop { domain, currency, seed, products, orders, big_ids } = new;
    state.add_shop(&StoreSettings { domain, currency, seed, products, orders, big_ids });
    StatusCode::CREATED
}

async fn create_order(Extracted(state): Extracted<State>, Path(shop): Path<String>) -> Response {
    let created = state.change(&shop, |store, rng, now| Some(store.create_order(rng, now)));
    match created {
        Some(id) => (StatusCode::CREATED, Json(json!({ "id": id }))).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[derive(Deserialize)]
struct Since {
    /// RFC 3339; the beginning of time where not given.
    since: Option<String>,
}

async fn books(
    Extracted(state): Extracted<State>,
    Path(shop): Path<String>,
    Query(Since { since }): Query<Since>,
) -> Response {
    let since = since.as_deref().map_or(Ok(DateTime::UNIX_EPOCH), |text| {
        DateTime::parse_from_rfc3339(text).map(|at| at.to_utc())
    });
    let Ok(since) = since else { return StatusCode::BAD_REQUEST.into_response() };
    match state.books(&shop, since) {
        Some(books) => Json(books).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn set_faults(Extracted(state): Extracted<State>, Json(faults): Json<Faults>) -> StatusCode {
    state.set_faults(faults);
    StatusCode::NO_CONTENT
}

async fn deliveries(Extracted(state): Extracted<State>) -> Response {
    Json(state.courier.stats()).into_response()
}

/// Answers when nothing is under way, or after 25 seconds with 202.
async fn settled(Extracted(state): Extracted<State>) -> StatusCode {
    let wait = Duration::from_secs(25);
    match tokio::time::timeout(wait, state.courier.settled()).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::ACCEPTED,
    }
}
