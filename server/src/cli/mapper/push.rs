//! `mapper push`.

use clap::Args;

use super::{Place, ToolError};

/// Arguments of `mapper push`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
}

#[expect(clippy::unused_async, reason = "the gateway is asked in here")]
pub(super) async fn run(arguments: Arguments) -> Result<(), ToolError> {
    let _ = arguments.place;
    Err(ToolError::wrong("not yet"))
}
