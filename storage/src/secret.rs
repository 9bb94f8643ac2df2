//! Sealed columns: secrets at rest, and keys derived for other purposes (S0.10).
//!
//! A sealed value is bound to its row: the table, the column, the business and the connection are associated data, so a
//! value that somebody copies to another row does not open there. Each value names the key that sealed it, so keys can
//! be replaced while old values still open.

mod key;

use std::fmt;
use std::sync::Arc;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use domain::id::{BusinessId, ConnectionId};
use hmac::{Hmac, Mac};
use sha2::Sha256;

pub use key::{InvalidKey, Key, KeyId};

/// The longest secret that is sealed, in bytes: tokens have some hundred.
const SECRET_BYTES_MAX: usize = 64 * 1024;
/// The layout of sealed values: version, key id, nonce, ciphertext with its tag.
const VERSION: u8 = 1;
const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 12;
const HEAD_BYTES: usize = 1 + KEY_ID_BYTES + NONCE_BYTES;

/// Purposes of derived keys are apart from each other and from the sealing itself.
const SEALING: &[u8] = b"tillgate seal\0";
const DERIVING: &[u8] = b"tillgate derive\0";

/// Where a sealed value stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The column.
    pub column: &'a str,
    /// The row's business.
    pub business_id: BusinessId,
    /// The row's connection.
    pub connection_id: ConnectionId,
}

impl Place<'_> {
    /// The parts, each after its length, so that no two places read the same.
    fn associated_data(&self) -> Vec<u8> {
        let (business, connection) = (self.business_id.uuid(), self.connection_id.uuid());
        let parts: [&[u8]; 4] = [
            self.table.as_bytes(),
            self.column.as_bytes(),
            business.as_bytes(),
            connection.as_bytes(),
        ];
        let mut data = Vec::with_capacity(128);
        for part in parts {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part);
        }
        data
    }
}

/// Why a secret could not be sealed or opened. Says nothing of the secret.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SecretError {
    /// Longer than any token.
    #[error("a secret of {0} bytes is longer than the limit of {SECRET_BYTES_MAX}")]
    TooLong(usize),
    /// Not the form of a sealed value.
    #[error("the sealed value has an unknown form")]
    Malformed,
    /// Sealed with a key that is not at hand.
    #[error("sealed with the key {0}, which is not among the configured keys")]
    UnknownKey(KeyId),
    /// Altered, or moved here from another row.
    #[error("the sealed value was altered or belongs to another row")]
    Altered,
}

/// The keys that open and seal, and the randomness that sealing needs.
#[derive(Clone)]
pub struct Keyring {
    current: Key,
    previous: Vec<Key>,
    random: Arc<Random>,
}

/// Fills bytes with randomness.
type Random = dyn Fn(&mut [u8]) + Send + Sync;

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("current", &self.current)
            .field("previous", &self.previous)
            .finish_non_exhaustive()
    }
}

impl Keyring {
    /// Seals with `current` and opens with any. `random` fills nonces and must never repeat itself: with one key, a
    /// nonce used twice gives the secrets away.
    pub fn new(
        current: Key,
        previous: Vec<Key>,
        random: impl Fn(&mut [u8]) + Send + Sync + 'static,
    ) -> Self {
        Self { current, previous, random: Arc::new(random) }
    }

    /// The keys, the current one first.
    pub fn key_ids(&self) -> impl Iterator<Item = KeyId> {
        self.keys().map(Key::id)
    }

    /// A key for another purpose, for instance `cookie`. Different purposes give unrelated keys, and none leads back to
    /// the sealing key.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        derived(&self.current, DERIVING, purpose)
    }

    /// As [`Keyring::derive`], from each key, the current one first: what was signed before a change of keys can still
    /// be verified.
    pub fn derive_all(&self, purpose: &str) -> Vec<[u8; 32]> {
        self.keys().map(|key| derived(key, DERIVING, purpose)).collect()
    }

    /// Seals `plain` for its place.
    pub fn seal(&self, place: &Place<'_>, plain: &[u8]) -> Result<Vec<u8>, SecretError> {
        let mut nonce = [0; NONCE_BYTES];
        (self.random)(&mut nonce);
        if plain.len() > SECRET_BYTES_MAX {
            return Err(SecretError::TooLong(plain.len()));
        }
        let payload = Payload { msg: plain, aad: &place.associated_data() };
        let ciphertext = cipher(&self.current)
            .encrypt(&nonce.into(), payload)
            .map_err(|_| SecretError::TooLong(plain.len()))?;
        let mut blob = Vec::with_capacity(HEAD_BYTES + ciphertext.len());
        blob.push(VERSION);
        blob.extend_from_slice(self.current.id().bytes());
        blob.extend_from_slice(&nonce);
        blob.extend_from_slice(&ciphertext);
        Ok(blob)
    }

    /// Opens what [`Keyring::seal`] made, at the same place and with any of the keys.
    pub fn open(&self, place: &Place<'_>, blob: &[u8]) -> Result<Vec<u8>, SecretError> {
        let sealed = Sealed::parse(blob)?;
        let key = self
            .keys()
            .find(|key| key.id() == sealed.key_id)
            .ok_or(SecretError::UnknownKey(sealed.key_id))?;
        let payload = Payload { msg: sealed.ciphertext, aad: &place.associated_data() };
        cipher(key).decrypt(&sealed.nonce.into(), payload).map_err(|_| SecretError::Altered)
    }

    /// The same secret sealed with the current key; none where it already is.
    pub fn reseal(&self, place: &Place<'_>, blob: &[u8]) -> Result<Option<Vec<u8>>, SecretError> {
        if Sealed::parse(blob)?.key_id == self.current.id() {
            return Ok(None);
        }
        let plain = self.open(place, blob)?;
        self.seal(place, &plain).map(Some)
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.previous)
    }
}

/// The parts of a sealed value.
struct Sealed<'a> {
    key_id: KeyId,
    nonce: [u8; NONCE_BYTES],
    ciphertext: &'a [u8],
}

impl<'a> Sealed<'a> {
    fn parse(blob: &'a [u8]) -> Result<Self, SecretError> {
        let (version, rest) = blob.split_first().ok_or(SecretError::Malformed)?;
        let (key_id, rest) = rest.split_first_chunk().ok_or(SecretError::Malformed)?;
        let (nonce, ciphertext) = rest.split_first_chunk().ok_or(SecretError::Malformed)?;
        if *version != VERSION {
            return Err(SecretError::Malformed);
        }
        Ok(Self { key_id: KeyId::from_bytes(*key_id), nonce: *nonce, ciphertext })
    }
}

fn cipher(key: &Key) -> Aes256Gcm {
    Aes256Gcm::new(&derived(key, SEALING, "").into())
}

fn derived(key: &Key, domain: &[u8], purpose: &str) -> [u8; 32] {
    // HMAC fills shorter keys up to its block with zeros; doing it here leaves nothing that can fail.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key.bytes());
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(domain);
    mac.update(purpose.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests;
