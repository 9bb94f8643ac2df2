//! One side of the store's amounts, read and written.

use crate::amount::Amount;
use crate::bindings::tillgate::mapper::types::{MapError, MoneyBag};
use crate::invalid;

/// Currencies without a minor unit (ISO 4217, list one).
const NO_MINOR_UNIT: [&str; 16] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
    "XAF", "XOF", "XPF",
];
/// Currencies whose minor unit is a thousandth (ISO 4217, list one).
const THOUSANDTHS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// Which of an amount's two currencies is mapped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Side {
    /// The shop's.
    #[default]
    Shop,
    /// The one that the buyer paid in.
    Presentment,
}

/// Reads and writes amounts of one side, in the digits of its currency.
#[derive(Clone, Copy, Debug)]
pub struct Money {
    side: Side,
    /// Digits of the currency's minor unit.
    pub places: usize,
}

impl Money {
    /// Amounts of that side, whose currency is `currency` (ISO 4217).
    pub fn new(side: Side, currency: &str) -> Self {
        let places = if NO_MINOR_UNIT.contains(&currency) {
            0
        } else if THOUSANDTHS.contains(&currency) {
            3
        } else {
            2
        };
        Self { side, places }
    }

    /// The text of the side.
    pub fn text(self, bag: &MoneyBag) -> &str {
        match self.side {
            Side::Shop => &bag.shop,
            Side::Presentment => &bag.presentment,
        }
    }

    /// The text of the side, taken out.
    pub fn take(self, bag: MoneyBag) -> String {
        match self.side {
            Side::Shop => bag.shop,
            Side::Presentment => bag.presentment,
        }
    }

    /// The amount of the side; `path` names the field where it is none.
    pub fn read<P: Into<String>>(
        self,
        bag: &MoneyBag,
        path: impl FnOnce() -> P,
    ) -> Result<Amount, MapError> {
        Amount::parse(self.text(bag)).map_err(|problem| {
            let side = match self.side {
                Side::Shop => "shop",
                Side::Presentment => "presentment",
            };
            invalid(format!("{}.{side}", path().into()), problem.to_string())
        })
    }

    /// The sum of several amounts.
    pub fn sum<'a>(
        self,
        bags: impl Iterator<Item = &'a MoneyBag>,
        path: impl Fn() -> String,
    ) -> Result<Amount, MapError> {
        let mut sum = Amount::ZERO;
        for bag in bags {
            sum = fits(sum.plus(self.read(bag, &path)?))?;
        }
        Ok(sum)
    }

    /// The contract's notation of `amount`.
    pub fn write(self, amount: Amount) -> String {
        amount.to_text(self.places)
    }
}

/// The result of a computation, or the refusal that it does not fit.
pub fn fits(amount: Option<Amount>) -> Result<Amount, MapError> {
    amount.ok_or_else(|| {
        MapError::Unsupported("amounts beyond 9,000,000,000,000 are not mapped".to_owned())
    })
}
