//! JavaScript: `QuickJS` and the program, made into a component by `componentize-qjs`.

use std::path::PathBuf;
use std::process::Command;

use super::{Project, ToolError, tool};

/// Where npm puts the tool, whose version `package.json` pins.
const TOOL: &str = "node_modules/.bin/componentize-qjs";

pub(super) fn build(project: &Project) -> Result<Vec<u8>, ToolError> {
    let program = find(project)?;
    let out = project.path("mapper.bare.wasm");
    // The synchronous engine: the gateway runs no asynchronous components. WASI is replaced inside by traps.
    let built = tool::run(
        Command::new(program)
            .args(["--wit", "wit", "--world", &project.manifest.world])
            .args(["--module-root", "src", "--js", "src/mapper.js"])
            .args(["--sync", "--stub-wasi", "--output"])
            .arg(&out),
        "componentize-qjs",
        &project.root,
    );
    let bytes =
        built.and_then(|()| std::fs::read(&out).map_err(|error| ToolError::file(&out, &error)));
    // What is left of a failed build is of no use, and there may be nothing.
    let _ = std::fs::remove_file(&out);
    bytes
}

fn find(project: &Project) -> Result<PathBuf, ToolError> {
    let program = project.path(TOOL);
    if program.exists() {
        return Ok(program);
    }
    let missing = |what: &str, command: &str| ToolError::Toolchain {
        what: what.to_owned(),
        command: command.to_owned(),
    };
    if !tool::is_there("node") || !tool::is_there("npm") {
        return Err(missing("Node.js is missing", "apt-get install nodejs npm"));
    }
    let command = format!("npm install --prefix {}", project.root.display());
    Err(missing("componentize-qjs is missing from the project", &command))
}
