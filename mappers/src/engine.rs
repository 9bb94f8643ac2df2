//! The engine that all plugins run on.

use std::sync::Arc;

use wasmtime::component::{HasSelf, Linker};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Strategy,
};

use crate::gate::Gate;
use crate::limits::MEMORY_BYTES_MAX;
use crate::load::Loader;
use crate::plugin::{LoadError, Plugin, STANDARD};
use crate::settings::Settings;
use crate::since_1_1::FullPlugin;

/// Memory pages of a slot that are kept for its next run instead of given back to the system.
const KEEP_RESIDENT_BYTES: usize = 16 << 20;
/// Core instances, memories and tables that one component may have. Python's interpreter needs 40 of the first.
const CORE_INSTANCES_MAX: u32 = 64;
const MEMORIES_MAX: u32 = 4;
const TABLES_MAX: u32 = 16;

/// What runs plugins, for the record: another program or engine may answer otherwise. A test compares it with the
/// engine that is built in.
pub(crate) const HOST: &str = concat!("tillgate ", env!("CARGO_PKG_VERSION"), ", wasmtime 48.0.8");

/// Why the engine does not start on this machine.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The engine refused its settings, or the system refused memory for it.
    #[error("the plugin engine does not start: {0:#}")]
    Engine(wasmtime::Error),
    /// The system refused a thread.
    #[error("no thread for the plugin engine: {0}")]
    Thread(std::io::Error),
    /// The standard mapper that is part of this program does not load.
    #[error("the standard mapper does not load: {0}")]
    Standard(#[from] LoadError),
}

/// Runs plugins. One per process; cheap to share by reference.
pub struct Mappers {
    pub(crate) engine: Engine,
    pub(crate) gate: Arc<Gate>,
    pub(crate) threads: usize,
    pub(crate) loader: Loader,
    standard: Plugin,
}

impl std::fmt::Debug for Mappers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mappers").field("gate", &self.gate).finish_non_exhaustive()
    }
}

impl Mappers {
    /// Starts the engine and loads the standard mapper.
    pub fn new(settings: Settings) -> Result<Self, StartError> {
        let runs_max = settings.runs_max.max(1);
        let gate = Arc::new(Gate::new(runs_max as usize, settings.queue_max));
        let threads = settings.threads.max(1);
        let engine = Engine::new(&running(runs_max, settings.compile_parallel))
            .map_err(StartError::Engine)?;
        let mut linker = Linker::new(&engine);
        FullPlugin::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)
            .map_err(StartError::Engine)?;
        let loader = Loader::new(engine.clone(), linker, settings);
        let standard = loader.load_own(STANDARD)?;
        let (ticking, weak) = (Arc::clone(&gate), engine.weak());
        std::thread::Builder::new()
            .name("plugin-ticker".to_owned())
            .spawn(move || ticking.tick(&weak))
            .map_err(StartError::Thread)?;
        Ok(Self { engine, gate, threads, loader, standard })
    }

    /// The standard mapper.
    pub fn standard(&self) -> Plugin {
        self.standard.clone()
    }
}

impl Drop for Mappers {
    fn drop(&mut self) {
        self.gate.close();
    }
}

/// The engine that runs plugins.
fn running(runs_max: u32, parallel: bool) -> Config {
    let mut config = compiling(parallel);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(runs_max)));
    config
}

/// The engine that compiles them, and runs nothing. What is on is what plugins need; what is off has been where most of
/// the engine's faults were, or is not deterministic (threads, relaxed SIMD).
pub(crate) fn compiling(parallel: bool) -> Config {
    let mut config = Config::new();
    config
        .strategy(Strategy::Cranelift)
        .wasm_component_model(true)
        .concurrency_support(false)
        .gc_support(false)
        .wasm_gc(false)
        .wasm_function_references(false)
        .wasm_exceptions(false)
        .wasm_threads(false)
        .wasm_memory64(false)
        .wasm_simd(false)
        .wasm_relaxed_simd(false)
        .cranelift_nan_canonicalization(true)
        .epoch_interruption(true)
        .consume_fuel(true)
        .max_wasm_stack(512 << 10)
        .async_stack_size(1 << 20)
        .parallel_compilation(parallel);
    config
}

/// A pool of slots. Resetting a slot's dirty pages by copying, where the kernel can tell them, is what lets threads
/// scale: giving pages back is a system call under a lock that all threads share.
fn pool(runs_max: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(runs_max)
        .total_core_instances(runs_max * CORE_INSTANCES_MAX)
        .total_memories(runs_max * MEMORIES_MAX)
        .total_tables(runs_max * TABLES_MAX)
        .total_stacks(runs_max)
        .max_core_instances_per_component(CORE_INSTANCES_MAX)
        .max_memories_per_component(MEMORIES_MAX)
        .max_tables_per_component(TABLES_MAX)
        .max_memory_size(MEMORY_BYTES_MAX)
        .table_elements(20_000)
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
        .table_keep_resident(64 << 10)
        .pagemap_scan(Enabled::Auto);
    pool
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_names_the_engine_that_is_built_in() {
        let (_, engine) = HOST.split_once(", wasmtime ").unwrap();
        let locked = format!("name = \"wasmtime\"\nversion = \"{engine}\"");
        assert!(include_str!("../../Cargo.lock").contains(&locked), "{HOST}");
    }
}
