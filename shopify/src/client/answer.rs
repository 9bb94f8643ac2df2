//! Judging an answer: what the status and the body together mean.

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::retry::Doubt;
use crate::cost::Cost;
use crate::error::ClientError;

/// How long to wait after a 429 that names no time (S2.47).
const THROTTLED_SECONDS: u64 = 2;
/// The longest part of an error's text that is passed on.
const MESSAGE_CHARACTERS_MAX: usize = 300;
/// The code of what is withheld for want of a scope or an approval.
const ACCESS_DENIED: &str = "ACCESS_DENIED";
/// Scopes that are taken from one error, and how long each may be.
const SCOPES_MAX: usize = 10;
const SCOPE_BYTES_MAX: usize = 64;
/// What stands in a message before the scopes that are missing.
const REQUIRED_ACCESS: &str = "Required access:";

/// Data, and what is missing from it.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    /// What was asked for.
    pub data: T,
    /// Fields that the store left empty, and why: no scope, no approval for protected data. A null there does not mean
    /// that there is nothing.
    pub partial: Vec<GraphqlError>,
}

/// An entry of the answer's `errors`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphqlError {
    /// The code, for instance `ACCESS_DENIED`.
    pub code: Option<String>,
    /// What the store says.
    pub message: String,
    /// Which field, for instance `orders.nodes.0.customer`.
    pub path: String,
    /// The scopes of which one is missing, where the field is withheld for want of one.
    pub scopes: Vec<String>,
}

impl GraphqlError {
    /// Whether the store denies access: a scope or an approval is missing.
    pub fn is_denied(&self) -> bool {
        self.code.as_deref() == Some(ACCESS_DENIED)
    }
}

pub(super) enum Verdict<T> {
    Answer(Answer<T>),
    Again(Doubt, ClientError),
    Final(ClientError),
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    errors: Option<&'a RawValue>,
    extensions: Option<Extensions>,
}

#[derive(Deserialize)]
struct Extensions {
    cost: Option<Cost>,
}

#[derive(Deserialize)]
struct WireError {
    #[serde(default)]
    message: String,
    extensions: Option<WireErrorExtensions>,
    path: Option<Vec<serde_json::Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireErrorExtensions {
    code: Option<String>,
    /// For instance "`read_orders` access scope."
    required_access: Option<String>,
}

/// What the reply comes to, and the cost that it tells of.
pub(super) fn judge<T: DeserializeOwned>(
    status: StatusCode,
    retry_after: Option<Duration>,
    body: &[u8],
) -> (Verdict<T>, Option<Cost>) {
    if let Some(verdict) = judge_status(status, retry_after) {
        return (verdict, None);
    }
    let envelope: Envelope<'_> = match serde_json::from_slice(body) {
        Ok(envelope) => envelope,
        Err(error) => return (unreadable(&error), None),
    };
    let cost = envelope.extensions.and_then(|extensions| extensions.cost);
    let errors = envelope.errors.map(read_errors).unwrap_or_default();
    (judge_body(envelope.data, errors, cost.as_ref()), cost)
}

/// What the status alone decides.
fn judge_status<T>(status: StatusCode, retry_after: Option<Duration>) -> Option<Verdict<T>> {
    let wait = retry_after.unwrap_or(Duration::from_secs(THROTTLED_SECONDS));
    let verdict = match status.as_u16() {
        200..=299 => return None,
        401 => Verdict::Final(ClientError::Unauthorized),
        402 | 423 => Verdict::Final(ClientError::Frozen),
        403 | 430 => Verdict::Final(ClientError::Denied { detail: format!("status {status}") }),
        404 => Verdict::Final(ClientError::NoSuchShop),
        429 => Verdict::Again(Doubt::DidNotRun, ClientError::Throttled { wait, tries: 0 }),
        500.. => {
            let detail = format!("status {status}");
            Verdict::Again(Doubt::MayHaveRun, ClientError::Unavailable { detail, tries: 0 })
        }
        _ => Verdict::Final(ClientError::Broken { detail: format!("status {status}") }),
    };
    Some(verdict)
}

