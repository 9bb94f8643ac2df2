//! What was written is read back: pages, batches, and the transactions of connecting, linking and counting.
//!
//! Each test runs on SQLite, and on PostgreSQL where there is a server.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where something fails")]

// Under the name that every other crate of the workspace knows it by.
extern crate tillgate_storage as storage;

#[path = "reads/catalog.rs"]
mod catalog;
#[path = "reads/connections.rs"]
mod connections;
#[path = "reads/isolation.rs"]
mod isolation;
#[path = "reads/paging.rs"]
mod paging;
#[path = "reads/plans.rs"]
mod plans;
#[path = "reads/reconcile.rs"]
mod reconcile;
#[path = "reads/sample.rs"]
mod sample;
#[path = "reads/stock.rs"]
mod stock;
#[path = "reads/world.rs"]
mod world;
