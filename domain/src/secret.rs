//! Secrets of others that we keep: tokens, keys.

use std::fmt;

/// A token or key: never shown by `Debug`, so that it cannot slip into a log with a surrounding value.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Marks `text` as secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that sends or seals it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let secret = Secret::new("shpat_1");
        assert_eq!((format!("{secret:?}").as_str(), secret.reveal()), ("[secret]", "shpat_1"));
    }
}
