//! Whether a business's own mapper is quick enough to share batches with others.
//!
//! Sharing is a favour that one slow batch ends at once and many quick runs win back: a mapper that alternates between
//! the two, by accident or on purpose, would otherwise delay everybody again and again.

use std::time::Duration;

/// Fuel that a quick mapper uses for an order, on average over a batch: some milliseconds of a processor.
const FUEL_MAX: u64 = 10_000_000;
/// How long a quick mapper takes for an order, on average, where the machine is busy with others too.
const TIME_MAX: Duration = Duration::from_millis(50);
/// Quick runs in a row, each of them by itself, after which a mapper that was slow shares batches again.
pub const QUICK_RUNS_MIN: u32 = 200;

/// What a run over an order used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Used {
    /// Fuel.
    pub fuel: u64,
    /// Time by the clock.
    pub time: Duration,
}

impl Used {
    fn is_quick(self) -> bool {
        self.fuel <= FUEL_MAX && self.time <= TIME_MAX
    }
}

/// How a business's own mapper has kept up so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Pace {
    /// It has not run yet.
    #[default]
    Unknown,
    /// It was quick from the beginning, or has been for long enough.
    Quick,
    /// It was slow, and has made so many quick runs since.
    Slow {
        /// In a row, below [`QUICK_RUNS_MIN`].
        quick_runs: u32,
    },
}

impl Pace {
    /// After a batch with these runs; none where a run was at fault, or could not be made in the batch's time.
    #[must_use]
    pub fn after(self, runs: Option<&[Used]>) -> Self {
        let Some(runs) = runs.filter(|runs| are_quick(runs)) else {
            return Self::Slow { quick_runs: 0 };
        };
        match self {
            Self::Unknown | Self::Quick => Self::Quick,
            Self::Slow { .. } if !runs.iter().all(|run| run.is_quick()) => {
                Self::Slow { quick_runs: 0 }
            }
            Self::Slow { quick_runs } => {
                let quick_runs =
                    quick_runs.saturating_add(u32::try_from(runs.len()).unwrap_or(u32::MAX));
                if quick_runs >= QUICK_RUNS_MIN { Self::Quick } else { Self::Slow { quick_runs } }
            }
        }
    }

    /// With another mapper or other settings in service, or with one that has to be loaded first: what was quick has to
    /// show that it is, and what was slow still has to make up for it, or a change of settings would be a way around.
    #[must_use]
    pub fn anew(self) -> Self {
        match self {
            Self::Unknown | Self::Quick => Self::Unknown,
            slow @ Self::Slow { .. } => slow,
        }
    }

    /// Whether it shares batches with the mappers of others.
    pub fn shares(self) -> bool {
        self == Self::Quick
    }
}

/// Whether runs were quick on average: an order of many lines may take its time.
fn are_quick(runs: &[Used]) -> bool {
    let count = u32::try_from(runs.len()).unwrap_or(u32::MAX);
    let fuel = runs.iter().fold(0_u64, |sum, run| sum.saturating_add(run.fuel));
    let time = runs.iter().fold(Duration::ZERO, |sum, run| sum.saturating_add(run.time));
    fuel <= FUEL_MAX.saturating_mul(count.into()) && time <= TIME_MAX.saturating_mul(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Used = Used { fuel: 50_000, time: Duration::from_micros(80) };
    const SLOW: Used = Used { fuel: 40_000_000, time: Duration::from_millis(60) };

    fn after(pace: Pace, batches: &[Option<&[Used]>]) -> Pace {
        batches.iter().fold(pace, |pace, runs| pace.after(*runs))
    }

    #[test]
    fn a_new_mapper_shares_after_its_first_quick_batch() {
        assert!(!Pace::Unknown.shares());
        assert!(after(Pace::Unknown, &[Some(&[QUICK])]).shares());
        assert!(!after(Pace::Unknown, &[Some(&[SLOW])]).shares());
        assert!(!after(Pace::Unknown, &[None]).shares());
    }

    #[test]
    fn one_large_order_among_many_does_not_make_a_mapper_slow() {
        let mut runs = [QUICK; 20];
        runs[7] = SLOW;
        assert!(after(Pace::Quick, &[Some(&runs)]).shares());
        let long = Used { time: Duration::from_millis(1_100), ..QUICK };
        runs[7] = long;
        assert!(!after(Pace::Quick, &[Some(&runs)]).shares());
    }

    #[test]
    fn what_was_slow_shares_again_after_a_long_record_only() {
        let slow = after(Pace::Quick, &[Some(&[SLOW])]);
        let quick = [QUICK; 8];
        let batches = vec![Some(&quick[..]); QUICK_RUNS_MIN as usize / 8];
        let almost = after(slow, &batches[1..]);
        assert!(!almost.shares(), "{almost:?}");
        assert!(after(almost, &[Some(&quick)]).shares());
        // A slow run begins the record anew, even where the average of its batch is quick.
        let mut one_slow = quick;
        one_slow[3] = SLOW;
        assert!(!after(almost, &[Some(&one_slow), Some(&quick)]).shares());
        assert!(!after(almost, &[None, Some(&quick)]).shares());
    }

    #[test]
    fn one_that_alternates_never_shares() {
        let mut pace = Pace::Unknown;
        for _ in 0..1_000 {
            pace = after(pace, &[Some(&[SLOW]), Some(&[QUICK; 60]), Some(&[QUICK; 60])]);
            assert!(!pace.shares());
        }
    }

    #[test]
    fn a_change_of_the_binding_clears_no_record() {
        let slow = Pace::Slow { quick_runs: 7 };
        assert_eq!([Pace::Quick.anew(), slow.anew()], [Pace::Unknown, slow]);
    }
}
