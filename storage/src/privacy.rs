//! What stores ask about persons: the requests, the erasing, the proof, and whom not to bring back (S4.32, F15).
//!
//! **Erasing** takes two steps. [`Tenant::open_privacy_request`] writes the tombstones and takes every delivery back from
//! its worker: whoever claims one afterwards learns that there are tombstones, and takes the person out of whatever it
//! reads. What was there before is then looked through at leisure, and [`Tenant::erase_person`] takes the person out of
//! all of it in one transaction. In between nothing is half erased, and what is killed in between is begun again.
//!
//! **Tombstones** are keyed hashes, so that they name nobody. Of an order the id itself is kept with the request: an
//! order's number names no person, and the proof starts from it.

mod erase;
mod proof;
mod request;
mod scan;
mod shop;
mod tombstone;

pub use erase::Erasure;
pub use proof::Looked;
pub use request::NewPrivacyRequest;
pub use tombstone::Tombstones;

/// The schedule of a connection's open requests; it outlives the connection.
pub const PRIVACY_SCHEDULE: &str = "privacy";
