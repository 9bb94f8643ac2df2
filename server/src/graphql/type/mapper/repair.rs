//! Repairs of what a mapper did.

use async_graphql::{Enum, ID, SimpleObject};
use domain::mapper;

use super::MapperChoice;
use crate::graphql::scalar::{DateTime, Long};

/// A repair: what a mapper did is done again by what serves now.
#[derive(SimpleObject, Debug)]
pub(crate) struct MapperRepair {
    /// Its id.
    id: ID,
    /// What did it wrong.
    mapper: MapperChoice,
    /// How far it is.
    state: MapperRepairState,
    /// Orders that are mapped again; null until it is done.
    orders: Option<Long>,
    /// Dead letters that are tried again; null until it is done.
    dead_letters: Option<Long>,
    /// Why it failed.
    detail: Option<String>,
    /// Who asked for it: the subject of their token.
    created_by: String,
    /// When it began.
    created_at: DateTime,
    /// When it ended; null while it is under way, and where it was interrupted.
    finished_at: Option<DateTime>,
}

impl From<mapper::MapperRepair> for MapperRepair {
    fn from(repair: mapper::MapperRepair) -> Self {
        let long = |number: u64| Long(i64::try_from(number).unwrap_or(i64::MAX));
        Self {
            id: repair.id.into(),
            mapper: repair.mapper.into(),
            state: repair.state.into(),
            orders: repair.found.map(|found| long(found.orders)),
            dead_letters: repair.found.map(|found| long(found.dead_letters)),
            detail: repair.detail,
            created_by: repair.created_by,
            created_at: repair.created_at.into(),
            finished_at: repair.finished_at.map(Into::into),
        }
    }
}

/// How far a repair is.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::mapper::WorkState")]
pub(crate) enum MapperRepairState {
    /// Under way: what is to be done again is being collected.
    Running,
    /// All of it is with the workers, as what comes in is.
    Done,
    /// It ended before that. What it came to stays; begin another one for the rest.
    Failed,
    /// The gateway that made it was stopped in the middle of it. What it came to stays; begin another one for the rest.
    Interrupted,
}
