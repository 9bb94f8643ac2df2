//! Places in a body, and what may be wrong there.

use std::fmt;

use domain::code::Code;
use domain::delivery::Failure;
use domain::id::ExternalId;
use domain::money::Currency;
use domain::time::Timestamp;
use rust_decimal::Decimal;
use shopify::wire::{Amount, Id, Whole};

/// The largest amount that is believed: far beyond any sale, and far from where sums overflow.
const AMOUNT_MAX: Decimal = Decimal::from_parts(0xa4c6_8000, 0x0003_8d7e, 0, false, 0);
/// The most decimal places that an amount may have; currencies use up to three, exchange rates a few more.
const AMOUNT_SCALE_MAX: u32 = 12;
/// The most pieces that a line may have.
const PIECES_MAX: i64 = 1_000_000_000;

/// A place in a body, for instance `line_items[2].price`. Costs nothing until it is written.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// The whole body.
    Body,
    /// A field of an object.
    Field(&'a Place<'a>, &'static str),
    /// An item of a list.
    Item(&'a Place<'a>, usize),
}

impl<'a> Place<'a> {
    pub(super) fn field(&'a self, name: &'static str) -> Self {
        Self::Field(self, name)
    }

    pub(super) fn item(&'a self, index: usize) -> Self {
        Self::Item(self, index)
    }

    /// The body cannot be used for what stands here. `problem` must not quote a value: values may be personal.
    pub(super) fn malformed(&self, problem: impl fmt::Display) -> Failure {
        Failure::new(Code::MalformedBody, format!("{self}: {problem}"))
    }

    /// The value, which must be there.
    pub(super) fn required<T>(&self, value: Option<T>) -> Result<T, Failure> {
        value.ok_or_else(|| self.malformed("is missing"))
    }

    /// An id, which must be there.
    pub(super) fn id(&self, id: Option<Id>) -> Result<ExternalId, Failure> {
        self.required(id).map(|id| ExternalId(id.0))
    }

    /// A time.
    pub(super) fn time(&self, text: Option<&str>) -> Result<Option<Timestamp>, Failure> {
        let text = text.filter(|text| !text.is_empty());
        text.map(|text| Timestamp::parse(text).map_err(|error| self.malformed(error))).transpose()
    }

    /// A time, which must be there.
    pub(super) fn required_time(&self, text: Option<&str>) -> Result<Timestamp, Failure> {
        let time = self.time(text)?;
        self.required(time)
    }

    /// A currency.
    pub(super) fn currency(&self, text: Option<&str>) -> Result<Option<Currency>, Failure> {
        text.map(|text| text.parse().map_err(|error| self.malformed(error))).transpose()
    }

    /// An amount, if it is one that can be counted with.
    pub(super) fn amount(&self, amount: Option<Amount>) -> Result<Option<Decimal>, Failure> {
        let Some(Amount(amount)) = amount else {
            return Ok(None);
        };
        if amount.abs() > AMOUNT_MAX {
            return Err(self.malformed("is larger than any amount can be"));
        }
        if amount.normalize().scale() > AMOUNT_SCALE_MAX {
            return Err(self.malformed("has more decimal places than any amount can have"));
        }
        Ok(Some(amount))
    }

    /// Pieces: not negative, and not more than a line can have.
    pub(super) fn pieces(&self, pieces: Option<Whole>) -> Result<Option<i64>, Failure> {
        match pieces {
            Some(Whole(pieces)) if !(0..=PIECES_MAX).contains(&pieces) => {
                Err(self.malformed("is not a number of pieces"))
            }
            pieces => Ok(pieces.map(|pieces| pieces.0)),
        }
    }

    /// Converts each item of a list; the first one that fails is named.
    pub(super) fn each<T, U>(
        &self,
        items: Option<Vec<T>>,
        convert: impl Fn(&Place<'_>, T) -> Result<U, Failure>,
    ) -> Result<Vec<U>, Failure> {
        let items = items.unwrap_or_default().into_iter().enumerate();
        items.map(|(index, item)| convert(&self.item(index), item)).collect()
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body => f.write_str("body"),
            Self::Field(Place::Body, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_as_a_path() {
        let (lines, body) = ("line_items", Place::Body);
        let list = body.field(lines);
        let line = list.item(2);
        assert_eq!(line.field("price").to_string(), "line_items[2].price");
        assert_eq!(body.to_string(), "body");
    }

    #[test]
    fn amounts_are_bounded() {
        let body = Place::Body;
        let amount = |text: &str| body.amount(Some(Amount(text.parse().unwrap()))).is_ok();
        assert_eq!(AMOUNT_MAX, Decimal::from(1_000_000_000_000_000_i64));
        assert!(
            amount("1000000000000000") && amount("-0.123456789012") && amount("1.5000000000000000")
        );
        assert!(!amount("1000000000000000.01") && !amount("0.1234567890123"));
    }
}
