//! Health: whether the process lives, and whether it can do its work.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::app::App;

/// Answers as long as the process runs.
pub(super) async fn alive() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// Answers 200 while the database can be reached; deliveries would be refused otherwise.
pub(super) async fn ready(State(app): State<App>) -> (StatusCode, Json<Value>) {
    match app.storage.system().ping().await {
        Ok(()) => (StatusCode::OK, Json(json!({ "status": "ok" }))),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({ "status": "unavailable", "cause": "database" })),
        ),
    }
}
