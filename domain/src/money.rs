//! Money: decimals with a currency, never floating point.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A currency by its ISO 4217 code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// The text is not three upper-case letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an ISO 4217 currency code")]
pub struct InvalidCurrency;

/// Currencies without a minor unit (ISO 4217, list one).
const NO_MINOR_UNIT: [&str; 16] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
    "XAF", "XOF", "XPF",
];
/// Currencies whose minor unit is a thousandth (ISO 4217, list one).
const THOUSANDTHS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

impl Currency {
    /// The code, for instance `CAD`.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Decimal places of the minor unit: 0 for JPY, 3 for KWD, else 2.
    pub fn exponent(self) -> u32 {
        let code = self.code();
        if NO_MINOR_UNIT.contains(&code) {
            0
        } else if THOUSANDTHS.contains(&code) {
            3
        } else {
            2
        }
    }

    /// Whether `amount` is a whole number of minor units.
    pub fn is_exact(self, amount: Decimal) -> bool {
        amount.normalize().scale() <= self.exponent()
    }
}

impl FromStr for Currency {
    type Err = InvalidCurrency;

    fn from_str(text: &str) -> Result<Self, InvalidCurrency> {
        match text.as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self([a, b, c])),
            _ => Err(InvalidCurrency),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// One amount as the shop keeps its books and as the buyer saw it (Shopify's `MoneyBag`). The currencies stand once,
/// on the object that carries the amount.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct MoneyBag {
    /// In the shop's currency.
    pub shop: Decimal,
    /// In the currency that the buyer paid in.
    pub presentment: Decimal,
}

impl MoneyBag {
    /// The same amount on both sides: the buyer paid in the shop's currency.
    pub const fn same(amount: Decimal) -> Self {
        Self { shop: amount, presentment: amount }
    }

    /// Whether both sides are nothing.
    pub fn is_zero(&self) -> bool {
        self.shop.is_zero() && self.presentment.is_zero()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_follow_iso_4217() {
        let exponent = |code: &str| code.parse::<Currency>().unwrap().exponent();
        assert_eq!((exponent("JPY"), exponent("CAD"), exponent("KWD")), (0, 2, 3));
    }

    #[test]
    fn exact_is_judged_by_value_not_by_digits() {
        let yen: Currency = "JPY".parse().unwrap();
        assert!(yen.is_exact(Decimal::new(12_00, 2)));
        assert!(!yen.is_exact(Decimal::new(12_50, 2)));
    }

    #[test]
    fn codes_are_three_upper_case_letters() {
        for text in ["cad", "CA", "CADD", "C4D", ""] {
            assert_eq!(text.parse::<Currency>(), Err(InvalidCurrency), "{text}");
        }
    }
}
