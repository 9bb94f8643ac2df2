//! What the store signs when it sends a merchant to us: the callback, and the entry through the app's own address.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use subtle::{Choice, ConstantTimeEq as _};

use crate::secret::Secret;
use crate::shop::Shop;
use crate::webhook::tag;

/// How far the store's clock and ours may differ, either way.
pub const CLOCK_TOLERANCE_SECONDS: i64 = 90;
/// Parameters in one query; the store sends seven.
const PARAMETERS_MAX: usize = 40;

/// A query that the store has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedQuery {
    /// The shop.
    pub shop: Shop,
    /// The code to exchange for a token, in a callback.
    pub code: Option<String>,
    /// What we gave along, in a callback.
    pub state: Option<String>,
}

/// Why a query is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueryProblem {
    /// No signature, or not 64 lower-case hexadecimal digits.
    #[error("the query is not signed")]
    Unsigned,
    /// A parameter comes twice, or there are too many: which one counts could be argued about.
    #[error("a parameter is repeated")]
    Repeated,
    /// Made with another secret or over other parameters.
    #[error("the signature does not fit")]
    Mismatch,
    /// No time, or one that is too far from ours.
    #[error("the query is older or newer than {CLOCK_TOLERANCE_SECONDS} seconds")]
    Stale,
    /// The shop is none.
    #[error("the query names no shop")]
    InvalidShop,
}

/// Checks a query's signature over all of its parameters, then its time, then its shop. `now` is in seconds since 1970.
pub fn verify_query(
    secrets: &[&Secret],
    parameters: &[(String, String)],
    now: i64,
) -> Result<VerifiedQuery, QueryProblem> {
    let sorted: BTreeMap<&str, &str> =
        parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    if sorted.len() != parameters.len() || parameters.len() > PARAMETERS_MAX {
        return Err(QueryProblem::Repeated);
    }
    let given =
        sorted.get("hmac").and_then(|text| tag_of_hex(text)).ok_or(QueryProblem::Unsigned)?;
    let message = message(&sorted);
    let mut fits = Choice::from(0);
    for secret in secrets {
        fits |= tag(secret, message.as_bytes()).ct_eq(&given);
    }
    if !bool::from(fits) {
        return Err(QueryProblem::Mismatch);
    }
    let at: Option<i64> = sorted.get("timestamp").and_then(|text| text.parse().ok());
    let near = at.is_some_and(|at| now.abs_diff(at) <= CLOCK_TOLERANCE_SECONDS.unsigned_abs());
    if !near {
        return Err(QueryProblem::Stale);
    }
    let shop = sorted.get("shop").and_then(|text| Shop::parse(text).ok());
    let value = |name| sorted.get(name).map(|text: &&str| (*text).to_owned());
    Ok(VerifiedQuery {
        shop: shop.ok_or(QueryProblem::InvalidShop)?,
        code: value("code"),
        state: value("state"),
    })
}

/// The signature of a query, for those who send merchants: tests and the simulator.
pub fn sign_query(secret: &Secret, parameters: &[(String, String)]) -> String {
    let sorted = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut hex = String::new();
    for byte in tag(secret, message(&sorted).as_bytes()) {
        // Writing into a string cannot fail.
        let _: std::fmt::Result = write!(hex, "{byte:02x}");
    }
    hex
}

/// What is signed: the parameters in bytewise order, written as in a form but with `%20` for a space. Writing them
/// encoded keeps `&` and `=` within a value from passing for further parameters.
fn message(sorted: &BTreeMap<&str, &str>) -> String {
    let signed = sorted.iter().filter(|(name, _)| !matches!(**name, "hmac" | "signature"));
    let pairs: Vec<_> =
        signed.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

/// Percent-encodes everything but letters, digits and `*-._`.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'-' | b'.' | b'_') {
            encoded.push(char::from(byte));
        } else {
            // Writing into a string cannot fail.
            let _: std::fmt::Result = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn tag_of_hex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut tag = [0; 32];
    for (byte, pair) in tag.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(tag)
}

