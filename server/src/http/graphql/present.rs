//! What the outside may see of a response: at most so many errors, and no text that is not meant for it.

use std::collections::BTreeMap;

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};
use domain::code::Code;
use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};

use crate::error::Problem;
use crate::telemetry::RequestId;

/// The most errors in one response: a document of bad fields must not be answered with a multiple of its length.
const ERRORS_MAX: usize = 10;

/// What the library says of a value that a scalar cannot take, without a code: one of the wrong form, one of the wrong
/// kind.
const SCALAR_REFUSALS: [&str; 2] = ["Failed to parse \"", "Expected input type \""];

/// What the library says of a document that goes beyond the schema's limits, without a code.
const LIMIT_REFUSALS: [&str; 2] = ["Query is too complex.", "Query is nested too deep."];

/// What a caller reads where the fault is ours.
const MASK: &str = "Internal server error";

/// A response fit to leave.
#[derive(Debug)]
pub(crate) struct Presented {
    response: Response,
    refused: bool,
}

impl Presented {
    /// Gives every error its code, masks those that are not ours, and caps their number.
    pub(crate) fn new(mut response: Response, id: &RequestId) -> Self {
        let refused = response.data == Value::Null
            && !response.errors.is_empty()
            && response.errors.iter().all(|error| error.path.is_empty());
        response.errors.truncate(ERRORS_MAX);
        for error in &mut response.errors {
            present(error, id);
        }
        Self { response, refused }
    }

    /// The answer to a request that was refused before anything ran.
    pub(crate) fn refusal(error: ServerError, id: &RequestId) -> Self {
        Self::new(Response::from_errors(vec![error]), id)
    }

    /// The answer that a problem is.
    pub(crate) fn problem(problem: &Problem, id: &RequestId) -> Self {
        let mut error = ServerError::new(problem.message.clone(), None);
        set(&mut error, "code", problem.code.as_str());
        Self::refusal(error, id)
    }

    /// Whether nothing was executed: there is no `data` then, not even null.
    pub(crate) fn is_refused(&self) -> bool {
        self.refused
    }

    /// The headers that resolvers asked for.
    pub(crate) fn headers(&self) -> &http::HeaderMap {
        &self.response.http_headers
    }

    /// The errors alone.
    pub(crate) fn errors(&self) -> &[ServerError] {
        &self.response.errors
    }
}

impl Serialize for Presented {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if !self.refused {
            map.serialize_entry("data", &self.response.data)?;
        }
        if !self.response.errors.is_empty() {
            map.serialize_entry("errors", &self.response.errors)?;
        }
        let extensions: &BTreeMap<_, _> = &self.response.extensions;
        if !extensions.is_empty() {
            map.serialize_entry("extensions", extensions)?;
        }
        map.end()
    }
}

fn present(error: &mut ServerError, id: &RequestId) {
    match code_of(error) {
        Some(Code::Internal) => set(error, "requestId", &id.to_string()),
        Some(_) => {}
        // Without a path it is about the document, not about what a resolver met.
        None if error.path.is_empty() => {
            let excessive = LIMIT_REFUSALS.contains(&error.message.as_str());
            let code = if excessive { Code::QueryTooComplex } else { Code::ValidationFailed };
            set(error, "code", code.as_str());
        }
        None if error.source.is_none() && refuses_a_value(&error.message) => {
            set(error, "code", Code::BadUserInput.as_str());
        }
        None => {
            tracing::error!(%id, path = ?error.path, message = error.message, "a resolver failed");
            MASK.clone_into(&mut error.message);
            error.extensions = None;
            set(error, "code", Code::Internal.as_str());
            set(error, "requestId", &id.to_string());
        }
    }
}

fn refuses_a_value(message: &str) -> bool {
    SCALAR_REFUSALS.iter().any(|beginning| message.starts_with(beginning))
}

/// The catalogue's code that the error carries, if it carries one of ours.
fn code_of(error: &ServerError) -> Option<Code> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(text) => Code::parse(text),
        _ => None,
    }
}

fn set(error: &mut ServerError, name: &str, value: &str) {
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set(name, value);
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, PathSegment, Schema};
    use serde_json::json;

    use super::*;

    fn shown(errors: Vec<ServerError>, data: Value) -> serde_json::Value {
        let mut response = Response::from_errors(errors);
        response.data = data;
        let id = RequestId::draw(&crate::app::OsRandom);
        let mut value = serde_json::to_value(Presented::new(response, &id)).unwrap();
        for error in value["errors"].as_array_mut().unwrap() {
            if let Some(seen) = error["extensions"].get_mut("requestId") {
                assert_eq!(seen, &id.to_string());
                *seen = "R".into();
            }
        }
        value
    }

    fn error(message: &str, path: bool, code: Option<&str>) -> ServerError {
        let mut error = ServerError::new(message, None);
        if path {
            error.path.push(PathSegment::Field("a".into()));
        }
        if let Some(code) = code {
            set(&mut error, "code", code);
        }
        error
    }

    #[test]
    fn only_our_own_errors_keep_their_text() {
        let cases = [
            (error("no such order", true, Some("NOT_FOUND")), "no such order", "NOT_FOUND"),
            (error("relation x", true, None), MASK, "INTERNAL_SERVER_ERROR"),
            (error("relation x", true, Some("MADE_UP")), MASK, "INTERNAL_SERVER_ERROR"),
            (error("Failed to parse \"Int\": x", true, None), "Failed to", "BAD_USER_INPUT"),
            (error("Expected input type \"Long\", x", true, None), "Expected", "BAD_USER_INPUT"),
        ];
        for (error, message, code) in cases {
            let value = shown(vec![error], Value::Null);
            assert!(value["errors"][0]["message"].as_str().unwrap().starts_with(message));
            assert_eq!(value["errors"][0]["extensions"]["code"], code);
            assert!(value.as_object().unwrap().contains_key("data"), "{value}");
        }
    }

    #[test]
    fn a_refused_document_has_no_data() {
        let value = shown(vec![error("Unknown field", false, None)], Value::Null);
        let expected = json!({"errors": [
            {"message": "Unknown field", "extensions": {"code": "VALIDATION_FAILED"}}
        ]});
        assert_eq!(value, expected);
    }

    #[tokio::test]
    async fn a_document_beyond_the_limits_is_said_to_be_so() {
        struct Query;
        #[async_graphql::Object]
        impl Query {
            async fn deeper(&self) -> Self {
                Self
            }
            async fn name(&self) -> &str {
                "n"
            }
        }
        let build = || Schema::build(Query, EmptyMutation, EmptySubscription);
        for schema in [build().limit_complexity(1).finish(), build().limit_depth(1).finish()] {
            let response = schema.execute("{ deeper { name } }").await;
            let value = shown(response.errors, Value::Null);
            assert_eq!(value["errors"][0]["extensions"]["code"], "QUERY_TOO_COMPLEX", "{value}");
        }
    }

    #[test]
    fn errors_are_capped() {
        let many = vec![error("x", false, None); 500];
        let value = shown(many, Value::Null);
        assert_eq!(value["errors"].as_array().unwrap().len(), ERRORS_MAX);
    }
}
