//! The guard before the schema: no document reaches the executor before its cost is known.
//!
//! The library's own limits are compared after walks that expand every fragment spread anew, so a document of one
//! kilobyte can hold a core for minutes, inside one poll that no timeout can interrupt. Here the order is: length,
//! tokens, parse once, then a count that visits every fragment once. HTTP, SSE and WebSocket all go through
//! [`Guarded`], whose executor can be reached by an [`Admitted`] request only.

mod tokens;
mod weight;

use std::sync::Arc;

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationType};
use async_graphql::{Data, ErrorExtensionValues, Executor, Request, Response, ServerError};
use domain::code::Code;
use futures_util::stream::BoxStream;

/// The longest document, in bytes.
pub(crate) const DOCUMENT_BYTES_MAX: usize = 32 << 10;

/// An executor that takes admitted requests only.
#[derive(Clone, Debug)]
pub(crate) struct Guarded<E>(E);

/// A request whose document was parsed and found affordable.
#[derive(Debug)]
pub(crate) struct Admitted {
    request: Request,
    kind: OperationType,
}

impl<E: Executor> Guarded<E> {
    /// Puts the guard before `executor`.
    pub(crate) fn new(executor: E) -> Self {
        Self(executor)
    }

    /// Runs a query or a mutation to its end.
    pub(crate) async fn execute(&self, admitted: Admitted) -> Response {
        self.0.execute(admitted.request).await
    }

    /// Runs any operation as a stream; queries and mutations give one response.
    pub(crate) fn stream(
        &self,
        admitted: Admitted,
        session: Arc<Data>,
    ) -> BoxStream<'static, Response> {
        self.0.execute_stream(admitted.request, Some(session))
    }
}

impl Admitted {
    /// Parses and counts the document. Refusals are `QUERY_TOO_LARGE` for its text, `QUERY_TOO_COMPLEX` for what it
    /// asks for and `VALIDATION_FAILED` where it is not GraphQL or names no operation to run.
    pub(crate) fn new(mut request: Request) -> Result<Self, ServerError> {
        if request.query.len() > DOCUMENT_BYTES_MAX {
            let text = format!("the document is longer than {DOCUMENT_BYTES_MAX} bytes");
            return Err(refusal(Code::QueryTooLarge, &text));
        }
        tokens::check(&request.query).map_err(|excess| refusal(Code::QueryTooLarge, &excess))?;
        let name = request.operation_name.take();
        let document =
            request.parsed_query().map_err(|error| coded(error, Code::ValidationFailed))?;
        weight::check(document).map_err(|excess| refusal(excess.code(), &excess))?;
        let kind = chosen(document, name.as_deref())?;
        request.operation_name = name;
        Ok(Self { request, kind })
    }

    /// What the operation to run is.
    pub(crate) fn kind(&self) -> OperationType {
        self.kind
    }
}

/// The operation that would run.
fn chosen(document: &ExecutableDocument, name: Option<&str>) -> Result<OperationType, ServerError> {
    let chosen = match (&document.operations, name) {
        (DocumentOperations::Single(only), None) => Some(only),
        (DocumentOperations::Multiple(named), None) if named.len() == 1 => named.values().next(),
        (DocumentOperations::Multiple(named), Some(name)) => named.get(name),
        _ => None,
    };
    let Some(operation) = chosen else {
        let text = name.map_or_else(
            || "several operations and no operationName".to_owned(),
            |name| format!("no operation is named {name:?}"),
        );
        return Err(refusal(Code::ValidationFailed, &text));
    };
    Ok(operation.node.ty)
}

fn refusal(code: Code, text: &dyn std::fmt::Display) -> ServerError {
    coded(ServerError::new(text.to_string(), None), code)
}

