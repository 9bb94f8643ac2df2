//! Signatures of deliveries: base64 of HMAC-SHA256 over the body's bytes as they came.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq as _};

use crate::secret::Secret;

/// The two spellings of the header; the second one belongs to the store's newer events.
const HEADERS: [&str; 2] = ["x-shopify-hmac-sha256", "shopify-hmac-sha256"];
/// SHA-256's output.
const TAG_BYTES: usize = 32;
/// Its length in base64 with padding.
const TAG_CHARACTERS: usize = 44;

/// Why a delivery is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureProblem {
    /// No signature.
    #[error("the delivery is not signed")]
    Missing,
    /// Several signatures: which one counts could be argued about.
    #[error("the delivery carries several signatures")]
    Repeated,
    /// Not base64 of 32 bytes.
    #[error("the signature is not base64 of 32 bytes")]
    Malformed,
    /// Made with another secret or over another body.
    #[error("the signature does not fit")]
    Mismatch,
}

/// Checks that `body` was signed with one of `secrets`. All of them are tried whatever the outcome, and compared in
/// constant time.
pub fn verify(
    secrets: &[&Secret],
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), SignatureProblem> {
    let mut values = HEADERS.iter().flat_map(|name| headers.get_all(*name));
    let value = values.next().ok_or(SignatureProblem::Missing)?;
    if values.next().is_some() {
        return Err(SignatureProblem::Repeated);
    }
    if value.len() != TAG_CHARACTERS {
        return Err(SignatureProblem::Malformed);
    }
    let given = STANDARD.decode(value.as_bytes()).map_err(|_| SignatureProblem::Malformed)?;
    let mut fits = Choice::from(0);
    for secret in secrets {
        fits |= tag(secret, body).ct_eq(given.as_slice());
    }
    if fits.into() { Ok(()) } else { Err(SignatureProblem::Mismatch) }
}

/// The signature of `body`, for those who send deliveries: tools, tests, the simulator.
pub fn sign(secret: &Secret, body: &[u8]) -> String {
    STANDARD.encode(tag(secret, body))
}

pub(crate) fn tag(secret: &Secret, message: &[u8]) -> [u8; TAG_BYTES] {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).expect("any key length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn headers(values: &[(&'static str, &str)]) -> HeaderMap {
        let pairs =
            values.iter().map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap()));
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            let _: bool = map.append::<http::HeaderName>(name, value);
        }
        map
    }

    #[test]
    fn a_signature_fits_one_body_and_one_secret() {
        let (current, previous, other) =
            (Secret::new("new"), Secret::new("old"), Secret::new("other"));
        let body = br#"{"id":1}"#;
        let check = |secret: &Secret, body: &[u8]| {
            verify(
                &[&current, &previous],
                &headers(&[(HEADERS[0], &sign(secret, body))]),
                br#"{"id":1}"#,
            )
        };
        assert_eq!(check(&current, body), Ok(()));
        assert_eq!(check(&previous, body), Ok(()));
        assert_eq!(check(&other, body), Err(SignatureProblem::Mismatch));
        assert_eq!(check(&current, br#"{"id": 1}"#), Err(SignatureProblem::Mismatch));
        assert_eq!(
            verify(&[], &headers(&[(HEADERS[0], &sign(&current, body))]), body),
            Err(SignatureProblem::Mismatch)
        );
    }

    #[test]
    fn anything_but_one_base64_tag_is_refused() {
        let secret = Secret::new("hush");
        let good = sign(&secret, b"x");
        let hex = "a".repeat(64);
        let cases: &[(&[(&'static str, &str)], SignatureProblem)] = &[
            (&[], SignatureProblem::Missing),
            (&[(HEADERS[0], "")], SignatureProblem::Malformed),
            (&[(HEADERS[0], &hex)], SignatureProblem::Malformed),
            (&[(HEADERS[0], &good[..43])], SignatureProblem::Malformed),
            (&[(HEADERS[0], &format!("{}\u{2d}", &good[..43]))], SignatureProblem::Malformed),
            (&[(HEADERS[0], &good), (HEADERS[0], &good)], SignatureProblem::Repeated),
            (&[(HEADERS[0], &good), (HEADERS[1], &good)], SignatureProblem::Repeated),
        ];
        for (given, problem) in cases {
            assert_eq!(verify(&[&secret], &headers(given), b"x"), Err(*problem), "{given:?}");
        }
        assert_eq!(verify(&[&secret], &headers(&[(HEADERS[1], &good)]), b"x"), Ok(()));
    }

    proptest! {
        #[test]
        fn garbage_is_refused_without_a_panic(value in "[ -~]{0,80}", body in prop::collection::vec(any::<u8>(), 0..64)) {
            let secret = Secret::new("hush");
            prop_assume!(value != sign(&secret, &body));
            prop_assert!(verify(&[&secret], &headers(&[(HEADERS[0], &value)]), &body).is_err());
        }
    }
}
