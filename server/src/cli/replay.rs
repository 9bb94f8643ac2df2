//! `replay`: repeat what mappers did, and see whether they would do it again.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use domain::access::{Caller, Role};
use domain::id::BusinessId;

use crate::actions::mapper::replay::{self, Replay};
use crate::boot::{self, BootError};
use crate::config::Config;

use super::output;

/// Arguments of `replay`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The business.
    #[arg(long)]
    business: BusinessId,
}

pub(super) async fn run(config: Option<&Path>, arguments: &Arguments) -> ExitCode {
    match repeat(config, arguments).await {
        Ok(replay) => tell(&replay),
        Err(error) => output::fail(&error.to_string()),
    }
}

async fn repeat(config: Option<&Path>, arguments: &Arguments) -> Result<Replay, BootError> {
    let app = boot::build(Config::load(config)?).await?;
    app.storage.migrate().await?;
    // Whoever can open the database needs no token.
    let caller =
        Caller { subject: "cli".to_owned(), role: Role::Platform, businesses: BTreeSet::new() };
    Ok(replay::all(&app, &caller, arguments.business).await?)
}

fn tell(replay: &Replay) -> ExitCode {
    let Replay { repeated, differing, impossible, differences, obstacles } = replay;
    for (run, why) in differences {
        output::line(&format!("DIFFERS  run {run}: {why}"));
    }
    for (run, why) in obstacles {
        output::line(&format!("skipped  run {run}: {why}"));
    }
    let told = differences.len() + obstacles.len();
    let all = usize::try_from(differing + impossible).unwrap_or(usize::MAX);
    if all > told {
        output::line(&format!("and {} more", all - told));
    }
    output::line(&format!(
        "{repeated} runs repeated, {differing} gave other bytes; {impossible} could not be repeated"
    ));
    if *differing > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
