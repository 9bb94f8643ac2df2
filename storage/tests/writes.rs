//! What is written is written once, whole, and for those who hold it: receiving, claiming, applying, opening.
//!
//! Each test runs on SQLite, and on PostgreSQL where there is a server.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where something fails")]

// Under the name that every other crate of the workspace knows it by.
extern crate tillgate_storage as storage;

#[path = "writes/apply.rs"]
mod apply;
#[path = "writes/claim.rs"]
mod claim;
#[path = "writes/encrypted.rs"]
mod encrypted;
#[path = "writes/feed.rs"]
mod feed;
#[path = "writes/open.rs"]
mod open;
#[path = "writes/order.rs"]
mod order;
#[path = "writes/push.rs"]
mod push;
#[path = "writes/receive.rs"]
mod receive;
#[path = "reads/sample.rs"]
mod sample;
#[path = "writes/schedule.rs"]
mod schedule;
#[path = "writes/schema.rs"]
mod schema;
#[path = "reads/world.rs"]
mod world;
