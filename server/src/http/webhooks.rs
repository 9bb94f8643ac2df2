//! Receive: verify, store durably, acknowledge. Nothing else happens in the request.
//!
//! The answer is 200 only after the row is committed; where storing fails it is 503, so that the store sends again
//! (T1). Everything that can go wrong after that is the worker's.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::code::Code;
use domain::connection::Connection;
use domain::delivery::{Failure, NewDelivery, Source};
use domain::id::DeliveryId;
use serde_json::json;
use sha2::{Digest, Sha256};
use storage::{Received, StoreError};

use crate::app::App;
use crate::providers::{DeliveryHead, Provider};

/// How long the store may wait for the commit, in milliseconds: it hangs up after five seconds.
const COMMIT_MILLIS_MAX: u64 = 4_000;
/// What a sender is told to wait when storing failed, in seconds.
const RETRY_AFTER_SECONDS: &str = "5";

/// `POST /ecommerce/webhooks/{provider}`: one address for all shops of the app; the shop stands in a header.
pub(super) async fn by_shop(
    State(app): State<App>,
    Path(provider): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    answer(&app, &provider, None, &headers, body).await
}

/// `POST /ecommerce/webhooks/{provider}/{token}`: the address of one connection. Signatures cover neither the shop nor
/// the topic, so that a shop could send its own signed body under another's name; the path binds it to its own.
pub(super) async fn by_path(
    State(app): State<App>,
    Path((provider, token)): Path<(String, String)>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    answer(&app, &provider, Some(&token), &headers, body).await
}

/// What the sender is told.
enum Answer {
    /// The row is committed, or was long ago: senders are told the same.
    Accepted(Received),
    /// The same constant answer whatever was wrong: a forger learns nothing.
    Unauthorized,
    TooLarge,
    Unreadable,
    Unavailable,
}

impl Answer {
    /// What metrics call it.
    fn label(&self) -> &'static str {
        match self {
            Self::Accepted(Received::Stored) => "stored",
            Self::Accepted(Received::Duplicate) => "duplicate",
            Self::Unauthorized => "unauthorized",
            Self::TooLarge => "too_large",
            Self::Unreadable => "unreadable",
            Self::Unavailable => "unavailable",
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let (status, body) = match self {
            Self::Accepted(_) => (StatusCode::OK, json!({ "ok": true })),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, refusal(Code::InvalidSignature)),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, refusal(Code::QueryTooLarge)),
            Self::Unreadable => (StatusCode::BAD_REQUEST, refusal(Code::MalformedBody)),
            Self::Unavailable => {
                let body = axum::Json(refusal(Code::UpstreamUnavailable));
                let wait = [(header::RETRY_AFTER, RETRY_AFTER_SECONDS)];
                return (StatusCode::SERVICE_UNAVAILABLE, wait, body).into_response();
            }
        };
        (status, axum::Json(body)).into_response()
    }
}

fn refusal(code: Code) -> serde_json::Value {
    json!({ "ok": false, "code": code.as_str() })
}

/// Receives, and counts what came of it.
async fn answer(
    app: &App,
    provider: &str,
    token: Option<&str>,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let begun = Instant::now();
    let answer = receive(app, provider, token, headers, body).await;
    let accepted = matches!(answer, Answer::Accepted(_));
    app.metrics.note_webhook(answer.label(), accepted, begun.elapsed());
    answer.into_response()
}

async fn receive(
    app: &App,
    provider: &str,
    token: Option<&str>,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answer {
    let body = match body {
        Ok(body) => body,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return Answer::TooLarge;
        }
        Err(_) => return Answer::Unreadable,
    };
    let Ok(provider) = app.providers.get(provider) else {
        return Answer::Unauthorized;
    };
    let head = match provider.verify_delivery(headers, &body) {
        Ok(head) => head,
        Err(failure) => {
            tracing::warn!(code = %failure.code, detail = %failure.detail, "delivery refused");
            return Answer::Unauthorized;
        }
    };
    let connection = match find_connection(app, provider.as_ref(), token, &head).await {
        Ok(Some(connection)) => connection,
        Ok(None) => {
            tracing::warn!(shop = head.shop, "delivery for no known connection");
            return Answer::Unauthorized;
        }
        Err(error) => return unavailable(&error),
    };
    let delivery = delivery_of(app, &connection, head, &body);
    let tenant = app.storage.tenant(connection.business_id);
    let stored = tenant.receive(delivery);
    // The writer owns the transaction: giving up on the answer here, or the sender hanging up, disturbs nothing.
    match tokio::time::timeout(Duration::from_millis(COMMIT_MILLIS_MAX), stored).await {
        Ok(Ok(received)) => Answer::Accepted(received),
        Ok(Err(error)) => unavailable(&error),
        Err(_elapsed) => Answer::Unavailable,
    }
}

/// The connection that a verified delivery belongs to. By path it must also be the shop that the header names.
async fn find_connection(
    app: &App,
    provider: &dyn Provider,
    token: Option<&str>,
    head: &DeliveryHead,
) -> Result<Option<Arc<Connection>>, StoreError> {
    let found = match token {
        Some(token) => app.connections.by_path(token).await?,
        None => app.connections.by_shop(provider.name(), &head.shop).await?,
    };
    Ok(found.filter(|connection| {
        connection.provider == provider.name() && connection.shop == head.shop
    }))
}

fn delivery_of(
    app: &App,
    connection: &Connection,
    head: DeliveryHead,
    body: &Bytes,
) -> NewDelivery {
    let now = app.now();
    NewDelivery {
        id: DeliveryId::new(now, &app.entropy()),
        business_id: connection.business_id,
        connection_id: connection.id,
        source: Source::Webhook,
        topic: head.topic,
        webhook_id: head.webhook_id,
        event_id: head.event_id,
        api_version: head.api_version,
        triggered_at: head.triggered_at,
        received_at: now,
        body_hash: Sha256::digest(body).into(),
        body: body.to_vec(),
    }
}

fn unavailable(error: &StoreError) -> Answer {
    tracing::error!(failure = %Failure::from(error), "delivery could not be stored");
    Answer::Unavailable
}
