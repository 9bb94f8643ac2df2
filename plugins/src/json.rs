//! Settings that are more than a word: JSON, read so that what is wrong is named by its path.
//!
//! ```
//! # use tillgate_plugins as plugins;
//! use plugins::json::{Json, Wrong};
//!
//! fn rate(text: &str) -> Result<String, Wrong> {
//!     let mut rule = Json::parse(text)?.object()?;
//!     let rate = rule.need("rate", Json::text)?;
//!     rule.end()?;
//!     Ok(rate.into_owned())
//! }
//! assert_eq!(rate(r#"{"rate": "0.13"}"#).unwrap(), "0.13");
//! assert_eq!(rate(r#"{"rate": 13}"#).unwrap_err().to_string(), ".rate: is not text");
//! ```
//!
//! A number stays the text that it was written as: no float ever comes into being.

mod reader;

use std::borrow::Cow;
use std::fmt;

use crate::amount::Amount;
use crate::bindings::tillgate::mapper::types::MapError;
use crate::invalid;

/// A JSON value. Text without escapes is borrowed from what it was read from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Json<'a> {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number, as written.
    Number(&'a str),
    /// Text.
    Text(Cow<'a, str>),
    /// Values in order.
    List(Vec<Self>),
    /// Values by name, in the order in which they were written. No name stands twice.
    Object(Vec<(Cow<'a, str>, Self)>),
}

/// What is wrong with a value, and which value it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrong {
    path: String,
    message: Cow<'static, str>,
}

impl Wrong {
    /// Of the value that was asked: what is wrong with it, for instance `is not text`.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self { path: String::new(), message: message.into() }
    }

    /// The same, seen from the object whose field the value is.
    #[must_use]
    pub fn in_field(mut self, name: &str) -> Self {
        self.path = [".", name, &self.path].concat();
        self
    }

    /// The same, seen from the list whose entry the value is.
    #[must_use]
    pub fn in_entry(mut self, index: usize) -> Self {
        self.path = format!("[{index}]{}", self.path);
        self
    }

    /// The refusal of an order because of the setting `key`, whose value this is about.
    pub fn in_setting(self, key: &str) -> MapError {
        invalid(["settings.", key, &self.path].concat(), self.message)
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

impl<'a> Json<'a> {
    /// Reads a text that is one JSON value.
    pub fn parse(text: &'a str) -> Result<Self, Wrong> {
        reader::read(text)
    }

    /// The text that it is.
    pub fn text(self) -> Result<Cow<'a, str>, Wrong> {
        match self {
            Self::Text(text) => Ok(text),
            _ => Err(Wrong::new("is not text")),
        }
    }

    /// The text that it is, if that says something.
    pub fn some_text(self) -> Result<Cow<'a, str>, Wrong> {
        let text = self.text()?;
        if text.is_empty() { Err(Wrong::new("is empty")) } else { Ok(text) }
    }

    /// The truth that it is.
    pub fn truth(self) -> Result<bool, Wrong> {
        match self {
            Self::Bool(truth) => Ok(truth),
            _ => Err(Wrong::new("is neither true nor false")),
        }
    }

    /// The amount that it is, as text like all decimals of the contract.
    pub fn amount(self) -> Result<Amount, Wrong> {
        let text = self.text()?;
        Amount::parse(&text).map_err(|problem| Wrong::new(problem.to_string()))
    }

    /// What stands beside its text in `choices`.
    pub fn one_of<T: Copy>(self, choices: &[(&str, T)]) -> Result<T, Wrong> {
        one_of(&self.text()?, choices)
    }

    /// Its entries, each read by `read`.
    pub fn each<T>(self, read: impl Fn(Self) -> Result<T, Wrong>) -> Result<Vec<T>, Wrong> {
        let Self::List(entries) = self else {
            return Err(Wrong::new("is not a list"));
        };
        let mut done = Vec::with_capacity(entries.len());
        for (index, entry) in entries.into_iter().enumerate() {
            done.push(read(entry).map_err(|wrong| wrong.in_entry(index))?);
        }
        Ok(done)
    }

    /// Its fields, to be taken one by one.
    pub fn object(self) -> Result<Object<'a>, Wrong> {
        match self {
            Self::Object(fields) => Ok(Object(fields)),
            _ => Err(Wrong::new("is not an object")),
        }
    }
}

/// The fields of an object that were not taken yet.
#[derive(Debug)]
pub struct Object<'a>(Vec<(Cow<'a, str>, Json<'a>)>);

impl<'a> Object<'a> {
    /// The field `name`, read by `read`; none where there is no such field.
    pub fn take<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(Json<'a>) -> Result<T, Wrong>,
    ) -> Result<Option<T>, Wrong> {
        let Some(index) = self.0.iter().position(|(known, _)| known == name) else {
            return Ok(None);
        };
        let (_, value) = self.0.swap_remove(index);
        read(value).map(Some).map_err(|wrong| wrong.in_field(name))
    }

