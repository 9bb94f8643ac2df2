//! Amounts of money, small and fast enough for a plugin.

/// Digits after the point that an amount keeps.
const PLACES: usize = 6;
/// Millionths of a unit with 0, 1, .. 6 places.
const UNITS: [u64; PLACES + 1] = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
/// Digits before the point that an amount may be read with.
const WHOLE_DIGITS_MAX: usize = 12;
/// Characters of the longest amount: 19 digits, a sign and a point, rounded up.
const DIGITS_MAX: usize = 24;
/// Parts of a whole.
const WHOLE: i64 = 1_000_000;

/// An amount in millionths: exact, and below a million million (9.2 million million for sums).
///
/// Every currency's minor unit is a hundredth or a thousandth, so millionths are room to spare; and 64 bits are what
/// WebAssembly computes with. Whatever does not fit is an error and never rounded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Amount(i64);

/// Which multiple of a step stands for an amount between two of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Rounding {
    /// The nearer one; of two that are as near, the one further from nothing.
    #[default]
    Nearest,
    /// The one further from nothing.
    Up,
    /// The one nearer to nothing.
    Down,
}

/// The text is no decimal, or finer or larger than an [`Amount`] can be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InvalidAmount;

impl std::fmt::Display for InvalidAmount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("is not a decimal of at most 6 places below 1,000,000,000,000")
    }
}

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// `units` times 10 to the power of minus `places`.
    pub const fn of_minor(units: i64, places: usize) -> Option<Self> {
        let mut factor = WHOLE;
        let mut place = 0;
        while place < places {
            factor /= 10;
            place += 1;
        }
        match units.checked_mul(factor) {
            Some(parts) => Some(Self(parts)),
            None => None,
        }
    }

    /// Reads the contract's notation of a decimal.
    pub fn parse(text: &str) -> Result<Self, InvalidAmount> {
        let (negative, digits) = match text.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            digits => (false, digits),
        };
        let point = digits.iter().position(|byte| *byte == b'.').unwrap_or(digits.len());
        let (whole, rest) = digits.split_at(point);
        let fraction = rest.get(1..).unwrap_or_default();
        if whole.is_empty() || (!rest.is_empty() && fraction.is_empty()) {
            return Err(InvalidAmount);
        }
        let kept = fraction.len().min(PLACES);
        let (fraction, rest) = fraction.split_at(kept);
        if whole.len() > WHOLE_DIGITS_MAX || rest.iter().any(|digit| *digit != b'0') {
            return Err(InvalidAmount);
        }
        let mut value = accumulate(accumulate(0, whole)?, fraction)?;
        for _ in kept..PLACES {
            value *= 10;
        }
        Ok(Self(if negative { -value } else { value }))
    }

    /// The sum; none where it does not fit.
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference; none where it does not fit.
    pub fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The product with a number of pieces; none where it does not fit.
    pub fn times(self, pieces: i64) -> Option<Self> {
        self.0.checked_mul(pieces).map(Self)
    }

    /// The share of `part` in `whole`, cut to `places` digits after the point.
    pub fn share(self, part: Self, whole: Self, places: usize) -> Option<Self> {
        if whole.0 == 0 {
            return None;
        }
        let share = i128::from(self.0) * i128::from(part.0) / i128::from(whole.0);
        let unit = i128::from(Self::of_minor(1, places)?.0);
        i64::try_from(share / unit * unit).ok().map(Self)
    }

    /// The share of `part` in `whole`, to a multiple of `step`; none where `whole` or `step` is nothing, or where it does
    /// not fit.
    pub fn scaled(self, part: Self, whole: Self, step: Self, rounding: Rounding) -> Option<Self> {
        let (wanted, unit) =
            (i128::from(self.0) * i128::from(part.0), i128::from(whole.0) * i128::from(step.0));
        let steps = wanted.checked_div(unit)?;
        let rest = (wanted % unit).unsigned_abs();
        let away = match rounding {
            Rounding::Nearest => rest * 2 >= unit.unsigned_abs(),
            Rounding::Up => rest > 0,
            Rounding::Down => false,
        };
        // Away from nothing, on the side that the exact share lies on.
        let beyond = i128::from(away) * wanted.signum() * unit.signum();
        i64::try_from((steps + beyond).checked_mul(i128::from(step.0))?).ok().map(Self)
    }

    /// The nearest multiple of `step`, or the one that `rounding` says; none where `step` is nothing.
    pub fn rounded(self, step: Self, rounding: Rounding) -> Option<Self> {
        let whole = Self(WHOLE);
        self.scaled(whole, whole, step, rounding)
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether it is less than nothing.
    pub fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The amount in the contract's notation with at least `places` digits after the point; more where it has more.
    pub fn to_text(self, places: usize) -> String {
        let mut parts = self.0.unsigned_abs();
        let mut shown = PLACES;
        // The digits below a currency's minor unit are nearly always zeros: one division instead of one for each.
        let beyond = UNITS[places.min(PLACES)];
        if parts.is_multiple_of(beyond) {
            parts /= beyond;
            shown = places.min(PLACES);
        }
        while shown > places && parts.is_multiple_of(10) {
            parts /= 10;
            shown -= 1;
        }
        // From the last digit to the first. Formatting by the standard library costs a plugin several times as much.
        let mut digits = [0; DIGITS_MAX];
        let mut start = DIGITS_MAX;
        let mut written = 0;
        while parts > 0 || written <= shown {
            if written == shown && shown > 0 {
                start -= 1;
                digits[start] = b'.';
            }
            start -= 1;
            digits[start] = b'0' + (parts % 10) as u8;
            parts /= 10;
            written += 1;
        }
        if self.0 < 0 {
            start -= 1;
            digits[start] = b'-';
        }
        // Only digits, a point and a sign were written.
        String::from_utf8(digits[start..].to_vec()).unwrap_or_default()
    }
}

