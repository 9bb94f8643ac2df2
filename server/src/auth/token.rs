//! JSON Web Tokens: what is signed, by whom, until when.
//!
//! The algorithm never comes from the token alone: `HS256` meets the shared secret and nothing else, and each public
//! key is pinned to the one algorithm of its type. So neither `alg: none` nor a public key used as a shared secret gets
//! anywhere.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use domain::access::{Caller, Role};
use domain::code::Code;
use domain::id::BusinessId;
use domain::time::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::jwks::{Jwks, KeyError};
use crate::config::{AuthConfig, ConfigError};
use crate::error::Problem;

/// By how much the clocks of those who sign and ours may differ.
const LEEWAY: Duration = Duration::from_mins(1);

/// The longest token, in bytes.
const TOKEN_BYTES_MAX: usize = 8 << 10;

/// The longest subject, in bytes: it stands in audit rows.
const SUBJECT_BYTES_MAX: usize = 255;

/// The most businesses in one token.
const BUSINESSES_MAX: usize = 100;

/// A caller whose token holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    /// Who.
    pub caller: Caller,
    /// From when on the token will be refused: its end and the tolerance for clocks.
    pub expires_at: Timestamp,
}

/// Why a token is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TokenError {
    /// Not a token, or signed by nobody whom we know. Which of both is nobody's business.
    #[error("the token is not valid")]
    Invalid,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    Early,
    /// Signed for another service, or by another issuer.
    #[error("the token is for another issuer or audience")]
    Elsewhere,
    /// Well signed, but a claim that we need is missing or wrong.
    #[error("the token's claims are not usable: it needs sub, role, businesses and exp")]
    Claims,
    /// The keys to verify with cannot be had right now.
    #[error("tokens cannot be verified right now")]
    Unavailable,
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        let code = match error {
            TokenError::Unavailable => Code::UpstreamUnavailable,
            _ => Code::Unauthenticated,
        };
        Self::new(code, error.to_string())
    }
}

/// What a token says.
#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    role: String,
    #[serde(default)]
    businesses: Vec<BusinessId>,
    /// Seconds since 1970.
    exp: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    aud: Option<Audience>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn includes(&self, wanted: &str) -> bool {
        match self {
            Self::One(name) => name == wanted,
            Self::Many(names) => names.iter().any(|name| name == wanted),
        }
    }
}

/// Verifies bearer tokens.
pub struct Verifier {
    secret: Option<DecodingKey>,
    keys: Option<Jwks>,
    issuer: Option<String>,
    audience: Option<String>,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("secret", &self.secret.is_some())
            .field("keys", &self.keys)
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .finish()
    }
}

impl Verifier {
    /// A verifier by the settings. A file of keys is read here; keys at a URL are read when the first token needs one.
    pub fn new(config: &AuthConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            secret: config
                .jwt_secret
                .as_ref()
                .map(|secret| DecodingKey::from_secret(secret.reveal().as_bytes())),
            keys: Jwks::open(config)?,
            issuer: config.issuer.clone(),
            audience: config.audience.clone(),
        })
    }

    /// Who the token speaks for at `now`.
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<Verified, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::Invalid);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Invalid)?;
        let claims = match (header.alg, &self.secret, &self.keys) {
            (Algorithm::HS256, Some(secret), _) => signed(token, secret, Algorithm::HS256)?,
            (Algorithm::RS256 | Algorithm::ES256 | Algorithm::EdDSA, _, Some(keys)) => {
                let key = keys.find(header.kid.as_deref(), header.alg, now).await;
                let key = key.map_err(|error| match error {
                    KeyError::Unknown => TokenError::Invalid,
                    KeyError::Unavailable => TokenError::Unavailable,
                })?;
                signed(token, &key, header.alg)?
            }
            _ => return Err(TokenError::Invalid),
        };
        self.accept(claims, now)
    }

    fn accept(&self, claims: Claims, now: Timestamp) -> Result<Verified, TokenError> {
        let at = |seconds: i64| Timestamp::from_millis(seconds.saturating_mul(1_000));
        let expires_at = at(claims.exp) + LEEWAY;
        if expires_at <= now {
            return Err(TokenError::Expired);
        }
        if claims.nbf.is_some_and(|from| now + LEEWAY < at(from)) {
            return Err(TokenError::Early);
        }
        let by_issuer = |wanted: &String| claims.iss.as_ref() == Some(wanted);
        let for_audience =
            |wanted: &String| claims.aud.as_ref().is_some_and(|aud| aud.includes(wanted));
        if !self.issuer.as_ref().is_none_or(by_issuer)
            || !self.audience.as_ref().is_none_or(for_audience)
        {
            return Err(TokenError::Elsewhere);
        }
        let role = Role::parse(&claims.role).ok_or(TokenError::Claims)?;
        let fits = !claims.sub.is_empty()
            && claims.sub.len() <= SUBJECT_BYTES_MAX
            && claims.businesses.len() <= BUSINESSES_MAX;
        if !fits {
            return Err(TokenError::Claims);
        }
        let businesses: BTreeSet<_> = claims.businesses.into_iter().collect();
        Ok(Verified { caller: Caller { subject: claims.sub, role, businesses }, expires_at })
    }
}

/// The claims, where the signature is right. Times are ours to judge: the library would ask the machine's clock.
fn signed(token: &str, key: &DecodingKey, algorithm: Algorithm) -> Result<Claims, TokenError> {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    match jsonwebtoken::decode(token, key, &validation) {
        Ok(data) => Ok(data.claims),
        Err(error) if matches!(error.kind(), jsonwebtoken::errors::ErrorKind::Json(_)) => {
            Err(TokenError::Claims)
        }
        Err(_) => Err(TokenError::Invalid),
    }
}

/// Signs a token for `caller` with the shared secret, good for `life`.
pub fn mint(
    config: &AuthConfig,
    caller: &Caller,
    now: Timestamp,
    life: Duration,
) -> Result<String, Problem> {
    let secret = config.jwt_secret.as_ref().ok_or_else(|| {
        Problem::new(Code::BadUserInput, "JWT_SECRET is not set: tokens cannot be signed here")
    })?;
    let claims = Claims {
        sub: caller.subject.clone(),
        role: caller.role.as_str().to_owned(),
        businesses: caller.businesses.iter().copied().collect(),
        exp: (now + life).millis() / 1_000,
        nbf: None,
        iat: Some(now.millis() / 1_000),
        iss: config.issuer.clone(),
        aud: config.audience.clone().map(Audience::One),
    };
    let key = EncodingKey::from_secret(secret.reveal().as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(|error| {
        tracing::error!(%error, "a token could not be signed");
        Problem::new(Code::Internal, "Internal server error")
    })
}

#[cfg(test)]
mod tests;
