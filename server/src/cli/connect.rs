//! `connect`: a store with an access token made by hand (S4.3).

use std::path::Path;

use clap::Args;
use domain::access::{Caller, Role};
use domain::id::BusinessId;
use domain::secret::Secret;

use crate::actions;
use crate::boot::{self, BootError};
use crate::config::Config;

use super::output;

/// Arguments of `connect`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The business to connect.
    #[arg(long)]
    business: BusinessId,
    /// The shop, for instance `example.myshopify.com`.
    #[arg(long)]
    shop: String,
    /// The store's Admin API access token; better given by the environment than in the shell's history.
    #[arg(long, env = "SHOPIFY_ACCESS_TOKEN", hide_env_values = true)]
    access_token: String,
    /// The store system.
    #[arg(long, default_value = "shopify")]
    provider: String,
}

pub(super) async fn run(config: Option<&Path>, arguments: Arguments) -> Result<(), BootError> {
    let app = boot::build(Config::load(config)?).await?;
    app.storage.migrate().await?;
    let connection = actions::connect::connect_with_token(
        &app,
        &operator(arguments.business),
        arguments.business,
        &arguments.provider,
        &arguments.shop,
        Secret::new(arguments.access_token),
    )
    .await?;
    output::line(&format!("{} is {}", connection.shop, connection.status.as_str()));
    for subscription in &connection.subscriptions {
        let result = subscription.result.as_ref().map_or_else(String::as_str, |_| "subscribed");
        output::line(&format!("  {}: {result}", subscription.topic));
    }
    Ok(())
}

/// Whoever can run commands beside the database may do anything in it.
pub(super) fn operator(business: BusinessId) -> Caller {
    Caller { subject: "cli".to_owned(), role: Role::Platform, businesses: [business].into() }
}
