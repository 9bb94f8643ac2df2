//! Compiling components that somebody uploaded.
//!
//! A compiler can be made to use any amount of time and memory, and no setting of the engine's bounds either. So it runs
//! in a child process with limits of its own, one at a time; what it does there touches nothing that serves orders.

mod child;
mod inside;

use std::hash::{Hash, Hasher};

use sha2::{Digest, Sha256};
use wasmtime::Engine;

use crate::gate::{Gate, Pass};
use crate::inspect::Inspection;
use crate::plugin::LoadError;
use crate::settings::Compiler;

pub use inside::compile_child;

/// Components that may wait to be compiled; one more is turned away.
const QUEUE_MAX: usize = 32;
/// Processor time for any component, and more for each MiB of code. Real toolchains' components take about a second for
/// each MiB on a machine of 2024.
const SECONDS_BASE: u64 = 4;
const SECONDS_PER_MIB: u64 = 4;
const SECONDS_MAX: u64 = 60;
/// A compiler that is itself not optimised takes longer.
const SECONDS_FACTOR: u64 = if cfg!(debug_assertions) { 4 } else { 1 };

/// Compiles, one component at a time.
pub(crate) struct Workshop {
    compiler: Compiler,
    parallel: bool,
    turns: Gate,
}

impl Workshop {
    pub(crate) fn new(compiler: Compiler, parallel: bool) -> Self {
        Self { compiler, parallel, turns: Gate::new(1, QUEUE_MAX) }
    }

    /// Waits for a turn; none where too many wait already.
    pub(crate) fn turn(&self) -> Option<Pass<'_>> {
        self.turns.enter()
    }

    /// Compiles an inspected component, in a turn: by `compiler` where one is given, else by its own.
    pub(crate) fn compile(
        &self,
        engine: &Engine,
        compiler: Option<&Compiler>,
        bytes: &[u8],
        inspection: &Inspection,
    ) -> Result<Vec<u8>, LoadError> {
        match compiler.unwrap_or(&self.compiler) {
            Compiler::InProcess => engine
                .precompile_component(bytes)
                .map_err(|error| LoadError::Compile(format!("{error:#}"))),
            Compiler::Child { program, args } => {
                let seconds = seconds(inspection.code_bytes);
                let wall = child::WALL_MAX;
                let order = child::Order { parallel: self.parallel, seconds, wall, bytes };
                child::compile(program, args, &order)
            }
        }
    }
}

/// Processor time for a component with that much code.
fn seconds(code_bytes: u64) -> u8 {
    let more = SECONDS_PER_MIB.saturating_mul(code_bytes) >> 20;
    let seconds = (SECONDS_BASE + more).min(SECONDS_MAX) * SECONDS_FACTOR;
    u8::try_from(seconds).unwrap_or(u8::MAX)
}

/// SHA-256 over what decides whether an engine can load another one's artifacts.
pub(crate) fn engine_digest(engine: &Engine) -> [u8; 32] {
    struct Collector(Sha256);
    impl Hasher for Collector {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }

        fn finish(&self) -> u64 {
            0
        }
    }
    let mut collector = Collector(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut collector);
    collector.0.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_grows_with_the_code_up_to_a_limit() {
        let factor = u8::try_from(SECONDS_FACTOR).unwrap();
        assert_eq!(seconds(0), 4 * factor);
        assert_eq!(seconds(1_300_000), 8 * factor);
        assert_eq!(seconds(u64::MAX), 60 * factor);
    }
}
