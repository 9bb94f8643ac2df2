//! Requests that carry a file, as the GraphQL multipart request specification has them.
//!
//! A form is what a browser lets any page send without asking, so one is taken with a header that pages have to ask for
//! and from a caller who may upload, before any of its megabytes are read. The library's own reader does the reading; it
//! bounds nothing, and copies a file's name for each place that the file is asked for at, so the parts are measured
//! first.

use std::ops::Range;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use async_graphql::{Executor, Name, ParseRequestError, Request as Operation, Value};
use async_graphql_axum::GraphQLRequest;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest as _, Request};
use axum::response::{IntoResponse, Response};
use domain::access::Role;
use domain::code::Code;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tokio::sync::Semaphore;

use super::accept::Accept;
use super::{Endpoint, Session, not_acceptable, reply, respond};
use crate::error::Problem;
use crate::telemetry::RequestId;

/// The longest file, in bytes: what the largest toolchains make of a plugin, with room.
pub(crate) const FILE_BYTES_MAX: usize = 24 << 20;
/// Bytes of the operation, or of the map of files, with the headers of its part.
const PART_BYTES_MAX: usize = 64 << 10;
/// Bytes of the headers of the file's part.
const HEADERS_BYTES_MAX: usize = 4 << 10;
/// The longest body.
const BODY_BYTES_MAX: usize = FILE_BYTES_MAX + 3 * PART_BYTES_MAX;
/// Parts of the form: the operation, the map, one file.
const PARTS: usize = 3;
/// Uploads that are read at the same time; each is held in memory.
const UPLOADS_MAX: usize = 4;
/// How long a body may take to arrive.
const ARRIVAL_MAX: Duration = Duration::from_mins(1);
/// How long an operation with a file may take: compiling the largest plugins takes a part of a minute.
pub(crate) const UPLOAD_TIME_MAX: Duration = Duration::from_secs(100);
/// Who may upload: the role that every mutation with a file asks for.
const ROLE: Role = Role::Admin;
/// What says that a page of another site had to ask first. A token does not: this must hold whatever else is believed.
const ASKED_HEADERS: [&str; 2] = ["apollo-require-preflight", "x-apollo-operation-name"];

static UPLOADS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(UPLOADS_MAX)));

/// Whether the body is a form with parts.
pub(super) fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.and_then(|kind| kind.get(..20))
        .is_some_and(|kind| kind.eq_ignore_ascii_case("multipart/form-data;"))
}

/// Answers a request that carries a file.
pub(super) async fn by_form<E: Executor>(
    endpoint: &Endpoint<E>,
    accept: &Accept,
    id: &RequestId,
    request: Request,
) -> Response {
    if let Some(refusal) = not_acceptable(accept, id) {
        return refusal;
    }
    let headers = request.headers().clone();
    let read = async {
        if !ASKED_HEADERS.iter().any(|name| is_filled(&headers, name)) {
            let text = "a form needs a header that pages of other sites must ask for, for instance \
                        apollo-require-preflight";
            return Err(Problem::new(Code::Forbidden, text));
        }
        let session = endpoint.session(&headers).await?;
        may_upload(&session)?;
        let _permit = place()?;
        Ok((session, read(request).await?))
    };
    match read.await {
        Ok((session, operation)) => {
            let bound = UPLOAD_TIME_MAX;
            respond(endpoint, accept, id, session, operation, &Method::POST, bound).await
        }
        Err(problem) => reply::problem(&problem, problem.status(), accept, id),
    }
}

/// Whether this caller may send a file at all.
pub(crate) fn may_upload(session: &Session) -> Result<(), Problem> {
    match &session.caller {
        None => Err(Problem::new(Code::Unauthenticated, "a bearer token is needed")),
        Some(caller) if caller.role < ROLE => {
            Err(Problem::new(Code::Forbidden, format!("this needs the role {}", ROLE.as_str())))
        }
        Some(_) => Ok(()),
    }
}

/// A place among the uploads that are read.
pub(crate) fn place() -> Result<tokio::sync::OwnedSemaphorePermit, Problem> {
    let taken = Arc::clone(&UPLOADS).try_acquire_owned();
    taken.map_err(|_| Problem::new(Code::Throttled, "too many uploads at once; try again"))
}

fn is_filled(headers: &HeaderMap, name: &str) -> bool {
    headers.get(name).is_some_and(|value| !value.is_empty())
}