    /// The same for a field that must be there.
    pub fn need<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(Json<'a>) -> Result<T, Wrong>,
    ) -> Result<T, Wrong> {
        self.take(name, read)?.ok_or_else(|| Wrong::new("is missing").in_field(name))
    }

    /// Ends the reading: a field that nobody took is one that nobody knows.
    pub fn end(self) -> Result<(), Wrong> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(Wrong::new("is not known here").in_field(name)),
        }
    }
}

/// What stands beside `text` in `choices`.
pub fn one_of<T: Copy>(text: &str, choices: &[(&str, T)]) -> Result<T, Wrong> {
    choices.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice).ok_or_else(|| {
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        Wrong::new(format!("is none of: {}", names.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_they_were_written_as() {
        let read = Json::parse(
            " {\"a\": [1, -0.50, 2e9, null], \"b\": {\"c\": true, \"d\": \"\\u00e9\\n\\ud83c\\udf81\"}} ",
        );
        let expected = Json::Object(vec![
            (
                "a".into(),
                Json::List(vec![
                    Json::Number("1"),
                    Json::Number("-0.50"),
                    Json::Number("2e9"),
                    Json::Null,
                ]),
            ),
            (
                "b".into(),
                Json::Object(vec![
                    ("c".into(), Json::Bool(true)),
                    ("d".into(), Json::Text("é\n🎁".into())),
                ]),
            ),
        ]);
        assert_eq!(read, Ok(expected));
        assert!(matches!(Json::parse("\"plain\""), Ok(Json::Text(Cow::Borrowed("plain")))));
    }

    #[test]
    fn what_is_no_json_is_named_by_its_place() {
        for (text, said) in [
            ("", ": is not JSON: a value is missing at byte 0"),
            ("[1, 2", ": is not JSON: , or ] is missing at byte 5"),
            ("[1,]", ": is not JSON: a value is missing at byte 3"),
            ("{\"a\" 1}", ": is not JSON: : is missing at byte 5"),
            ("{a: 1}", ": is not JSON: a name in quotes is missing at byte 1"),
            ("\"a", ": is not JSON: a quote is missing at byte 2"),
            ("\"\\x\"", ": is not JSON: an escape that there is not at byte 2"),
            ("\"\\ud83c\"", ": is not JSON: half of a character at byte 7"),
            ("\"a\nb\"", ": is not JSON: a bare control character at byte 2"),
            ("01", ": is not JSON: a number that there is not at byte 0"),
            ("1.", ": is not JSON: a number that there is not at byte 0"),
            ("truth", ": is not JSON: a value is missing at byte 0"),
            ("1 2", ": is not JSON: something follows the value at byte 2"),
            ("{\"a\": 1, \"a\": 2}", ".a: stands twice"),
        ] {
            assert_eq!(Json::parse(text).unwrap_err().to_string(), said, "{text}");
        }
        let deep = "[".repeat(100_000);
        assert!(Json::parse(&deep).unwrap_err().to_string().contains("deep"));
    }

    #[test]
    fn what_is_wrong_is_named_by_its_path() {
        fn rule(json: Json<'_>) -> Result<Amount, Wrong> {
            let mut rule = json.object()?;
            let rate = rule.need("rate", Json::amount)?;
            rule.take("on", Json::truth)?;
            rule.take("kind", |kind| kind.one_of(&[("one", 1), ("two", 2)]))?;
            rule.end()?;
            Ok(rate)
        }
        for (text, said) in [
            ("{}", ": is not a list"),
            ("[{\"rate\": \"1\"}, 5]", "[1]: is not an object"),
            ("[{}]", "[0].rate: is missing"),
            ("[{\"rate\": 5}]", "[0].rate: is not text"),
            ("[{\"rate\": \"1\", \"on\": \"yes\"}]", "[0].on: is neither true nor false"),
            ("[{\"rate\": \"1\", \"kind\": \"six\"}]", "[0].kind: is none of: one, two"),
            ("[{\"rate\": \"1\", \"rats\": \"2\"}]", "[0].rats: is not known here"),
        ] {
            let wrong = Json::parse(text).unwrap().each(rule).unwrap_err();
            assert_eq!(wrong.to_string(), said);
        }
        let wrong = Json::parse("[{}]").unwrap().each(rule).unwrap_err();
        let MapError::InvalidInput(errors) = wrong.in_setting("rules") else { panic!() };
        assert_eq!(
            (errors[0].path.as_str(), errors[0].message.as_str()),
            ("settings.rules[0].rate", "is missing")
        );
    }
}
