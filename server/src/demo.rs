//! `tillgate demo`: the whole way, from a simulated store to POS orders, on this machine alone.
//!
//! Everything goes in by the front door: the merchant walks through OAuth, webhooks come signed over HTTP, the catalogue
//! and the comparison of books use GraphQL.

mod arguments;
mod catalog;
mod client;
mod compare;
mod merchant;
mod place;
mod run;
mod shelves;
mod simulate;

pub(crate) use arguments::{Arguments, SimulatorArguments};
pub use catalog::{complete_catalogue, put_catalogue};
pub use client::{CallError, Caller};
pub use compare::{Comparison, compare, pos_product_id};
pub use merchant::connect;
pub(crate) use run::run;
pub use shelves::{push_all, take_stock};
pub(crate) use simulate::run as run_simulator;
