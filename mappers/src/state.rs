//! What belongs to one run: its meters, its log, its raw body.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use wasmtime::{ResourceLimiter, UpdateDeadline};

use crate::limits::{LOG_BYTES_MAX, LOG_LINES_MAX, MEMORY_BYTES_MAX, TABLE_ELEMENTS_MAX, WALL_MAX};
use crate::since_1_1::{logging, product_types, source_json, types};

/// A limit that the run ran into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exceeded {
    Memory,
    Table,
    Log,
    Cpu(Duration),
    Wall,
}

/// The store's data for one run.
pub(crate) struct State {
    /// The first limit that was hit. Memory and tables only refuse to grow: what the plugin makes of that is its own.
    pub(crate) exceeded: Option<Exceeded>,
    pub(crate) log: Vec<String>,
    log_bytes: usize,
    memory: usize,
    /// The most memory that there was at any time.
    pub(crate) memory_peak: usize,
    table: usize,
    source: Option<Arc<str>>,
    cpu_limit: Duration,
    /// When the run was looked at first: processor time of the thread, and time.
    first_seen: Option<(Duration, Instant)>,
}

impl State {
    pub(crate) fn new(cpu_limit: Duration, source: Option<Arc<str>>) -> Self {
        Self {
            exceeded: None,
            log: Vec::new(),
            log_bytes: 0,
            memory: 0,
            memory_peak: 0,
            table: 0,
            source,
            cpu_limit,
            first_seen: None,
        }
    }

    /// Called at every tick that the run lives to see. Runs shorter than a tick never are: they cost no reading of
    /// clocks.
    pub(crate) fn tick(&mut self) -> UpdateDeadline {
        let cpu = thread_cpu();
        let (cpu_first, first) = *self.first_seen.get_or_insert_with(|| (cpu, Instant::now()));
        if cpu.saturating_sub(cpu_first) >= self.cpu_limit {
            self.exceeded = Some(Exceeded::Cpu(self.cpu_limit));
        } else if first.elapsed() >= WALL_MAX {
            self.exceeded = Some(Exceeded::Wall);
        } else {
            return UpdateDeadline::Continue(1);
        }
        UpdateDeadline::Interrupt
    }
}

/// Processor time that this thread has used.
fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Sums over all memories and tables of the run; the engine's own limits are per memory.
impl ResourceLimiter for State {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let total = self.memory.saturating_sub(current).saturating_add(desired);
        if total > MEMORY_BYTES_MAX {
            self.exceeded.get_or_insert(Exceeded::Memory);
            return Ok(false);
        }
        self.memory = total;
        self.memory_peak = self.memory_peak.max(total);
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let total = self.table.saturating_sub(current).saturating_add(desired);
        if total > TABLE_ELEMENTS_MAX {
            self.exceeded.get_or_insert(Exceeded::Table);
            return Ok(false);
        }
        self.table = total;
        Ok(true)
    }
}

impl types::Host for State {}

impl product_types::Host for State {}

impl logging::Host for State {
    fn log(&mut self, level: logging::Level, message: String) -> wasmtime::Result<()> {
        self.log_bytes += message.len();
        if self.log.len() == LOG_LINES_MAX || self.log_bytes > LOG_BYTES_MAX {
            self.exceeded = Some(Exceeded::Log);
            return Err(wasmtime::Error::msg("the log is full"));
        }
        let level = match level {
            logging::Level::Debug => "debug",
            logging::Level::Info => "info",
            logging::Level::Warn => "warn",
            logging::Level::Error => "error",
        };
        self.log.push(format!("{level}: {message}"));
        Ok(())
    }
}

impl source_json::Host for State {
    fn get(&mut self) -> wasmtime::Result<String> {
        Ok(self.source.as_deref().unwrap_or_default().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_interrupted_when_its_processor_time_is_used_up() {
        let mut spent = State::new(Duration::ZERO, None);
        assert!(matches!(spent.tick(), UpdateDeadline::Interrupt));
        assert_eq!(spent.exceeded, Some(Exceeded::Cpu(Duration::ZERO)));
        let mut fresh = State::new(Duration::from_mins(1), None);
        assert!(matches!(fresh.tick(), UpdateDeadline::Continue(1)));
        assert_eq!(fresh.exceeded, None);
    }

    #[test]
    fn tables_are_summed_while_they_grow() {
        let mut state = State::new(Duration::ZERO, None);
        let third = TABLE_ELEMENTS_MAX / 3;
        for _ in 0..3 {
            assert!(state.table_growing(0, third, None).unwrap());
        }
        assert_eq!(state.exceeded, None);
        assert!(!state.table_growing(third, third + 2, None).unwrap());
        assert_eq!(state.exceeded, Some(Exceeded::Table));
    }

    #[test]
    fn memory_is_summed_over_all_memories() {
        let mut state = State::new(Duration::ZERO, None);
        let half = MEMORY_BYTES_MAX / 2;
        assert!(state.memory_growing(0, half, None).unwrap());
        assert!(state.memory_growing(0, half, None).unwrap());
        assert!(!state.memory_growing(half, half + 1, None).unwrap());
        assert_eq!((state.memory_peak, state.exceeded), (MEMORY_BYTES_MAX, Some(Exceeded::Memory)));
    }
}
