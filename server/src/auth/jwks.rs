//! Public keys of those who sign tokens: a JWKS file, or a JWKS address that is asked again now and then.

mod remote;

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::time::Timestamp;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

use self::remote::Remote;
use crate::config::{AuthConfig, ConfigError};

/// The shortest RSA modulus, in bytes.
const RSA_BYTES_MIN: usize = 256;

/// The most keys that are taken from one set.
const KEYS_MAX: usize = 64;

/// The text is no usable set of keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum NotKeys {
    /// Not of the form `{"keys": […]}`.
    #[error("not a JSON Web Key Set")]
    Form,
    /// Nothing in it for `RS256`, `ES256` or `EdDSA` signatures.
    #[error("no RSA key of at least 2048 bits, P-256 key or Ed25519 key for signatures in it")]
    Empty,
}

/// Why there is no key for a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum KeyError {
    /// The set has none of that id and algorithm.
    Unknown,
    /// There is no set.
    Unavailable,
}

/// Where keys come from.
pub(super) enum Jwks {
    File(KeySet),
    Url(Box<Remote>),
}

impl fmt::Debug for Jwks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File(_) => "File",
            Self::Url(_) => "Url",
        })
    }
}

impl Jwks {
    /// The keys of the settings, if they name any.
    pub(super) fn open(config: &AuthConfig) -> Result<Option<Self>, ConfigError> {
        if let Some(path) = &config.jwks_file {
            let refused = |why: &dyn fmt::Display| {
                ConfigError::invalid("JWT_JWKS_FILE", format!("{}: {why}", path.display()))
            };
            let text = std::fs::read(path).map_err(|error| refused(&error))?;
            let keys = KeySet::parse(&text).map_err(|error| refused(&error))?;
            return Ok(Some(Self::File(keys)));
        }
        let remote = config.jwks_url.clone().map(Remote::new).transpose();
        let remote = remote.map_err(|error| ConfigError::invalid("JWT_JWKS_URL", error))?;
        Ok(remote.map(|remote| Self::Url(Box::new(remote))))
    }

    /// The key for a token's header.
    pub(super) async fn find(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Result<Arc<DecodingKey>, KeyError> {
        match self {
            Self::File(keys) => keys.find(id, algorithm).ok_or(KeyError::Unknown),
            Self::Url(remote) => remote.find(id, algorithm, now).await,
        }
    }
}

/// Public keys, each pinned to its algorithm.
#[derive(Clone)]
pub(super) struct KeySet(Vec<PublicKey>);

#[derive(Clone)]
struct PublicKey {
    id: Option<String>,
    algorithm: Algorithm,
    key: Arc<DecodingKey>,
}

impl KeySet {
    /// Reads a set. Keys of other kinds, for encryption, or too short are left out; so is what cannot be read, because
    /// one odd key must not lock everybody out.
    pub(super) fn parse(text: &[u8]) -> Result<Self, NotKeys> {
        let mut set: Value = serde_json::from_slice(text).map_err(|_| NotKeys::Form)?;
        let Some(Value::Array(keys)) = set.get_mut("keys").map(Value::take) else {
            return Err(NotKeys::Form);
        };
        let usable = keys.into_iter().filter_map(|key| {
            PublicKey::read(key).or_else(|| {
                tracing::warn!("a key of the JSON Web Key Set is not used");
                None
            })
        });
        let keys: Vec<_> = usable.take(KEYS_MAX).collect();
        if keys.is_empty() { Err(NotKeys::Empty) } else { Ok(Self(keys)) }
    }

    /// The key of that id and algorithm. A token without an id is taken where only one key can be meant.
    fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<Arc<DecodingKey>> {
        let mut fitting = self
            .0
            .iter()
            .filter(|key| key.algorithm == algorithm && (id.is_none() || key.id.as_deref() == id));
        let found = fitting.next()?;
        let alone = id.is_some() || fitting.next().is_none();
        alone.then(|| Arc::clone(&found.key))
    }
}

impl PublicKey {
    fn read(value: Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(value).ok()?;
        if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
            return None;
        }
        // A shared secret in a set of public keys would let everybody sign who can read the set.
        let algorithm = match &jwk.algorithm {
            AlgorithmParameters::RSA(rsa) => {
                let modulus = URL_SAFE_NO_PAD.decode(&rsa.n).ok()?;
                let length = modulus.iter().skip_while(|byte| **byte == 0).count();
                (length >= RSA_BYTES_MIN).then_some(Algorithm::RS256)?
            }
            AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => {
                Algorithm::ES256
            }
            AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
                Algorithm::EdDSA
            }
            _ => return None,
        };
        let stated = jwk.common.key_algorithm;
        if stated.is_some_and(|stated| stated != algorithm.into()) {
            return None;
        }
        let key = Arc::new(DecodingKey::from_jwk(&jwk).ok()?);
        Some(Self { id: jwk.common.key_id, algorithm, key })
    }
}