/// The value of a lower-case hexadecimal digit.
fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const AT: i64 = 1_337_178_173;

    fn documented() -> Vec<(String, String)> {
        let pairs = [
            ("code", "0907a61c0c8d55e99db179b68161bc00"),
            ("hmac", "700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf"),
            ("shop", "some-shop.myshopify.com"),
            ("state", "0.6784241404160823"),
            ("timestamp", "1337178173"),
        ];
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
    }

    fn signed(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut pairs: Vec<_> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        pairs.push(("hmac".into(), sign_query(&Secret::new("hush"), &pairs)));
        pairs
    }

    fn check(parameters: &[(String, String)], now: i64) -> Result<VerifiedQuery, QueryProblem> {
        verify_query(&[&Secret::new("new"), &Secret::new("hush")], parameters, now)
    }

    #[test]
    fn the_documented_vectors_fit() {
        let verified = check(&documented(), AT).unwrap();
        assert_eq!(verified.shop.as_str(), "some-shop.myshopify.com");
        assert_eq!(verified.code.as_deref(), Some("0907a61c0c8d55e99db179b68161bc00"));
        assert_eq!(verified.state.as_deref(), Some("0.6784241404160823"));
        let mut without_state = documented();
        without_state.retain(|(name, _)| name != "state" && name != "hmac");
        assert_eq!(
            sign_query(&Secret::new("hush"), &without_state),
            "4712bf92ffc2917d15a2f5a273e39f0116667419aa4b6ac0b3baaf26fa3c4d20"
        );
    }

    #[test]
    fn any_change_breaks_it() {
        let mut upper = documented();
        upper[1].1 = upper[1].1.to_ascii_uppercase();
        assert_eq!(check(&upper, AT), Err(QueryProblem::Unsigned));
        let mut added = documented();
        added.push(("host".into(), "x".into()));
        assert_eq!(check(&added, AT), Err(QueryProblem::Mismatch));
        let mut repeated = documented();
        repeated.push(("shop".into(), "evil.myshopify.com".into()));
        assert_eq!(check(&repeated, AT), Err(QueryProblem::Repeated));
        // Two parameters folded into the value of one.
        let mut folded = documented();
        let code = folded.remove(0).1;
        folded.insert(0, ("code".into(), format!("{code}&shop=some-shop.myshopify.com")));
        folded.retain(|(name, _)| name != "shop");
        assert_eq!(check(&folded, AT), Err(QueryProblem::Mismatch));
        let other = verify_query(&[&Secret::new("other")], &documented(), AT);
        assert_eq!(other, Err(QueryProblem::Mismatch));
    }

    #[test]
    fn time_counts_both_ways() {
        for (now, fine) in [(AT - 91, false), (AT - 90, true), (AT + 90, true), (AT + 91, false)] {
            assert_eq!(check(&documented(), now).is_ok(), fine, "{now}");
        }
        let timeless = signed(&[("shop", "a.myshopify.com")]);
        assert_eq!(check(&timeless, AT), Err(QueryProblem::Stale));
        let extreme = signed(&[("shop", "a.myshopify.com"), ("timestamp", "-9223372036854775808")]);
        assert_eq!(check(&extreme, AT), Err(QueryProblem::Stale));
    }

    #[test]
    fn the_shop_is_checked_even_where_it_is_signed() {
        let evil = signed(&[("shop", "evil.example"), ("timestamp", "1337178173")]);
        assert_eq!(check(&evil, AT), Err(QueryProblem::InvalidShop));
        let entry = signed(&[
            ("host", "YWRtaW4"),
            ("shop", "A.myshopify.com"),
            ("timestamp", "1337178173"),
        ]);
        let verified = check(&entry, AT).unwrap();
        assert_eq!((verified.shop.as_str(), verified.code), ("a.myshopify.com", None));
    }

    proptest! {
        #[test]
        fn garbage_is_refused_without_a_panic(pairs in prop::collection::vec((".{0,12}", ".{0,70}"), 0..8), now: i64) {
            prop_assert!(check(&pairs, now).is_err());
        }
    }
}
