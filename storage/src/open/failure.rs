//! Why a database could not be opened, in words that say what to change.

use std::path::PathBuf;

/// Why the database could not be opened. URLs are shown without their password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Neither of the two databases.
    #[error(
        "the database URL {url} begins with `{scheme}:`; it must begin with `sqlite:` or `postgres:`"
    )]
    UnknownScheme {
        /// The URL.
        url: String,
        /// What it begins with.
        scheme: String,
    },
    /// A part of the URL cannot be read.
    #[error("the database URL {url} has a wrong {part}: {detail}")]
    InvalidUrl {
        /// The URL.
        url: String,
        /// Which part.
        part: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// The file's folder does not exist.
    #[error("the folder {folder} of the database {url} does not exist")]
    MissingFolder {
        /// The URL.
        url: String,
        /// The folder.
        folder: PathBuf,
    },
    /// Another process has the file open.
    #[error(
        "the database file {file} is in use by another process; a SQLite database serves one process only \
         (use PostgreSQL for several)"
    )]
    InUse {
        /// The file.
        file: PathBuf,
    },
    /// The file or its folder cannot be written.
    #[error("the database file {file} cannot be written: {detail}")]
    ReadOnly {
        /// The file.
        file: PathBuf,
        /// What the operating system or the database says.
        detail: String,
    },
    /// The file is something else.
    #[error("the file {file} is not a SQLite database")]
    NotADatabase {
        /// The file.
        file: PathBuf,
    },
    /// The server does not answer.
    #[error("no PostgreSQL server answers at the host and port of {url}: {detail}")]
    Unreachable {
        /// The URL.
        url: String,
        /// What the operating system says.
        detail: String,
    },
    /// The connection cannot be encrypted as the URL wants it, or nobody trusted vouches for the server.
    #[error("no encrypted connection to the PostgreSQL server of {url} could be made: {detail}")]
    NotEncrypted {
        /// The URL.
        url: String,
        /// What is wrong, in the words of TLS.
        detail: String,
    },
    /// The server does not know the user, or the password is wrong.
    #[error("the PostgreSQL server refused the user or password of {url}: {detail}")]
    Refused {
        /// The URL.
        url: String,
        /// What the server says.
        detail: String,
    },
    /// The server has no such database.
    #[error("the PostgreSQL server has no database of the name in {url}: {detail}")]
    UnknownDatabase {
        /// The URL.
        url: String,
        /// What the server says.
        detail: String,
    },
    /// Anything else.
    #[error("the database {url} could not be opened: {detail}")]
    Failed {
        /// The URL.
        url: String,
        /// What the database's driver says.
        detail: String,
    },
}
