//! Whether a store has fallen silent: nothing came although much should have, by what is normal for it (F14).

use std::time::Duration;

use crate::time::Timestamp;

/// Deliveries that have to be missing before silence means something. Where so many are normal and each comes by chance,
/// none at all comes once in half a billion times; real stores are less even than that.
pub const EXPECTED_MIN: f64 = 20.0;
/// The shortest silence that is spoken of.
pub const SILENCE_MIN: Duration = Duration::from_mins(30);
/// How many days what is normal is learned from.
pub const LEARNED_DAYS: i64 = 14;
/// Days that have to be known before anything is normal.
const KNOWN_DAYS_MIN: i64 = 3;
const HOUR_MILLIS: i64 = 3_600_000;
const DAY_HOURS: i64 = 24;

/// Deliveries in one hour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HourCount {
    /// The hour: hours since 1970 in UTC.
    pub hour: i64,
    /// How many came.
    pub deliveries: u64,
}

/// The hour that a time lies in.
pub fn hour_of(at: Timestamp) -> i64 {
    at.millis().div_euclid(HOUR_MILLIS)
}

/// A silence that is not normal.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Silence {
    /// When the last delivery came.
    pub since: Timestamp,
    /// How many are normal for the time since, by the same hours of the days before.
    pub expected: f64,
}

/// Judges the time since the last delivery. What is normal for an hour is the mean of that hour of the day over the known
/// days before the silence, at most [`LEARNED_DAYS`] of them. A store of few days, or of few orders, is never silent.
pub fn silence(counts: &[HourCount], last: Option<Timestamp>, now: Timestamp) -> Option<Silence> {
    let since = last?;
    if since.until(now) < SILENCE_MIN {
        return None;
    }
    let silent_from = hour_of(since);
    let first = counts.iter().map(|count| count.hour).min()?;
    let days = ((silent_from - first) / DAY_HOURS).min(LEARNED_DAYS);
    if days < KNOWN_DAYS_MIN {
        return None;
    }
    let learned_from = silent_from - days * DAY_HOURS;
    let normal = |hour: i64| {
        let same = counts.iter().filter(|count| {
            (learned_from..silent_from).contains(&count.hour)
                && (count.hour - hour).rem_euclid(DAY_HOURS) == 0
        });
        precise(same.map(|count| count.deliveries).sum::<u64>()) / precise(days.unsigned_abs())
    };
    let came = counts.iter().filter(|count| count.hour == silent_from);
    let came = precise(came.map(|count| count.deliveries).sum());
    // Longer than a day says nothing that a day does not.
    let until = hour_of(now).min(silent_from + DAY_HOURS);
    let expected = (silent_from..=until)
        .map(|hour| {
            let begin = since.millis().max(hour * HOUR_MILLIS);
            let end = now.millis().min((hour + 1) * HOUR_MILLIS);
            let share =
                precise((end - begin).max(0).unsigned_abs()) / precise(HOUR_MILLIS.unsigned_abs());
            // What has come in the hour of the last delivery is not missing from it.
            let to_come = if hour == silent_from { normal(hour) - came } else { normal(hour) };
            (normal(hour) * share).min(to_come).max(0.0)
        })
        .sum();
    (expected >= EXPECTED_MIN).then_some(Silence { since, expected })
}

/// Counts here are far below 2^32, where a float is still exact.
fn precise(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fortnight of a shop that sells 20 an hour between 9 and 17, and nothing at night; the last day begins at hour 0.
    fn fortnight() -> Vec<HourCount> {
        let hours = -(LEARNED_DAYS * DAY_HOURS)..0;
        let open = hours.filter(|hour| (9..17).contains(&hour.rem_euclid(DAY_HOURS)));
        open.map(|hour| HourCount { hour, deliveries: 20 }).collect()
    }

    fn at(hour: i64, minute: i64) -> Timestamp {
        Timestamp::from_millis(hour * HOUR_MILLIS + minute * 60_000)
    }

    #[test]
    fn two_hours_without_the_usual_forty_are_silence() {
        let mut counts = fortnight();
        counts.push(HourCount { hour: 9, deliveries: 20 });
        let found = silence(&counts, Some(at(10, 0)), at(12, 0)).unwrap();
        assert_eq!(found.since, at(10, 0));
        assert!((found.expected - 40.0).abs() < 0.01, "{found:?}");
        assert_eq!(silence(&counts, Some(at(10, 0)), at(10, 45)), None, "15 are too few to tell");
    }

    #[test]
    fn nights_are_quiet_and_mornings_are_not() {
        let counts = fortnight();
        assert_eq!(silence(&counts, Some(at(-8, 50)), at(8, 59)), None);
        assert!(silence(&counts, Some(at(-8, 50)), at(10, 5)).is_some());
    }

    #[test]
    fn what_came_early_in_an_hour_is_not_missing_later() {
        let mut counts = fortnight();
        counts.push(HourCount { hour: 16, deliveries: 20 });
        assert_eq!(silence(&counts, Some(at(16, 1)), at(17, 30)), None);
    }

    #[test]
    fn a_store_that_is_new_or_sells_little_is_never_silent() {
        let new: Vec<_> = fortnight().into_iter().filter(|count| count.hour > -60).collect();
        assert_eq!(silence(&new, Some(at(9, 0)), at(12, 0)), None);
        let few: Vec<_> =
            fortnight().into_iter().map(|count| HourCount { deliveries: 1, ..count }).collect();
        assert_eq!(silence(&few, Some(at(-15, 0)), at(12, 0)), None);
        assert_eq!(silence(&[], None, at(12, 0)), None);
    }
}
