//! PostgreSQL and Redis for tests.
//!
//! The addresses come from `TEST_POSTGRES_URL` and `TEST_REDIS_URL`. Where they are not set, a server is started from
//! installed binaries in a temporary folder, once for each test program, and ends with it. Servers that are to be taken
//! away, or that want encrypted connections, are always started. Where something is not possible the suite says so in
//! one line and runs without; with `REQUIRE_SERVICES=1` that is a failure.

mod certificates;
mod postgres;
mod redis;
mod server;

use std::env;
use std::path::PathBuf;
use std::sync::OnceLock;

pub use redis::Redis;

use server::Server;

/// A server that takes encrypted connections at `127.0.0.1`.
#[derive(Debug)]
pub struct Encrypted {
    /// Its address, with nothing said about encryption that its scheme does not say.
    pub url: String,
    /// A file with the certificate of whoever signed the server's.
    pub authority: PathBuf,
    /// A file with a certificate of somebody who did not.
    pub stranger: PathBuf,
}

/// What was started; it ends with the test program.
type Started<T> = Result<(T, Server), String>;

/// The address of a PostgreSQL server, where one can be had. Its user may create databases.
pub fn postgres_url() -> Option<&'static str> {
    static URL: OnceLock<Option<(String, Option<Server>)>> = OnceLock::new();
    let url =
        URL.get_or_init(|| given_or_started("PostgreSQL", "TEST_POSTGRES_URL", postgres::start));
    url.as_ref().map(|(url, _)| url.as_str())
}

/// The address of a PostgreSQL server of one's own whose commits are on the disk, where one can be had.
pub fn durable_postgres_url() -> Option<&'static str> {
    static SERVER: OnceLock<Option<(String, Server)>> = OnceLock::new();
    let server = SERVER.get_or_init(|| had("PostgreSQL to measure", postgres::start_durable()));
    server.as_ref().map(|(url, _)| url.as_str())
}

/// The address of a Redis server, where one can be had.
pub fn redis_url() -> Option<&'static str> {
    static URL: OnceLock<Option<(String, Option<Server>)>> = OnceLock::new();
    let url = URL.get_or_init(|| given_or_started("Redis", "TEST_REDIS_URL", redis::start));
    url.as_ref().map(|(url, _)| url.as_str())
}

/// A PostgreSQL server that takes encrypted connections only, where one can be had.
pub fn encrypted_postgres() -> Option<&'static Encrypted> {
    static SERVER: OnceLock<Option<(Encrypted, Server)>> = OnceLock::new();
    let server = SERVER.get_or_init(|| had("encrypted PostgreSQL", postgres::start_encrypted()));
    server.as_ref().map(|(encrypted, _)| encrypted)
}

/// A Redis server that takes encrypted connections, where one can be had.
pub fn encrypted_redis() -> Option<&'static Encrypted> {
    static SERVER: OnceLock<Option<(Encrypted, Server)>> = OnceLock::new();
    let server = SERVER.get_or_init(|| had("encrypted Redis", redis::start_encrypted()));
    server.as_ref().map(|(encrypted, _)| encrypted)
}

#[expect(clippy::disallowed_methods, reason = "the tests' own settings")]
fn given_or_started(
    name: &str,
    variable: &str,
    start: fn() -> Started<String>,
) -> Option<(String, Option<Server>)> {
    if let Ok(url) = env::var(variable) {
        return Some((url, None));
    }
    let started = start().map_err(|why| format!("{variable} is not set, and {why}"));
    had(name, started).map(|(url, server)| (url, Some(server)))
}

/// What could be had; otherwise the tests go without it, or fail where it is required.
#[expect(clippy::disallowed_methods, reason = "the tests' own settings")]
fn had<T>(name: &str, started: Result<T, String>) -> Option<T> {
    match started {
        Ok(started) => Some(started),
        Err(why) => {
            let required = env::var("REQUIRE_SERVICES").is_ok_and(|value| value == "1");
            assert!(!required, "{name} is required: {why}");
            skip(&format!("skipped with {name}: {why}"));
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
