//! Python: `CPython` and the program, made into a component by `componentize-py`.

use std::ffi::OsString;
use std::process::Command;

use super::{Project, ToolError, tool};

/// Where the project's own environment has the tool, whose version `requirements.txt` pins.
const TOOL: &str = ".venv/bin/componentize-py";

pub(super) fn build(project: &Project) -> Result<Vec<u8>, ToolError> {
    let program = find(project)?;
    let out = project.path("mapper.bare.wasm");
    // WASI is replaced inside by traps; the modules are imported now, so that a run begins with all of them loaded.
    let built = tool::run(
        Command::new(program)
            .args(["--wit-path", "wit", "--world", &project.manifest.world])
            .args(["componentize", "--stub-wasi", "--python-path", "src", "mapper", "--output"])
            .arg(&out),
        "componentize-py",
        &project.root,
    );
    let bytes =
        built.and_then(|()| std::fs::read(&out).map_err(|error| ToolError::file(&out, &error)));
    // What is left of a failed build is of no use, and there may be nothing.
    let _ = std::fs::remove_file(&out);
    bytes
}

fn find(project: &Project) -> Result<OsString, ToolError> {
    let own = project.path(TOOL);
    if own.exists() {
        return Ok(own.into_os_string());
    }
    if tool::is_there("componentize-py") {
        return Ok("componentize-py".into());
    }
    let missing =
        |what: &str, command: String| ToolError::Toolchain { what: what.to_owned(), command };
    if !tool::is_there("python3") {
        let command = "apt-get install python3 python3-venv".to_owned();
        return Err(missing("Python is missing", command));
    }
    let root = project.root.display();
    let command = format!(
        "python3 -m venv {root}/.venv && {root}/.venv/bin/pip install -r {root}/requirements.txt"
    );
    Err(missing("componentize-py is missing", command))
}
