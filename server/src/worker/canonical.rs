//! Canonical JSON: keys sorted, no white space. Two bodies that say the same have the same hash (S2.7).

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// SHA-256 of the canonical form; none where the bytes are not JSON.
pub(super) fn canonical_hash(body: &[u8]) -> Option<[u8; 32]> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let mut text = String::with_capacity(body.len());
    write(&value, &mut text);
    Some(Sha256::digest(text).into())
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(key, _)| *key);
            text.push('{');
            for (index, (key, value)) in fields.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_scalar(&Value::String(key.clone()), text);
                text.push(':');
                write(value, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        scalar => write_scalar(scalar, text),
    }
}

fn write_scalar(scalar: &Value, text: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(text, "{scalar}");
}

#[cfg(test)]
mod tests {
    use super::canonical_hash;

    #[test]
    fn order_of_keys_and_white_space_do_not_count_but_digits_do() {
        let hash = |text: &str| canonical_hash(text.as_bytes());
        assert_eq!(
            hash(r#"{"a":1,"b":[{"d":2,"c":"é"}]}"#),
            hash(r#" {"b":[{"c":"é","d":2}],"a":1}"#)
        );
        assert_ne!(hash(r#"{"a":1.0}"#), hash(r#"{"a":1.00}"#));
        assert_ne!(hash("[1,2]"), hash("[2,1]"));
        assert_eq!(hash("{"), None);
    }
}
