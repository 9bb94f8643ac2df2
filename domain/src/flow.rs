//! The one-way flow: receive, refine, map, post, publish.
//!
//! Each stage is a decision. The worker loads what the decisions need for a batch, takes them in order, and writes
//! [`Changes`] in one transaction per business, the deliveries' own fate included. Beside them stands [`Comparer`], which
//! tells what another mapping of the same orders would change.

mod changes;
mod difference;
mod map;
mod post;
mod publish;
mod refine;
#[cfg(test)]
pub(crate) mod sample;

pub use changes::{
    Changes, LinkWrite, OrderWrite, PosOrderWrite, ProductWrite, RawIngest, Removal, Run,
    RunOutcome,
};
pub use difference::{
    Comparer, Comparison, Difference, DifferenceKind, Example, Group, LevelChange, MoneyTotals,
    OrderSide, Pair, ProductSide, StockTotals, differences, product_differences,
};
pub use map::{NO_SOURCE, StoredPosOrder, accept, needs_mapping, takes_off};
pub use post::{Posting, implied_effects, missing_movements};
pub use publish::{activity_of, sync_log_of};
pub use refine::{Incoming, Refinement, SETTLING, Verdict, is_settled, refine, settle, version_of};
