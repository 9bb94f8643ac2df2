//! GraphQL over HTTP: reads a request, runs it behind the guard, writes the answer, as the specification says.
//!
//! Our own rather than the library's integration, which answers with the wrong media type and status, lets other sites'
//! pages run mutations by GET or form, takes lists of operations and bodies of any length.
//!
//! Resolvers find in the context: the [`Caller`] (absent for an anonymous request) and the [`RequestId`].

pub(crate) mod accept;
mod gate;
mod params;
mod present;
pub(crate) mod reply;
mod run;
pub(crate) mod upload;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::http::GraphiQLSource;
use async_graphql::parser::types::OperationType;
use async_graphql::{Executor, Request as Operation};
use axum::Router;
use axum::body::Bytes;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{DefaultBodyLimit, Extension, FromRequest as _, Request, State};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{MethodRouter, get};
use domain::access::Caller;
use domain::code::Code;
use domain::time::Timestamp;
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use tower_http::cors::CorsLayer;

pub(crate) use self::gate::{endpoint, session};
pub(crate) use self::params::from_object;
pub(crate) use self::present::Presented;
pub(crate) use self::run::{Event, events};

use self::accept::Accept;
use super::{socket, sse};
use crate::app::{Clock, Random};
use crate::error::Problem;
use crate::graphql::guard::{Admitted, Guarded};
use crate::telemetry::{self, RequestId};

/// The longest request body, in bytes: a document of 32 KiB and its variables.
const BODY_BYTES_MAX: usize = 1 << 20;

/// How long a browser may remember which cross-origin requests are allowed.
const PREFLIGHT_AGE: Duration = Duration::from_hours(1);

/// Headers that no page of another site can send without asking first.
const PREFLIGHT_HEADERS: [&str; 3] =
    ["authorization", "apollo-require-preflight", "x-apollo-operation-name"];

/// Who asks, and until when that holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Session {
    /// The caller; none where the request carried no token.
    pub caller: Option<Caller>,
    /// When the token ends.
    pub expires_at: Option<Timestamp>,
}

/// Tells who asks from the bearer token, if there is one.
pub type Authenticate =
    Arc<dyn Fn(Option<String>) -> BoxFuture<'static, Result<Session, Problem>> + Send + Sync>;

/// What the endpoint permits.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rules {
    /// The origins whose pages may call, for instance `https://app.example.com`.
    pub origins: BTreeSet<String>,
    /// Whether callers without a token may introspect the schema and open sockets; queries of theirs are the resolvers'
    /// to refuse.
    pub anonymous: bool,
    /// Whether `/graphiql` is served.
    pub graphiql: bool,
}

/// The GraphQL endpoint, over whatever schema.
#[derive(Clone)]
pub struct Endpoint<E> {
    pub(crate) schema: Guarded<E>,
    pub(crate) authenticate: Authenticate,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) rules: Rules,
}

impl<E> fmt::Debug for Endpoint<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("rules", &self.rules).finish_non_exhaustive()
    }
}

impl<E: Executor> Endpoint<E> {
    /// An endpoint; the guard is put before `schema` here.
    pub fn new(
        schema: E,
        authenticate: Authenticate,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        rules: Rules,
    ) -> Self {
        Self { schema: Guarded::new(schema), authenticate, clock, random, rules }
    }