/// A body that is no answer: cut off, or a page for people that a proxy put in its place.
fn unreadable<T>(error: &serde_json::Error) -> Verdict<T> {
    let detail = if error.is_eof() { "the answer is cut off" } else { "the answer is not JSON" };
    let error = ClientError::Unavailable { detail: detail.to_owned(), tries: 0 };
    Verdict::Again(Doubt::MayHaveRun, error)
}

fn judge_body<T: DeserializeOwned>(
    data: Option<&RawValue>,
    errors: Vec<GraphqlError>,
    cost: Option<&Cost>,
) -> Verdict<T> {
    let has = |code: &str| errors.iter().find(|error| error.code.as_deref() == Some(code));
    if has("THROTTLED").is_some() {
        let wait = cost.map_or(Duration::from_secs(THROTTLED_SECONDS), Cost::wait);
        return Verdict::Again(Doubt::DidNotRun, ClientError::Throttled { wait, tries: 0 });
    }
    if let Some(error) = has("MAX_COST_EXCEEDED") {
        return Verdict::Final(ClientError::TooCostly { detail: error.message.clone() });
    }
    if has("INTERNAL_SERVER_ERROR").is_some() || has("TIMEOUT").is_some() {
        let detail = "the store reports an internal error".to_owned();
        return Verdict::Again(Doubt::MayHaveRun, ClientError::Unavailable { detail, tries: 0 });
    }
    // Errors may stand beside data: protected fields are emptied one by one.
    let parsed = data.map(|data| serde_json::from_str::<T>(data.get()));
    let blamed = errors.iter().find(|error| error.is_denied()).or(errors.first());
    match (parsed, blamed) {
        (Some(Ok(data)), _) => Verdict::Answer(Answer { data, partial: errors }),
        (_, Some(blamed)) => {
            let detail = described(blamed);
            Verdict::Final(if blamed.is_denied() {
                ClientError::NoAccess { scopes: blamed.scopes.clone(), detail }
            } else {
                ClientError::Broken { detail }
            })
        }
        (Some(Err(error)), None) => {
            let place = format!("line {} column {}", error.line(), error.column());
            Verdict::Final(ClientError::Broken {
                detail: format!("the data has another shape at {place}"),
            })
        }
        (None, None) => {
            Verdict::Final(ClientError::Broken { detail: "neither data nor errors".to_owned() })
        }
    }
}

fn described(error: &GraphqlError) -> String {
    if error.path.is_empty() {
        error.message.clone()
    } else {
        format!("{}: {}", error.path, error.message)
    }
}

/// Reads `errors`, which is a list but for some faults a bare text.
fn read_errors(raw: &RawValue) -> Vec<GraphqlError> {
    let cut = |text: &str| text.chars().take(MESSAGE_CHARACTERS_MAX).collect::<String>();
    let Ok(errors) = serde_json::from_str::<Vec<WireError>>(raw.get()) else {
        let message = serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned());
        if raw.get() == "null" {
            return Vec::new();
        }
        let message = cut(&message);
        return vec![GraphqlError { code: None, message, path: String::new(), scopes: Vec::new() }];
    };
    let read = errors.into_iter().map(|error| {
        let steps = error.path.unwrap_or_default();
        let steps =
            steps.iter().map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned));
        let (code, required) = error
            .extensions
            .map_or((None, None), |extensions| (extensions.code, extensions.required_access));
        GraphqlError {
            code,
            scopes: scopes_in(required.as_deref().unwrap_or_else(|| {
                error.message.split_once(REQUIRED_ACCESS).map_or("", |(_, rest)| rest)
            })),
            message: cut(&error.message),
            path: steps.collect::<Vec<_>>().join("."),
        }
    });
    read.collect()
}

