//! Amounts, in the shop's currency and in the buyer's, and their exact division.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Neg, Sub};

use rust_decimal::{Decimal, RoundingStrategy};

/// Digits after the decimal point of a currency (ISO 4217).
pub fn minor_digits(currency: &str) -> u32 {
    match currency {
        "JPY" | "KRW" | "CLP" | "VND" | "ISK" => 0,
        "KWD" | "BHD" | "OMR" | "JOD" | "TND" => 3,
        _ => 2,
    }
}

/// One amount in both currencies of an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Money {
    /// As the shop keeps its books.
    pub shop: Decimal,
    /// As the buyer saw it.
    pub presentment: Decimal,
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self { shop: Decimal::ZERO, presentment: Decimal::ZERO };

    /// Whether it is nothing in both currencies.
    pub fn is_zero(self) -> bool {
        self.shop.is_zero() && self.presentment.is_zero()
    }

    /// Whether it is more than nothing in either currency.
    pub fn is_positive(self) -> bool {
        self.shop > Decimal::ZERO || self.presentment > Decimal::ZERO
    }

    /// The smaller amount of each currency.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self {
            shop: self.shop.min(other.shop),
            presentment: self.presentment.min(other.presentment),
        }
    }

    /// The amount, or nothing where it is negative.
    #[must_use]
    pub fn or_nothing(self) -> Self {
        Self {
            shop: self.shop.max(Decimal::ZERO),
            presentment: self.presentment.max(Decimal::ZERO),
        }
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { shop: self.shop + other.shop, presentment: self.presentment + other.presentment }
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Money {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Neg for Money {
    type Output = Self;

    fn neg(self) -> Self {
        Self { shop: -self.shop, presentment: -self.presentment }
    }
}

impl Mul<i64> for Money {
    type Output = Self;

    fn mul(self, times: i64) -> Self {
        Self {
            shop: self.shop * Decimal::from(times),
            presentment: self.presentment * Decimal::from(times),
        }
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// The digits of both currencies of an order. All arithmetic that divides goes through it, so that each side of every
/// amount is a whole number of its own minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scales {
    /// Digits of the shop's currency.
    pub shop: u32,
    /// Digits of the buyer's currency.
    pub presentment: u32,
}

impl Scales {
    /// The scales of two currencies.
    pub fn of(shop: &str, presentment: &str) -> Self {
        Self { shop: minor_digits(shop), presentment: minor_digits(presentment) }
    }

    /// An amount of the shop's currency in both, at `rate` units of the buyer's for one of the shop's.
    pub fn money(self, shop: Decimal, rate: Decimal) -> Money {
        Money { shop: round(shop, self.shop), presentment: round(shop * rate, self.presentment) }
    }

    /// `fraction` of the amount, each side rounded to its minor unit, halves up.
    pub fn fraction(self, of: Money, fraction: Decimal) -> Money {
        Money {
            shop: round(of.shop * fraction, self.shop),
            presentment: round(of.presentment * fraction, self.presentment),
        }
    }

    /// The part of `of` that is contained in it as a tax of `rate`.
    pub fn contained(self, of: Money, rate: Decimal, all_rates: Decimal) -> Money {
        let part = rate / (Decimal::ONE + all_rates);
        self.fraction(of, part)
    }

    /// What the first `pieces` of `all` pieces have of the amount. Cumulative: the shares of all pieces, taken in any
    /// portions, come to the amount exactly.
    pub fn share(self, of: Money, pieces: i64, all: i64) -> Money {
        if all == 0 {
            return Money::ZERO;
        }
        let side = |amount, digits| {
            let units = units(amount, digits) * i128::from(pieces) / i128::from(all);
            amount_of(units, digits)
        };
        Money {
            shop: side(of.shop, self.shop),
            presentment: side(of.presentment, self.presentment),
        }
    }

    /// Divides `total` in proportion to `weights`, to the last minor unit on each side. `total` may not exceed the sum
    /// of the weights; no part then exceeds its weight.
    pub fn distribute(self, total: Money, weights: &[Money]) -> Vec<Money> {
        let shop: Vec<_> = weights.iter().map(|weight| weight.shop).collect();
        let presentment: Vec<_> = weights.iter().map(|weight| weight.presentment).collect();
        let shop = distribute(total.shop, &shop, self.shop);
        let presentment = distribute(total.presentment, &presentment, self.presentment);
        shop.into_iter()
            .zip(presentment)
            .map(|(shop, presentment)| Money { shop, presentment })
            .collect()
    }
}

/// Rounds to a number of digits, halves away from zero.
pub(crate) fn round(amount: Decimal, digits: u32) -> Decimal {
    let mut rounded = amount.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(digits);
    rounded
}

/// Largest remainders: every part gets its share rounded down, and the minor units left over go to those who lost most.
fn distribute(total: Decimal, weights: &[Decimal], digits: u32) -> Vec<Decimal> {
    let total = units(total, digits);
    let weights: Vec<i128> = weights.iter().map(|weight| units(*weight, digits)).collect();
    let all: i128 = weights.iter().sum();
    if all == 0 {
        return vec![Decimal::ZERO; weights.len()];
    }
    let mut parts: Vec<i128> = weights.iter().map(|weight| total * weight / all).collect();
    let mut left = total - parts.iter().sum::<i128>();
    let mut by_loss: Vec<usize> = (0..weights.len()).collect();
    by_loss.sort_by_key(|&index| (std::cmp::Reverse(total * weights[index] % all), index));
    for index in by_loss {
        if left == 0 {
            break;
        }
        parts[index] += 1;
        left -= 1;
    }
    parts.into_iter().map(|part| amount_of(part, digits)).collect()
}

/// The amount in minor units.
fn units(amount: Decimal, digits: u32) -> i128 {
    round(amount, digits).mantissa()
}

fn amount_of(units: i128, digits: u32) -> Decimal {
    Decimal::try_from_i128_with_scale(units, digits).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yen(amount: i64) -> Money {
        Money { shop: Decimal::from(amount), presentment: Decimal::new(amount, 2) }
    }

    const SCALES: Scales = Scales { shop: 0, presentment: 2 };

    #[test]
    fn parts_come_to_the_whole() {
        let parts = SCALES.distribute(yen(100), &[yen(333), yen(333), yen(334), yen(0)]);
        assert_eq!(parts, [yen(33), yen(33), yen(34), yen(0)]);
        assert_eq!(parts.into_iter().sum::<Money>(), yen(100));
    }

    #[test]
    fn shares_of_portions_come_to_the_whole() {
        let of = yen(100);
        let first = SCALES.share(of, 1, 3);
        let rest = SCALES.share(of, 3, 3) - first;
        assert_eq!((first, rest), (yen(33), yen(67)));
    }

    #[test]
    fn each_side_is_rounded_to_its_own_minor_unit() {
        let money = SCALES.money(Decimal::from(333), Decimal::new(93, 4));
        assert_eq!(money.presentment, Decimal::new(310, 2));
    }
}
