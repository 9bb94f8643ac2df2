//! `serve` and `migrate`.

use std::path::Path;

use clap::Args;

use crate::boot::{self, BootError, Gateway};
use crate::config::{Config, Role};
use crate::telemetry;

use super::output;

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// What this process does: `web` answers, `worker` processes, `all` does both.
    #[arg(long)]
    role: Option<Role>,
    /// The address to listen on, in place of the setting.
    #[arg(long)]
    listen: Option<std::net::SocketAddr>,
}

pub(super) async fn run(config: Option<&Path>, arguments: Arguments) -> Result<(), BootError> {
    let mut config = Config::load(config)?;
    if let Some(role) = arguments.role {
        config.workers.role = role;
    }
    if let Some(listen) = arguments.listen {
        config.http.listen = listen;
    }
    telemetry::init(&config.http);
    let app = boot::build(config).await?;
    app.storage.migrate().await?;
    let gateway = Gateway::start(app).await?;
    tracing::info!(address = %gateway.address(), "listening");
    boot::stop_signal().await;
    gateway.stop().await;
    Ok(())
}

pub(super) async fn migrate(config: Option<&Path>) -> Result<(), BootError> {
    let config = Config::load(config)?;
    let app = boot::build(config).await?;
    app.storage.migrate().await?;
    output::line("the database has this version's schema");
    Ok(())
}
