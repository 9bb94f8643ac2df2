//! The HTTP front: the table of contents of everything that can be called.

mod graphql;
mod health;
mod mappers;
mod metrics;
mod oauth;
mod socket;
mod sse;
mod webhooks;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post, put};

pub(crate) use self::graphql::upload::FILE_BYTES_MAX;
pub use self::graphql::{Authenticate, Endpoint, Rules, Session};

use crate::app::App;
use crate::telemetry;

/// The longest body of a delivery, in bytes: a product of 2,048 variants or an order of 500 lines takes megabytes.
pub(crate) const DELIVERY_BYTES_MAX: usize = 16 << 20;

/// What a process that only works still answers: whether it lives.
pub(crate) fn health_only(app: App) -> Router {
    health_routes().with_state(app)
}

fn health_routes() -> Router<App> {
    Router::new().route("/health", get(health::alive)).route("/ready", get(health::ready))
}

/// What is counted, for an address of its own: it is nobody's business but the operator's.
pub(crate) fn metrics_only(app: App) -> Router {
    Router::new().route("/metrics", get(metrics::scrape)).with_state(app)
}

/// Every route.
pub(crate) fn router(app: App) -> Router {
    let deliveries = Router::new()
        .route("/ecommerce/webhooks/{provider}", post(webhooks::by_shop))
        .route("/ecommerce/webhooks/{provider}/{token}", post(webhooks::by_path))
        .layer(DefaultBodyLimit::max(DELIVERY_BYTES_MAX));
    let oauth = Router::new()
        .route("/ecommerce/{provider}/app", get(oauth::enter))
        .route("/ecommerce/oauth/callback", get(oauth::callback));
    let random = std::sync::Arc::clone(&app.random);
    let mappers = Router::new()
        .route("/mappers/{business}", put(mappers::upload))
        .layer(from_fn_with_state(random, telemetry::identify));
    Router::new()
        .merge(deliveries)
        .merge(oauth)
        .merge(mappers)
        .merge(health_routes())
        .merge(graphql::endpoint(&app).routes())
        .with_state(app)
}
