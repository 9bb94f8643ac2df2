//! Amounts of money.

use async_graphql::SimpleObject;
use domain::money::Currency;

use crate::graphql::scalar::Decimal;

/// An amount of money.
#[derive(SimpleObject, Clone, PartialEq, Eq, Debug)]
pub(crate) struct Money {
    /// How much, with at least the digits of the currency's minor unit.
    amount: Decimal,
    /// The currency, by its ISO 4217 code.
    currency: String,
}

impl Money {
    pub(crate) fn new(amount: rust_decimal::Decimal, currency: Currency) -> Self {
        let mut amount = amount.normalize();
        if amount.scale() < currency.exponent() {
            amount.rescale(currency.exponent());
        }
        Self { amount: Decimal(amount), currency: currency.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_show_the_minor_unit_and_lose_nothing() {
        let cases = [
            ("5", "CAD", "5.00"),
            ("12.5000", "CAD", "12.50"),
            ("0.125", "CAD", "0.125"),
            ("100.00", "JPY", "100"),
            ("1.5", "KWD", "1.500"),
            ("-0.00", "CAD", "0.00"),
        ];
        for (amount, currency, expected) in cases {
            let money = Money::new(amount.parse().unwrap(), currency.parse().unwrap());
            assert_eq!(money.amount.0.to_string(), expected);
        }
    }
}
