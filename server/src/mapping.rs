//! What runs a business's mapper outside of the flow: settings as plugins get them, bodies as the store sends them,
//! the tests that travel with a plugin.
//!
//! Workers, actions and commands come by here, so that a preview, a shadow run and the real thing give a plugin the
//! same bytes.

mod body;
mod examine;
mod golden;
mod kept;
mod loaded;
mod mapper;
mod schema;
mod serving;
mod settings;
mod stored;
mod stuck;
mod threads;
mod turns;

pub(crate) use body::{Input, read_body};
pub(crate) use examine::examine;
pub(crate) use loaded::Plugins;
pub(crate) use mapper::{Mapper, blocking};
pub(crate) use schema::SettingsSchema;
pub(crate) use serving::{Bindings, Serving};
pub(crate) use settings::{SETTINGS_BYTES_MAX, canonical, settings_of};
pub(crate) use stored::{ConnectionsById, read_stored};
pub(crate) use threads::{on_threads, patiently};
pub(crate) use turns::{Turns, in_turn};
