//! Starting other people's tools.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use super::ToolError;

/// Whether a program can be started.
pub(super) fn is_there(program: impl AsRef<OsStr>) -> bool {
    let tried = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    tried.is_ok()
}

/// What a program prints, without white space around it; none where it cannot be started or fails.
pub(super) fn asked(command: &mut Command) -> Option<String> {
    let answer = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(answer.stdout).ok()?;
    answer.status.success().then(|| text.trim().to_owned())
}

/// Runs a build tool; what it prints is shown where it fails. `named` is what the author knows it as.
pub(super) fn run(command: &mut Command, named: &str, folder: &Path) -> Result<(), ToolError> {
    let output = command
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| ToolError::wrong(format!("{named} cannot be started: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    Err(ToolError::wrong(format!("{named} failed:\n\n{}", said.trim_end())))
}