/// Appends decimal digits to a number, which stays below 10 to the power of [`WHOLE_DIGITS_MAX`] + [`PLACES`]: checking
/// each step for overflow would cost a plugin a multiplication of 128 bits for every digit.
fn accumulate(mut number: i64, digits: &[u8]) -> Result<i64, InvalidAmount> {
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err(InvalidAmount);
        }
        number = number * 10 + i64::from(digit);
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_and_written_exactly() {
        let cases = [
            ("0", 2, "0.00"),
            ("12.3", 2, "12.30"),
            ("12.345", 2, "12.345"),
            ("-0.5", 2, "-0.50"),
            ("1980", 0, "1980"),
            ("1980.00", 0, "1980"),
            ("1.234", 3, "1.234"),
            ("0.000001", 2, "0.000001"),
            ("5.1000000000", 2, "5.10"),
            ("999999999999.999999", 2, "999999999999.999999"),
        ];
        for (text, places, written) in cases {
            assert_eq!(Amount::parse(text).unwrap().to_text(places), written, "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for text in ["", "-", ".5", "5.", "1e3", "1,000", "+1", "1.0000001", "1000000000000", "--1"]
        {
            assert_eq!(Amount::parse(text), Err(InvalidAmount), "{text}");
        }
        let most = Amount(i64::MAX);
        assert_eq!(
            (most.plus(Amount(1)), most.times(2), most.minus(Amount(-1))),
            (None, None, None)
        );
    }

    #[test]
    fn shares_are_cut_to_the_minor_unit() {
        let amount = |text| Amount::parse(text).unwrap();
        assert_eq!(amount("10").share(amount("1"), amount("3"), 2), Some(amount("3.33")));
        assert_eq!(amount("10").share(amount("1"), amount("3"), 0), Some(amount("3")));
        assert_eq!(amount("10").share(amount("1"), Amount::ZERO, 2), None);
    }

    #[test]
    fn amounts_are_rounded_to_steps() {
        let amount = |text| Amount::parse(text).unwrap();
        for (exact, step, nearest, up, down) in [
            ("10.02", "0.05", "10.00", "10.05", "10.00"),
            ("10.025", "0.05", "10.05", "10.05", "10.00"),
            ("-10.025", "0.05", "-10.05", "-10.05", "-10.00"),
            ("10.05", "0.05", "10.05", "10.05", "10.05"),
            ("0.004", "0.01", "0.00", "0.01", "0.00"),
            ("1499", "100", "1500.00", "1500.00", "1400.00"),
        ] {
            let round = |rounding| amount(exact).rounded(amount(step), rounding).unwrap();
            let all = [Rounding::Nearest, Rounding::Up, Rounding::Down].map(round);
            assert_eq!(all.map(|one| one.to_text(2)), [nearest, up, down], "{exact} by {step}");
        }
        let share = |rounding| {
            amount("19.99")
                .scaled(amount("33.3"), amount("100"), amount("0.01"), rounding)
                .map(|share| share.to_text(2))
        };
        assert_eq!(share(Rounding::Nearest).as_deref(), Some("6.66"));
        assert_eq!(share(Rounding::Down).as_deref(), Some("6.65"));
        assert_eq!(amount("1").rounded(Amount::ZERO, Rounding::Up), None);
        let most = Amount(i64::MAX);
        assert_eq!(most.scaled(most, Amount(1), Amount(1), Rounding::Nearest), None);
    }
}
