//! The mapping stage: what runs plugins.
//!
//! A plugin is a WebAssembly component that exports the interfaces of `wit/`. It is inspected before anything is
//! compiled ([`LoadError`]), and each run gets a fresh instance with its own limits: fuel, time, memory, what it may
//! log, what it may hand back. Whatever a plugin does, the worst outcome is the failure of that run ([`MapFailure`]).
//! An answer is believed only as far as [`domain::flow::accept`] finds that it adds up.
//!
//! The worker calls [`Mappers::map_order`] or [`Mappers::map_orders`] from threads that may block.

pub mod golden;

mod artifact;
mod batch;
mod cache;
mod call;
mod compile;
mod contract;
mod convert;
mod engine;
mod export;
mod fault;
mod gate;
mod inspect;
mod limits;
mod load;
mod plugin;
mod record;
mod run;
mod settings;
mod since_1_0;
mod since_1_1;
mod state;

pub use batch::MapJob;
pub use compile::compile_child;
pub use contract::{Capabilities, ContractVersion};
pub use engine::{Mappers, StartError};
pub use inspect::{Inspection, Rejection, inspect};
pub use plugin::{Description, LoadError, Plugin};
pub use record::{
    Allowed, Answer, MapAnswer, MapFailure, MapRun, MapSettings, ProductAnswer, ProductRun, Run,
    Source, Usage,
};
pub use settings::{Compiler, Settings};
