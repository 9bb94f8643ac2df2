//! The mapping stage: what runs plugins.
//!
//! A plugin is a WebAssembly component that exports the interfaces of `wit/`. It is inspected before anything is
//! compiled ([`LoadError`]), and each run gets a fresh instance with its own limits: fuel, time, memory, what it may
//! log, what it may hand back. Whatever a plugin does, the worst outcome is the failure of that run ([`MapFailure`]).
//! An answer is believed only as far as [`domain::flow::accept`] finds that it adds up.
//!
//! The worker calls [`Mappers::map_order`] or [`Mappers::map_orders`] from threads that may block.

mod batch;
mod bindings;
mod convert;
mod engine;
mod fault;
mod gate;
mod inspect;
mod limits;
mod plugin;
mod record;
mod run;
mod state;

pub use batch::MapJob;
pub use engine::{Mappers, Settings, StartError};
pub use inspect::Rejection;
pub use plugin::{Description, LoadError, Plugin};
pub use record::{MapAnswer, MapFailure, MapRun, MapSettings, Source};
