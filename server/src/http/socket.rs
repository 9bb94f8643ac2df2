//! GraphQL over WebSocket: the `graphql-transport-ws` protocol, written to its text.
//!
//! One task per socket. It reads, polls the running operations in turn and writes; dropping it frees everything. What a
//! client can make us hold is bounded: one message, fifty operations, one queue.

mod message;
mod outbox;
mod session;

use std::sync::Arc;
use std::time::Duration;

use async_graphql::Executor;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{StreamExt as _, TryStreamExt as _};
use futures_util::{SinkExt as _, future};
use http::{HeaderMap, StatusCode};

use self::session::{Connection, Pace};
use super::graphql::{Endpoint, bearer};

/// The only sub-protocol. The older `graphql-ws` has other messages under the same meaning.
const PROTOCOL: &str = "graphql-transport-ws";

/// The longest message from a client, in bytes.
const MESSAGE_BYTES_MAX: usize = 64 << 10;

/// How long a client may take to take note of the end.
const CLOSE_TIME_MAX: Duration = Duration::from_secs(2);

/// Why a socket is closed: a code and a reason of at most 123 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Closing {
    code: u16,
    reason: &'static str,
}

impl Closing {
    const TOO_BIG: Self = Self { code: 1009, reason: "Message too big" };
    const TRY_LATER: Self = Self { code: 1013, reason: "Try again later" };
    const MALFORMED: Self = Self { code: 4400, reason: "Invalid message" };
    const UNAUTHORIZED: Self = Self { code: 4401, reason: "Unauthorized" };
    const FORBIDDEN: Self = Self { code: 4403, reason: "Forbidden" };
    const EXPIRED: Self = Self { code: 4403, reason: "token expired" };
    const NO_INIT: Self = Self { code: 4408, reason: "Connection initialisation timeout" };
    const NO_PONG: Self = Self { code: 4408, reason: "No answer to pings" };
    const DUPLICATE: Self = Self { code: 4409, reason: "Subscriber already exists" };
    const SLOW: Self = Self { code: 4413, reason: "slow consumer" };
    const TOO_MANY_INITS: Self = Self { code: 4429, reason: "Too many initialisation requests" };
    const TOO_MANY: Self = Self { code: 4429, reason: "Too many operations" };
}

/// Accepts the upgrade, where the sub-protocol and the page's origin are right.
pub(super) fn upgrade<E: Executor>(
    endpoint: Arc<Endpoint<E>>,
    headers: &HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !endpoint.allows_origin(headers) {
        return (StatusCode::FORBIDDEN, "this origin may not connect").into_response();
    }
    let token = match bearer(headers) {
        Ok(token) => token,
        Err(problem) => return (problem.status(), problem.message).into_response(),
    };
    let upgrade = upgrade
        .protocols([PROTOCOL])
        .max_message_size(MESSAGE_BYTES_MAX)
        .max_frame_size(MESSAGE_BYTES_MAX);
    if upgrade.selected_protocol().is_none() {
        let text = format!("the sub-protocol must be {PROTOCOL}");
        return (StatusCode::BAD_REQUEST, text).into_response();
    }
    upgrade.on_upgrade(move |socket| serve(socket, endpoint, token))
}

async fn serve<E: Executor>(socket: WebSocket, endpoint: Arc<Endpoint<E>>, token: Option<String>) {
    let (mut sink, mut incoming) = socket.split();
    let (outbox, queue) = outbox::open();
    let closing = {
        let run = Connection::new(endpoint, token, outbox, Pace::default()).run(&mut incoming);
        let write = queue.write(&mut sink);
        tokio::pin!(run, write);
        match future::select(run, write).await {
            future::Either::Left((closing, _)) => closing,
            // The client is gone.
            future::Either::Right(_) => None,
        }
    };
    let Some(Closing { code, reason }) = closing else {
        return;
    };
    let farewell = async {
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
        sink.send(Message::Close(Some(frame))).await?;
        // A connection closed over unread input is reset, and the client would never see the code.
        while incoming.try_next().await?.is_some() {}
        Ok::<_, axum::Error>(())
    };
    // Whether the client took note does not matter any more.
    let _ = tokio::time::timeout(CLOSE_TIME_MAX, farewell).await;
}
