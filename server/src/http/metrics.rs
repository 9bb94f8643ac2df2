//! Metrics: what is counted, as Prometheus reads it.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::delivery::Failure;

use crate::app::App;
use crate::metrics::CONTENT_TYPE;

/// `GET /metrics`. What waits in the inbox is read from the database; where that does not answer, the rest is told without.
pub(super) async fn scrape(State(app): State<App>) -> Response {
    match app.storage.system().queue_depth().await {
        Ok(depth) => app.metrics.note_depth(&depth, app.now()),
        Err(error) => {
            tracing::warn!(failure = %Failure::from(&error), "the inbox could not be counted");
            app.metrics.forget_depth();
        }
    }
    match app.metrics.encode() {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(_unwritable) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
