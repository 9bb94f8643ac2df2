//! Values of rows, read back as what they mean.

use domain::money::Currency;
use domain::time::Timestamp;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;

use crate::StoreError;

/// A point in time.
pub(crate) fn time(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// Rows of a table, for naming it where one is not valid.
#[derive(Clone, Copy)]
pub(crate) struct Of(pub(crate) &'static str);

impl Of {
    /// An amount.
    pub(crate) fn decimal(self, column: &str, text: &str) -> Result<Decimal, StoreError> {
        text.parse().map_err(|_| self.corrupt(column, "not a decimal"))
    }

    /// A currency.
    pub(crate) fn currency(self, text: &str) -> Result<Currency, StoreError> {
        text.parse().map_err(|_| self.corrupt("currency", "not a currency code"))
    }

    /// A SHA-256.
    pub(crate) fn hash(self, column: &str, bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
        bytes.try_into().map_err(|_| self.corrupt(column, "not 32 bytes"))
    }

    /// A number of things.
    pub(crate) fn count(self, column: &str, number: i64) -> Result<u32, StoreError> {
        u32::try_from(number).map_err(|_| self.corrupt(column, "not a count"))
    }

    /// One of a set of words.
    pub(crate) fn word<T>(
        self,
        column: &str,
        text: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        parse(text).ok_or_else(|| self.corrupt(column, "an unknown word"))
    }

    /// A document.
    pub(crate) fn json<T: DeserializeOwned>(
        self,
        column: &str,
        text: &str,
    ) -> Result<T, StoreError> {
        serde_json::from_str(text).map_err(|error| {
            // The error's own text may repeat what stands in the row.
            let (line, place) = (error.line(), error.column());
            self.corrupt(column, &format!("not of its form at line {line}, column {place}"))
        })
    }

    pub(crate) fn corrupt(self, column: &str, problem: &str) -> StoreError {
        StoreError::corrupt(self.0, format!("{column} is {problem}"))
    }
}
