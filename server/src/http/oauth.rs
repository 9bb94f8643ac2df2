//! What a browser or the store itself calls while a store is being connected.

use axum::extract::{Path, RawQuery, State};
use axum::http::header::{COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::actions::connect;
use crate::app::App;
use crate::error::Problem;

/// The longest query string that is looked at, in bytes.
const QUERY_BYTES_MAX: usize = 8 << 10;

/// `GET /ecommerce/{provider}/app`: where the store sends a merchant who installs or opens the app. Authorization starts
/// at once, before anything else is shown.
pub(super) async fn enter(
    State(app): State<App>,
    Path(provider): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let entered = match parameters(query.as_deref()) {
        Ok(parameters) => connect::enter(&app, &provider, &parameters).await,
        Err(problem) => Err(problem),
    };
    match entered {
        Ok(entry) => redirect(&entry.url, entry.cookie.as_deref()),
        Err(problem) => redirect(&failure_url(&app, &problem), None),
    }
}

/// `GET /ecommerce/oauth/callback`: where the store sends the merchant back. Always answers with a redirect to the
/// frontend: `?connected=true`, or `?error=` and a code of the catalogue in lower case (S0.4, S0.5).
pub(super) async fn callback(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookies: Vec<&str> = cookies.collect();
    let completed = match parameters(query.as_deref()) {
        Ok(parameters) => connect::complete(&app, &parameters, &cookies).await,
        Err(problem) => Err(problem),
    };
    let expired = connect::expired_cookie(&app);
    match completed {
        Ok(_) => redirect(&frontend_url(&app, "connected", "true"), Some(&expired)),
        Err(problem) => {
            tracing::warn!(code = %problem.code, detail = problem.message, "connecting failed");
            redirect(&failure_url(&app, &problem), Some(&expired))
        }
    }
}

/// The query's parameters, decoded, in the order sent.
fn parameters(query: Option<&str>) -> Result<Vec<(String, String)>, Problem> {
    let query = query.unwrap_or_default();
    if query.len() > QUERY_BYTES_MAX {
        return Err(Problem::input("query", "is too long"));
    }
    serde_urlencoded::from_str(query).map_err(|_| Problem::input("query", "cannot be read"))
}

fn failure_url(app: &App, problem: &Problem) -> String {
    frontend_url(app, "error", &problem.code.as_str().to_ascii_lowercase())
}

/// The frontend's address from the settings with one parameter; nothing of a request enters it.
fn frontend_url(app: &App, key: &str, value: &str) -> String {
    let base = app.config.provider.frontend_url.as_str();
    let separator = if base.contains('?') { '&' } else { '?' };
    format!("{base}{separator}{key}={value}")
}

fn redirect(url: &str, cookie: Option<&str>) -> Response {
    let Ok(location) = HeaderValue::from_str(url) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = (StatusCode::FOUND, [(LOCATION, location)]).into_response();
    if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::from_str(cookie).ok()) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}
