//! Logs: how they are written, and the id that ties a request's lines to its answer.
//!
//! No body, token, address or name of a person is ever a log field: routes are logged by their pattern, because the
//! path of a delivery holds a secret.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use tracing::Instrument as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::app::Random;
use crate::config::HttpConfig;

/// The header that names a request, in both directions.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken over from a caller.
const REQUEST_ID_LENGTH_MAX: usize = 64;

/// How log lines look.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// Sends the process's log to standard error, so that standard output stays a command's own. Where something took the
/// log before, as a test's harness does, that stays.
pub(crate) fn init(settings: &HttpConfig) {
    // The settings were read with a filter that can be parsed; anything else logs what is ordinary.
    let filter = EnvFilter::try_new(&settings.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = match settings.log_format {
        LogFormat::Text => lines.finish().try_init(),
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init(),
    };
}

/// The name of one request: in its answer's `x-request-id`, in the errors that we mask, and in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// A new one.
    pub fn draw(random: &dyn Random) -> Self {
        let mut bytes = [0; 16];
        random.fill(&mut bytes);
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string().into())
    }

    /// The caller's own, where it is short and plain enough for a log.
    fn given(value: &HeaderValue) -> Option<Self> {
        let text = value.to_str().ok()?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let fits = (1..=REQUEST_ID_LENGTH_MAX).contains(&text.len()) && text.bytes().all(plain);
        fits.then(|| Self(text.into()))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names the request and traces it. Where several routers each have this layer, the outermost decides.
pub(crate) async fn identify(
    State(random): State<Arc<dyn Random>>,
    mut request: Request,
    next: Next,
) -> Response {
    if request.extensions().get::<RequestId>().is_some() {
        return next.run(request).await;
    }
    let id = request
        .headers()
        .get(REQUEST_ID)
        .and_then(RequestId::given)
        .unwrap_or_else(|| RequestId::draw(random.as_ref()));
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    let span = tracing::info_span!("request", %id, method = %request.method(), route);
    request.extensions_mut().insert(id.clone());
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::debug!(status = response.status().as_u16(), millis, "answered"));
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_ids_are_taken_over() {
        let given = |text: &str| RequestId::given(&HeaderValue::from_str(text).unwrap());
        assert_eq!(given("a-b_9"), Some(RequestId("a-b_9".into())));
        for refused in ["", "a b", "a\tb", &"x".repeat(65)] {
            assert_eq!(given(refused), None);
        }
    }
}
