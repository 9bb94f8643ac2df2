//! A plugin's JSON Schema of its settings. The schema is a stranger's: it is bounded before it is compiled, and checks
//! of settings by it are bounded by what both come to.

use std::collections::{HashMap, HashSet};
use std::fmt;

use domain::code::Code;
use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::{Map, Value};

use crate::error::Problem;

/// The longest schema, in bytes.
const SCHEMA_BYTES_MAX: usize = 128 << 10;
/// Values in a schema, with each reference counted as what it refers to: definitions that double each other stay small
/// as text and not here.
const SCHEMA_VALUES_MAX: u64 = 20_000;
/// How deep a schema may nest, references followed: whoever walks it does so by recursion.
const SCHEMA_DEPTH_MAX: usize = 100;
/// Values of a schema times values of the settings, which is about what a check can take at the worst.
const CHECK_STEPS_MAX: u64 = 50_000_000;
/// Bytes of memory that a pattern's automaton may take.
const PATTERN_BYTES_MAX: usize = 1 << 20;
/// Keywords that reach beyond the schema itself, or around in it.
const REFUSED_KEYWORDS: [&str; 6] = [
    "$dynamicRef",
    "$dynamicAnchor",
    "$recursiveRef",
    "$recursiveAnchor",
    "$anchor",
    "$vocabulary",
];

/// A schema that settings can be checked by.
pub(crate) struct SettingsSchema {
    validator: Validator,
    values: u64,
}

impl fmt::Debug for SettingsSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SettingsSchema").field("values", &self.values).finish_non_exhaustive()
    }
}

impl SettingsSchema {
    /// Reads a schema. What is wrong with it is told in a sentence that follows "the settings' schema".
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if text.len() > SCHEMA_BYTES_MAX {
            return Err(format!("is longer than {SCHEMA_BYTES_MAX} bytes"));
        }
        let schema: Value =
            serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))?;
        if !schema.is_object() {
            return Err("is no JSON object".to_owned());
        }
        let values = Counting::new(&schema).count(&schema)?.values;
        if values > SCHEMA_VALUES_MAX {
            return Err(format!("comes to more than {SCHEMA_VALUES_MAX} values"));
        }
        let patterns =
            PatternOptions::regex().size_limit(PATTERN_BYTES_MAX).dfa_size_limit(PATTERN_BYTES_MAX);
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_pattern_options(patterns)
            .offline()
            .build(&schema)
            .map_err(|error| format!("is no JSON Schema: {}: {error}", error.instance_path()))?;
        Ok(Self { validator, values })
    }

    /// Whether the settings are as the plugin wants them; the problem names the first that is not, below `field`.
    pub(crate) fn check(&self, field: &str, settings: &Map<String, Value>) -> Result<(), Problem> {
        let settings = Value::Object(settings.clone());
        if self.values.saturating_mul(count_of(&settings)) > CHECK_STEPS_MAX {
            return Err(Problem::input(field, "are too many values for the plugin's schema"));
        }
        let Some(error) = self.validator.iter_errors(&settings).next() else {
            return Ok(());
        };
        // Names, not values: a setting may be something that should not stand in an error.
        let message = error.masked_with("the value").to_string();
        let place = error.instance_path().as_str().replace('/', ".");
        let problem = Problem::input(&format!("{field}{place}"), message);
        Err(Problem { code: Code::InvalidSettings, ..problem })
    }
}

/// Values of a JSON text, the value itself included.
fn count_of(value: &Value) -> u64 {
    match value {
        Value::Object(fields) => fields.values().map(count_of).sum::<u64>() + 1,
        Value::Array(items) => items.iter().map(count_of).sum::<u64>() + 1,
        _ => 1,
    }
}

/// What a part of a schema comes to, as if each reference stood for what it refers to.
#[derive(Clone, Copy)]
struct Size {
    values: u64,
    depth: usize,
}

/// Counts a schema's values.
struct Counting<'s> {
    root: &'s Value,
    counted: HashMap<&'s str, Size>,
    under_way: HashSet<&'s str>,
    /// How deep the value that is being counted stands.
    depth: usize,
}

impl<'s> Counting<'s> {
    fn new(root: &'s Value) -> Self {
        Self { root, counted: HashMap::new(), under_way: HashSet::new(), depth: 0 }
    }

