//! The parameters of a GraphQL request, from a body, a query string or a socket's message.
//!
//! Read by hand and strictly: the library's own reader takes numbers for objects where JSON numbers keep their digits,
//! and takes what is missing for empty.

use async_graphql::{Name, Request, Value as GraphqlValue, Variables};
use axum::extract::Query;
use domain::code::Code;
use http::Uri;
use serde_json::{Map, Value};

use crate::error::Problem;

/// The parameters of a POST body.
pub(crate) fn from_body(body: &[u8]) -> Result<Request, Problem> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => from_object(object),
        Ok(Value::Array(_)) => Err(bad("one request carries one operation; lists are not taken")),
        Ok(_) => Err(bad("the body is not a JSON object")),
        Err(error) => Err(bad(format!("the body is not JSON: {error}"))),
    }
}

/// The parameters of a GET request; `variables` and `extensions` are JSON text.
pub(crate) fn from_uri(uri: &Uri) -> Result<Request, Problem> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|_| bad("the query string is not well-formed"))?;
    let mut object = Map::new();
    for (name, text) in pairs {
        let value = match name.as_str() {
            "query" | "operationName" => Value::String(text),
            "variables" | "extensions" => serde_json::from_str(&text)
                .map_err(|_| Problem::input(&name, format!("{name} is not JSON")))?,
            _ => continue,
        };
        if object.insert(name.clone(), value).is_some() {
            return Err(Problem::input(&name, format!("{name} is given more than once")));
        }
    }
    from_object(object)
}

/// The parameters of an object; members that it has besides are ignored.
pub(crate) fn from_object(mut object: Map<String, Value>) -> Result<Request, Problem> {
    let mut request = match object.remove("query") {
        Some(Value::String(query)) => Request::new(query),
        Some(_) => return Err(Problem::input("query", "query is not a string")),
        None => return Err(Problem::input("query", "query is missing")),
    };
    request.operation_name = match object.remove("operationName") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name),
        Some(_) => {
            return Err(Problem::input("operationName", "operationName is not a string"));
        }
    };
    if let Some(variables) = map(&mut object, "variables")? {
        let fields = variables.into_iter().map(|(name, value)| (Name::new(name), graphql(value)));
        request.variables = Variables::from_value(GraphqlValue::Object(fields.collect()));
    }
    if let Some(extensions) = map(&mut object, "extensions")? {
        let fields = extensions.into_iter().map(|(name, value)| (name, graphql(value)));
        request.extensions.0 = fields.collect();
    }
    Ok(request)
}

fn map(object: &mut Map<String, Value>, name: &str) -> Result<Option<Map<String, Value>>, Problem> {
    match object.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map)),
        Some(_) => Err(Problem::input(name, format!("{name} is not an object"))),
    }
}

/// The same value in the library's type. JSON's reader has bounded the nesting.
fn graphql(value: Value) -> GraphqlValue {
    match value {
        Value::Null => GraphqlValue::Null,
        Value::Bool(truth) => GraphqlValue::Boolean(truth),
        Value::Number(number) => GraphqlValue::Number(number),
        Value::String(text) => GraphqlValue::String(text),
        Value::Array(items) => GraphqlValue::List(items.into_iter().map(graphql).collect()),
        Value::Object(fields) => GraphqlValue::Object(
            fields.into_iter().map(|(name, value)| (Name::new(name), graphql(value))).collect(),
        ),
    }
}

fn bad(text: impl Into<String>) -> Problem {
    Problem::new(Code::BadUserInput, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        let request =
            from_body(br#"{"query":"{a}","variables":{"id":9007199254740993,"f":1.10}}"#).unwrap();
        let number = |name: &str| match &request.variables[&Name::new(name)] {
            GraphqlValue::Number(number) => number.to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!((number("id"), number("f")), ("9007199254740993".into(), "1.10".into()));
    }

    #[test]
    fn a_wrong_parameter_is_named() {
        let cases = [
            ("", "the body is not JSON"),
            ("[]", "one request"),
            ("3", "not a JSON object"),
            ("{}", "query is missing"),
            (r#"{"query":1}"#, "query is not a string"),
            (r#"{"query":"","operationName":[]}"#, "operationName"),
            (r#"{"query":"","variables":[]}"#, "variables"),
            (r#"{"query":"","extensions":"x"}"#, "extensions"),
        ];
        for (body, expected) in cases {
            let problem = from_body(body.as_bytes()).unwrap_err();
            assert!(problem.message.contains(expected), "{body}: {problem}");
        }
        for (uri, expected) in [
            ("/graphql", "query is missing"),
            ("/graphql?query=a&query=b", "more than once"),
            ("/graphql?query=a&variables=%7B", "variables is not JSON"),
            ("/graphql?query=a&variables=1", "variables is not an object"),
        ] {
            let problem = from_uri(&Uri::from_static(uri)).unwrap_err();
            assert!(problem.message.contains(expected), "{uri}: {problem}");
        }
        let uri = Uri::from_static("/graphql?query=a&operationName=B&variables=%7B%22x%22:1%7D");
        let request = from_uri(&uri).unwrap();
        assert_eq!(request.operation_name.as_deref(), Some("B"));
        assert_eq!(request.variables.len(), 1);
    }
}
