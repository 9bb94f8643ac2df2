//! Settings: from the environment and an optional TOML file; the environment wins.
//!
//! Each subsystem has its struct, and each field's documentation names its variable and its place in the file. What is
//! wrong is reported all at once. Whatever only some commands need is asked for by them.

mod auth;
mod database;
mod http;
mod mappers;
mod pos;
mod provider;
mod reader;
mod redis;
mod workers;

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use ::http::Uri;
use domain::secret::Secret;
use storage::{Hints, Key, Keyring};

pub use self::auth::AuthConfig;
pub use self::database::DatabaseConfig;
pub use self::http::HttpConfig;
pub(crate) use self::mappers::COMPILE_COMMAND;
pub use self::mappers::MappersConfig;
pub use self::pos::PosConfig;
pub use self::provider::ProviderConfig;
pub use self::redis::RedisConfig;
pub use self::workers::{InvalidRole, Role, WorkersConfig};

use self::reader::Reader;
use crate::app::{OsRandom, Random};

/// What the key of compiled plugins is derived for.
const ARTIFACT_PURPOSE: &str = "compiled plugin";

/// Where a setting cannot be used: one line each, beginning with its variable or key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigError(Vec<String>);

impl ConfigError {
    fn missing(variable: &str, why: &str) -> Self {
        Self(vec![format!("{variable} is not set: {why}")])
    }

    pub(crate) fn invalid(variable: &str, why: impl fmt::Display) -> Self {
        Self(vec![format!("{variable}: {why}")])
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for ConfigError {}

/// All settings. The default is a gateway on this machine alone that still lacks its secrets.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// `[http]`: what is served, and how it logs.
    pub http: HttpConfig,
    /// `[database]`: where everything is kept.
    pub database: DatabaseConfig,
    /// `[redis]`: wake-ups between instances.
    pub redis: RedisConfig,
    /// `[provider]`: the app at Shopify, and our own addresses.
    pub provider: ProviderConfig,
    /// `[workers]`: what this process does.
    pub workers: WorkersConfig,
    /// `[mappers]`: how plugins are compiled and kept.
    pub mappers: MappersConfig,
    /// `[pos]`: where POS orders may be sent to.
    pub pos: PosConfig,
    /// `[auth]`: whose tokens are taken.
    pub auth: AuthConfig,
}

impl Config {
    /// Reads the process's environment, and the file where there is one.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        // Values that are no Unicode cannot be settings of ours.
        let environment = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        let Some(path) = file else {
            return Self::read("", environment);
        };
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::invalid(&shown.to_string(), error))?;
        Self::read(&text, environment)
    }

    /// Reads settings from the text of a TOML file and from variables.
    pub fn read(
        file: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(file, environment)?;
        let config = Self {
            http: HttpConfig::read(&mut reader),
            database: DatabaseConfig::read(&mut reader),
            redis: RedisConfig::read(&mut reader),
            provider: ProviderConfig::read(&mut reader),
            workers: WorkersConfig::read(&mut reader),
            mappers: MappersConfig::read(&mut reader),
            pos: PosConfig::read(&mut reader),
            auth: AuthConfig::read(&mut reader),
        };
        reader.finish()?;
        Ok(config)
    }

    /// The keys that secrets are sealed with.
    pub fn keyring(&self) -> Result<Keyring, ConfigError> {
        let current = self.provider.encryption_key.as_ref().ok_or_else(|| {
            ConfigError::missing(
                provider::ENCRYPTION_KEY,
                "stored tokens are sealed with it; make one with `openssl rand -base64 32`",
            )
        })?;
        let current = key(provider::ENCRYPTION_KEY, current)?;
        let previous: Result<Vec<_>, _> = self
            .provider
            .previous_encryption_keys
            .iter()
            .map(|secret| key(provider::ENCRYPTION_KEY_OLD, secret))
            .collect();
        Ok(Keyring::new(current, previous?, |bytes| {
            OsRandom.fill(bytes);
        }))
    }

    /// What the storage opens.
    pub fn storage_settings(&self, keys: Keyring, hints: Hints) -> storage::Settings {
        storage::Settings {
            url: self.database.url.reveal().to_owned(),
            read_connections: self.database.read_connections,
            keys,
            hints,
        }
    }

    /// How plugins run: compiled by this program in a child process, and kept under a key of this installation.
    pub fn mapper_settings(&self, keys: &Keyring) -> ::mappers::Settings {
        let compiler = ::mappers::Compiler::Child {
            program: mappers::this_program(),
            args: vec![COMPILE_COMMAND.into()],
        };
        ::mappers::Settings {
            compiler,
            cache: Some(self.mappers.cache(self.database.sqlite_file().as_deref())),
            cache_key: keys.derive(ARTIFACT_PURPOSE),
            ..::mappers::Settings::default()
        }
    }

    /// The app's registration at Shopify.
    pub fn shopify_settings(&self) -> Result<shopify::Settings, ConfigError> {
        self.provider.shopify_settings()
    }

    /// The origins whose pages may call: those listed, the frontend's and our own.
    pub fn origins(&self) -> BTreeSet<String> {
        let own = [&self.provider.app_base_url, &self.provider.frontend_url];
        let mut origins: BTreeSet<_> = own.into_iter().filter_map(|url| origin(url)).collect();
        origins.extend(self.http.allowed_origins.iter().cloned());
        if self.http.dev_mode {
            origins.insert(format!("http://{}", self.http.listen));
            origins.insert(format!("http://localhost:{}", self.http.listen.port()));
        }
        origins
    }
}

fn key(variable: &str, secret: &Secret) -> Result<Key, ConfigError> {
    secret.reveal().parse().map_err(|error| ConfigError::invalid(variable, error))
}

/// The origin of an address, as browsers write it.
fn origin(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?))
}

/// An address of ours: https, or http where only this machine can use it.
fn base_url(text: &str) -> Result<String, String> {
    let form = "must be an address like https://pos.example.com";
    let uri: Uri = text.parse().map_err(|_| form.to_owned())?;
    let host = uri.host().ok_or(form)?.trim_matches(['[', ']']);
    let loopback = host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    let plain = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    match uri.scheme_str() {
        Some("https") if plain => Ok(text.trim_end_matches('/').to_owned()),
        Some("http") if plain && loopback => Ok(text.trim_end_matches('/').to_owned()),
        Some("http") if plain => Err("must be https; http is for this machine only".to_owned()),
        _ => Err(form.to_owned()),
    }
}

#[cfg(test)]
mod tests;