    fn count(&mut self, value: &'s Value) -> Result<Size, String> {
        self.depth += 1;
        // What was counted before is not walked again, so its depth counts beside that of the walk.
        let size = if self.depth > SCHEMA_DEPTH_MAX { Err(too_deep()) } else { self.within(value) };
        self.depth -= 1;
        size.and_then(|size| if size.depth > SCHEMA_DEPTH_MAX { Err(too_deep()) } else { Ok(size) })
    }

    fn within(&mut self, value: &'s Value) -> Result<Size, String> {
        let mut size = Size { values: 1, depth: 1 };
        let mut add = |part: Size| {
            size.values = size.values.saturating_add(part.values);
            size.depth = size.depth.max(part.depth + 1);
        };
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    add(match (name.as_str(), value) {
                        ("$ref", Value::String(place)) => self.count_reference(place)?,
                        ("$id", Value::String(_)) if !std::ptr::eq(fields, self.root_fields()) => {
                            return Err("has `$id` below its top".to_owned());
                        }
                        (name, Value::String(_) | Value::Bool(_) | Value::Object(_))
                            if REFUSED_KEYWORDS.contains(&name) =>
                        {
                            return Err(format!("has `{name}`, which is not supported"));
                        }
                        _ => self.count(value)?,
                    });
                }
            }
            Value::Array(items) => {
                for item in items {
                    add(self.count(item)?);
                }
            }
            _ => {}
        }
        Ok(size)
    }

    /// An empty object where the root is none, which is refused before.
    fn root_fields(&self) -> &'s Map<String, Value> {
        static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        self.root.as_object().unwrap_or(&EMPTY)
    }

    fn count_reference(&mut self, place: &'s str) -> Result<Size, String> {
        if let Some(size) = self.counted.get(place) {
            return Ok(*size);
        }
        let target = place
            .strip_prefix('#')
            .filter(|pointer| {
                pointer.starts_with("/$defs/") || pointer.starts_with("/definitions/")
            })
            .ok_or_else(|| format!("refers to `{place}`; references go to `#/$defs/…` only"))?;
        let target = self
            .root
            .pointer(target)
            .ok_or_else(|| format!("refers to `{place}`, which is not there"))?;
        if !self.under_way.insert(place) {
            return Err(format!("refers to `{place}` from within itself"));
        }
        let size = self.count(target)?;
        self.under_way.remove(place);
        self.counted.insert(place, size);
        Ok(size)
    }
}

