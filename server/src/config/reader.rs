//! Reads single settings, and keeps account of what was wrong and of what nobody asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use domain::secret::Secret;
use toml::{Table, Value};

use super::ConfigError;

/// Variables beginning so are ours; one that we do not know is a mistake.
const OWN_PREFIXES: [&str; 2] = ["TILLGATE_", "SHOPIFY_"];

/// Variables of ours that the command line reads, not the settings.
const COMMAND_VARIABLES: [&str; 2] = ["TILLGATE_CONFIG", "SHOPIFY_ACCESS_TOKEN"];

/// One setting's two names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting {
    /// In the environment.
    pub(super) variable: &'static str,
    /// In the file: a table and a key.
    pub(super) place: (&'static str, &'static str),
}

impl Setting {
    pub(super) const fn new(
        variable: &'static str,
        table: &'static str,
        key: &'static str,
    ) -> Self {
        Self { variable, place: (table, key) }
    }
}

pub(super) struct Reader {
    environment: BTreeMap<String, String>,
    file: Table,
    asked: BTreeSet<&'static str>,
    errors: Vec<String>,
}

impl Reader {
    pub(super) fn new(
        file: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let file = file.parse().map_err(|error: toml::de::Error| {
            // The error's own text would show the line, and a line may hold a secret.
            let line = error.span().map_or(0, |span| file[..span.start].lines().count().max(1));
            ConfigError::invalid("the file", format!("line {line}: {}", error.message()))
        })?;
        let environment = environment.into_iter().collect();
        Ok(Self { environment, file, asked: COMMAND_VARIABLES.into(), errors: Vec::new() })
    }

    /// The text of a setting. An empty variable is one that is not set: that is how deployments blank one out.
    pub(super) fn text(&mut self, setting: Setting) -> Option<String> {
        self.asked.insert(setting.variable);
        let (table, key) = setting.place;
        // Taken out of the file even where the environment wins: what remains is unknown.
        let filed = match self.file.get_mut(table) {
            Some(Value::Table(table)) => table.remove(key),
            _ => None,
        };
        let given = self.environment.get(setting.variable).filter(|text| !text.is_empty());
        if let Some(text) = given {
            return Some(text.trim().to_owned());
        }
        let text = as_text(filed?);
        if text.is_none() {
            self.fail(setting, "must be text, a number, true or false, or a list of texts");
        }
        text
    }

    /// A setting that is read from its text.
    pub(super) fn value<T: FromStr<Err: Display>>(&mut self, setting: Setting) -> Option<T> {
        self.with(setting, |text| text.parse().map_err(|error: T::Err| error.to_string()))
    }

    /// A setting that `read` understands.
    pub(super) fn with<T>(
        &mut self,
        setting: Setting,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(setting)?;
        match read(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.fail(setting, &error);
                None
            }
        }
    }

    /// A number within bounds.
    pub(super) fn number(&mut self, setting: Setting, range: &RangeInclusive<u32>) -> Option<u32> {
        self.with(setting, |text| {
            let number = text.parse().ok().filter(|number| range.contains(number));
            number.ok_or_else(|| {
                format!("must be a whole number from {} to {}", range.start(), range.end())
            })
        })
    }

    /// `true` or `false`, or `1` or `0`.
    pub(super) fn truth(&mut self, setting: Setting) -> Option<bool> {
        self.with(setting, |text| match text {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err("must be true or false".to_owned()),
        })
    }

    /// Parts between commas.
    pub(super) fn list(&mut self, setting: Setting) -> Option<Vec<String>> {
        let text = self.text(setting)?;
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        Some(parts.map(str::to_owned).collect())
    }

    /// Text that must not be shown.
    pub(super) fn secret(&mut self, setting: Setting) -> Option<Secret> {
        self.text(setting).map(Secret::new)
    }

    /// Notes that a setting cannot be used. `why` must not repeat the value of a secret.
    pub(super) fn fail(&mut self, setting: Setting, why: &str) {
        let (table, key) = setting.place;
        self.errors.push(format!("{} ({table}.{key} in the file): {why}", setting.variable));
    }

    /// The account: every mistake, and every key and variable of ours that is no setting.
    pub(super) fn finish(mut self) -> Result<(), ConfigError> {
        for (table, value) in &self.file {
            match value {
                Value::Table(rest) => {
                    let unknown = rest.keys().map(|key| format!("{table}.{key} in the file"));
                    self.errors.extend(unknown.map(|name| format!("{name} is not a setting")));
                }
                _ => self.errors.push(format!("{table} in the file is not a setting")),
            }
        }
        let unknown = self.environment.keys().filter(|name| {
            OWN_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
                && !self.asked.contains(name.as_str())
        });
        self.errors.extend(unknown.map(|name| format!("{name} is not a setting")));
        if self.errors.is_empty() { Ok(()) } else { Err(ConfigError(self.errors)) }
    }
}

fn as_text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(truth) => Some(truth.to_string()),
        Value::Array(items) => {
            let texts: Option<Vec<_>> =
                items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
            Some(texts?.join(","))
        }
        Value::Float(_) | Value::Datetime(_) | Value::Table(_) => None,
    }
}
