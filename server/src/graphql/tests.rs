//! The schema through its front door, over SQLite.

mod feed;
mod nested;
mod operations;
mod paging;
mod text;
pub(crate) mod world;
