//! A business's mappers: versions, configs, the binding and its fence, runs, shadow runs, timelines.
//!
//! Each test runs on SQLite, and on PostgreSQL where there is a server.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where something fails")]

// Under the name that every other crate of the workspace knows it by.
extern crate tillgate_storage as storage;

#[path = "mappers/binding.rs"]
mod binding;
#[path = "mappers/fence.rs"]
mod fence;
#[path = "reads/mapping.rs"]
mod mapping;
#[expect(dead_code, reason = "shared with the tests of writing")]
#[path = "writes/order.rs"]
mod order;
#[path = "mappers/room.rs"]
mod room;
#[path = "mappers/runs.rs"]
mod runs;
#[expect(dead_code, reason = "shared with the tests of reading")]
#[path = "reads/sample.rs"]
mod sample;
#[path = "mappers/timeline.rs"]
mod timeline;
#[path = "mappers/versions.rs"]
mod versions;
#[path = "mappers/work.rs"]
mod work;
#[expect(dead_code, reason = "shared with the tests of reading")]
#[path = "reads/world.rs"]
mod world;
