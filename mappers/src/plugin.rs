//! Plugins, loaded.

use std::sync::Arc;

use domain::code::Code;
use domain::delivery::Failure;
use wasmtime::component::InstancePre;

use crate::call::Functions;
use crate::contract::{Capabilities, ContractVersion};
use crate::engine::Mappers;
use crate::inspect::Rejection;
use crate::limits;
use crate::state::State;

/// The standard mapper's built component; `plugins/build.sh` builds it.
pub(crate) const STANDARD: &[u8] = include_bytes!("../../plugins/standard/standard.wasm");

/// A plugin that can run. Cheap to clone.
#[derive(Clone)]
pub struct Plugin(pub(crate) Arc<Loaded>);

pub(crate) struct Loaded {
    pub(crate) digest: [u8; 32],
    pub(crate) pre: InstancePre<State>,
    pub(crate) contract: ContractVersion,
    pub(crate) capabilities: Capabilities,
    pub(crate) functions: Functions,
    /// Whether it imports the raw body, which is copied for a run only then.
    pub(crate) reads_source: bool,
    pub(crate) size_bytes: usize,
    pub(crate) code_bytes: usize,
}

impl Plugin {
    /// SHA-256 of the component's bytes.
    pub fn digest(&self) -> [u8; 32] {
        self.0.digest
    }

    /// The contract that it was built for.
    pub fn contract(&self) -> ContractVersion {
        self.0.contract
    }

    /// What it does.
    pub fn capabilities(&self) -> Capabilities {
        self.0.capabilities
    }

    /// Length of the component in bytes.
    pub fn size_bytes(&self) -> usize {
        self.0.size_bytes
    }

    /// Length of its machine code in bytes: about what it takes up in memory while nothing of it runs.
    pub fn code_bytes(&self) -> usize {
        self.0.code_bytes
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
    /// Compiling them takes more than any plugin may; the message names the limit.
    #[error("takes too much to compile: {0}")]
    Limit(String),
    /// The compiler was ended from outside, by a machine without memory or time for it: that says little about the bytes.
    #[error(
        "was not compiled to its end: {0}; try again, and where that ends in the same way, it is too expensive to \
         compile on this machine"
    )]
    Interrupted(String),
    /// It would begin with more memory or larger tables than any plugin may have.
    #[error("takes too much to run: {0}")]
    TooLarge(String),
    /// Too many others are waiting to be compiled.
    #[error("cannot be compiled now: too many others wait")]
    Busy,
    /// The compiler itself failed, whatever the bytes were.
    #[error("could not be compiled: {0}")]
    Compiler(String),
    /// The component lacks what the contract asks for, or has it with other types.
    #[error("does not fit the contract tillgate:mapper@{0}.0: {1}")]
    Contract(ContractVersion, String),
}

impl From<&LoadError> for Failure {
    fn from(error: &LoadError) -> Self {
        let code = match error {
            LoadError::Busy => Code::Throttled,
            LoadError::Interrupted(_) => Code::CompileInterrupted,
            LoadError::Compiler(_) => Code::Internal,
            _ => Code::PluginRefused,
        };
        Self::new(code, error.to_string())
    }
}

impl Mappers {
    /// Asks a plugin what it is, under the limits of a run.
    pub fn describe(&self, plugin: &Plugin) -> Result<Description, Failure> {
        let Some(_pass) = self.gate.enter() else {
            return Err(crate::fault::busy());
        };
        let mut store = self.store(0, None);
        let described = plugin
            .0
            .pre
            .instantiate(&mut store)
            .and_then(|instance| plugin.0.functions.describe(&mut store, &instance));
        described.map_err(|error| crate::fault::failure(&error, store.data(), limits::fuel(0)))
    }
}
