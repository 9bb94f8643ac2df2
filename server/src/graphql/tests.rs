//! The schema through its front door, over SQLite.

mod feed;
mod nested;
mod operations;
mod paging;
mod text;
mod turns;
pub(crate) mod world;
