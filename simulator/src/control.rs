//! The simulator's own doors, for tests in which the app is another process. All bodies are JSON.
//!
//! | door | what it does |
//! |---|---|
//! | `POST /control/shops` | adds a shop: `domain`, and `currency`, `seed`, `products`, `orders`, `big_ids` |
//! | `POST /control/shops/{shop}/orders` | a new order; with a body of `lines`, `location_id`, `paid`, that one |
//! | `POST /control/shops/{shop}/orders/{id}/{what}` | `edit`, `cancel`, `refund`, `pay`, `fulfill`; `?restock=true` |
//! | `POST /control/shops/{shop}/products` | a new product |
//! | `POST /control/shops/{shop}/products/change` | something happens to a product |
//! | `PUT`, `DELETE /control/shops/{shop}/live` | has it live, `between_millis` between orders, or rest |
//! | `DELETE /control/shops/{shop}/tokens` | ends all tokens |
//! | `GET /control/shops/{shop}/books?since=` | the shop's own books |
//! | `GET /control/shops/{shop}/subscriptions` | topics and addresses |
//! | `PUT`, `POST /control/faults` | has these faults strike, and no others |
//! | `GET`, `PUT /control/deliveries` | what became of them; `paused`, `first_retry_millis` |
//! | `GET /control/settled` | waits until nothing is under way |

use std::time::Duration;

use axum::extract::{Path, Query, State as Extracted};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use chrono::DateTime;
use serde::Deserialize;
use serde_json::json;

use crate::fault::Faults;
use crate::generate::OrderSpec;
use crate::model::StoreSettings;
use crate::state::State;

/// How long a caller waits for deliveries to settle before being told to ask again.
const SETTLING_MAX: Duration = Duration::from_secs(25);

pub(crate) fn routes() -> Router<State> {
    let of_shop = Router::new()
        .route("/orders", post(create_order))
        .route("/orders/{id}/{what}", post(change_order))
        .route("/products", post(create_product))
        .route("/products/change", post(change_product))
        .route("/live", put(begin_life).delete(end_life))
        .route("/tokens", delete(revoke_tokens))
        .route("/books", get(books))
        .route("/subscriptions", get(subscriptions));
    Router::new()
        .route("/control/shops", post(add_shop))
        .nest("/control/shops/{shop}", of_shop)
        .route("/control/faults", put(set_faults).post(set_faults))
        .route("/control/deliveries", get(deliveries).put(set_deliveries))
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

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct NewOrder {
    lines: Vec<(i64, i64)>,
    location_id: Option<i64>,
    paid: bool,
}

async fn create_order(
    Extracted(state): Extracted<State>,
    Path(shop): Path<String>,
    new: Option<Json<NewOrder>>,
) -> Response {
    let created = state.change(&shop, |store, rng, now| {
        Some(match new {
            Some(Json(NewOrder { lines, location_id, paid })) => {
                store.create_order_with(OrderSpec { lines, location_id, paid }, now)
            }
            None => store.create_order(rng, now),
        })
    });
    changed(created)
}

#[derive(Deserialize)]
struct Restock {
    #[serde(default)]
    restock: bool,
}

/// Answers 404 also where the order is in no state for it.
async fn change_order(
    Extracted(state): Extracted<State>,
    Path((shop, id, what)): Path<(String, i64, String)>,
    Query(Restock { restock }): Query<Restock>,
) -> Response {
    changed(state.change(&shop, |store, rng, now| match what.as_str() {
        "edit" => store.edit_order(rng, id, now),
        "cancel" => store.cancel_order(id, restock, now),
        "refund" => store.refund_order(rng, id, restock, now),
        "pay" => store.pay_order(id, now),
        "fulfill" => store.fulfill_order(id, now),
        _ => None,
    }))
}

async fn create_product(Extracted(state): Extracted<State>, Path(shop): Path<String>) -> Response {
    changed(state.change(&shop, |store, rng, now| Some(store.create_product(rng, now))))
}

async fn change_product(Extracted(state): Extracted<State>, Path(shop): Path<String>) -> Response {
    changed(state.change(&shop, |store, rng, now| Some(store.change_product(rng, now))))
}

fn changed(id: Option<i64>) -> Response {
    match id {
        Some(id) => (StatusCode::CREATED, Json(json!({ "id": id }))).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pace {
    between_millis: u64,
}

async fn begin_life(
    Extracted(state): Extracted<State>,
    Path(shop): Path<String>,
    Json(Pace { between_millis }): Json<Pace>,
) -> StatusCode {
    if state.with(&shop, |_| ()).is_none() {
        return StatusCode::NOT_FOUND;
    }
    state.begin_life(&shop, Duration::from_millis(between_millis.max(1)));
    StatusCode::NO_CONTENT
}

async fn end_life(Extracted(state): Extracted<State>, Path(shop): Path<String>) -> StatusCode {
    match state.end_life(&shop) {
        Some(handle) => {
            handle.stop().await;
            StatusCode::NO_CONTENT
        }
        None => StatusCode::NOT_FOUND,
    }
}

async fn revoke_tokens(Extracted(state): Extracted<State>, Path(shop): Path<String>) -> StatusCode {
    match state.with(&shop, |shop| shop.tokens.revoke_all()) {
        Some(()) => StatusCode::NO_CONTENT,
        None => StatusCode::NOT_FOUND,
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
    let Ok(since) = since else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match state.books(&shop, since) {
        Some(books) => Json(books).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn subscriptions(Extracted(state): Extracted<State>, Path(shop): Path<String>) -> Response {
    Json(state.courier.subscriptions(&shop)).into_response()
}

async fn set_faults(Extracted(state): Extracted<State>, Json(faults): Json<Faults>) -> StatusCode {
    state.set_faults(faults);
    StatusCode::NO_CONTENT
}

async fn deliveries(Extracted(state): Extracted<State>) -> Response {
    Json(state.courier.stats()).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delivering {
    paused: Option<bool>,
    first_retry_millis: Option<u64>,
}

async fn set_deliveries(
    Extracted(state): Extracted<State>,
    Json(wish): Json<Delivering>,
) -> StatusCode {
    if let Some(millis) = wish.first_retry_millis {
        state.courier.set_first_retry(Duration::from_millis(millis));
    }
    if let Some(paused) = wish.paused {
        state.courier.set_paused(paused);
    }
    StatusCode::NO_CONTENT
}

/// Answers when nothing is under way, or with 202 when that takes long.
async fn settled(Extracted(state): Extracted<State>) -> StatusCode {
    match tokio::time::timeout(SETTLING_MAX, state.courier.settled()).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::ACCEPTED,
    }
}
