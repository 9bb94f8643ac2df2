//! Wake-ups and live events between several instances.

use std::path::PathBuf;

use domain::secret::Secret;

use super::ConfigError;
use super::reader::{Reader, Setting};

const TABLE: &str = "redis";

const AUTHORITIES_FILE: &str = "REDIS_CA_FILE";

/// `[redis]`.
#[derive(Clone, Debug, Default)]
pub struct RedisConfig {
    /// `REDIS_URL` (`url`): for instance `redis://127.0.0.1:6379`, or `rediss://…` for TLS. Without it one instance
    /// serves alone. Secret because it may hold a password.
    pub url: Option<Secret>,
    /// `REDIS_CA_FILE` (`ca_file`): a PEM file with the authorities that may vouch for a server reached by TLS; the
    /// public ones unless set.
    pub authorities_file: Option<PathBuf>,
}

impl RedisConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            url: reader.secret(Setting::new("REDIS_URL", TABLE, "url")),
            authorities_file: reader.value(Setting::new(AUTHORITIES_FILE, TABLE, "ca_file")),
        }
    }

    /// The address, if there is one.
    pub fn url(&self) -> Option<&str> {
        self.url.as_ref().map(Secret::reveal)
    }

    /// The authorities, if they are named, as PEM.
    pub(crate) fn authorities(&self) -> Result<Option<String>, ConfigError> {
        let Some(file) = &self.authorities_file else {
            return Ok(None);
        };
        let text = std::fs::read_to_string(file).map_err(|error| {
            ConfigError::invalid(AUTHORITIES_FILE, format!("{}: {error}", file.display()))
        })?;
        Ok(Some(text))
    }
}
