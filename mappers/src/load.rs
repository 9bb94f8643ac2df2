//! From bytes to plugins: what is loaded already, what was compiled before, and the rest.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Linker;

use crate::Mappers;
use crate::artifact::{Artifact, Origin};
use crate::cache::Cache;
use crate::call::Functions;
use crate::compile::{Workshop, engine_digest};
use crate::inspect::{Inspection, Rejection, inspect};
use crate::plugin::{LoadError, Loaded, Plugin};
use crate::settings::{Compiler, Settings};
use crate::state::State;

/// Makes plugins.
pub(crate) struct Loader {
    engine: Engine,
    linker: Linker<State>,
    workshop: Workshop,
    cache: Option<Cache>,
    engine_digest: [u8; 32],
    /// What is loaded, by the component's digest, so that nothing is held twice.
    loaded: Mutex<HashMap<[u8; 32], Weak<Loaded>>>,
}

impl Loader {
    pub(crate) fn new(engine: Engine, linker: Linker<State>, settings: Settings) -> Self {
        let key = settings.cache_key;
        Self {
            engine_digest: engine_digest(&engine),
            engine,
            linker,
            workshop: Workshop::new(settings.compiler, settings.compile_parallel),
            cache: settings.cache.map(|folder| Cache::new(folder, key)),
            loaded: Mutex::default(),
        }
    }

    /// The plugin of a component that is part of this program, which needs no child to be compiled in.
    pub(crate) fn load_own(&self, bytes: &[u8]) -> Result<Plugin, LoadError> {
        self.load(bytes, Some(&Compiler::InProcess))
    }

    fn load(&self, bytes: &[u8], compiler: Option<&Compiler>) -> Result<Plugin, LoadError> {
        let inspection = inspect(bytes)?;
        let digest = Sha256::digest(bytes).into();
        if let Some(plugin) = self.known(digest) {
            return Ok(plugin);
        }
        let _turn = self.workshop.turn().ok_or(LoadError::Busy)?;
        // Whoever had the turn before may have compiled the same.
        if let Some(plugin) = self.known(digest) {
            return Ok(plugin);
        }
        let code = self.workshop.compile(&self.engine, compiler, bytes, &inspection)?;
        let artifact = Artifact::compiled(inspection, code);
        let plugin = self.finish(digest, &artifact)?;
        if let Some(cache) = &self.cache {
            cache.put(&self.origin(digest), &artifact);
        }
        Ok(plugin)
    }

    /// The plugin of that component, where it is loaded or was compiled before.
    fn known(&self, digest: [u8; 32]) -> Option<Plugin> {
        let loaded = self.lock().get(&digest).and_then(Weak::upgrade);
        if loaded.is_some() {
            return loaded.map(Plugin);
        }
        let artifact = self.cache.as_ref()?.get(&self.origin(digest))?;
        self.finish(digest, &artifact).ok()
    }

    /// Makes the artifact runnable, and checks that it fits its contract.
    fn finish(&self, digest: [u8; 32], artifact: &Artifact) -> Result<Plugin, LoadError> {
        let Inspection { contract, capabilities, reads_source, size_bytes, .. } =
            artifact.inspection;
        let component = artifact.load(&self.engine).map_err(|error| unloadable(&error))?;
        let unfit = |error| LoadError::Contract(contract, format!("{error:#}"));
        let pre = self.linker.instantiate_pre(&component).map_err(unfit)?;
        let functions = Functions::find(&pre, contract, capabilities).map_err(unfit)?;
        let loaded = Arc::new(Loaded {
            digest,
            pre,
            contract,
            capabilities,
            functions,
            reads_source,
            size_bytes,
            code_bytes: artifact.code_bytes(),
        });
        let mut all = self.lock();
        all.retain(|_, loaded| loaded.strong_count() > 0);
        all.insert(digest, Arc::downgrade(&loaded));
        Ok(Plugin(loaded))
    }

    fn origin(&self, component: [u8; 32]) -> Origin {
        Origin { component, engine: self.engine_digest }
    }

    // No code that could panic runs under the lock, so a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Weak<Loaded>>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How the engine words that a component asks for more than a run's slots have; the error has no type of its own.
const SLOT: &str = "pooling allocator";

/// Why the engine does not take an artifact that is ours: the component needs more than it may have, or the engine is at
/// fault.
fn unloadable(error: &wasmtime::Error) -> LoadError {
    let text = format!("{error:#}");
    if text.contains(SLOT) { LoadError::TooLarge(text) } else { LoadError::Compiler(text) }
}

impl Mappers {
    /// Looks at a component without compiling it: whether it may be loaded, its contract, what it does.
    pub fn inspect(&self, bytes: &[u8]) -> Result<Inspection, Rejection> {
        inspect(bytes)
    }

    /// Makes a plugin of a component: counts what is in it, compiles it unless that was done before, and checks that it
    /// fits the contract. Blocks for a millisecond where it was compiled before, and for up to two minutes otherwise.
    pub fn load(&self, bytes: &[u8]) -> Result<Plugin, LoadError> {
        self.loader.load(bytes, None)
    }

    /// The plugin of the component with this SHA-256, where it is loaded or was compiled before by this installation:
    /// then nobody has to fetch its bytes. None where it is to be loaded from them.
    pub fn compiled(&self, digest: [u8; 32]) -> Option<Plugin> {
        self.loader.known(digest)
    }
}
