//! How plugins are compiled and run.

use std::ffi::OsString;
use std::path::PathBuf;

/// How plugins are run.
#[derive(Clone)]
pub struct Settings {
    /// Runs at once; further ones wait. At least 1.
    pub runs_max: u32,
    /// Runs that may wait; one more is turned away.
    pub queue_max: usize,
    /// Threads that one [`map_orders`](crate::Mappers::map_orders) call spreads over. At least 1.
    pub threads: usize,
    /// Where plugins are compiled.
    pub compiler: Compiler,
    /// Whether compiling one plugin may use several threads. The code is the same either way.
    pub compile_parallel: bool,
    /// The folder of compiled plugins; without one they are compiled at each start.
    pub cache: Option<PathBuf>,
    /// The key that compiled plugins are authenticated with: whoever has it can have the gateway run machine code.
    pub cache_key: [u8; 32],
}

impl Default for Settings {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            runs_max: 64,
            queue_max: 1_024,
            threads,
            compiler: Compiler::InProcess,
            compile_parallel: true,
            cache: None,
            cache_key: [0; 32],
        }
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("runs_max", &self.runs_max)
            .field("queue_max", &self.queue_max)
            .field("threads", &self.threads)
            .field("compiler", &self.compiler)
            .field("compile_parallel", &self.compile_parallel)
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}

/// Where plugins are compiled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Compiler {
    /// In this process, for tests and for components that the caller trusts: a hostile one can use up all memory.
    InProcess,
    /// In a child process with limits of its own.
    Child {
        /// The program to start.
        program: PathBuf,
        /// Its arguments.
        args: Vec<OsString>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_not_shown() {
        let settings = Settings { cache_key: [0xAB; 32], ..Settings::default() };
        let shown = format!("{settings:?}");
        assert!(!shown.contains("171") && !shown.to_lowercase().contains("ab, ab"), "{shown}");
    }
}
