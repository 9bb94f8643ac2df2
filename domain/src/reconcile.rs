//! Reconciliation: is everything here that the store has, in the version that the store has, and nothing besides (F8)?
//!
//! The store's list of ids and times is compared with what is held. What differs is drift, each with its likely cause (F9).
//! Little of it is healed at once, much only after somebody agreed. Healing is reading the object again, which then takes
//! the way of every delivery; and what is held counts as gone only after a complete list in which it must stand and does
//! not, and after the store was asked for it by its id (T8).
//!
//! A [`certificate`] says the same of a period, for others to read (F7).

pub mod certificate;

mod compare;
mod drift;
mod run;
mod window;

pub use compare::{Head, Held, check_order, compare, unseen};
pub use drift::{Cause, Drift, DriftKind, DriftState, Remedy, Trace, cause, remedy};
pub use run::{
    ATTEMPTS_MAX, CHANGED_UNASKED_MAX, Counts, Found, Next, REMOVED_UNASKED_MAX, Reconciliation,
    RunState, Step, next,
};
pub use window::{IN_FLIGHT, Window};
