//! Operations as server-sent events: the distinct-connections mode of the `graphql-sse` protocol.
//!
//! The response ends with the event `complete`; a response that ends without it (the token expired, the process
//! stopped) tells the client to ask again.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event as Line, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::future::{Either, FutureExt as _, pending};
use futures_util::stream::{BoxStream, Stream, StreamExt as _};
use http::{HeaderValue, header};
use std::pin::Pin;

use super::graphql::accept::Accept;
use super::graphql::{Event, Presented, reply};

/// How often an idle stream says that it lives, so that nothing between closes it.
const KEEP_ALIVE: Duration = Duration::from_secs(12);

/// Streams `events` until they end, or until the caller's token does.
pub(super) fn respond(
    events: BoxStream<'static, Event>,
    lifetime: Option<Duration>,
    accept: &Accept,
) -> Response {
    let mut events = events.peekable();
    // A document that is refused is known at once, and then a status says it better than a stream.
    if let Some(Some(Event::Refused(refused))) = Pin::new(&mut events).peek().now_or_never() {
        return reply::whole(refused, accept);
    }
    let end = lifetime.map_or_else(
        || Either::Left(pending()),
        |lifetime| Either::Right(tokio::time::sleep(lifetime)),
    );
    let lines = lines(events).take_until(end);
    let mut response =
        Sse::new(lines).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Reverse proxies gather small writes unless told otherwise.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

fn lines(
    events: impl Stream<Item = Event> + Send + 'static,
) -> impl Stream<Item = Result<Line, Infallible>> + Send + 'static {
    events.flat_map(|event| {
        let lines = match event {
            Event::Next(presented) => vec![next(&presented)],
            Event::Refused(presented) => vec![next(&presented), complete()],
            Event::Complete => vec![complete()],
        };
        futures_util::stream::iter(lines.into_iter().map(Ok))
    })
}

fn next(presented: &Presented) -> Line {
    let line = Line::default().event("next");
    line.json_data(presented).unwrap_or_else(|error| {
        tracing::error!(%error, "an event could not be written");
        complete()
    })
}

fn complete() -> Line {
    Line::default().event("complete").data("")
}
