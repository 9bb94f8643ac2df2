//! What stores ask about persons: to tell what is held on them, or to erase it (S4.32, F15).
//!
//! A request comes as a delivery. [`note`] writes down that it is to be met; the schedule of the connection's requests
//! then has [`meet`] do it, and again until it is done. From the moment it is written down, [`take_out`] keeps the person
//! out of whatever is read.

mod erase;
mod export;
mod meet;
mod note;
mod person;
mod prove;
mod shop;

pub(crate) use export::export;
pub(crate) use meet::run;
pub(crate) use note::note;
pub(crate) use person::{EMPTIED, take_out};
pub(crate) use prove::bodies_naming;
