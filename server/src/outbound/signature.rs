//! Signatures after the Standard Webhooks convention (standardwebhooks.com): the receiver can tell who sent what, and
//! when.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::secret::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes of a secret.
pub(crate) const SECRET_BYTES: usize = 32;
/// What the text of a secret begins with.
const PREFIX: &str = "whsec_";

/// A secret as receivers' libraries take it.
pub(crate) fn secret_text(bytes: &[u8; SECRET_BYTES]) -> String {
    format!("{PREFIX}{}", STANDARD.encode(bytes))
}

/// The signatures of a message, one for each secret, with spaces between.
pub(super) fn sign<'a>(
    secrets: impl IntoIterator<Item = &'a Secret>,
    id: &str,
    seconds: i64,
    body: &[u8],
) -> String {
    let signatures = secrets.into_iter().filter_map(|secret| {
        let key = STANDARD.decode(secret.reveal().strip_prefix(PREFIX)?).ok()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
        mac.update(format!("{id}.{seconds}.").as_bytes());
        mac.update(body);
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    });
    signatures.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the convention's own libraries.
    #[test]
    fn the_convention_s_example_is_signed_alike() {
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let body = br#"{"test": 2432232314}"#;
        let signed = sign([&secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let both = sign([&secret, &secret], "id", 1, body);
        assert_eq!(both.split(' ').count(), 2);
    }
}
