//! Texts and lists that live as long as a run.

use std::fmt::Write;

use bumpalo::Bump;
use domain::id::ExternalId;
use domain::money::MoneyBag;
use domain::time::Timestamp;
use rust_decimal::Decimal;

use crate::since_1_1::types;

/// Digits of the largest decimal, its sign and its point, with room to spare.
const DIGITS: usize = 64;

/// A list of the converted `items`.
pub(super) fn list<'a, T, U>(
    arena: &'a Bump,
    items: &'a [T],
    convert: impl FnMut(&'a T) -> U,
) -> &'a [U] {
    if items.is_empty() {
        return &[];
    }
    arena.alloc_slice_fill_iter(items.iter().map(convert))
}

/// A list of texts.
pub(super) fn texts<'a>(arena: &'a Bump, items: &'a [String]) -> &'a [&'a str] {
    list(arena, items, String::as_str)
}

/// An id in decimal digits.
pub(super) fn id(arena: &Bump, id: ExternalId) -> &str {
    let mut digits = Digits::new();
    if let Ok(small) = u64::try_from(id.0) {
        digits.push_number(small, 1);
        digits.store(arena)
    } else {
        display(arena, id)
    }
}

/// A time in RFC 3339.
pub(super) fn time(arena: &Bump, time: Timestamp) -> &str {
    display(arena, time)
}

/// A decimal as it is, for rates and percentages: without the zeros at its end.
pub(super) fn decimal(arena: &Bump, value: Decimal) -> &str {
    amount(arena, value, 0)
}

/// Amounts of one order, written with the digits of its two currencies.
#[derive(Clone, Copy)]
pub(super) struct Money<'a> {
    pub(super) arena: &'a Bump,
    pub(super) shop_places: u32,
    pub(super) presentment_places: u32,
}

impl<'a> Money<'a> {
    pub(super) fn bag(self, bag: &MoneyBag) -> types::MoneyBag<'a> {
        let shop = amount(self.arena, bag.shop, self.shop_places);
        let same = bag.shop == bag.presentment && self.shop_places == self.presentment_places;
        let presentment =
            if same { shop } else { amount(self.arena, bag.presentment, self.presentment_places) };
        types::MoneyBag { shop, presentment }
    }
}

/// A decimal with at least `places` digits after the point and no further zeros at its end, so that the same amount is
/// the same text whatever the source wrote.
fn amount(arena: &Bump, value: Decimal, places: u32) -> &str {
    let (mantissa, mut scale) = (value.mantissa(), value.scale());
    let Ok(mut parts) = u64::try_from(mantissa.unsigned_abs()) else {
        let value = value.normalize();
        return display(arena, format_args!("{value:.*}", value.scale().max(places) as usize));
    };
    while scale > places && parts % 10 == 0 {
        parts /= 10;
        scale -= 1;
    }
    let mut digits = Digits::new();
    for _ in scale..places {
        digits.push(b'0');
    }
    if scale > 0 {
        let unit = 10_u64.checked_pow(scale);
        let (whole, fraction) = unit.map_or((0, parts), |unit| (parts / unit, parts % unit));
        digits.push_number(fraction, scale as usize);
        digits.push(b'.');
        digits.push_number(whole, 1);
    } else {
        if places > 0 {
            digits.push(b'.');
        }
        digits.push_number(parts, 1);
    }
    if mantissa < 0 {
        digits.push(b'-');
    }
    digits.store(arena)
}

/// Digits, written from the last to the first.
struct Digits {
    bytes: [u8; DIGITS],
    start: usize,
}

impl Digits {
    fn new() -> Self {
        Self { bytes: [0; DIGITS], start: DIGITS }
    }

    fn push(&mut self, byte: u8) {
        self.start -= 1;
        self.bytes[self.start] = byte;
    }

    /// At least `width` digits.
    fn push_number(&mut self, mut number: u64, width: usize) {
        let mut written = 0;
        while number > 0 || written < width {
            // A remainder of ten is below ten.
            self.push(b'0' + (number % 10) as u8);
            number /= 10;
            written += 1;
        }
    }

    fn store<'a>(&self, arena: &'a Bump) -> &'a str {
        // Only digits, a point and a sign were pushed.
        arena.alloc_str(std::str::from_utf8(&self.bytes[self.start..]).unwrap_or("0"))
    }
}

/// Anything that can be displayed.
fn display(arena: &Bump, value: impl std::fmt::Display) -> &str {
    let mut text = String::with_capacity(DIGITS);
    // Writing to a `String` cannot fail.
    let _ = write!(text, "{value}");
    arena.alloc_str(&text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_have_the_currency_s_digits() {
        let arena = Bump::new();
        let cases = [
            ("5", 2, "5.00"),
            ("5.5", 2, "5.50"),
            ("5.50000", 2, "5.50"),
            ("5.505", 2, "5.505"),
            ("-0.05", 2, "-0.05"),
            ("1200", 0, "1200"),
            ("1200.00", 0, "1200"),
            ("0.130", 0, "0.13"),
            ("0", 3, "0.000"),
            ("79228162514264337593543950335", 2, "79228162514264337593543950335.00"),
            ("0.0000000000000000000000000001", 2, "0.0000000000000000000000000001"),
        ];
        for (text, places, written) in cases {
            assert_eq!(amount(&arena, text.parse().unwrap(), places), written, "{text}");
        }
    }

    proptest! {
        #[test]
        fn amounts_keep_their_value(mantissa: i64, scale in 0_u32..=28, places in 0_u32..=3) {
            let arena = Bump::new();
            let value = Decimal::new(mantissa, scale);
            let text = amount(&arena, value, places);
            prop_assert_eq!(text.parse::<Decimal>().unwrap(), value, "{}", text);
        }

        #[test]
        fn ids_keep_their_value(number: i64) {
            let arena = Bump::new();
            prop_assert_eq!(id(&arena, ExternalId(number)).parse(), Ok(ExternalId(number)));
        }
    }
}
