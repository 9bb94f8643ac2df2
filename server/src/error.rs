//! Problems: how an error becomes an answer. Only this file knows both our codes and the transports' numbers.

use domain::access::Refused;
use domain::code::Code;
use domain::delivery::Failure;

/// Why something was not done, for the caller to read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Problem {
    /// The catalogue's name of it.
    pub code: Code,
    /// One sentence; never an inner error's text where the code is [`Code::Internal`].
    pub message: String,
    /// The argument that is wrong, as a path from the operation's input.
    pub field: Option<Vec<String>>,
}

impl Problem {
    /// A problem without a field.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None }
    }

    /// A wrong argument.
    pub fn input(field: &str, message: impl Into<String>) -> Self {
        let field = field.split('.').map(str::to_owned).collect();
        Self { code: Code::BadUserInput, message: message.into(), field: Some(field) }
    }

    /// No such thing.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("no such {what}"))
    }

    /// Whether the caller can mend it: such problems are data (`userErrors`), the others are errors.
    pub fn is_users(&self) -> bool {
        !matches!(
            self.code,
            Code::Internal
                | Code::Timeout
                | Code::Unauthenticated
                | Code::Forbidden
                | Code::Throttled
                | Code::CompileInterrupted
                | Code::UpstreamUnavailable
        )
    }

    /// The HTTP status that says the same.
    pub fn status(&self) -> http::StatusCode {
        use http::StatusCode;
        match self.code {
            Code::Unauthenticated | Code::InvalidSignature => StatusCode::UNAUTHORIZED,
            Code::Forbidden => StatusCode::FORBIDDEN,
            Code::NotFound => StatusCode::NOT_FOUND,
            Code::Conflict | Code::ShopTaken | Code::AlreadyConnected => StatusCode::CONFLICT,
            Code::QueryTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Code::Throttled => StatusCode::TOO_MANY_REQUESTS,
            Code::UpstreamUnavailable | Code::CompileInterrupted => StatusCode::SERVICE_UNAVAILABLE,
            Code::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Code::Internal | Code::DecryptFailed => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::OtherBusiness => Self::not_found("business"),
            Refused::RoleTooLow { .. } => Self::new(Code::Forbidden, refused.to_string()),
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self::new(failure.code, failure.detail)
    }
}

impl From<storage::StoreError> for Problem {
    fn from(error: storage::StoreError) -> Self {
        let failure = Failure::from(&error);
        if failure.code == Code::Internal {
            // Logged here, once: the caller gets no inner text.
            tracing::error!(error = %error, "storage failed");
            return Self::new(Code::Internal, "Internal server error");
        }
        Self::from(failure)
    }
}
