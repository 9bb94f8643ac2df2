//! The shapes in which the store writes its objects: [`rest`] in deliveries, [`node`] in answers of the Admin API.
//!
//! Every field may be missing or null, and unknown ones are passed over: fields come with new versions and are emptied
//! where the merchant or the store withholds them. Whether an object without a field can be used is for the reader to
//! decide.

pub mod node;
pub mod rest;

mod scalar;

pub use scalar::{Amount, Id, Loose, Tags, Whole};

use serde::Deserialize;

use crate::webhook::BODY_BYTES_MAX;

/// What is wrong with a body. It never quotes a value: values may be personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct WireProblem {
    /// Where, for instance `line_items[2].price`; `body` for the whole.
    pub path: String,
    /// What.
    pub problem: String,
}

impl WireProblem {
    /// A problem with the body as a whole.
    pub fn of_body(problem: impl Into<String>) -> Self {
        Self { path: "body".to_owned(), problem: problem.into() }
    }
}

/// Reads a body. Its size is bounded, and its depth by the parser.
pub fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, WireProblem> {
    if body.len() > BODY_BYTES_MAX {
        return Err(WireProblem::of_body(format!("is longer than {BODY_BYTES_MAX} bytes")));
    }
    match serde_json::from_slice(body) {
        Ok(read) => Ok(read),
        Err(error) if error.is_data() => Err(locate::<T>(body)),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            let kind = if error.is_eof() { "ends too early" } else { "is not JSON" };
            Err(WireProblem::of_body(format!("{kind}: line {line}, column {column}")))
        }
    }
}

/// Reads a body again to find out where it fails; slower, so done only then.
fn locate<'a, T: Deserialize<'a>>(body: &'a [u8]) -> WireProblem {
    let mut reader = serde_json::Deserializer::from_slice(body);
    match serde_path_to_error::deserialize::<_, T>(&mut reader) {
        Ok(_) => WireProblem::of_body("has trailing characters"),
        Err(error) => {
            let path = error.path().to_string();
            let path = if path == "." { "body".to_owned() } else { path };
            WireProblem { path, problem: without_value(&error.into_inner().to_string()) }
        }
    }
}

/// The parser's text without the value that it quotes: what stands behind the last "expected".
fn without_value(text: &str) -> String {
    let text = text.rsplit_once(" at line ").map_or(text, |(text, _)| text);
    if scalar::PROBLEMS.contains(&text) {
        return text.to_owned();
    }
    let expected = text.rfind("expected ").map(|at| &text[at..]);
    expected.unwrap_or("cannot be read").to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn problem(body: &str) -> String {
        parse::<rest::Order>(body.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_problem_names_its_place_and_quotes_nothing() {
        let cases = [
            (
                r#"{"line_items":[{"id":1},{"price":"jon@example.com"}]}"#,
                "line_items[1].price: not a decimal amount",
            ),
            (
                r#"{"line_items":[{"quantity":"jon@example.com"}]}"#,
                "line_items[0].quantity: not a 64-bit integer",
            ),
            (r#"{"id":1.5}"#, "id: not a 64-bit id"),
            (r#"{"customer":"expected jon@example.com"}"#, "customer: expected struct Customer"),
            (r#"{"name":{"first":"jon"}}"#, "name: expected a string"),
            ("[1]", "body: expected"),
            ("{\"id\":", "body: ends too early: line 1, column 6"),
            ("{'id':1}", "body: is not JSON: line 1, column 2"),
        ];
        for (body, expected) in cases {
            let said = problem(body);
            assert!(said.starts_with(expected) && !said.contains("jon"), "{said}");
        }
        let deep = format!("{{\"line_items\":{}{}}}", "[".repeat(200), "]".repeat(200));
        assert!(!problem(&deep).is_empty());
    }

    proptest! {
        #[test]
        fn garbage_never_panics(body in prop::collection::vec(any::<u8>(), 0..400)) {
            let _: Result<rest::Order, _> = parse(&body);
            let _: Result<node::Order, _> = parse(&body);
        }

        #[test]
        fn json_of_any_kind_never_panics(field in "(id|price|tags|line_items|refunds|customer)", value in "(null|true|-?[0-9]{1,30}(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,4})?|\"[ -!#-\\[\\]-~]{0,20}\"|\\[\\]|\\{\\}|\\[\\{\\}\\])") {
            let body = format!("{{\"{field}\":{value}}}");
            let _: Result<rest::Order, _> = parse(body.as_bytes());
            let line = format!("{{\"line_items\":[{body}],\"refunds\":[{{\"refund_line_items\":[{{\"subtotal\":{value}}}]}}]}}");
            let _: Result<rest::Order, _> = parse(line.as_bytes());
        }
    }
}
