//! PostgreSQL: a few connections that write, more that read, limits kept by the server.

use std::fs::File;
use std::io;
use std::str::FromStr;
use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};
// Not sea-orm's name of it: were that another version one day, ours would have the TLS, and this would not compile.
use sqlx::Executor;
use sqlx::postgres::PgConnectOptions;
use url::Url;

use super::sqlite::{driver_code, driver_error};
use super::{Connections, OpenError, shown};
use crate::sql::Dialect;
use crate::writer::Lane;

/// Connections that take deliveries in. While one waits for its commit, the other collects the next group.
const RECEIVE_LANES: usize = 2;
/// Connections that write everything else. A business always uses the same one, so that two never wait for each other.
const WORK_LANES: usize = 2;
/// How long to wait for a connection.
const ACQUIRE: Duration = Duration::from_secs(5);
/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 256;

/// Every statement of ours finds its rows by a key. A plan that was made when a table was small, and kept, would read
/// all of it when it is large.
const BY_INDEX: (&str, &str) = ("enable_seqscan", "off");

/// Statements of ours take milliseconds at most, and compiling one takes a hundred. That a table has to be read without an
/// index makes the server expect the worst of it, and compile.
const NO_COMPILING: (&str, &str) = ("jit", "off");

/// What the server ends by itself, so that no client needs a timer that could stop half-way.
const WRITER_LIMITS: [(&str, &str); 6] = [
    BY_INDEX,
    NO_COMPILING,
    ("statement_timeout", "30s"),
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "60s"),
    // A commit returns when it is on the disk, whatever the server's default is.
    ("synchronous_commit", "on"),
];
const READER_LIMITS: [(&str, &str); 5] = [
    BY_INDEX,
    NO_COMPILING,
    ("statement_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "60s"),
    ("default_transaction_read_only", "on"),
];

/// PostgreSQL's codes for what can be wrong with a connection.
const INVALID_AUTHORIZATION: [&str; 2] = ["28000", "28P01"];
const INVALID_CATALOG: &str = "3D000";

/// Parameters of the URL that name files, by all the names that the driver knows them by.
const FILE_PARAMETERS: [&str; 7] =
    ["sslrootcert", "ssl-root-cert", "ssl-ca", "sslcert", "ssl-cert", "sslkey", "ssl-key"];

pub(super) async fn connect(url: &str, reads: u32) -> Result<Connections, OpenError> {
    check(url)?;
    let mut lanes = Vec::with_capacity(RECEIVE_LANES + WORK_LANES);
    for index in 0..RECEIVE_LANES + WORK_LANES {
        let conn = writer(url).await.map_err(|error| explain(url, &error))?;
        lanes.push(if index < RECEIVE_LANES {
            Lane::for_receives(conn)
        } else {
            Lane::for_work(conn)
        });
    }
    let reader = reader(url, reads).await.map_err(|error| explain(url, &error))?;
    Ok(Connections { dialect: Dialect::Postgres, reader, lanes })
}

fn check(url: &str) -> Result<(), OpenError> {
    let invalid = |part, detail: String| OpenError::InvalidUrl { url: shown(url), part, detail };
    let parsed = Url::parse(url).map_err(|error| {
        let part = match error {
            url::ParseError::InvalidPort => "port",
            _ => "host",
        };
        invalid(part, error.to_string())
    })?;
    if parsed.path().trim_matches('/').is_empty()
        && !parsed.query_pairs().any(|(k, _)| k == "dbname")
    {
        return Err(invalid("database name", "there is none after the host".to_owned()));
    }
    for (parameter, value) in parsed.query_pairs() {
        if FILE_PARAMETERS.contains(&&*parameter) && !value.starts_with("-----BEGIN") {
            // Told here, or the connection would fail with the operating system's bare words.
            File::open(&*value)
                .map_err(|error| invalid("parameter", format!("{parameter}={value}: {error}")))?;
        }
    }
    PgConnectOptions::from_str(url)
        .map(drop)
        .map_err(|error| invalid("parameter", error.to_string()))
}

async fn writer(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(1)
        .min_connections(1)
        .acquire_timeout(ACQUIRE)
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .test_before_acquire(false)
        .map_sqlx_postgres_opts(|options| {
            options.options(WRITER_LIMITS).statement_cache_capacity(STATEMENTS)
        })
        // Only this crate's own tasks use these connections, and nobody cancels them. Should a BEGIN be cut short all
        // the same, the driver would not know of the open transaction, and the next statements would vanish with it.
        // A bare ROLLBACK would leave a warning in the server's log each time that nothing is open.
        .map_sqlx_postgres_pool_opts(|options| {
            options.after_release(|conn, _| {
                Box::pin(async move {
                    conn.execute(sqlx::raw_sql("BEGIN; ROLLBACK")).await?;
                    Ok(true)
                })
            })
        });
    Database::connect(options).await
}

async fn reader(url: &str, size: u32) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(size)
        .acquire_timeout(ACQUIRE)
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .test_before_acquire_if_idle_for(Duration::from_secs(30))
        .map_sqlx_postgres_opts(|options| {
            options.options(READER_LIMITS).statement_cache_capacity(STATEMENTS)
        });
    Database::connect(options).await
}

fn explain(url: &str, error: &DbErr) -> OpenError {
    let url = shown(url);
    let detail = error.to_string();
    let code = driver_code(error).unwrap_or_default();
    if INVALID_AUTHORIZATION.contains(&code.as_str()) {
        return OpenError::Refused { url, detail };
    }
    if code == INVALID_CATALOG {
        return OpenError::UnknownDatabase { url, detail };
    }
    match driver_error(error) {
        Some(sqlx::Error::Tls(error)) => OpenError::NotEncrypted { url, detail: error.to_string() },
        // What TLS does not like about the other side comes by this way too.
        Some(sqlx::Error::Io(error)) if error.kind() == io::ErrorKind::InvalidData => {
            OpenError::NotEncrypted { url, detail: error.to_string() }
        }
        Some(sqlx::Error::Io(error)) => unreachable_server(url, error),
        Some(sqlx::Error::PoolTimedOut) => {
            OpenError::Unreachable { url, detail: format!("no answer within {ACQUIRE:?}") }
        }
        _ => OpenError::Failed { url, detail },
    }
}

fn unreachable_server(url: String, error: &io::Error) -> OpenError {
    OpenError::Unreachable { url, detail: error.to_string() }
}
