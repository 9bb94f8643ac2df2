//! Uploads of mappers by programs: `PUT /mappers/{business}` with the component as the body, at most 24 MiB.
//!
//! Whoever may not upload, and whatever is too long, is refused before the body is read. A page of another site cannot
//! send a PUT without asking, and nothing here answers that it may.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::response::{IntoResponse, Response};
use domain::access::{Caller, Role};
use domain::code::Code;
use domain::id::BusinessId;
use domain::mapper::MapperVersion;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::graphql::upload::{FILE_BYTES_MAX, UPLOAD_TIME_MAX, arrive, may_upload, place};
use super::graphql::{bearer, session};
use crate::actions;
use crate::app::App;
use crate::error::Problem;
use crate::graphql::hex;

/// Keeps the body as the business's next mapper version. Answers 200 with the version, be it one that may serve or not;
/// a component that does not even load is refused with 400.
pub(super) async fn upload(
    State(app): State<App>,
    Path(business): Path<String>,
    request: Request,
) -> Response {
    match keep(&app, &business, request).await {
        Ok(version) => axum::Json(shown(&version)).into_response(),
        Err(problem) => refusal(&problem),
    }
}

async fn keep(app: &App, business: &str, request: Request) -> Result<MapperVersion, Problem> {
    let (caller, business) = admit(app, business, request.headers()).await?;
    let component = read(request).await?;
    let work = actions::mapper::upload::upload(app, &caller, business, component.to_vec());
    let done = tokio::time::timeout(UPLOAD_TIME_MAX, work).await;
    done.map_err(|_| {
        let seconds = UPLOAD_TIME_MAX.as_secs();
        Problem::new(Code::Timeout, format!("the upload took longer than {seconds} s"))
    })?
}

/// Who uploads, and for whom, where they may and their component is not too long by its own account.
async fn admit(
    app: &App,
    business: &str,
    headers: &HeaderMap,
) -> Result<(Caller, BusinessId), Problem> {
    let session = session(app, bearer(headers)?).await?;
    may_upload(&session)?;
    let nobody = || Problem::new(Code::Unauthenticated, "a bearer token is needed");
    let caller = session.caller.ok_or_else(nobody)?;
    let business = business.parse().map_err(|_| Problem::not_found("business"))?;
    app.tenant(&caller, business, Role::Admin)?;
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let length = length.and_then(|length| length.parse::<usize>().ok());
    if length.is_some_and(|length| length > FILE_BYTES_MAX) {
        let text = format!("the component is longer than {FILE_BYTES_MAX} bytes");
        return Err(Problem::new(Code::QueryTooLarge, text));
    }
    Ok((caller, business))
}

async fn read(mut request: Request) -> Result<Bytes, Problem> {
    let _permit = place()?;
    DefaultBodyLimit::max(FILE_BYTES_MAX).apply(&mut request);
    arrive(request).await
}

fn shown(version: &MapperVersion) -> Value {
    let failure = version.failure.as_ref();
    json!({
        "ok": true,
        "version": version.number,
        "state": version.state.as_str().to_uppercase(),
        "name": version.name,
        "pluginVersion": version.plugin_version,
        "contract": version.contract,
        "digest": hex(&version.digest),
        "goldenTests": version.golden_count,
        "failure": failure.map(|one| json!({ "code": one.code.as_str(), "message": one.detail })),
    })
}

fn refusal(problem: &Problem) -> Response {
    let body = json!({
        "ok": false,
        "code": problem.code.as_str(),
        "message": problem.message,
    });
    let mut response = (problem.status(), axum::Json(body)).into_response();
    if response.status() == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}
