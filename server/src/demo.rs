//! The demonstration (being written).

use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}
#[derive(Debug, clap::Args)]
pub(crate) struct SimulatorArguments {}

pub(crate) async fn run(_arguments: Arguments) -> ExitCode {
    ExitCode::FAILURE
}
pub(crate) async fn run_simulator(_arguments: SimulatorArguments) -> Result<(), crate::BootError> {
    Ok(())
}
