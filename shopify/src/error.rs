//! Why a call gave no answer.

use std::time::Duration;

/// Why a call gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The token is expired, revoked, or the app was removed.
    #[error("the token is not accepted")]
    Unauthorized,
    /// The shop has not paid or is locked.
    #[error("the shop is frozen")]
    Frozen,
    /// There is no shop of that domain.
    #[error("there is no such shop")]
    NoSuchShop,
    /// The store refuses the request as a whole.
    #[error("the store denies access: {detail}")]
    Denied {
        /// What the store says.
        detail: String,
    },
    /// A scope was not granted, or the app lacks an approval (`ACCESS_DENIED`).
    #[error("the store denies access: {detail}")]
    NoAccess {
        /// The scopes of which one is missing, where the store names them.
        scopes: Vec<String>,
        /// What the store says.
        detail: String,
    },
    /// Asked too often, and all repetitions used up or the wait too long.
    #[error("the store asks to wait {} s ({tries} retries)", wait.as_secs())]
    Throttled {
        /// How long to wait.
        wait: Duration,
        /// Repetitions made.
        tries: u32,
    },
    /// One request asks for more than any may: smaller pages help.
    #[error("the request costs too much: {detail}")]
    TooCostly {
        /// What the store says.
        detail: String,
    },
    /// The store does not answer, or not sensibly, and all repetitions are used up.
    #[error("the store is unavailable: {detail} ({tries} retries)")]
    Unavailable {
        /// What happened last.
        detail: String,
        /// Repetitions made.
        tries: u32,
    },
    /// The answer is not what it should be; trying again does not help.
    #[error("the answer cannot be used: {detail}")]
    Broken {
        /// What is wrong.
        detail: String,
    },
}

impl ClientError {
    /// The wait that the store asks for.
    pub(crate) fn wait(&self) -> Option<Duration> {
        match self {
            Self::Throttled { wait, .. } => Some(*wait),
            _ => None,
        }
    }

    /// The same after `made` repetitions.
    pub(crate) fn after(self, made: u32) -> Self {
        match self {
            Self::Throttled { wait, .. } => Self::Throttled { wait, tries: made },
            Self::Unavailable { detail, .. } => Self::Unavailable { detail, tries: made },
            other => other,
        }
    }
}
