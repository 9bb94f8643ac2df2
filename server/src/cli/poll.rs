//! `poll`: ask a business's store what changed, and wait for the end.

use std::path::Path;

use clap::Args;
use domain::id::BusinessId;

use crate::boot::{self, BootError};
use crate::config::Config;
use crate::error::Problem;
use crate::sync;

use super::output;

/// Arguments of `poll`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The business.
    #[arg(long)]
    business: BusinessId,
}

pub(super) async fn run(config: Option<&Path>, arguments: &Arguments) -> Result<(), BootError> {
    let app = boot::build(Config::load(config)?).await?;
    app.storage.migrate().await?;
    let tenant = app.storage.tenant(arguments.business);
    let connection = crate::connections::current(&tenant).await?;
    let connection = connection.ok_or_else(|| Problem::not_found("connection"))?;
    for polled in sync::poll::run(&app, &connection, None).await {
        match polled {
            Ok((kind, polled)) => output::line(&format!(
                "{}s: {} listed, {} new to us",
                kind.as_str(),
                polled.seen,
                polled.queued
            )),
            Err(failure) => return Err(Problem::from(failure).into()),
        }
    }
    Ok(())
}
