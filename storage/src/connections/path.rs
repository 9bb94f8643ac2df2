//! The token in a connection's webhook address.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::{BusinessId, ConnectionId};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::secret::Keyring;

/// What the key of path tokens is derived for.
const PURPOSE: &str = "webhook path";
/// Bytes of the code after the business's id: as hard to guess as a UUID of random bits.
const CODE_BYTES: usize = 16;

/// The token and its stored hash.
pub(super) struct PathToken {
    pub(super) text: String,
    pub(super) hash: [u8; 32],
}

/// The tokens that the keys give a connection, the current key's first.
pub(super) fn tokens(
    keys: &Keyring,
    business: BusinessId,
    connection: ConnectionId,
) -> impl Iterator<Item = PathToken> {
    let derived = keys.derive_all(PURPOSE);
    derived.into_iter().map(move |key| token(&key, business, connection))
}

/// The business that a token names and the token's hash; none where the text is no token.
pub(super) fn parse(text: &str) -> Option<(BusinessId, [u8; 32])> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (business, code) = bytes.split_first_chunk::<16>()?;
    if code.len() != CODE_BYTES {
        return None;
    }
    Some((BusinessId::from_uuid(Uuid::from_bytes(*business)), hash(&bytes)))
}

fn token(key: &[u8; 32], business: BusinessId, connection: ConnectionId) -> PathToken {
    // As in HMAC itself: a short key is filled up with zeros.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(connection.uuid().as_bytes());
    let code: [u8; 32] = mac.finalize().into_bytes().into();
    let mut bytes = business.uuid().as_bytes().to_vec();
    bytes.extend_from_slice(&code[..CODE_BYTES]);
    PathToken { hash: hash(&bytes), text: URL_SAFE_NO_PAD.encode(bytes) }
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use domain::time::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::secret::Key;

    fn first(key: u8, business: u8, connection: u8) -> PathToken {
        let keys = Keyring::new(Key::from_bytes([key; 32]), vec![], |_| ());
        let business = BusinessId::new(Timestamp::EPOCH, &[business; 10]);
        let connection = ConnectionId::new(Timestamp::EPOCH, &[connection; 10]);
        tokens(&keys, business, connection).next().unwrap()
    }

    #[test]
    fn a_token_names_its_business_and_nothing_else_gives_its_hash() {
        let token = first(1, 1, 1);
        let (business, hash) = parse(&token.text).unwrap();
        assert_eq!(business, BusinessId::new(Timestamp::EPOCH, &[1; 10]));
        assert_eq!(hash, token.hash);
        assert_eq!(first(1, 1, 1).text, token.text);
        for other in [first(2, 1, 1), first(1, 2, 1), first(1, 1, 2)] {
            assert_ne!(other.hash, token.hash);
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_parser(text in "\\PC{0,60}") {
            let _ = parse(&text);
        }
    }
}
