//! Plugins, loaded.

use std::sync::Arc;

use domain::code::Code;
use domain::delivery::Failure;
use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

use crate::bindings::OrderPluginPre;
use crate::engine::Mappers;
use crate::inspect::{self, Rejection};
use crate::limits;
use crate::state::State;

/// The standard mapper's built component; `plugins/build.sh` builds it.
pub(crate) const STANDARD: &[u8] = include_bytes!("../../plugins/standard/standard.wasm");

/// A plugin that can run. Cheap to clone.
#[derive(Clone)]
pub struct Plugin(pub(crate) Arc<Loaded>);

pub(crate) struct Loaded {
    pub(crate) digest: [u8; 32],
    pub(crate) pre: OrderPluginPre<State>,
    /// Whether it imports the raw body, which is copied for a run only then.
    pub(crate) reads_source: bool,
}

impl Plugin {
    /// SHA-256 of the component's bytes.
    pub fn digest(&self) -> [u8; 32] {
        self.0.digest
    }
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Plugin(")?;
        for byte in &self.0.digest[..8] {
            write!(f, "{byte:02x}")?;
        }
        f.write_str(")")
    }
}

/// What a plugin says about itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Description {
    /// A short name.
    pub name: String,
    /// Its own version, by semver.
    pub version: String,
    /// What it does, in a sentence.
    pub summary: String,
    /// A JSON Schema of its settings.
    pub settings_schema: String,
}

/// Why bytes are no plugin.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// They were refused before anything was compiled.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The compiler refused them.
    #[error("does not compile: {0}")]
    Compile(String),
    /// The component lacks what the contract asks for, or has it with other types.
    #[error("does not fit the contract tillgate:mapper@1.0.0: {0}")]
    Contract(String),
}

impl From<&LoadError> for Failure {
    fn from(error: &LoadError) -> Self {
        Self::new(Code::BadUserInput, error.to_string())
    }
}

pub(crate) fn load(
    engine: &Engine,
    linker: &Linker<State>,
    bytes: &[u8],
) -> Result<Plugin, LoadError> {
    let report = inspect::inspect(bytes)?;
    let component = Component::from_binary(engine, bytes)
        .map_err(|error| LoadError::Compile(format!("{error:#}")))?;
    let pre = linker
        .instantiate_pre(&component)
        .and_then(OrderPluginPre::new)
        .map_err(|error| LoadError::Contract(format!("{error:#}")))?;
    Ok(Plugin(Arc::new(Loaded {
        digest: Sha256::digest(bytes).into(),
        pre,
        reads_source: report.reads_source,
    })))
}

impl Mappers {
    /// Makes a plugin of a component: counts what is in it, compiles it, and checks that it fits the contract.
    pub fn load(&self, bytes: &[u8]) -> Result<Plugin, LoadError> {
        load(&self.engine, &self.linker, bytes)
    }

    /// Asks a plugin what it is, under the limits of a run.
    pub fn describe(&self, plugin: &Plugin) -> Result<Description, Failure> {
        let _pass = self.gate.enter();
        let mut store = self.store(0, None);
        let described = plugin
            .0
            .pre
            .instantiate(&mut store)
            .and_then(|instance| instance.tillgate_mapper_describe().call_describe(&mut store));
        match described {
            Ok(said) => Ok(Description {
                name: said.name,
                version: said.version,
                summary: said.summary,
                settings_schema: said.settings_schema,
            }),
            Err(error) => Err(crate::fault::failure(&error, store.data(), limits::fuel(0))),
        }
    }
}
