//! `token`: a JWT for trying things out and for machines.

use std::path::Path;
use std::time::Duration;

use clap::Args;
use domain::access::{Caller, Role};
use domain::id::BusinessId;

use crate::app::{Clock, SystemClock};
use crate::auth;
use crate::boot::BootError;
use crate::config::Config;

use super::output;

/// Arguments of `token`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The business that the token is for.
    #[arg(long)]
    business: BusinessId,
    /// What its holder may do: viewer, operator, admin or platform.
    #[arg(long, default_value = "viewer", value_parser = role)]
    role: Role,
    /// Who holds it; stands in the audit trail.
    #[arg(long, default_value = "cli")]
    subject: String,
    /// How many seconds it is good for.
    #[arg(long, default_value_t = 3_600)]
    seconds: u64,
}

pub(crate) fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "must be viewer, operator, admin or platform".to_owned())
}

pub(super) fn run(config: Option<&Path>, arguments: &Arguments) -> Result<(), BootError> {
    let config = Config::load(config)?;
    let caller = Caller {
        subject: arguments.subject.clone(),
        role: arguments.role,
        businesses: [arguments.business].into(),
    };
    let life = Duration::from_secs(arguments.seconds);
    output::line(&auth::mint(&config.auth, &caller, SystemClock.now(), life)?);
    Ok(())
}
