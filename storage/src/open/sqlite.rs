//! SQLite: one file, one process, one connection that writes.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};

use super::{Connections, OpenError, shown};
use crate::sql::Dialect;
use crate::writer::Lane;

/// Larger pages than the default of 4096 keep a whole order's rows together: measured.
const PAGE_BYTES: u32 = 8_192;
/// Pages in the log before they are moved into the file. A log that starts over often is written into blocks that the
/// file system has already; one that only grows costs the writer two fifths of its time (measured).
const WAL_PAGES: u32 = 4_000;
/// Memory for pages of each connection, in KiB.
const CACHE_KIB: u32 = 32_768;
/// Statements that the writer keeps prepared: each table has one per size of batch.
const WRITER_STATEMENTS: usize = 512;
/// How long to wait for another connection of this process.
const BUSY: Duration = Duration::from_secs(5);

/// SQLite's own numbers of what can be wrong with a file.
const SQLITE_READONLY: &str = "8";
const SQLITE_CANTOPEN: &str = "14";
const SQLITE_NOTADB: &str = "26";

pub(super) async fn connect(url: &str, reads: u32) -> Result<Connections, OpenError> {
    let file = file_of(url)?;
    let lock = Arc::new(lock(url, &file)?);
    let failed = |error: DbErr| explain(url, &file, &error);

    let writer = connection(url, 1, WRITER_STATEMENTS, false).await.map_err(failed)?;
    // Fails here, and not at the first webhook, where the file cannot be written.
    writer.execute_unprepared("BEGIN IMMEDIATE; ROLLBACK").await.map_err(failed)?;
    let reader = connection(url, reads, 256, true).await.map_err(failed)?;
    Ok(Connections {
        dialect: Dialect::Sqlite,
        reader,
        lanes: vec![Lane::for_all(writer, Some(lock))],
    })
}

fn file_of(url: &str) -> Result<PathBuf, OpenError> {
    let invalid = |part, detail: String| OpenError::InvalidUrl { url: shown(url), part, detail };
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|error| invalid("parameter", error.to_string()))?;
    let file = options.get_filename().to_path_buf();
    if url.contains(":memory:") || url.contains("mode=memory") || file.as_os_str().is_empty() {
        return Err(invalid("file", "a database in memory keeps nothing; name a file".to_owned()));
    }
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    };
    if !folder.is_dir() {
        return Err(OpenError::MissingFolder { url: shown(url), folder });
    }
    if file.is_dir() {
        return Err(invalid("file", format!("{} is a folder", file.display())));
    }
    Ok(file)
}

/// Holds `FILE.lock` for this process: SQLite itself would let a second one in, and its writer would wait for ours.
fn lock(url: &str, file: &Path) -> Result<File, OpenError> {
    let mut path = file.as_os_str().to_owned();
    path.push(".lock");
    let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(
        |error| OpenError::ReadOnly { file: file.to_owned(), detail: error.to_string() },
    )?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { file: file.to_owned() }),
        Err(TryLockError::Error(error)) => {
            Err(OpenError::Failed { url: shown(url), detail: format!("cannot lock: {error}") })
        }
    }
}

async fn connection(
    url: &str,
    size: u32,
    statements: usize,
    read_only: bool,
) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(size)
        .min_connections(1)
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .test_before_acquire(false)
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        .map_sqlx_sqlite_opts(move |options| {
            let options = options
                .create_if_missing(true)
                .page_size(PAGE_BYTES)
                .journal_mode(SqliteJournalMode::Wal)
                // A commit returns when it is on the disk, not when it is in the log's cache.
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(BUSY)
                .statement_cache_capacity(statements)
                .pragma("wal_autocheckpoint", WAL_PAGES.to_string())
                .pragma("cache_size", format!("-{CACHE_KIB}"))
                .pragma("temp_store", "MEMORY");
            if read_only { options.pragma("query_only", "ON") } else { options }
        });
    Database::connect(options).await
}

fn explain(url: &str, file: &Path, error: &DbErr) -> OpenError {
    let code = driver_code(error).unwrap_or_default();
    // The lowest eight bits are the kind; the rest says more of it.
    let kind = code.parse::<u32>().map_or(code, |code| (code & 0xff).to_string());
    let file = file.to_owned();
    match kind.as_str() {
        SQLITE_READONLY | SQLITE_CANTOPEN => {
            OpenError::ReadOnly { file, detail: error.to_string() }
        }
        SQLITE_NOTADB => OpenError::NotADatabase { file },
        _ => OpenError::Failed { url: shown(url), detail: error.to_string() },
    }
}

/// The driver's code of an error, if the database itself reported it.
pub(super) fn driver_code(error: &DbErr) -> Option<String> {
    driver_error(error)?.as_database_error()?.code().map(std::borrow::Cow::into_owned)
}

/// The driver's own error.
pub(super) fn driver_error(error: &DbErr) -> Option<&sqlx::Error> {
    use sea_orm::RuntimeErr::SqlxError;
    match error {
        DbErr::Conn(SqlxError(error))
        | DbErr::Exec(SqlxError(error))
        | DbErr::Query(SqlxError(error)) => Some(error.as_ref()),
        _ => None,
    }
}
