//! Why a store gave no answer.

use std::time::Duration;

use domain::code::Code;
use domain::delivery::Failure;

/// Why a store gave no answer. No text holds a secret or personal data.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProviderError {
    /// The token is not accepted: expired, revoked, or the app was removed.
    #[error("the store does not accept the token")]
    Unauthorized,
    /// The merchant has to connect again.
    #[error("the store has to be connected again")]
    ReauthRequired,
    /// The store refuses what was asked.
    #[error("the store refuses: {detail}")]
    Denied {
        /// What the store says.
        detail: String,
    },
    /// The merchant did not grant a permission, or the store did not approve the app for what was asked.
    #[error("{}: {detail}", missing(scopes))]
    MissingScope {
        /// The permissions of which one is missing, in the store's words; none where it names none.
        scopes: Vec<String>,
        /// What the store says.
        detail: String,
    },
    /// Asked too often.
    #[error("the store asks to wait {} s; max retries exceeded", wait.as_secs())]
    Throttled {
        /// How long.
        wait: Duration,
    },
    /// The shop is frozen or locked.
    #[error("the shop is frozen")]
    Frozen,
    /// The store does not answer, or not sensibly.
    #[error("the store is unavailable: {detail}")]
    Unavailable {
        /// What happened.
        detail: String,
    },
    /// The answer is not what it should be.
    #[error("the store's answer cannot be used: {detail}")]
    Broken {
        /// What is wrong.
        detail: String,
    },
}

impl ProviderError {
    /// Whether trying again later may help without anybody doing something.
    pub const fn retryable(&self) -> bool {
        matches!(self, Self::Throttled { .. } | Self::Unavailable { .. } | Self::Frozen)
    }
}

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Self {
        let code = match &error {
            ProviderError::Unauthorized | ProviderError::ReauthRequired => Code::ReauthRequired,
            ProviderError::Throttled { .. } => Code::Throttled,
            ProviderError::MissingScope { .. } => Code::MissingScope,
            ProviderError::Denied { .. }
            | ProviderError::Frozen
            | ProviderError::Unavailable { .. }
            | ProviderError::Broken { .. } => Code::UpstreamUnavailable,
        };
        Self::new(code, error.to_string())
    }
}

fn missing(scopes: &[String]) -> String {
    match scopes {
        [] => "the store denies access".to_owned(),
        [scope] => format!("the scope {scope} is missing"),
        several => format!("one of the scopes {} is missing", several.join(", ")),
    }
}
