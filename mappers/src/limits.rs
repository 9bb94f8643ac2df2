//! What a run may use.

use std::time::Duration;

use crate::record::Allowed;

/// Lines of an order that a plugin is given.
pub(crate) const ORDER_LINES_MAX: usize = 1_000;
/// Fuel of a run, and more for each line: an instruction is about one.
const FUEL_BASE: u64 = 50_000_000;
const FUEL_PER_LINE: u64 = 2_000_000;
/// Processor time of a run, and more for each line.
const CPU_BASE: Duration = Duration::from_millis(100);
const CPU_PER_LINE: Duration = Duration::from_millis(1);
const CPU_MAX: Duration = Duration::from_secs(2);
/// The longest that a run may take by the clock on the wall. Only a machine without processor time to give takes
/// longer than the processor time; a good plugin must not fail for that.
pub(crate) const WALL_MAX: Duration = Duration::from_secs(20);
/// How often running plugins are looked at.
pub(crate) const TICK: Duration = Duration::from_millis(5);
/// Memory of a run, summed over all of its memories.
pub(crate) const MEMORY_BYTES_MAX: usize = 32 << 20;
/// Elements of a run's tables, summed.
pub(crate) const TABLE_ELEMENTS_MAX: usize = 100_000;
/// Bytes that a plugin may hand over in one call, an answer or a log line.
pub(crate) const HANDOVER_BYTES_MAX: usize = 2 << 20;
/// Handles that a plugin may hold. The contract has none.
pub(crate) const HANDLES_MAX: usize = 1_000;
/// Lines and bytes that a run may log.
pub(crate) const LOG_LINES_MAX: usize = 100;
pub(crate) const LOG_BYTES_MAX: usize = 64 << 10;

/// The fuel of a run over an order of `lines` lines.
pub(crate) fn fuel(lines: usize) -> u64 {
    FUEL_BASE + FUEL_PER_LINE * lines.min(ORDER_LINES_MAX) as u64
}

/// The processor time of a run over an order of `lines` lines.
pub(crate) fn cpu(lines: usize) -> Duration {
    let lines = u32::try_from(lines.min(ORDER_LINES_MAX)).unwrap_or(0);
    (CPU_BASE + CPU_PER_LINE * lines).min(CPU_MAX)
}

/// What a run over an order of `lines` lines may use.
pub(crate) fn allowed(lines: usize) -> Allowed {
    Allowed {
        fuel: fuel(lines),
        memory_bytes: MEMORY_BYTES_MAX as u64,
        processor_time: cpu(lines),
        answer_bytes: HANDOVER_BYTES_MAX as u64,
        log_lines: LOG_LINES_MAX as u64,
    }
}
