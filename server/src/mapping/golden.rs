//! The tests that travel with a plugin (F16): each is run as the real thing would be, under the same limits.

use domain::delivery::Failure;
use domain::money::Currency;
use mappers::golden::{Case, Expectation, GoldenTest};
use mappers::{Answer, MapFailure, MapSettings, Mappers, Plugin, Run, Source};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::body::{Input, read_body};
use crate::providers::Providers;

/// Characters of a test's name, and of a value, that a failure shows.
const SHOWN_CHARACTERS_MAX: usize = 120;
/// Fields that a failure names.
const FIELDS_MAX: usize = 5;
/// The currency of the prices of products in golden tests.
const CURRENCY: &str = "USD";

/// Runs the tests; the first that fails says how, with its name.
pub(crate) fn check(
    mappers: &Mappers,
    providers: &Providers,
    plugin: &Plugin,
    tests: &[Case<'_>],
) -> Result<(), String> {
    for test in tests {
        let test = &test.read().map_err(|error| format!("the component: {error}"))?;
        one(mappers, providers, plugin, test).map_err(|how| {
            let name: String = test.name.chars().take(SHOWN_CHARACTERS_MAX).collect();
            format!("golden test {name:?}: {how}")
        })?;
    }
    Ok(())
}

fn one(
    mappers: &Mappers,
    providers: &Providers,
    plugin: &Plugin,
    test: &GoldenTest,
) -> Result<(), String> {
    let body = test.body.as_bytes();
    let input = read_body(providers, None, &test.topic, body)
        .map_err(|failure| format!("its body cannot be read: {failure}"))?;
    let pairs = test.settings.iter().map(|(name, value)| (name.clone(), value.clone()));
    let settings = MapSettings::new(pairs.collect());
    let source = Source::hashed(body, Sha256::digest(body).into());
    match input {
        Input::Order(order) => compare(test, mappers.map_order(plugin, &order, &settings, source)),
        Input::Product(product) => {
            let currency: Currency = CURRENCY.parse().map_err(|_| "no currency".to_owned())?;
            compare(test, mappers.map_product(plugin, &product, currency, &settings, source))
        }
    }
}

fn compare<T>(test: &GoldenTest, run: Run<T>) -> Result<(), String> {
    let came = match &run.result {
        Ok(Answer::Mapped(_)) => "was mapped".to_owned(),
        Ok(Answer::Skipped(reason)) => format!("was left out: {}", shorten(reason)),
        Err(failure) => format!("failed with {}", failure.failure()),
    };
    match (&test.expect, &run.result) {
        (Expectation::PosOrder(expected), Ok(Answer::Mapped(_))) => {
            let document = run.document.unwrap_or_default();
            let came: Value = serde_json::from_str(&document).unwrap_or_default();
            let fields = different_fields(expected, &came);
            if fields.is_empty() { Ok(()) } else { Err(fields.join("; ")) }
        }
        (Expectation::PosOrder(_), _) => Err(format!("is to be mapped and {came}")),
        (Expectation::Refused(code), Err(MapFailure::Refused(Failure { code: found, .. })))
            if found.as_str() == code =>
        {
            Ok(())
        }
        (Expectation::Refused(code), _) => {
            Err(format!("is to be refused with {} and {came}", shorten(code)))
        }
        (Expectation::Skipped(true), Ok(Answer::Skipped(_)))
        | (Expectation::Skipped(false), Ok(Answer::Mapped(_))) => Ok(()),
        (Expectation::Skipped(true), _) => Err(format!("is to be left out and {came}")),
        (Expectation::Skipped(false), _) => Err(format!("is not to be left out and {came}")),
    }
}

/// The first fields in which two documents differ, each with both values.
fn different_fields(expected: &Value, came: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk("", Some(expected), Some(came), &mut found);
    found
}

fn walk(path: &str, expected: Option<&Value>, came: Option<&Value>, found: &mut Vec<String>) {
    if found.len() == FIELDS_MAX || expected == came {
        return;
    }
    match (expected, came) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            for (name, value) in one {
                walk(&below(path, name), Some(value), other.get(name), found);
            }
            for (name, value) in other.iter().filter(|(name, _)| !one.contains_key(*name)) {
                walk(&below(path, name), None, Some(value), found);
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            for index in 0..one.len().max(other.len()) {
                walk(&format!("{path}[{index}]"), one.get(index), other.get(index), found);
            }
        }
        (one, other) => {
            let text = |value: Option<&Value>| {
                value.map_or_else(|| "nothing".to_owned(), |value| shorten(&value.to_string()))
            };
            found.push(format!("{path} is {} and not {}", text(other), text(one)));
        }
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN_CHARACTERS_MAX).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_that_differ_are_named_with_both_values() {
        let expected =
            json!({"total": "1.00", "lines": [{"title": "Tea"}, {"title": "Mug"}], "notes": []});
        let mut came = expected.clone();
        assert!(different_fields(&expected, &came).is_empty());
        came["total"] = json!("1.0");
        came["lines"][1]["title"] = json!("Cup");
        came["lines"].as_array_mut().unwrap().push(json!(1));
        assert_eq!(
            different_fields(&expected, &came),
            [
                r#"lines[1].title is "Cup" and not "Mug""#,
                "lines[2] is 1 and not nothing",
                r#"total is "1.0" and not "1.00""#,
            ]
        );
        let long = json!({"a": "x".repeat(500)});
        assert!(different_fields(&long, &json!({})).concat().len() < 200);
    }
}
