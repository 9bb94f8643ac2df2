//! What can go wrong while reading or writing.

use std::error::Error;
use std::sync::Arc;

use domain::code::Code;
use domain::delivery::Failure;
use domain::mapper::NoRoom;
use sea_orm::{DbErr, SqlErr};

use crate::secret::SecretError;

/// Why something was not read or not written. Cloneable, because the commands of a group share one commit and so its
/// failure.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database did not answer, or refused to work. Nothing was written, or a commit's answer was lost.
    #[error("the database is unavailable: {source}")]
    Unavailable {
        /// What the database's driver says.
        source: Arc<dyn Error + Send + Sync>,
    },
    /// A row does not say what it must; somebody else wrote to the table.
    #[error("a row of {table} is not valid: {detail}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// What is wrong with it, without the row's content.
        detail: String,
    },
    /// Contradicts what is stored: someone else wrote the same thing meanwhile. Nothing was written.
    #[error("contradicts what is stored: {0}")]
    Conflict(&'static str),
    /// Another worker holds the delivery or schedule by now. Nothing was written.
    #[error("the lease was lost")]
    LostLease,
    /// There is no such row in this business.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A stored secret cannot be opened with the keys at hand.
    #[error("a stored secret cannot be opened: {0}")]
    DecryptFailed(#[from] SecretError),
    /// The shop is connected to another business.
    #[error("the shop is connected to another business")]
    ShopTaken,
    /// The business has a live connection to another shop of the same store system.
    #[error("the business is already connected to another shop")]
    AlreadyConnected,
    /// The business keeps as much of its mappers as it may.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// The cursor is not a place in this list.
    #[error("the cursor is not a place in this list")]
    InvalidCursor,
}

impl StoreError {
    /// The database is unavailable, for a reason that no driver gave.
    pub(crate) fn unavailable(reason: &'static str) -> Self {
        Self::Unavailable { source: reason.into_source() }
    }

    /// A row that does not say what it must.
    pub(crate) fn corrupt(table: &'static str, detail: impl Into<String>) -> Self {
        Self::Corrupt { table, detail: detail.into() }
    }
}

trait IntoSource {
    fn into_source(self) -> Arc<dyn Error + Send + Sync>;
}

impl IntoSource for &'static str {
    fn into_source(self) -> Arc<dyn Error + Send + Sync> {
        Arc::from(Box::<dyn Error + Send + Sync>::from(self))
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Self::Conflict("the row exists already"),
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => Self::NotFound("parent row"),
            _ => Self::Unavailable { source: Arc::new(error) },
        }
    }
}

impl From<&StoreError> for Failure {
    fn from(error: &StoreError) -> Self {
        let code = match error {
            StoreError::Unavailable { .. } => {
                // The driver's words may name hosts and statements: they are for the log.
                return Self::new(Code::UpstreamUnavailable, "the database does not answer");
            }
            StoreError::Corrupt { .. } => Code::Internal,
            StoreError::Conflict(_) | StoreError::LostLease | StoreError::NoRoom(_) => {
                Code::Conflict
            }
            StoreError::NotFound(_) => Code::NotFound,
            StoreError::DecryptFailed(_) => Code::DecryptFailed,
            StoreError::ShopTaken => Code::ShopTaken,
            StoreError::AlreadyConnected => Code::AlreadyConnected,
            StoreError::InvalidCursor => Code::BadUserInput,
        };
        Self::new(code, error.to_string())
    }
}