async fn read(request: Request) -> Result<Operation, Problem> {
    let (parts, body) = request.into_parts();
    let mut whole = Request::new(body);
    DefaultBodyLimit::max(BODY_BYTES_MAX).apply(&mut whole);
    let body = arrive(whole).await?;
    let kind = parts.headers.get(header::CONTENT_TYPE);
    let boundary = kind.and_then(boundary).ok_or_else(|| bad("the form's boundary is missing"))?;
    measure(&body, &boundary)?;
    let request = Request::from_parts(parts, Body::from(body));
    let read = GraphQLRequest::<Unreadable>::from_request(request, &()).await;
    let mut operation = read.map_err(|Unreadable(error)| problem_of(&error))?.into_inner();
    for value in operation.variables.values_mut() {
        mend(value);
    }
    Ok(operation)
}

/// The body, once all of it is there.
pub(crate) async fn arrive(request: Request) -> Result<Bytes, Problem> {
    match tokio::time::timeout(ARRIVAL_MAX, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(too_large("the file", FILE_BYTES_MAX))
        }
        Ok(Err(_)) => Err(bad("the body did not arrive whole")),
        Err(_) => {
            let text = format!("the body took longer than {} s", ARRIVAL_MAX.as_secs());
            Err(Problem::new(Code::Timeout, text))
        }
    }
}

/// The boundary that a form's content type names.
fn boundary(kind: &HeaderValue) -> Option<String> {
    let parameters = kind.to_str().ok()?.split(';').skip(1);
    parameters.filter_map(|parameter| parameter.trim().split_once('=')).find_map(|(name, value)| {
        let value = value.trim_matches('"');
        (name.eq_ignore_ascii_case("boundary") && (1..=70).contains(&value.len()))
            .then(|| value.to_owned())
    })
}

/// Whether the form has the parts that it should have, each within its bounds.
fn measure(body: &[u8], boundary: &str) -> Result<(), Problem> {
    let parts = parts_of(body, format!("--{boundary}").as_bytes());
    let [operation, map, file] = parts.as_slice() else {
        let text = format!("a form has {PARTS} parts: operations, map, and one file");
        return Err(bad(text));
    };
    for part in [operation, map] {
        if part.len() > PART_BYTES_MAX {
            return Err(too_large("a part that is no file", PART_BYTES_MAX));
        }
    }
    let file = &body[file.clone()];
    let headers = file.windows(4).take(HEADERS_BYTES_MAX).position(|bytes| bytes == b"\r\n\r\n");
    match headers {
        None => Err(bad("the file's part has no headers, or too long ones")),
        // An empty line stands before the file, and a line's end behind it.
        Some(at) if file.len() - at > FILE_BYTES_MAX + 6 => {
            Err(too_large("the file", FILE_BYTES_MAX))
        }
        Some(_) => Ok(()),
    }
}

/// Where the parts between the delimiters stand; at most one more than there may be.
fn parts_of(body: &[u8], delimiter: &[u8]) -> Vec<Range<usize>> {
    let mut starts = Vec::new();
    let mut at = 0;
    while let Some(found) = find(&body[at..], delimiter) {
        starts.push(at + found);
        at += found + delimiter.len();
        if starts.len() > PARTS + 1 {
            break;
        }
    }
    starts.windows(2).map(|pair| pair[0] + delimiter.len()..pair[1]).collect()
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut at = 0;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == first)?;
        if bytes[at..].starts_with(wanted) {
            return Some(at);
        }
        at += 1;
    }
}

/// The library reads JSON numbers, whose digits are kept, as objects of this one name.
const NUMBER: &str = "$serde_json::private::Number";

fn mend(value: &mut Value) {
    match value {
        Value::List(items) => items.iter_mut().for_each(mend),
        Value::Object(fields) => {
            let number = match fields.get(&Name::new(NUMBER)) {
                Some(Value::String(digits)) if fields.len() == 1 => digits.parse().ok(),
                _ => None,
            };
            match number {
                Some(number) => *value = Value::Number(number),
                None => fields.values_mut().for_each(mend),
            }
        }
        _ => {}
    }
}

/// What the library has against a form.
struct Unreadable(ParseRequestError);

