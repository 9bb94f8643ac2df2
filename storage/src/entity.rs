//! The rows of every table, as sea-orm entities. They never leave this crate: what does is made of domain types.

#![expect(
    unreachable_pub,
    reason = "the derives make some of an entity public, and want the same of its parts"
)]

mod core;
mod deliveries;
mod dispatch;
mod log;
mod mapper;
mod pos;
mod privacy;
mod push;
mod reconcile;
mod refined;

pub(crate) use core::*;
pub(crate) use deliveries::*;
pub(crate) use dispatch::*;
pub(crate) use log::*;
pub(crate) use mapper::*;
pub(crate) use pos::*;
pub(crate) use privacy::*;
pub(crate) use push::*;
pub(crate) use reconcile::*;
pub(crate) use refined::*;
