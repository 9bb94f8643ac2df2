//! Points in time.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time in UTC, to the millisecond.
///
/// Stored as a number, written and read as RFC 3339. Stores send their local offset (Shopify's REST shape) or `Z`
/// (GraphQL): both are the same instant here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The text is not an RFC 3339 date and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 date and time")]
pub struct InvalidTimestamp;

impl Timestamp {
    /// The beginning of 1970, before anything this system knows of.
    pub const EPOCH: Self = Self(0);

    /// From milliseconds since the beginning of 1970 in UTC.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the beginning of 1970 in UTC.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339 with any offset and any precision; finer than a millisecond is cut off.
    pub fn parse(text: &str) -> Result<Self, InvalidTimestamp> {
        DateTime::parse_from_rfc3339(text)
            .map(|at| Self(at.timestamp_millis()))
            .map_err(|_| InvalidTimestamp)
    }

    /// How long before `later` this is; nothing where it is not before.
    pub fn until(self, later: Self) -> Duration {
        Duration::from_millis(u64::try_from(later.0.saturating_sub(self.0)).unwrap_or(0))
    }

    fn to_datetime(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or(DateTime::UNIX_EPOCH)
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_datetime().to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_precision_name_the_same_instant() {
        let utc = Timestamp::parse("2026-11-21T05:00:00Z").unwrap();
        assert_eq!(Timestamp::parse("2026-11-21T00:00:00-05:00"), Ok(utc));
        assert_eq!(Timestamp::parse("2026-11-21T05:00:00.000999999Z"), Ok(utc));
        assert_eq!(utc.to_string(), "2026-11-21T05:00:00Z");
        assert_eq!(Timestamp::parse("yesterday"), Err(InvalidTimestamp));
    }

    #[test]
    fn spans_do_not_wrap() {
        let start = Timestamp::from_millis(5);
        assert_eq!((start + Duration::from_millis(3)).millis(), 8);
        assert_eq!(start.until(Timestamp::EPOCH), Duration::ZERO);
        assert_eq!(Timestamp::EPOCH.until(start), Duration::from_millis(5));
    }
}
