//! Between the domain's words and the contract's records.
//!
//! What goes in is borrowed from the domain's values and from one arena per run; what comes out is parsed strictly,
//! because a plugin wrote it.

mod arena;
mod order;
mod parts;
mod pos;
mod product;

use bumpalo::Bump;

use crate::since_1_1::types;

pub(crate) use order::order;
pub(crate) use pos::{PosProductRecord, drafts, pos_order};
pub(crate) use product::product;

/// Arena bytes of an order, and more for each line; one allocation is then enough for nearly all.
const ARENA_BASE: usize = 4 << 10;
const ARENA_PER_LINE: usize = 1 << 10;

/// What the arena for an order of `lines` lines should hold.
pub(crate) fn arena_bytes(lines: usize) -> usize {
    ARENA_BASE + ARENA_PER_LINE * lines
}

/// The tenant's settings, as the plugin gets them.
pub(crate) fn settings<'a>(
    arena: &'a Bump,
    pairs: &'a [(String, String)],
) -> &'a [types::Setting<'a>] {
    arena::list(arena, pairs, |(key, value)| types::Setting { key, value })
}