    /// `/graphql` for all transports, and `/graphiql` where the rules have it.
    pub fn routes<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        let random = Arc::clone(&self.random);
        let graphiql = self.rules.graphiql;
        let cors = cors(&self.rules.origins);
        let methods: MethodRouter<Arc<Self>> = get(by_get::<E>).post(by_post::<E>);
        let mut router = Router::new().route("/graphql", methods);
        if graphiql {
            router = router.route("/graphiql", get(page));
        }
        router
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .layer(cors)
            .layer(axum::middleware::from_fn_with_state(random, telemetry::identify))
            .with_state(Arc::new(self))
    }

    /// Adds to a request what resolvers may know of it, and counts it.
    pub(crate) fn admit(
        &self,
        mut operation: Operation,
        session: &Session,
        id: &RequestId,
    ) -> Result<Admitted, async_graphql::ServerError> {
        operation.data.insert(id.clone());
        match &session.caller {
            Some(caller) => operation.data.insert(caller.clone()),
            None if self.rules.anonymous => {}
            None => operation = operation.disable_introspection(),
        }
        Admitted::new(operation)
    }

    /// Who asks, by the bearer token.
    pub(crate) async fn session(&self, headers: &HeaderMap) -> Result<Session, Problem> {
        (self.authenticate)(bearer(headers)?).await
    }

    /// Whether a page of the request's origin may call; programs send none.
    pub(crate) fn allows_origin(&self, headers: &HeaderMap) -> bool {
        headers.get(header::ORIGIN).is_none_or(|origin| {
            origin.to_str().is_ok_and(|origin| self.rules.origins.contains(origin))
        })
    }
}

/// The bearer token; any other kind of credentials is refused rather than overlooked.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    value
        .to_str()
        .ok()
        .and_then(token_of)
        .map(Some)
        .ok_or_else(|| Problem::new(Code::Unauthenticated, "Authorization is not a bearer token"))
}

/// The token of `Bearer <token>`.
pub(crate) fn token_of(credentials: &str) -> Option<String> {
    let (scheme, token) = credentials.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.to_owned())
}

async fn by_post<E: Executor>(
    State(endpoint): State<Arc<Endpoint<E>>>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let headers = request.headers().clone();
    let accept = Accept::of(&headers);
    if upload::is_multipart(&headers) {
        return upload::by_form(&endpoint, &accept, &id, request).await;
    }
    if !is_json(&headers) {
        let problem = Problem::new(Code::BadUserInput, "the body must be application/json");
        return reply::problem(&problem, StatusCode::UNSUPPORTED_MEDIA_TYPE, &accept, &id);
    }
    let body = match Bytes::from_request(request, &()).await {
        Ok(body) => body,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let text = format!("the body is longer than {BODY_BYTES_MAX} bytes");
            let problem = Problem::new(Code::QueryTooLarge, text);
            return reply::problem(&problem, rejection.status(), &accept, &id);
        }
        Err(_) => {
            let problem = Problem::new(Code::BadUserInput, "the body did not arrive whole");
            return reply::problem(&problem, StatusCode::BAD_REQUEST, &accept, &id);
        }
    };
    answer(&endpoint, &headers, &accept, &id, params::from_body(&body), &Method::POST).await
}

async fn by_get<E: Executor>(
    State(endpoint): State<Arc<Endpoint<E>>>,
    Extension(id): Extension<RequestId>,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
    request: Request,
) -> Response {
    let headers = request.headers();
    if headers.contains_key(header::UPGRADE) {
        return match upgrade {
            Ok(upgrade) => socket::upgrade(endpoint, headers, upgrade),
            Err(rejection) => rejection.into_response(),
        };
    }
    let accept = Accept::of(headers);
    if is_of_another_site(headers) {
        let text = "a page of another site must send a header that needs a preflight, \
                    for instance apollo-require-preflight";
        let problem = Problem::new(Code::Forbidden, text);
        return reply::problem(&problem, StatusCode::FORBIDDEN, &accept, &id);
    }
    let operation = params::from_uri(request.uri());
    answer(&endpoint, headers, &accept, &id, operation, &Method::GET).await
}

/// What both methods share once the parameters are read.
async fn answer<E: Executor>(
    endpoint: &Endpoint<E>,
    headers: &HeaderMap,
    accept: &Accept,
    id: &RequestId,
    operation: Result<Operation, Problem>,
    method: &Method,
) -> Response {
    if let Some(refusal) = not_acceptable(accept, id) {
        return refusal;
    }
    let known = async { Ok((endpoint.session(headers).await?, operation?)) };
    match known.await {
        Ok((session, operation)) => {
            let bound = run::OPERATION_TIME_MAX;
            respond(endpoint, accept, id, session, operation, method, bound).await
        }
        Err::<_, Problem>(problem) => reply::problem(&problem, problem.status(), accept, id),
    }
}

