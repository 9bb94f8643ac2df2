//! The gateway's own engine, limits and reader of bodies, around one component.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::refined::Order;
use mappers::{LoadError, MapRun, MapSettings, Mappers, Plugin};

use super::ToolError;
use crate::app::{OsRandom, Random};
use crate::mapping::{Input, read_body};
use crate::providers::Providers;

/// The key that compiled components are authenticated with, in bytes.
const KEY_BYTES: usize = 32;

/// The standard mapper, for tests that need any component.
#[cfg(test)]
pub(super) const STANDARD_FOR_TESTS: &[u8] =
    include_bytes!("../../../../plugins/standard/standard.wasm");

/// Runs one component as the gateway would.
pub(super) struct Runner {
    mappers: Mappers,
    plugin: Plugin,
    providers: Providers,
}

impl Runner {
    /// Starts the engine and compiles the component.
    pub(super) fn start(component: &[u8]) -> Result<Self, ToolError> {
        let wrong = |error: &dyn std::fmt::Display| ToolError::wrong(error.to_string());
        let mappers = Mappers::new(settings()).map_err(|error| wrong(&error))?;
        let plugin = mappers.load(component).map_err(|error| refused(&error))?;
        let random: Arc<dyn Random> = Arc::new(OsRandom);
        let providers = Providers::new(registration(), random).map_err(|error| wrong(&error))?;
        Ok(Self { mappers, plugin, providers })
    }

    /// The order that a body holds, read as a delivery is read.
    pub(super) fn order(&self, topic: &str, body: &str) -> Result<Order, String> {
        match read_body(&self.providers, None, topic, body.as_bytes()) {
            Ok(Input::Order(order)) => Ok(*order),
            Ok(Input::Product(_)) => Err("it holds a product; fixtures are orders".to_owned()),
            Err(failure) => Err(failure.to_string()),
        }
    }

    /// Maps an order by the plugin.
    pub(super) fn run(&self, order: &Order, settings: &MapSettings, body: &str) -> MapRun {
        self.mappers.map_order(&self.plugin, order, settings, body.as_bytes())
    }

    /// Maps an order by the standard mapper.
    pub(super) fn run_standard(&self, order: &Order, body: &str) -> MapRun {
        let plugin = self.mappers.standard();
        self.mappers.map_order(&plugin, order, &MapSettings::default(), body.as_bytes())
    }
}

fn refused(error: &LoadError) -> ToolError {
    ToolError::wrong(format!("the gateway would refuse this component: it {error}"))
}

/// As in production, with compiled components kept: an interpreter takes seconds to compile.
fn settings() -> mappers::Settings {
    let usual = mappers::Settings::default();
    match cache() {
        Some((folder, cache_key)) => mappers::Settings { cache: Some(folder), cache_key, ..usual },
        None => usual,
    }
}

/// The folder of compiled components in the author's home, and their key. Not in the project: a project that came from
/// somebody else must not bring machine code along. Without a home nothing is kept.
fn cache() -> Option<(PathBuf, [u8; KEY_BYTES])> {
    let folder = std::env::home_dir()?.join(".cache/tillgate/mapper");
    std::fs::create_dir_all(&folder).ok()?;
    let key = key(&folder.join("key"))?;
    Some((folder.join("compiled"), key))
}

/// The key in that file, which is made where there is none.
fn key(path: &Path) -> Option<[u8; KEY_BYTES]> {
    if let Ok(bytes) = std::fs::read(path) {
        return bytes.try_into().ok();
    }
    let mut key = [0; KEY_BYTES];
    OsRandom.fill(&mut key);
    write_private(path, &key).ok()?;
    Some(key)
}

/// Writes a file that only its owner can read.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}

/// An app that is registered nowhere: bodies are read, nothing is called.
fn registration() -> shopify::Settings {
    shopify::Settings {
        client_id: "author".to_owned(),
        client_secret: shopify::Secret::new("author"),
        previous_client_secret: None,
        api_version: shopify::API_VERSION.to_owned(),
        shop_url_template: shopify::ShopUrl::production(),
        redirect_uri: "http://127.0.0.1/".to_owned(),
        scopes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_is_the_authors_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let made = key(&path).unwrap();
        assert_eq!(key(&path), Some(made));
        assert_ne!(made, [0; KEY_BYTES]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let permissions = std::fs::metadata(&path).unwrap().permissions();
            assert_eq!(permissions.mode() & 0o777, 0o600);
        }
    }
}