/// The scopes that a text names: it writes them between backquotes.
fn scopes_in(text: &str) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    let is_scope = |word: &&str| {
        (1..=SCOPE_BYTES_MAX).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    quoted.filter(is_scope).take(SCOPES_MAX).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const THROTTLED: &str = r#"{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],"extensions":{"cost":
            {"requestedQueryCost":822,"actualQueryCost":null,"throttleStatus":
            {"maximumAvailable":2000.0,"currentlyAvailable":22,"restoreRate":100.0}}}}"#;
    const COSTLY: &str = r#"{"errors":[{"message":"Query cost is 1100","extensions":{"code":"MAX_COST_EXCEEDED"}}]}"#;
    const DENIED: &str = r#"{"data":null,"errors":[{"message":"no scope","path":["orders"],
            "extensions":{"code":"ACCESS_DENIED"}}]}"#;
    const PARTIAL: &str =
        r#"{"data":{"a":1},"errors":[{"message":"not approved","path":["a",0,"email"]}]}"#;

    fn said(status: u16, body: &str) -> String {
        let status = StatusCode::from_u16(status).unwrap();
        match judge::<Value>(status, None, body.as_bytes()).0 {
            Verdict::Answer(answer) => {
                format!("data {} partial {}", answer.data, answer.partial.len())
            }
            Verdict::Again(doubt, error) => format!("again {doubt:?}: {error}"),
            Verdict::Final(error) => format!("final: {error}"),
        }
    }

    #[test]
    fn answers_are_told_apart() {
        let cases = [
            (200, r#"{"data":{"a":1}}"#, "data {\"a\":1} partial 0"),
            (200, PARTIAL, "data {\"a\":1} partial 1"),
            (200, THROTTLED, "again DidNotRun: the store asks to wait 8 s (0 retries)"),
            (200, COSTLY, "final: the request costs too much: Query cost is 1100"),
            (200, DENIED, "final: the store denies access: orders: no scope"),
            (
                200,
                r#"{"data":{"a":"#,
                "again MayHaveRun: the store is unavailable: the answer is cut off (0 retries)",
            ),
            (
                200,
                "<html>",
                "again MayHaveRun: the store is unavailable: the answer is not JSON (0 retries)",
            ),
            (
                200,
                r#"{"errors":"[API] nonsense"}"#,
                "final: the answer cannot be used: [API] nonsense",
            ),
            (200, "{}", "final: the answer cannot be used: neither data nor errors"),
            (
                200,
                r#"{"errors":[{"message":"oops","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}"#,
                "again MayHaveRun: the store is unavailable: the store reports an internal error (0 retries)",
            ),
        ];
        for (status, body, expected) in cases {
            assert_eq!(said(status, body), expected, "{body}");
        }
    }

    #[test]
    fn missing_scopes_are_taken_from_where_the_store_names_them() {
        let scopes = |error: &str| {
            let body = format!(r#"{{"errors":[{{"message":"other"}},{error}]}}"#);
            match judge::<Value>(StatusCode::OK, None, body.as_bytes()).0 {
                Verdict::Final(ClientError::NoAccess { scopes, .. }) => scopes.join(" "),
                _ => "none".to_owned(),
            }
        };
        let cases = [
            (
                r#"{"message":"Access denied","extensions":{"code":"ACCESS_DENIED",
                    "requiredAccess":"`read_locations` access scope or `read_markets_home` access scope."}}"#,
                "read_locations read_markets_home",
            ),
            (
                r#"{"message":"Access denied for `x` field. Required access: `read_orders` access scope.",
                    "extensions":{"code":"ACCESS_DENIED"}}"#,
                "read_orders",
            ),
            (r#"{"message":"not approved","extensions":{"code":"ACCESS_DENIED"}}"#, ""),
            (r#"{"message":"Required access: `read_orders`"}"#, "none"),
        ];
        for (error, expected) in cases {
            assert_eq!(scopes(error), expected, "{error}");
        }
    }

    #[test]
    fn statuses_are_told_apart() {
        let cases = [
            (401, "", "final: the token is not accepted"),
            (402, "", "final: the shop is frozen"),
            (423, "", "final: the shop is frozen"),
            (403, "", "final: the store denies access: status 403 Forbidden"),
            (404, "", "final: there is no such shop"),
            (429, "", "again DidNotRun: the store asks to wait 2 s (0 retries)"),
            (301, "", "final: the answer cannot be used: status 301 Moved Permanently"),
            (
                503,
                "",
                "again MayHaveRun: the store is unavailable: status 503 Service Unavailable (0 retries)",
            ),
        ];
        for (status, body, expected) in cases {
            assert_eq!(said(status, body), expected, "{status}");
        }
    }
}
