//! What differs between the document that was expected and the one that came.

use serde_json::Value;

/// One field that differs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Difference {
    /// Which field, for instance `lines[0].title`.
    pub(super) path: String,
    /// What was expected; none where nothing was.
    pub(super) expected: Option<String>,
    /// What came; none where nothing did.
    pub(super) got: Option<String>,
}

/// Every field that differs, by path. List entries are compared by their places, as in the gateway's own messages.
pub(super) fn differences(expected: &Value, got: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", Some(expected), Some(got), &mut found);
    found
}

fn compare(path: &str, expected: Option<&Value>, got: Option<&Value>, found: &mut Vec<Difference>) {
    match (expected, got) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            for (name, value) in one {
                compare(&field(path, name), Some(value), other.get(name), found);
            }
            for (name, value) in other.iter().filter(|(name, _)| !one.contains_key(*name)) {
                compare(&field(path, name), None, Some(value), found);
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            for index in 0..one.len().max(other.len()) {
                let path = format!("{path}[{index}]");
                compare(&path, one.get(index), other.get(index), found);
            }
        }
        (one, other) if one == other => {}
        (one, other) => found.push(Difference {
            path: path.to_owned(),
            expected: one.map(Value::to_string),
            got: other.map(Value::to_string),
        }),
    }
}

fn field(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_field_is_named_with_both_values() {
        let expected = json!({
            "total": "12.50",
            "lines": [{ "title": "Mug", "taxes": [] }, { "title": "Cup", "taxes": [] }],
            "notes": ["a"],
            "old": null,
        });
        let got = json!({
            "total": "12.5",
            "lines": [{ "title": "Mug", "taxes": [{ "amount": "1" }] }],
            "notes": ["a"],
            "new": true,
        });
        let told: Vec<_> = differences(&expected, &got)
            .into_iter()
            .map(|it| (it.path, it.expected.unwrap_or_default(), it.got.unwrap_or_default()))
            .collect();
        let row =
            |path: &str, expected: &str, got: &str| (path.into(), expected.into(), got.into());
        assert_eq!(
            told,
            [
                row("lines[0].taxes[0]", "", r#"{"amount":"1"}"#),
                row("lines[1]", r#"{"taxes":[],"title":"Cup"}"#, ""),
                row("old", "null", ""),
                row("total", r#""12.50""#, r#""12.5""#),
                row("new", "", "true"),
            ]
        );
        assert_eq!(differences(&got, &got), []);
    }
}
