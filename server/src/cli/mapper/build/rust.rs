//! Rust: a core module for `wasm32-unknown-unknown`, made into a component in this program.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use wit_component::ComponentEncoder;

use super::{Project, ToolError, tool};

const TARGET: &str = "wasm32-unknown-unknown";
/// Debian's compiler for the web: where rustup cannot be used, its packages bring the source of a standard library that
/// can be built for the target.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_PACKAGES: &str =
    "apt-get install --no-install-recommends rustc-web rust-web-src libstd-rust-web-dev";
const LIBRARY_SOURCE: &str = "lib/rustlib/src/rust/library/Cargo.toml";
/// The stack lies in linear memory: 64 KiB is plenty for a mapper, the default of 1 MiB is not needed.
const STACK: &str = "-Clink-arg=-zstack-size=65536";

/// Which compiler builds for the target, and how.
enum Compiler {
    /// The one that cargo takes, with the target installed.
    Installed,
    /// Debian's, with the standard library built along, linked by the linker at this path.
    Debian { linker: PathBuf },
}

pub(super) fn build(project: &Project) -> Result<Vec<u8>, ToolError> {
    let module = compile(project, &find(project)?)?;
    componentize(&module)
}

fn find(project: &Project) -> Result<Compiler, ToolError> {
    let rustc = |question: &[&str]| {
        tool::asked(Command::new("rustc").args(question).current_dir(&project.root))
    };
    let Some(sysroot) = rustc(&["--print", "sysroot"]).map(PathBuf::from) else {
        return Err(ToolError::Toolchain {
            what: "Rust is missing".to_owned(),
            command: "curl --proto '=https' -sSf https://sh.rustup.rs | sh -s -- -y -t wasm32-unknown-unknown"
                .to_owned(),
        });
    };
    if sysroot.join("lib/rustlib").join(TARGET).join("lib").is_dir() {
        return Ok(Compiler::Installed);
    }
    if let Some(linker) = linker(&sysroot).filter(|_| has_library_source()) {
        return Ok(Compiler::Debian { linker });
    }
    let command = if tool::is_there("rustup") {
        format!("rustup target add {TARGET}")
    } else {
        DEBIAN_PACKAGES.to_owned()
    };
    Err(ToolError::Toolchain {
        what: format!("the compiler's target {TARGET} is missing"),
        command,
    })
}

/// The linker that comes with a toolchain of rustup's.
fn linker(sysroot: &Path) -> Option<PathBuf> {
    let hosts = std::fs::read_dir(sysroot.join("lib/rustlib")).ok()?;
    let linkers = hosts.flatten().map(|host| host.path().join("bin/rust-lld"));
    linkers.into_iter().find(|linker| linker.exists())
}

fn has_library_source() -> bool {
    let sysroot = tool::asked(Command::new(DEBIAN_RUSTC).args(["--print", "sysroot"]));
    sysroot.is_some_and(|sysroot| Path::new(&sysroot).join(LIBRARY_SOURCE).exists())
}

/// Builds the project's library and gives the core module.
fn compile(project: &Project, compiler: &Compiler) -> Result<Vec<u8>, ToolError> {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["build", "--release", "--lib", "--target", TARGET])
        // Messages for people go to their terminal; the path of the module is read from those for machines.
        .args(["--message-format", "json-render-diagnostics"])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags(project))
        .current_dir(&project.root)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    if let Compiler::Debian { linker } = compiler {
        cargo
            .arg("-Zbuild-std=std,panic_abort")
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTC", DEBIAN_RUSTC)
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    }
    let output = cargo
        .output()
        .map_err(|error| ToolError::wrong(format!("cargo cannot be started: {error}")))?;
    if !output.status.success() {
        return Err(ToolError::wrong(format!(
            "cargo failed ({}); what is wrong stands above",
            output.status
        )));
    }
    let path = module_of(&String::from_utf8_lossy(&output.stdout)).ok_or_else(|| {
        ToolError::wrong(
            "cargo built no module: Cargo.toml needs `[lib] crate-type = [\"cdylib\"]`",
        )
    })?;
    std::fs::read(&path).map_err(|error| ToolError::file(&path, &error))
}

/// Paths of the author's machine would otherwise be in the component's panic messages, and in its digest.
fn flags(project: &Project) -> String {
    let mut flags = vec![STACK.to_owned()];
    let mut rename = |from: &Path, to: &str| {
        // Cargo splits the flags at spaces.
        if let Some(from) = from.to_str().filter(|from| !from.contains(' ')) {
            flags.push(format!("--remap-path-prefix={from}={to}"));
        }
    };
    rename(&project.root, ".");
    if let Some(home) = home_of_cargo() {
        rename(&home, "cargo");
    }
    flags.join(" ")
}

fn home_of_cargo() -> Option<PathBuf> {
    let set = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    set.or_else(|| Some(std::env::home_dir()?.join(".cargo")))
}

/// The last module that cargo says it has made.
fn module_of(messages: &str) -> Option<PathBuf> {
    let artifacts = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact");
    let mut files = artifacts.flat_map(|message| {
        let files = message["filenames"].as_array().cloned().unwrap_or_default();
        files.into_iter().filter_map(|file| file.as_str().map(PathBuf::from))
    });
    files.rfind(|file| file.extension().is_some_and(|extension| extension == "wasm"))
}

/// No adapter is used, so an import that the contract lacks is an error.
fn componentize(module: &[u8]) -> Result<Vec<u8>, ToolError> {
    let mut encoder = ComponentEncoder::default();
    let component = encoder.validate(true).module(module).and_then(ComponentEncoder::encode);
    component.map_err(|error| {
        ToolError::wrong(format!(
            "the module is no component of the contract: {error:#}\n\nA plugin has no system below it: an import named \
             above comes from a crate that wants one."
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_is_found_among_cargos_messages() {
        let messages = concat!(
            "{\"reason\":\"compiler-artifact\",\"filenames\":[\"/t/deps/libsdk.rlib\"]}\n",
            "not json\n",
            "{\"reason\":\"compiler-artifact\",\"filenames\":[\"/t/release/my_mapper.wasm\"]}\n",
            "{\"reason\":\"build-finished\",\"success\":true}\n",
        );
        assert_eq!(module_of(messages), Some(PathBuf::from("/t/release/my_mapper.wasm")));
        assert_eq!(module_of("{\"reason\":\"build-finished\"}"), None);
    }

    #[test]
    fn what_is_no_module_is_refused_with_the_reason() {
        let error = componentize(b"MZ").unwrap_err().to_string();
        assert!(error.starts_with("the module is no component of the contract: "), "{error}");
    }
}
