//! Settings: the object that people write, and the pairs that a plugin gets.

use std::collections::BTreeMap;

use mappers::MapSettings;
use serde_json::{Map, Value};

use crate::error::Problem;

/// The longest settings, in bytes of canonical JSON.
pub(crate) const SETTINGS_BYTES_MAX: usize = 256 << 10;

/// The text that settings are kept as: names sorted, no white space, and nothing of what is null, which is the same as
/// not being said. Settings that say the same are the same text.
pub(crate) fn canonical(settings: &Map<String, Value>) -> String {
    Value::Object(sorted(settings).filter(|(_, value)| !value.is_null()).collect()).to_string()
}

/// The settings that stand in `text`, as a plugin gets them: each value as text, or as JSON for anything else, by
/// name. The same text gives the same bytes and so the same digest.
pub(crate) fn settings_of(text: &str) -> Result<MapSettings, Problem> {
    let settings: BTreeMap<String, Value> =
        serde_json::from_str(text).map_err(|_| Problem::input("settings", "is no JSON object"))?;
    let pairs = settings.into_iter().filter(|(_, value)| !value.is_null());
    let pairs = pairs.map(|(name, value)| match value {
        Value::String(text) => (name, text),
        other => (name, with_sorted_names(&other).to_string()),
    });
    Ok(MapSettings::new(pairs.collect()))
}

fn with_sorted_names(value: &Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(sorted(fields).collect()),
        Value::Array(items) => Value::Array(items.iter().map(with_sorted_names).collect()),
        scalar => scalar.clone(),
    }
}

fn sorted(fields: &Map<String, Value>) -> impl Iterator<Item = (String, Value)> {
    let sorted: BTreeMap<_, _> =
        fields.iter().map(|(name, value)| (name.clone(), with_sorted_names(value))).collect();
    sorted.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &str) -> Map<String, Value> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn text_stays_text_and_anything_else_is_json() {
        let text = r#"{"z":"plain","rate":0.130,"list":[1,{"b":true,"a":null}],"off":null,"quoted":"\"x\""}"#;
        let settings = settings_of(text).unwrap();
        let pairs: Vec<_> =
            settings.pairs().iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let expected = [
            ("list", r#"[1,{"a":null,"b":true}]"#),
            ("quoted", "\"x\""),
            ("rate", "0.130"),
            ("z", "plain"),
        ];
        assert_eq!(pairs, expected);
    }

    #[test]
    fn settings_that_say_the_same_are_one_text_with_one_digest() {
        let one = canonical(&object(r#"{"b":{"y":1,"x":"é"},"a":"1","c":null}"#));
        let other = canonical(&object(r#"{ "a": "1", "b": {"x":"\u00e9", "y": 1} }"#));
        assert_eq!((one.as_str(), &other), (r#"{"a":"1","b":{"x":"é","y":1}}"#, &one));
        assert_eq!(settings_of(&one).unwrap().digest(), settings_of(&other).unwrap().digest());
        let another = settings_of(r#"{"a":1,"b":{"x":"é","y":1}}"#).unwrap();
        // A number and its digits as text are one setting to a plugin.
        assert_eq!(another.digest(), settings_of(&one).unwrap().digest());
        assert_eq!(settings_of("{}").unwrap().digest(), MapSettings::default().digest());
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in ["", "[]", "1", "{"] {
            assert!(settings_of(text).is_err(), "{text}");
        }
    }
}
