//! `webhook send`: signs and sends any body, so that listeners can be tried without a store (S4.13).

use std::path::{Path, PathBuf};

use clap::Args;

use crate::app::{OsRandom, Random};
use crate::boot::BootError;
use crate::config::Config;

use super::output;

/// What to do with webhooks.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Signs a body with the client secret of the settings and sends it.
    Send(Send),
}

/// Arguments of `webhook send`.
#[derive(Debug, Args)]
pub(super) struct Send {
    /// The topic, for instance `orders/create`.
    #[arg(long)]
    topic: String,
    /// The file with the body.
    #[arg(long)]
    file: PathBuf,
    /// Where to send it.
    #[arg(long)]
    url: String,
    /// The shop that the header names.
    #[arg(long)]
    shop: String,
    /// The delivery's id; a new one where not given.
    #[arg(long)]
    webhook_id: Option<String>,
}

pub(super) async fn run(config: Option<&Path>, command: Command) -> Result<(), BootError> {
    let Command::Send(send) = command;
    let config = Config::load(config)?;
    let body = tokio::fs::read(&send.file)
        .await
        .map_err(|error| BootError::input(&format!("{}: {error}", send.file.display())))?;
    let secret = config.provider.client_secret()?;
    let webhook_id = send.webhook_id.unwrap_or_else(random_id);
    let answer = shopify::send_webhook(shopify::Outgoing {
        url: &send.url,
        secret: secret.reveal(),
        topic: &send.topic,
        shop: &send.shop,
        webhook_id: &webhook_id,
        body,
    })
    .await
    .map_err(|error| BootError::input(&error.to_string()))?;
    output::line(&format!("{} {}", answer.status, answer.body));
    if answer.is_success() {
        return Ok(());
    }
    Err(BootError::input("the delivery was not accepted"))
}

fn random_id() -> String {
    let mut bytes = [0; 16];
    OsRandom.fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}
