//! Work over many objects that goes on behind: shadow runs and repairs.
//!
//! Whoever does it holds a lease that is renewed for as long as it goes on. Where the lease ran out, the process that held
//! it is gone, and nobody goes on with the work: it can be begun anew.

use super::Bound;
use crate::id::{MapperRepairId, ShadowReportId};
use crate::time::Timestamp;
use crate::words::words;

words! {
    /// How far such work is.
    WorkState {
        /// Under way.
        Running = "running",
        /// Finished, with its result.
        Done = "done",
        /// Ended without a result.
        Failed = "failed",
        /// Its process went away in the middle of it. Never stored: whoever could store it is gone.
        Interrupted = "interrupted",
    }
}

impl WorkState {
    /// What work that stands as `self` really is, by whether anybody still holds it.
    #[must_use]
    pub const fn given(self, is_held: bool) -> Self {
        match self {
            Self::Running if !is_held => Self::Interrupted,
            state => state,
        }
    }
}

/// A piece of work. A business has one of a kind under way at most.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Work {
    /// A shadow run (F1).
    Shadow(ShadowReportId),
    /// A repair (F4).
    Repair(MapperRepairId),
}

impl Work {
    /// Its kind's name in tables.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Shadow(_) => "shadow",
            Self::Repair(_) => "repair",
        }
    }
}

/// A repair: what a mapper did is done again by what serves now (F4).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MapperRepair {
    /// Its id.
    pub id: MapperRepairId,
    /// The mapper that did it wrong.
    pub mapper: Bound,
    /// How far it is. Done, everything waits to be mapped again, as any delivery does.
    pub state: WorkState,
    /// What it found, once it is done.
    pub found: Option<Repaired>,
    /// Why it failed.
    pub detail: Option<String>,
    /// Who asked for it: the token's subject.
    pub created_by: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// What a repair does again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Repaired {
    /// Orders that are mapped again.
    pub orders: u64,
    /// Dead letters that are tried again.
    pub dead_letters: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_running_work_can_be_interrupted() {
        for state in WorkState::ALL.iter().copied() {
            assert_eq!(state.given(true), state);
        }
        assert_eq!(WorkState::Running.given(false), WorkState::Interrupted);
        assert_eq!(WorkState::Done.given(false), WorkState::Done);
        assert_eq!(WorkState::Failed.given(false), WorkState::Failed);
    }
}
