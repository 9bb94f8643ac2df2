//! Values that the store writes in more than one way.
//!
//! They are read from the raw token, so that no number passes through a float: a price may be a JSON number with more
//! digits than a float holds, and ids exceed 2^53.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::value::RawValue;

/// Every text that these types fail with; none quotes the value.
pub(super) const PROBLEMS: [&str; 5] =
    [NOT_AN_AMOUNT, NOT_AN_ID, NOT_AN_INTEGER, NOT_A_SCALAR, NOT_TAGS];
const NOT_AN_AMOUNT: &str = "not a decimal amount";
const NOT_AN_ID: &str = "not a 64-bit id";
const NOT_AN_INTEGER: &str = "not a 64-bit integer";
const NOT_A_SCALAR: &str = "not a text or number";
const NOT_TAGS: &str = "not a list of tags";

/// The longest token of a number that is looked at.
const NUMBER_CHARACTERS_MAX: usize = 60;

/// The token: a text without its quotes, or the digits of a number as they stand.
fn token<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'de RawValue, D::Error> {
    <&RawValue>::deserialize(deserializer)
}

/// The text behind a token: unescaped if it is a string, as it stands if it is a number or truth value.
fn scalar(raw: &RawValue) -> Option<Cow<'_, str>> {
    let text = raw.get();
    match text.as_bytes().first()? {
        b'"' if !text.contains('\\') => Some(Cow::Borrowed(text.trim_matches('"'))),
        b'"' => serde_json::from_str::<String>(text).ok().map(Cow::Owned),
        b'[' | b'{' | b'n' => None,
        _ => Some(Cow::Borrowed(text)),
    }
}

fn decimal(text: &str) -> Option<Decimal> {
    if text.is_empty() || text.len() > NUMBER_CHARACTERS_MAX {
        return None;
    }
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    if plain { Decimal::from_str_exact(text).ok() } else { Decimal::from_scientific(text).ok() }
}

/// An amount: a decimal in a text or as a number, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount(pub Decimal);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = scalar(token(deserializer)?).and_then(|text| decimal(&text));
        read.map(Self).ok_or_else(|| D::Error::custom(NOT_AN_AMOUNT))
    }
}

/// An id: a number, digits in a text, or a global id such as `gid://shopify/Order/450789469`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id(pub i64);

impl Id {
    /// Reads an id from text.
    pub fn parse(text: &str) -> Option<Self> {
        let text = match text.strip_prefix("gid://") {
            // Some global ids carry a query.
            Some(global) => global.rsplit('/').next()?.split('?').next()?,
            None => text,
        };
        if let Ok(id) = text.parse() {
            return Some(Self(id));
        }
        // A JavaScript program between the store and us writes large ids in powers of ten.
        let number = decimal(text)?;
        if number.fract().is_zero() { i64::try_from(number).ok().map(Self) } else { None }
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = scalar(token(deserializer)?).and_then(|text| Self::parse(&text));
        read.ok_or_else(|| D::Error::custom(NOT_AN_ID))
    }
}

/// A whole number, possibly written with a fraction of nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole(pub i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = scalar(token(deserializer)?);
        let read = text.and_then(|text| {
            let number = decimal(&text)?;
            if number.fract().is_zero() { i64::try_from(number).ok() } else { None }
        });
        read.map(Self).ok_or_else(|| D::Error::custom(NOT_AN_INTEGER))
    }
}

/// A text, or a number or truth value taken as one: what people and apps write into free fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loose(pub String);

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = token(deserializer)?;
        // Structures are kept as they are written.
        let text = scalar(raw).unwrap_or_else(|| Cow::Borrowed(raw.get()));
        Ok(Self(text.into_owned()))
    }
}

/// Labels: a comma-separated text in deliveries, a list in the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tags(pub Vec<String>);

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = token(deserializer)?;
        let tags: Vec<String> = match raw.get().as_bytes().first() {
            Some(b'[') => {
                serde_json::from_str(raw.get()).map_err(|_| D::Error::custom(NOT_TAGS))?
            }
            Some(b'"') => match scalar(raw) {
                Some(text) => text.split(',').map(str::to_owned).collect(),
                None => return Err(D::Error::custom(NOT_TAGS)),
            },
            _ => return Err(D::Error::custom(NOT_TAGS)),
        };
        let trimmed = tags.iter().map(|tag| tag.trim()).filter(|tag| !tag.is_empty());
        Ok(Self(trimmed.map(str::to_owned).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(json: &str) -> Option<String> {
        serde_json::from_str::<Amount>(json).ok().map(|amount| amount.0.to_string())
    }

    fn id(json: &str) -> Option<i64> {
        serde_json::from_str::<Id>(json).ok().map(|id| id.0)
    }

    #[test]
    fn amounts_are_exact() {
        for (json, expected) in [
            ("\"49.95\"", "49.95"),
            ("0.1", "0.1"),
            ("0.30000000000000000001", "0.30000000000000000001"),
            ("-4.00", "-4.00"),
            ("14319", "14319"),
            ("1e3", "1000"),
            ("2.5E-2", "0.025"),
        ] {
            assert_eq!(amount(json).as_deref(), Some(expected), "{json}");
        }
        for json in ["\"\"", "\"x\"", "true", "[]", "{}", "1e999", "\"1,5\"", "\"NaN\""] {
            assert_eq!(amount(json), None, "{json}");
        }
        assert_eq!(amount(&"9".repeat(40)), None);
    }

    #[test]
    fn ids_are_64_bits_in_any_spelling() {
        for (json, expected) in [
            ("820982911946154508", 820_982_911_946_154_508),
            ("\"820982911946154508\"", 820_982_911_946_154_508),
            ("\"gid://shopify/Order/450789469\"", 450_789_469),
            ("\"gid://shopify/InventoryLevel/12?inventory_item_id=5\"", 12),
            ("8.209829119461545e17", 820_982_911_946_154_500),
            ("820982911946154500.0", 820_982_911_946_154_500),
        ] {
            assert_eq!(id(json), Some(expected), "{json}");
        }
        for json in
            ["1.5", "\"\"", "\"x\"", "9223372036854775808", "{}", "\"gid://shopify/Order/\""]
        {
            assert_eq!(id(json), None, "{json}");
        }
    }

    #[test]
    fn tags_come_as_text_or_list() {
        let tags =
            |json: &str| serde_json::from_str::<Tags>(json).map(|tags| tags.0).unwrap_or_default();
        assert_eq!(tags("\"a, b c ,,\""), ["a", "b c"]);
        assert_eq!(tags("[\"a\",\"b c\"]"), ["a", "b c"]);
        assert_eq!(tags("\"\""), Vec::<String>::new());
    }
}
