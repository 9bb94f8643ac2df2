//! PostgreSQL and Redis for tests.
//!
//! The addresses come from `TEST_POSTGRES_URL` and `TEST_REDIS_URL`. Where they are not set, a server is started from
//! installed binaries in a temporary folder, once for each test program, and ends with it. Where neither is possible the
//! suite says so in one line and runs without; with `REQUIRE_SERVICES=1` that is a failure.

mod server;

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use server::{Server, free_port, run_as};

/// The address of a PostgreSQL server, where one can be had. Its user may create databases.
pub fn postgres_url() -> Option<&'static str> {
    static URL: OnceLock<Option<String>> = OnceLock::new();
    URL.get_or_init(|| given_or_started("PostgreSQL", "TEST_POSTGRES_URL", start_postgres))
        .as_deref()
}

/// The address of a Redis server, where one can be had.
pub fn redis_url() -> Option<&'static str> {
    static URL: OnceLock<Option<String>> = OnceLock::new();
    URL.get_or_init(|| given_or_started("Redis", "TEST_REDIS_URL", start_redis)).as_deref()
}

#[expect(clippy::disallowed_methods, reason = "the tests' own settings")]
fn given_or_started(
    name: &str,
    variable: &str,
    start: fn() -> Result<String, String>,
) -> Option<String> {
    if let Ok(url) = env::var(variable) {
        return Some(url);
    }
    match start() {
        Ok(url) => Some(url),
        Err(why) => {
            let required = env::var("REQUIRE_SERVICES").is_ok_and(|value| value == "1");
            assert!(!required, "{name} is required: {variable} is not set, and {why}");
            skip(&format!("skipped with {name}: {variable} is not set, and {why}"));
            None
        }
    }
}

/// Says why something is not tested, past the capture of tests' output.
fn skip(line: &str) {
    use std::io::Write;
    // Without a standard error there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn start_postgres() -> Result<String, String> {
    let binaries = postgres_binaries().ok_or("no PostgreSQL is installed")?;
    let folder = server::folder("postgres")?;
    let data = folder.join("data");
    let mut initdb = run_as("postgres", &folder, &binaries.join("initdb"))?;
    initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "-D"]);
    let made = initdb.arg(&data).output().map_err(|error| error.to_string())?;
    if !made.status.success() {
        return Err(format!("initdb failed: {}", String::from_utf8_lossy(&made.stderr)));
    }
    let port = free_port()?;
    let mut command = run_as("postgres", &folder, &binaries.join("postgres"))?;
    command
        .arg("-D")
        .arg(&data)
        .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-k"])
        .arg(&folder);
    // Tests kill the gateway and never the database, so the disk need not be waited for.
    command.args(["-c", "fsync=off", "-c", "max_connections=300"]);
    Server::start(&command, &folder, port)?;
    Ok(format!("postgres://postgres@127.0.0.1:{port}/postgres"))
}

fn postgres_binaries() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok();
    let installed = versions.into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let on_path = Command::new("pg_config")
        .arg("--bindir")
        .output()
        .ok()
        .map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    installed.chain(on_path).find(|folder| folder.join("initdb").exists())
}

fn start_redis() -> Result<String, String> {
    if Command::new("redis-server").arg("--version").output().is_err() {
        return Err("no Redis is installed".to_owned());
    }
    let folder = server::folder("redis")?;
    let port = free_port()?;
    let mut command = Command::new("redis-server");
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"]);
    command.arg(&folder);
    Server::start(&command, &folder, port)?;
    Ok(format!("redis://127.0.0.1:{port}"))
}
