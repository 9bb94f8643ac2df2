//! The compiling child as a program of its own, for the tests and benchmarks of this crate. The gateway starts itself
//! instead.

use std::process::ExitCode;

fn main() -> ExitCode {
    match tillgate_mappers::compile_child(std::io::stdin(), std::io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