fn coded(mut error: ServerError, code: Code) -> ServerError {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code.as_str());
    error.extensions = Some(extensions);
    error
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::time::{Duration, Instant};

    use super::*;

    fn code(document: &str) -> Option<String> {
        let error = Admitted::new(Request::new(document)).err()?;
        let extensions = error.extensions.unwrap();
        Some(extensions.get("code").unwrap().to_string().replace('"', ""))
    }

    /// Twelve lines that ask for 4^12 fields.
    fn fan_out() -> String {
        let mut text = "{...F0}".to_owned();
        for level in 0..12 {
            write!(text, "fragment F{level} on Q{{").unwrap();
            for alias in 0..4 {
                write!(text, "a{alias}:a{{...F{}}}", level + 1).unwrap();
            }
            text.push('}');
        }
        text + "fragment F12 on Q{b}"
    }

    #[test]
    fn fragments_that_multiply_are_refused_at_once() {
        let started = Instant::now();
        let text = fan_out();
        assert_eq!(code(&text).as_deref(), Some("QUERY_TOO_COMPLEX"));
        let unused = text.replacen("{...F0}", "{b}", 1);
        assert_eq!(code(&unused).as_deref(), Some("QUERY_TOO_COMPLEX"));
        assert!(started.elapsed() < Duration::from_secs(1));
    }

    #[test]
    fn each_limit_is_named() {
        let many = |count: usize, part: &str| part.repeat(count);
        let deep = |levels: usize| format!("{{{}b{}", many(levels, "a{"), many(levels + 1, "}"));
        let introspect = |levels: usize| {
            let inner = many(levels, "fields{type{");
            format!("{{__schema{{types{{{inner}name{}", many(levels * 2 + 3, "}"))
        };
        let large = Some("QUERY_TOO_LARGE");
        let complex = Some("QUERY_TOO_COMPLEX");
        let invalid = Some("VALIDATION_FAILED");
        let cases = [
            ("{b}".to_owned(), None),
            (format!("{{b(x:\"{}\")}}", many(DOCUMENT_BYTES_MAX, "y")), large),
            (format!("{{{}}}", many(2_100, "b ")), large),
            (format!("{{b(x:{})}}", many(1_000, "[")), large),
            (format!("#{}\r{{{}}}", many(99, "c"), many(2_100, "b ")), large),
            (deep(14), None),
            (deep(15), complex),
            (format!("{{{}}}", many(21, "b ")), complex),
            (format!("{{...F}}fragment F on Q{{{}}}", many(21, "b ")), complex),
            (format!("{{x{{{}}}}}", many(31, "c:b ")), complex),
            (format!("{{b {}}}", many(51, "@d")), complex),
            ("{...F}fragment F on Q{a{...G}}fragment G on Q{a{...F}}".to_owned(), invalid),
            ("{".to_owned(), invalid),
            ("query A{b}query B{b}".to_owned(), invalid),
            (introspect(2), None),
            (introspect(3), complex),
            (format!("{{{}}}", many(5, "a:__type(name:\"Q\"){name}")), complex),
        ];
        for (document, expected) in cases {
            let start: String = document.chars().take(60).collect();
            assert_eq!(code(&document).as_deref(), expected, "{start}");
        }
    }

    #[test]
    fn the_named_operation_decides_the_kind() {
        let document = "query A{b} mutation B{b} subscription C{b}";
        let kind = |name: &str| {
            let request = Request::new(document).operation_name(name);
            Admitted::new(request).map(|admitted| admitted.kind())
        };
        assert_eq!(kind("A").unwrap(), OperationType::Query);
        assert_eq!(kind("B").unwrap(), OperationType::Mutation);
        assert_eq!(kind("C").unwrap(), OperationType::Subscription);
        kind("D").unwrap_err();
    }

    #[test]
    fn the_usual_introspection_query_passes() {
        let document = "query IntrospectionQuery { __schema { queryType { name } mutationType { name }
            subscriptionType { name } types { ...FullType } directives { name description locations
            args { ...InputValue } } } }
            fragment FullType on __Type { kind name description fields(includeDeprecated: true) { name
            description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
            inputFields { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) {
            name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
            fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
            fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name
            ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }";
        assert_eq!(code(document), None);
    }
}