/// The refusal of a caller who takes none of what an answer can be.
fn not_acceptable(accept: &Accept, id: &RequestId) -> Option<Response> {
    if accept.single().is_some() || accept.allows_events() {
        return None;
    }
    let text = "the answer can be application/graphql-response+json, application/json or \
                text/event-stream";
    let problem = Problem::new(Code::BadUserInput, text);
    Some(reply::problem(&problem, StatusCode::NOT_ACCEPTABLE, accept, id))
}

/// Runs an operation of a known caller, within `bound` where it is no subscription.
async fn respond<E: Executor>(
    endpoint: &Endpoint<E>,
    accept: &Accept,
    id: &RequestId,
    session: Session,
    operation: Operation,
    method: &Method,
    bound: Duration,
) -> Response {
    let admitted = match endpoint.admit(operation, &session, id) {
        Ok(admitted) => admitted,
        Err(error) => return reply::whole(&Presented::refusal(error, id), accept),
    };
    let kind = admitted.kind();
    if method == Method::GET && kind == OperationType::Mutation {
        let problem = Problem::new(Code::BadUserInput, "mutations need POST");
        let mut response = reply::problem(&problem, StatusCode::METHOD_NOT_ALLOWED, accept, id);
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let is_subscription = kind == OperationType::Subscription;
    if accept.prefers_events() || (is_subscription && accept.allows_events()) {
        let lifetime = session.expires_at.map(|end| endpoint.clock.now().until(end));
        return sse::respond(events(&endpoint.schema, admitted, id.clone()), lifetime, accept);
    }
    if is_subscription {
        let text = "subscriptions need a WebSocket or Accept: text/event-stream";
        let problem = Problem::new(Code::BadUserInput, text);
        return reply::problem(&problem, StatusCode::BAD_REQUEST, accept, id);
    }
    match run::once(&endpoint.schema, admitted, id, bound).await {
        Ok(presented) => reply::whole(&presented, accept),
        Err(problem) => reply::problem(&problem, problem.status(), accept, id),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(text)) = headers.get(header::CONTENT_TYPE).map(HeaderValue::to_str) else {
        return false;
    };
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    essence.eq_ignore_ascii_case("application/json")
        && parts.filter_map(|part| part.split_once('=')).all(|(name, value)| {
            !name.eq_ignore_ascii_case("charset")
                || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
}

/// Whether a browser sends this for a page of another site that did not have to ask first. Browsers say so themselves;
/// programs need no protection from themselves.
fn is_of_another_site(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let foreign = matches!(site, Some(b"cross-site" | b"same-site"));
    foreign
        && !is_json(headers)
        && !PREFLIGHT_HEADERS.iter().any(|name| headers.contains_key(*name))
}

/// Lets the pages of `origins` call with credentials: the cookie that binds an authorization to its browser is set by
/// the answer to a mutation.
fn cors(origins: &BTreeSet<String>) -> CorsLayer {
    let [authorization, require_preflight, operation_name] =
        PREFLIGHT_HEADERS.map(HeaderName::from_static);
    let request_id = HeaderName::from_static("x-request-id");
    let origins = origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
    CorsLayer::new()
        .allow_origin(origins.collect::<Vec<_>>())
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            authorization,
            require_preflight,
            operation_name,
            header::CONTENT_TYPE,
            header::ACCEPT,
            request_id.clone(),
        ])
        .expose_headers([request_id])
        .max_age(PREFLIGHT_AGE)
}

async fn page() -> Html<String> {
    Html(GraphiQLSource::build().endpoint("/graphql").subscription_endpoint("/graphql").finish())
}

#[cfg(test)]
mod tests;
