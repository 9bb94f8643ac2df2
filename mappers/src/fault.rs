//! From the engine's errors to failures that name the limit.

use domain::code::Code;
use domain::delivery::Failure;
use wasmtime::{PoolConcurrencyLimitError, Trap};

use crate::limits::{
    HANDOVER_BYTES_MAX, LOG_BYTES_MAX, LOG_LINES_MAX, MEMORY_BYTES_MAX, TABLE_ELEMENTS_MAX,
    WALL_MAX,
};
use crate::state::{Exceeded, State};

/// How the engine words that a plugin hands over too much; the error's type is private to it.
const HANDOVER: &str = "fuel allocated for hostcalls has been exhausted";

/// Too many runs wait already.
pub(crate) fn busy() -> Failure {
    Failure::new(Code::Throttled, "too many plugin runs are waiting")
}

/// What a failed run failed of.
pub(crate) fn failure(error: &wasmtime::Error, state: &State, fuel: u64) -> Failure {
    let limit = |text: String| Failure::new(Code::PluginLimit, text);
    if error.is::<PoolConcurrencyLimitError>() {
        return Failure::new(Code::Internal, "no place is free to run the plugin in");
    }
    let trap = error.downcast_ref::<Trap>().copied();
    match (trap, state.exceeded) {
        (Some(Trap::OutOfFuel), _) => limit(format!("fuel: all {fuel} used up")),
        (Some(Trap::StackOverflow), _) => limit("stack: 512 KiB used up".to_owned()),
        (_, Some(Exceeded::Cpu(allowed))) => {
            limit(format!("time: {} ms used up", allowed.as_millis()))
        }
        (_, Some(Exceeded::Wall)) => limit(format!("time: {} s by the clock", WALL_MAX.as_secs())),
        (_, Some(Exceeded::Memory)) => {
            limit(format!("memory: more than {} MiB asked for", MEMORY_BYTES_MAX >> 20))
        }
        (_, Some(Exceeded::Table)) => {
            limit(format!("tables: more than {TABLE_ELEMENTS_MAX} elements asked for"))
        }
        (_, Some(Exceeded::Log)) => {
            limit(format!("log: more than {LOG_LINES_MAX} lines or {} KiB", LOG_BYTES_MAX >> 10))
        }
        _ if error.chain().any(|cause| cause.to_string().contains(HANDOVER)) => {
            limit(format!("answer: more than {} MiB handed over", HANDOVER_BYTES_MAX >> 20))
        }
        (Some(trap), None) => {
            let text = trap.to_string();
            let plain = text.strip_prefix("wasm trap: ").unwrap_or(&text);
            Failure::new(Code::PluginTrapped, plain)
        }
        (None, None) => Failure::new(Code::PluginTrapped, format!("{:#}", error.root_cause())),
    }
}
