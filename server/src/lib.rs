//! The gateway: HTTP and GraphQL at the front, workers behind, the sync engine beside, all around the pure `domain`.
//!
//! `boot` reads as the wiring diagram. What handlers may use stands in [`App`]. The way of an order: `http/webhooks`
//! stores it, `worker/inbox` refines, maps and posts it, `graphql` shows it.

mod actions;
mod app;
mod auth;
mod boot;
mod cli;
mod config;
mod connections;
#[cfg(feature = "simulator")]
pub mod demo;
mod error;
mod graphql;
mod http;
mod internal;
mod mapping;
mod metrics;
mod outbound;
mod privacy;
mod providers;
mod reads;
mod sync;
mod telemetry;
mod tokens;
mod worker;

pub use app::{App, Clock, OsRandom, Random, SystemClock};
pub use auth::{TokenError, Verified, Verifier, mint};
pub use boot::{BootError, Gateway, build, build_with, stop_signal};
pub use cli::run;
pub use config::{
    AuthConfig, Config, ConfigError, DatabaseConfig, HttpConfig, InvalidRole, MappersConfig,
    PosConfig, ProviderConfig, RedisConfig, Role, WorkersConfig,
};
pub use error::Problem;
pub use telemetry::{LogFormat, RequestId};

/// The GraphQL transports, over whatever schema.
pub mod transport {
    pub use crate::http::{Authenticate, Endpoint, Rules, Session};
}