impl From<ParseRequestError> for Unreadable {
    fn from(error: ParseRequestError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Unreadable {
    fn into_response(self) -> Response {
        StatusCode::BAD_REQUEST.into_response()
    }
}

fn problem_of(error: &ParseRequestError) -> Problem {
    bad(match error {
        ParseRequestError::UnsupportedBatch => "one request carries one operation".to_owned(),
        ParseRequestError::InvalidRequest(_) => "operations is no GraphQL request".to_owned(),
        ParseRequestError::InvalidFilesMap(_) => "map is no map of files to places".to_owned(),
        other => format!("the form cannot be read: {other}"),
    })
}

fn too_large(what: &str, max: usize) -> Problem {
    Problem::new(Code::QueryTooLarge, format!("{what} is longer than {max} bytes"))
}

fn bad(text: impl Into<String>) -> Problem {
    Problem::new(Code::BadUserInput, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut body = Vec::new();
        for (headers, content) in parts {
            body.extend_from_slice(b"--xx\r\nContent-Disposition: form-data; ");
            body.extend_from_slice(headers.as_bytes());
            body.extend_from_slice(b"\r\n\r\n");
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--xx--\r\n");
        body
    }

    fn request(body: Vec<u8>) -> Request {
        let request = Request::post("/").header("content-type", "multipart/form-data; boundary=xx");
        request.body(Body::from(body)).unwrap()
    }

    const OPERATIONS: &[u8] =
        br#"{"query":"mutation{a}","variables":{"file":null,"n":{"m":[9007199254740993,1.50]}}}"#;
    const MAP: &[u8] = br#"{"f":["variables.file"]}"#;

    fn usual<'a>(operations: &'a [u8], map: &'a [u8], file: &'a [u8]) -> Vec<(&'a str, &'a [u8])> {
        vec![
            ("name=\"operations\"", operations),
            ("name=\"map\"", map),
            ("name=\"f\"; filename=\"a.wasm\"", file),
        ]
    }

    #[tokio::test]
    async fn a_form_is_read_with_its_file_and_all_digits() {
        let file = b"\0asm\r\n--x\r\n\r\n--".to_vec();
        let mut read = read(request(form(&usual(OPERATIONS, MAP, &file)))).await.unwrap();
        assert_eq!(read.uploads.len(), 1);
        assert_eq!(read.uploads.remove(0).content, file);
        let number = serde_json::to_string(&read.variables[&Name::new("n")]).unwrap();
        assert_eq!(number, r#"{"m":[9007199254740993,1.50]}"#);
    }

    #[tokio::test]
    async fn a_form_beyond_its_bounds_is_refused_before_it_is_taken_apart() {
        let long = vec![b' '; PART_BYTES_MAX];
        let huge = vec![0; FILE_BYTES_MAX + 1];
        let most = &huge[..FILE_BYTES_MAX];
        let name = format!("name=\"f\"; filename=\"{}\"", "x".repeat(HEADERS_BYTES_MAX));
        let mut named = usual(OPERATIONS, MAP, b"");
        named[2].0 = &name;
        let mut four = usual(OPERATIONS, MAP, b"");
        four.push(("name=\"map\"", MAP));
        let cases = [
            (usual(OPERATIONS, MAP, most), None),
            (usual(OPERATIONS, MAP, &huge), Some(Code::QueryTooLarge)),
            (usual(&long, MAP, b""), Some(Code::QueryTooLarge)),
            (usual(OPERATIONS, &long, b""), Some(Code::QueryTooLarge)),
            (named, Some(Code::BadUserInput)),
            (four, Some(Code::BadUserInput)),
            (usual(OPERATIONS, MAP, b"")[..2].to_vec(), Some(Code::BadUserInput)),
            (usual(br#"[{"query":"{a}"}]"#, MAP, b""), Some(Code::BadUserInput)),
            (usual(OPERATIONS, b"{}x", b""), Some(Code::BadUserInput)),
            (vec![], Some(Code::BadUserInput)),
        ];
        for (at, (parts, expected)) in cases.into_iter().enumerate() {
            let code = read(request(form(&parts))).await.err().map(|problem| problem.code);
            assert_eq!(code, expected, "case {at}");
        }
        let over = read(request(vec![0; BODY_BYTES_MAX + 1])).await.unwrap_err();
        assert_eq!(over.code, Code::QueryTooLarge);
    }

    #[test]
    fn boundaries_are_found_as_clients_write_them() {
        let found = |text: &'static str| boundary(&HeaderValue::from_static(text));
        assert_eq!(found("multipart/form-data; boundary=abc"), Some("abc".into()));
        assert_eq!(
            found("multipart/form-data;charset=utf-8; Boundary=\"a b\""),
            Some("a b".into())
        );
        assert_eq!(found("multipart/form-data"), None);
        assert_eq!(found("multipart/form-data; boundary="), None);
    }
}
