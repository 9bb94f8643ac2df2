//! Text about a person.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A name, address, phone number or the like: stored and served, never shown by `Debug`, so that it cannot slip into
/// a log with a surrounding value.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Personal(String);

impl Personal {
    /// Marks `text` as personal.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for those who are entitled to it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The text itself, taken out.
    pub fn into_inner(self) -> String {
        self.0
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}
