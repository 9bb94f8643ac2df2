//! `mapper`: a plugin author's tools, from an empty folder to an active version.
//!
//! `new` makes a project, `build` makes a component of it, `test` and `bench` run the component by the gateway's own
//! engine under the gateway's own limits, and `push` uploads it, compares it with what is active, and activates it.

mod bench;
mod bindings;
mod build;
mod cases;
#[cfg(test)]
mod committed;
mod create;
mod diff;
mod hint;
mod orders;
mod project;
mod push;
mod report;
mod runner;
mod template;
mod test;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::output;

/// The exit code where a toolchain is missing, so that a script can tell it from a failed build.
const EXIT_TOOLCHAIN: u8 = 3;

/// What to do with a mapper.
#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Command {
    /// Makes a project that builds and passes its tests.
    New(create::Arguments),
    /// Makes a component of the project, with its golden tests in it. Exits with 3 where a toolchain is missing.
    Build(build::Arguments),
    /// Runs the fixtures by the gateway's engine and compares the answers with the golden files.
    Test(test::Arguments),
    /// Measures the time that an order takes.
    Bench(bench::Arguments),
    /// Uploads the component, shows what it would change, and activates it.
    Push(push::Arguments),
}

/// Why a command did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
enum ToolError {
    /// Something is wrong, and the text says what to change.
    #[error("{0}")]
    Wrong(String),
    /// A toolchain is missing.
    #[error("{what}; this installs it:\n\n    {command}\n")]
    Toolchain {
        /// What is missing.
        what: String,
        /// The one command that installs it.
        command: String,
    },
    /// Everything was said already.
    #[error("")]
    Told,
}

impl ToolError {
    fn wrong(text: impl Into<String>) -> Self {
        Self::Wrong(text.into())
    }

    /// A file that cannot be read or written.
    fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::Wrong(format!("{}: {error}", path.display()))
    }
}

/// Where the project is.
#[derive(Debug, clap::Args)]
struct Place {
    /// The project's folder.
    #[arg(long, default_value = ".")]
    dir: PathBuf,
}

pub(super) async fn run(command: Command) -> ExitCode {
    let done = match command {
        Command::New(arguments) => create::run(&arguments),
        Command::Build(arguments) => build::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Push(arguments) => push::run(arguments).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(ToolError::Told) => ExitCode::FAILURE,
        Err(error @ ToolError::Toolchain { .. }) => {
            output::fail(&error.to_string());
            ExitCode::from(EXIT_TOOLCHAIN)
        }
        Err(error) => output::fail(&error.to_string()),
    }
}
