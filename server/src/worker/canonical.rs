//! Canonical JSON: keys sorted, no white space. Two bodies that say the same have the same hash (S2.7).
//!
//! Every delivery passes here, so the form is made of slices of the body itself and not of a tree of values: a body
//! that the store writes as it always does is copied once.

use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};

/// How deep a body may nest; serde's own bound for what it reads into values.
const DEPTH_MAX: usize = 128;

/// SHA-256 of the canonical form; none where the bytes are not JSON, or JSON that nests deeper than any of ours.
pub(super) fn canonical_hash(body: &[u8]) -> Option<[u8; 32]> {
    // From here on the text is known to be JSON, and walking it needs no checks of its own.
    serde_json::from_slice::<IgnoredAny>(body).ok()?;
    let mut form = Form { text: std::str::from_utf8(body).ok()?, at: 0, out: String::new() };
    form.out.reserve(body.len());
    form.value(0)?;
    Some(Sha256::digest(form.out).into())
}

/// A text that is walked, and its canonical form so far.
struct Form<'t> {
    text: &'t str,
    at: usize,
    out: String,
}

/// A field in the canonical form: where its key and the whole of it stand.
struct Field {
    start: usize,
    key_end: usize,
    end: usize,
}

impl Form<'_> {
    fn value(&mut self, depth: usize) -> Option<()> {
        if depth > DEPTH_MAX {
            return None;
        }
        match self.peek()? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => self.string(),
            _ => self.scalar(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        self.at += 1;
        self.out.push('{');
        let first = self.out.len();
        let mut fields: Vec<Field> = Vec::new();
        while self.peek()? != b'}' {
            if self.peek()? == b',' {
                self.at += 1;
                self.peek()?;
            }
            let start = self.out.len();
            self.string()?;
            let key_end = self.out.len();
            self.peek()?;
            self.at += 1;
            self.out.push(':');
            self.value(depth + 1)?;
            fields.push(Field { start, key_end, end: self.out.len() });
            // Replaced below by what the order of the fields asks for; it keeps them apart until then.
            self.out.push(',');
        }
        self.at += 1;
        self.sort(first, fields);
        self.out.push('}');
        Some(())
    }

    /// Brings the fields that were written from `first` on into the order of their keys. Of fields with the same key
    /// the last one counts, as for everybody who reads JSON into a map.
    fn sort(&mut self, first: usize, mut fields: Vec<Field>) {
        let key = |field: &Field| &self.out[field.start..field.key_end];
        if fields.windows(2).all(|pair| key(&pair[0]) < key(&pair[1])) {
            if !fields.is_empty() {
                self.out.pop();
            }
            return;
        }
        fields.reverse();
        fields.sort_by(|one, other| key(one).cmp(key(other)));
        fields.dedup_by(|later, kept| key(later) == key(kept));
        let sorted: Vec<&str> = fields.iter().map(|f| &self.out[f.start..f.end]).collect();
        let sorted = sorted.join(",");
        self.out.truncate(first);
        self.out.push_str(&sorted);
    }

    fn array(&mut self, depth: usize) -> Option<()> {
        self.at += 1;
        self.out.push('[');
        while self.peek()? != b']' {
            if self.peek()? == b',' {
                self.at += 1;
                self.out.push(',');
            }
            self.value(depth + 1)?;
        }
        self.at += 1;
        self.out.push(']');
        Some(())
    }

    /// A string as it stands, or, where it has escapes, as one that escapes no more than it must.
    fn string(&mut self) -> Option<()> {
        self.peek()?;
        let rest = self.text.as_bytes().get(self.at + 1..)?;
        let mut length = 0;
        let mut escapes = false;
        loop {
            match rest.get(length)? {
                b'"' => break,
                b'\\' => {
                    escapes = true;
                    length += 2;
                }
                _ => length += 1,
            }
        }
        let token = self.text.get(self.at..self.at + length + 2)?;
        self.at += token.len();
        if escapes {
            let plain: String = serde_json::from_str(token).ok()?;
            self.out.push_str(&serde_json::to_string(&plain).ok()?);
        } else {
            self.out.push_str(token);
        }
        Some(())
    }

    /// A number, digit by digit, or a word.
    fn scalar(&mut self) -> Option<()> {
        let rest = self.text.get(self.at..)?;
        let ends = |c: char| matches!(c, ',' | ']' | '}') || c.is_ascii_whitespace();
        let token = rest.split(ends).next()?;
        self.at += token.len();
        self.out.push_str(token);
        Some(())
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.at += blank;
        rest.get(blank).copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::canonical_hash;

    fn hash(text: &str) -> Option<[u8; 32]> {
        canonical_hash(text.as_bytes())
    }

    #[test]
    fn order_of_keys_white_space_and_escapes_do_not_count_but_digits_do() {
        assert_eq!(
            hash(r#"{"a":1,"b":[{"d":2,"c":"é"}],"e":{},"f":[ ]}"#),
            hash(" {\"b\" :[ {\"c\":\"\\u00e9\",\n\"d\":2} ], \"f\":[],\"e\":{ },\"a\":1 }\r\n")
        );
        assert_ne!(hash(r#"{"a":1.0}"#), hash(r#"{"a":1.00}"#));
        assert_ne!(hash("[1,2]"), hash("[2,1]"));
        assert_ne!(hash(r#"["1"]"#), hash("[1]"));
        assert_eq!(hash(r#"{"a":1,"a":2}"#), hash(r#"{"a":2}"#));
    }

    #[test]
    fn what_is_no_json_has_no_canonical_form() {
        for text in ["", "{", "{} {}", "[1,]", "\"\\x\"", "nul"] {
            assert_eq!(hash(text), None, "{text}");
        }
        assert_eq!(hash(&"[".repeat(200)), None);
        let deep = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(hash(&deep(100)).is_some());
        assert_eq!(hash(&deep(100_000)), None);
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,6}".prop_map(Value::from),
            "[\"\\\\/\n\u{7f}\u{2028}]{0,3}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::btree_map("[a-c\"é]{0,2}", inner, 0..5)
                    .prop_map(Value::from_iter),
            ]
        })
    }

    fn reversed(value: &Value) -> String {
        match value {
            Value::Object(fields) => {
                let fields = fields.iter().rev().map(|(key, value)| {
                    format!("{} : {}", Value::from(key.as_str()), reversed(value))
                });
                format!("{{ {} }}", fields.collect::<Vec<_>>().join(" , "))
            }
            Value::Array(items) => {
                let items: Vec<_> = items.iter().map(reversed).collect();
                format!("[ {} ]", items.join(" , "))
            }
            scalar => scalar.to_string(),
        }
    }

    proptest! {
        #[test]
        fn the_same_value_has_the_same_hash_and_another_one_has_another(one in json(), other in json()) {
            let plain = hash(&one.to_string());
            prop_assert!(plain.is_some());
            prop_assert_eq!(plain, hash(&reversed(&one)));
            prop_assert_eq!(one == other, plain == hash(&other.to_string()));
        }
    }
}
