//! The `tillgate` binary: see `tillgate --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tillgate::run()
}