fn too_deep() -> String {
    format!("nests deeper than {SCHEMA_DEPTH_MAX}, references followed")
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::time::{Duration, Instant};

    use super::*;

    fn refusal(text: &str) -> String {
        SettingsSchema::read(text).err().unwrap_or_else(|| "taken".to_owned())
    }

    fn problem(schema: &str, settings: &str) -> String {
        let schema = SettingsSchema::read(schema).unwrap();
        let settings: Value = serde_json::from_str(settings).unwrap();
        match schema.check("input.settings", settings.as_object().unwrap()) {
            Ok(()) => "taken".to_owned(),
            Err(Problem { field, message, .. }) => {
                format!("{}: {message}", field.unwrap().join("."))
            }
        }
    }

    const TAXES: &str = r##"{"type":"object","additionalProperties":false,"required":["currency"],
        "properties":{"currency":{"enum":["shop","buyer"]},"name":{"type":"string","pattern":"^[a-z]+$"},
            "taxes":{"type":"array","items":{"$ref":"#/$defs/tax"}}},
        "$defs":{"tax":{"type":"object","properties":{"rate":{"type":"number","maximum":1}}}}}"##;

    #[test]
    fn a_chain_of_references_is_not_followed_for_ever() {
        let chain = |next: fn(u32) -> u32| {
            let mut definitions = String::new();
            for at in 0..=900 {
                let (before, after) = ("[".repeat(20), "]".repeat(20));
                let to = next(at);
                let _ = write!(
                    definitions,
                    "\"{at:03}\":{{\"x\":{before}{{\"$ref\":\"#/$defs/{to:03}\"}}{after}}},"
                );
            }
            refusal(&format!("{{\"$defs\":{{{definitions}\"901\":{{}},\"999\":{{}}}}}}"))
        };
        // The first refers to the second and so on; and the other way round, where each was counted before.
        for next in [|at| at + 1, |at: u32| at.checked_sub(1).unwrap_or(999)] {
            assert_eq!(chain(next), "nests deeper than 100, references followed");
        }
    }

    #[test]
    fn what_is_wrong_is_named_by_its_path_and_not_by_its_value() {
        let good = r#"{"currency":"shop","name":"x","taxes":[{"rate":0.13}]}"#;
        let cases = [
            (good, "taken"),
            ("{}", "input.settings: \"currency\" is a required property"),
            (
                r#"{"currency":"euro"}"#,
                "input.settings.currency: the value is not one of \"shop\" or \"buyer\"",
            ),
            (
                r#"{"currency":"shop","secret":1}"#,
                "input.settings: Additional properties are not allowed ('secret' was unexpected)",
            ),
            (
                r#"{"currency":"shop","taxes":[{},{"rate":"0.1"}]}"#,
                "input.settings.taxes.1.rate: the value is not of type \"number\"",
            ),
            (
                r#"{"currency":"shop","taxes":[{"rate":1.00000000000000000000001}]}"#,
                "input.settings.taxes.0.rate: the value is greater than the maximum of 1",
            ),
            (
                r#"{"currency":"shop","name":"a1"}"#,
                "input.settings.name: the value does not match \"^[a-z]+$\"",
            ),
        ];
        for (settings, expected) in cases {
            assert_eq!(problem(TAXES, settings), expected, "{settings}");
        }
        assert_eq!(problem("{}", r#"{"anything":[1]}"#), "taken");
    }

    #[test]
    fn a_schema_that_could_hurt_is_refused() {
        let doubled = (0..20).fold(r#""d20":{}"#.to_owned(), |mut text, level| {
            let next = format!(r##"{{"$ref":"#/$defs/d{}"}}"##, level + 1);
            write!(text, r#","d{level}":{{"allOf":[{next},{next}]}}"#).unwrap();
            text
        });
        let doubled = format!(r##"{{"$defs":{{{doubled}}},"$ref":"#/$defs/d0"}}"##);
        let cases = [
            ("{}", "taken"),
            (TAXES, "taken"),
            ("", "is no JSON"),
            ("[]", "is no JSON object"),
            (r#"{"type":"lorry"}"#, "is no JSON Schema"),
            (r##"{"$ref":"#"}"##, "refers to `#`;"),
            (r#"{"$ref":"https://example.com/schema"}"#, "refers to `https://example.com/schema`;"),
            (r#"{"$ref":"file:///etc/passwd"}"#, "refers to `file:///etc/passwd`;"),
            (r##"{"$ref":"#/$defs/a"}"##, "refers to `#/$defs/a`, which is not there"),
            (
                r##"{"$defs":{"a":{"allOf":[{"$ref":"#/$defs/b"}]},"b":{"$ref":"#/$defs/a"}}}"##,
                "refers to `#/$defs/",
            ),
            (r##"{"allOf":[{"$dynamicRef":"#a"}]}"##, "has `$dynamicRef`"),
            (r#"{"allOf":[{"$id":"http://a"}]}"#, "has `$id` below"),
            (doubled.as_str(), "comes to more than"),
            (r#"{"pattern":"((a{0,1000}){0,1000}){0,1000}"}"#, "is no JSON Schema"),
        ];
        let started = Instant::now();
        for (schema, expected) in cases {
            let said = refusal(schema);
            assert!(said.starts_with(expected), "{said}");
        }
        assert!(
            refusal(&format!("{{\"title\":\"{}\"}}", "x".repeat(SCHEMA_BYTES_MAX)))
                .starts_with("is longer")
        );
        assert!(started.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn a_pattern_cannot_take_forever() {
        let schema = r#"{"properties":{"a":{"pattern":"^(a|a|aa)+$"}}}"#;
        let started = Instant::now();
        let text = format!(r#"{{"a":"{}b"}}"#, "a".repeat(10_000));
        assert!(problem(schema, &text).starts_with("input.settings.a"));
        assert!(started.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn settings_of_too_many_values_are_refused() {
        let names = (0..1_500).fold(String::new(), |mut text, number| {
            write!(text, "\"p{number}\":{{\"type\":\"number\"}},").unwrap();
            text
        });
        let schema = format!(r#"{{"properties":{{{names}"z":{{}}}}}}"#);
        let settings = format!(r#"{{"z":[{}1]}}"#, "1,".repeat(20_000));
        assert!(problem(&schema, &settings).contains("too many values"));
    }
}
