//! What follows from an endpoint's answer.

use std::time::Duration;

use crate::code::Code;
use crate::delivery::Failure;

/// The longest wait before each further attempt, in seconds: one to two days together, over which somebody
/// can mend a POS.
const BACKOFF_SECONDS_MAX: [u64; 11] =
    [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400];
/// Attempts before an order is given up.
pub const ATTEMPTS_MAX: u32 = 12;
/// The longest wait that an endpoint may ask for.
const ASKED_MAX: Duration = Duration::from_hours(24);
/// The longest pause of an endpoint that does not answer.
const PAUSE_MAX: Duration = Duration::from_mins(5);

/// What an endpoint answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// An HTTP status, and how long it asks to wait.
    Status(u16, Option<Duration>),
    /// None: it could not be reached or took too long.
    Silence(String),
    /// It may not be asked: its address leads into a network that is not public.
    Forbidden(String),
}

/// What is to be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It took the version.
    Sent,
    /// Try the order again after the wait. Where the fault is the endpoint's and not the order's, everything waits.
    Again {
        /// How long.
        after: Duration,
        /// Why.
        failure: Failure,
        /// Whether the whole endpoint fails.
        endpoint: bool,
    },
    /// Give the order up.
    Dead(Failure),
    /// The endpoint wants nothing ever again.
    Gone(Failure),
}

/// Judges the answer to an attempt, counted from 1. `jitter` spreads those that failed together.
pub fn verdict(answer: &Answer, attempt: u32, jitter: u64) -> Verdict {
    let (failure, endpoint, asked) = match answer {
        Answer::Status(200..=299, _) => return Verdict::Sent,
        Answer::Status(410, _) => {
            let failure = Failure::new(Code::UpstreamUnavailable, "the POS answered 410: gone");
            return Verdict::Gone(failure);
        }
        Answer::Status(status @ (408 | 429 | 500..=599), asked) => {
            (upstream(format!("the POS answered {status}")), true, *asked)
        }
        // Redirects among them: an address that moved is set anew by whoever answers for it.
        Answer::Status(status, _) => (upstream(format!("the POS answered {status}")), false, None),
        Answer::Silence(why) => (upstream(why.clone()), true, None),
        Answer::Forbidden(why) => (Failure::new(Code::BadUserInput, why), true, None),
    };
    match backoff(attempt, jitter) {
        Some(after) => {
            let after = asked.map_or(after, |asked| asked.clamp(after, ASKED_MAX));
            Verdict::Again { after, failure, endpoint }
        }
        None => Verdict::Dead(failure),
    }
}

/// How long an endpoint is left alone after so many failures in a row.
pub fn pause(failures: u32) -> Duration {
    Duration::from_secs(1 << failures.min(16)).min(PAUSE_MAX)
}

fn upstream(why: String) -> Failure {
    Failure::new(Code::UpstreamUnavailable, why)
}

/// Between a half and the whole of the longest wait; none after the last attempt.
fn backoff(attempt: u32, jitter: u64) -> Option<Duration> {
    let index = usize::try_from(attempt.max(1) - 1).ok()?;
    let millis_max = BACKOFF_SECONDS_MAX.get(index)? * 1_000;
    Some(Duration::from_millis(millis_max / 2 + jitter % (millis_max / 2 + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_is_any_status_that_says_so() {
        for status in [200, 202, 204] {
            assert_eq!(verdict(&Answer::Status(status, None), 3, 7), Verdict::Sent);
        }
    }

    #[test]
    fn every_failure_but_gone_is_tried_again_as_often_as_promised() {
        let answers = [
            Answer::Status(500, None),
            Answer::Status(302, None),
            Answer::Status(400, None),
            Answer::Silence("refused".into()),
        ];
        for answer in answers {
            for attempt in 1..ATTEMPTS_MAX {
                let Verdict::Again { after, .. } = verdict(&answer, attempt, u64::MAX) else {
                    panic!("{answer:?} {attempt}");
                };
                assert!(after >= Duration::from_millis(2_500), "{after:?}");
            }
            assert!(matches!(verdict(&answer, ATTEMPTS_MAX, 0), Verdict::Dead(_)));
        }
        assert!(matches!(verdict(&Answer::Status(410, None), 1, 0), Verdict::Gone(_)));
    }

    #[test]
    fn what_an_endpoint_asks_for_is_kept_within_a_day() {
        let ask = |hours| Answer::Status(429, Some(Duration::from_hours(hours)));
        let after = |answer: &Answer| match verdict(answer, 1, 0) {
            Verdict::Again { after, endpoint: true, .. } => after,
            other => panic!("{other:?}"),
        };
        assert_eq!(after(&ask(2)), Duration::from_hours(2));
        assert_eq!(after(&ask(200)), ASKED_MAX);
    }

    #[test]
    fn one_order_that_is_refused_does_not_hold_up_the_others() {
        let refused = verdict(&Answer::Status(422, None), 1, 0);
        assert!(matches!(refused, Verdict::Again { endpoint: false, .. }));
        assert!(pause(1) < pause(5) && pause(60) == PAUSE_MAX);
    }
}
