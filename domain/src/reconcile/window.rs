//! What can be compared: neither what the store no longer shows, nor what is on its way.

use std::time::Duration;

use crate::time::Timestamp;

/// How long an object that changed counts as on its way: its delivery may still come, and the store's index lags.
pub const IN_FLIGHT: Duration = Duration::from_mins(10);

/// How much of what the store shows at the far end is left out: the end moves on while a list is read, and an object that
/// has just passed it must not be taken for one that is gone (T8).
const FAR_END: Duration = Duration::from_hours(24);

/// The objects that a comparison is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// Those made from then on; none where the store shows all.
    pub from: Option<Timestamp>,
    /// Those changed, or made, before.
    pub until: Timestamp,
}

impl Window {
    /// The window at `now` of a store that shows what was made from `shown_from` on.
    pub fn at(now: Timestamp, shown_from: Option<Timestamp>) -> Self {
        Self { from: shown_from.map(|from| from + FAR_END), until: now - IN_FLIGHT }
    }

    /// Whether the store shows an object that was made then: of one that it does not show, its absence proves nothing.
    pub fn is_shown(&self, created_at: Timestamp) -> bool {
        self.from.is_none_or(|from| created_at >= from)
    }

    /// Whether an object that was made then must stand in a complete list.
    pub fn must_list(&self, created_at: Timestamp) -> bool {
        self.is_shown(created_at) && created_at < self.until
    }

    /// Whether a change from then must be here by now.
    pub fn is_settled(&self, updated_at: Timestamp) -> bool {
        updated_at < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_end_of_the_window_counts() {
        let day = |days: u32| Timestamp::EPOCH + Duration::from_hours(24) * days;
        let window = Window::at(day(100), Some(day(40)));
        let cases = [
            (day(39), false),
            (day(40), false),
            (day(41) - Duration::from_millis(1), false),
            (day(41), true),
            (day(100) - IN_FLIGHT - Duration::from_millis(1), true),
            (day(100) - IN_FLIGHT, false),
        ];
        for (created_at, expected) in cases {
            assert_eq!(window.must_list(created_at), expected, "{created_at}");
        }
        assert!(Window::at(day(100), None).must_list(Timestamp::EPOCH));
        assert!(!window.is_settled(day(100) - IN_FLIGHT));
    }
}
