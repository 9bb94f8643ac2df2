//! Texts as a setting names them.

use std::borrow::Cow;

use crate::json::{Json, Wrong};

/// Texts, of which one has to match. Upper and lower case of ASCII are the same, and a `*` at the end stands for
/// anything.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Patterns<'a>(Vec<Cow<'a, str>>);

impl<'a> Patterns<'a> {
    /// Reads a text or a list of texts.
    pub fn read(json: Json<'a>) -> Result<Self, Wrong> {
        match json {
            Json::List(list) if list.is_empty() => Err(Wrong::new("is empty")),
            list @ Json::List(_) => list.each(Json::some_text).map(Self),
            text @ Json::Text(_) => Ok(Self(vec![text.some_text()?])),
            _ => Err(Wrong::new("is neither text nor a list of texts")),
        }
    }

    /// Whether `text` is met by one of them.
    pub fn match_text(&self, text: &str) -> bool {
        self.0.iter().any(|pattern| match pattern.strip_suffix('*') {
            None => pattern.eq_ignore_ascii_case(text),
            Some(start) => {
                let head = text.as_bytes().get(..start.len());
                head.is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()))
            }
        })
    }
}
