//! Which mapper serves a business, and how that changes.
//!
//! A business uploads plugins, which become its mapper *versions*, and settings for them, its *configs*; both are
//! numbered from 1, and 0 is what everybody has: the built-in standard mapper, and no settings. A [`Bound`] is one of
//! each. The [`Binding`] says which of them serves now; [`decide`] is the one way to change it, and [`Streak`] says when
//! a version that keeps failing is taken out of service. [`Work`] is what goes on behind, for long.

mod binding;
mod breaker;
mod change;
mod decide;
mod pace;
mod refused;
mod room;
mod version;
mod work;

pub use binding::{Binding, Bound, Canary, NO_CONFIG, STANDARD_VERSION};
pub use breaker::{FAULTS_MAX, Fault, Streak};
pub use change::{
    BindingChange, Grounds, Known, MapperChange, MapperChangeKind, REASON_CHARACTERS_MAX,
};
pub use decide::decide;
pub use pace::{Pace, QUICK_RUNS_MIN, Used};
pub use refused::Refused;
pub use room::{
    COMPONENT_BYTES_MAX, COMPONENTS_MAX, CONFIGS_MAX, KeptComponent, NoRoom, make_room,
    room_for_config,
};
pub use version::{
    Capabilities, Capability, MapperConfig, MapperVersion, MapperVersionState, ShadowReport,
};
pub use work::{MapperRepair, Repaired, Work, WorkState};
