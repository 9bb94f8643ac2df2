//! The part of the store's search syntax that polls use: `updated_at:>='…'` and the like, joined by spaces or `AND`.

use chrono::{DateTime, Utc};

/// A range of times; both ends may be open.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Range {
    from: Option<DateTime<Utc>>,
    after: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    before: Option<DateTime<Utc>>,
}

impl Range {
    /// The range of `updated_at` that a query asks for. Other terms are ignored, as the store ignores what it does not
    /// know.
    pub(super) fn updated_at(query: &str) -> Self {
        let mut range = Self::default();
        for term in query.split_whitespace() {
            let Some(bound) = term.strip_prefix("updated_at:") else {
                continue;
            };
            let (bound, set): (&str, &mut Option<DateTime<Utc>>) =
                if let Some(bound) = bound.strip_prefix(">=") {
                    (bound, &mut range.from)
                } else if let Some(bound) = bound.strip_prefix("<=") {
                    (bound, &mut range.until)
                } else if let Some(bound) = bound.strip_prefix('>') {
                    (bound, &mut range.after)
                } else if let Some(bound) = bound.strip_prefix('<') {
                    (bound, &mut range.before)
                } else {
                    continue;
                };
            let bound = bound.trim_matches(['\'', '"']);
            *set = DateTime::parse_from_rfc3339(bound).ok().map(|at| at.to_utc());
        }
        range
    }

    pub(super) fn holds(&self, at: DateTime<Utc>) -> bool {
        self.from.is_none_or(|from| at >= from)
            && self.after.is_none_or(|after| at > after)
            && self.until.is_none_or(|until| at <= until)
            && self.before.is_none_or(|before| at < before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_what_lies_between() {
        let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
        let query = "updated_at:>='2026-11-21T05:00:00Z' AND updated_at:<\"2026-11-21T06:00:00Z\"";
        let range = Range::updated_at(query);
        assert!(range.holds(at("2026-11-21T05:00:00Z")));
        assert!(!range.holds(at("2026-11-21T06:00:00Z")));
        assert!(!range.holds(at("2026-11-21T04:59:59Z")));
        assert!(Range::updated_at("status:any").holds(at("1999-01-01T00:00:00Z")));
    }
}
