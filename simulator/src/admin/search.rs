//! The part of the store's search syntax that apps use: `updated_at:>='…'`, `created_at:<'…'`, `id:>=7` and the like,
//! joined by spaces or `AND`.

use chrono::{DateTime, Utc};

/// What a query asks for. Terms that are not known here are ignored, as the store ignores what it does not know.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Search {
    updated_at: Range<DateTime<Utc>>,
    created_at: Range<DateTime<Utc>>,
    id: Range<i64>,
}

/// What is asked about.
pub(super) trait Found {
    fn id(&self) -> i64;
    fn created_at(&self) -> DateTime<Utc>;
    fn updated_at(&self) -> DateTime<Utc>;
}

impl Search {
    pub(super) fn parse(query: &str) -> Self {
        let mut search = Self::default();
        for term in query.split_whitespace() {
            let Some((field, bound)) = term.split_once(':') else {
                continue;
            };
            match field {
                "updated_at" => search.updated_at.bound(bound, time),
                "created_at" => search.created_at.bound(bound, time),
                "id" => search.id.bound(bound, |text| text.parse().ok()),
                _ => {}
            }
        }
        search
    }

    pub(super) fn holds(&self, object: &impl Found) -> bool {
        self.updated_at.holds(object.updated_at())
            && self.created_at.holds(object.created_at())
            && self.id.holds(object.id())
    }
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

/// A range; both ends may be open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Range<T> {
    from: Option<T>,
    after: Option<T>,
    until: Option<T>,
    before: Option<T>,
}

impl<T> Default for Range<T> {
    fn default() -> Self {
        Self { from: None, after: None, until: None, before: None }
    }
}

impl<T: Copy + Ord> Range<T> {
    /// Takes up a bound such as `>='…'`.
    fn bound(&mut self, text: &str, read: impl Fn(&str) -> Option<T>) {
        let ends: [(&str, &mut Option<T>); 4] = [
            (">=", &mut self.from),
            ("<=", &mut self.until),
            (">", &mut self.after),
            ("<", &mut self.before),
        ];
        for (sign, end) in ends {
            if let Some(value) = text.strip_prefix(sign) {
                *end = read(value.trim_matches(['\'', '"']));
                return;
            }
        }
    }

    fn holds(&self, value: T) -> bool {
        self.from.is_none_or(|from| value >= from)
            && self.after.is_none_or(|after| value > after)
            && self.until.is_none_or(|until| value <= until)
            && self.before.is_none_or(|before| value < before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Object(i64, &'static str);

    impl Found for Object {
        fn id(&self) -> i64 {
            self.0
        }

        fn created_at(&self) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH
        }

        fn updated_at(&self) -> DateTime<Utc> {
            time(self.1).unwrap()
        }
    }

    #[test]
    fn ranges_hold_what_lies_between() {
        let query = "updated_at:>='2026-11-21T05:00:00Z' AND updated_at:<\"2026-11-21T06:00:00Z\"";
        let search = Search::parse(query);
        assert!(search.holds(&Object(1, "2026-11-21T05:00:00Z")));
        assert!(!search.holds(&Object(1, "2026-11-21T06:00:00Z")));
        assert!(!search.holds(&Object(1, "2026-11-21T04:59:59Z")));
        assert!(Search::parse("status:any").holds(&Object(1, "1999-01-01T00:00:00Z")));
        let ids = Search::parse("id:>=7 created_at:<'1970-01-02T00:00:00Z'");
        assert!(ids.holds(&Object(7, "1999-01-01T00:00:00Z")));
        assert!(!ids.holds(&Object(6, "1999-01-01T00:00:00Z")));
        let made = Search::parse("created_at:>'1970-01-01T00:00:00Z'");
        assert!(!made.holds(&Object(7, "1999-01-01T00:00:00Z")));
    }
}
