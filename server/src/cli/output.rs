//! What commands print: results to standard output, errors to standard error, one line each.

use std::io::Write;
use std::process::ExitCode;

/// Prints a result.
pub(crate) fn line(text: &str) {
    // A closed pipe is the reader's choice and no error of ours.
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints an error and says so to the shell.
pub(crate) fn fail(text: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "tillgate: {text}");
    ExitCode::FAILURE
}
