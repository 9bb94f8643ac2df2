//! When to call again.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

/// A source of random numbers, so that tests can repeat a run and callers do not move in step.
#[derive(Clone)]
pub struct Jitter(Arc<dyn Fn() -> u64 + Send + Sync>);

impl Jitter {
    /// Draws from `source`.
    pub fn new(source: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(source))
    }

    fn draw(&self) -> u64 {
        (self.0)()
    }
}

impl fmt::Debug for Jitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jitter")
    }
}

/// How often and how soon a call is repeated.
#[derive(Debug, Clone)]
pub struct Retry {
    /// Repetitions after the first call (S2.47: 5).
    pub retries_max: u32,
    /// The longest wait before the first repetition where the store names none; it doubles from one to the next.
    pub base: Duration,
    /// The longest single wait, the store's own included: beyond it the caller is told to come back.
    pub wait_max: Duration,
    /// Random numbers.
    pub jitter: Jitter,
}

impl Retry {
    /// The usual: five repetitions, from half a second, at most thirty seconds of waiting at once.
    pub fn usual(jitter: Jitter) -> Self {
        Self {
            retries_max: 5,
            base: Duration::from_millis(500),
            wait_max: Duration::from_secs(30),
            jitter,
        }
    }

    /// How long to wait before the repetition after `tries` of them; none where it should be left.
    pub(crate) fn wait(&self, tries: u32, named: Option<Duration>) -> Option<Duration> {
        if tries >= self.retries_max {
            return None;
        }
        let backoff = self.base.saturating_mul(1 << tries.min(16)).min(self.wait_max);
        let span = u64::try_from(backoff.as_millis()).unwrap_or(u64::MAX).saturating_add(1);
        let drawn = Duration::from_millis(self.jitter.draw() % span);
        match named {
            // Some spread on top, so that those who were told the same wait do not come back at once.
            Some(named) if named <= self.wait_max => Some(named + drawn.min(self.base)),
            Some(_) => None,
            None => Some(drawn),
        }
    }
}

/// Whether an operation without an answer may have run nevertheless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// Surely not.
    DidNotRun,
    /// Perhaps.
    MayHaveRun,
}

/// Reads `Retry-After` in seconds, which the store writes with decimals; a date is not understood.
pub(crate) fn retry_after(value: &HeaderValue) -> Option<Duration> {
    let seconds: f64 = value.to_str().ok()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_end_and_respect_the_store() {
        let retry = Retry::usual(Jitter::new(|| u64::MAX - 1));
        let none = |tries| retry.wait(tries, None);
        assert!(none(0).unwrap() <= Duration::from_millis(500));
        assert!(none(4).unwrap() <= Duration::from_secs(8));
        assert_eq!(none(5), None);
        let named = retry.wait(0, Some(Duration::from_secs(2))).unwrap();
        assert!(named >= Duration::from_secs(2) && named <= Duration::from_millis(2_500));
        assert_eq!(retry.wait(0, Some(Duration::from_secs(31))), None);
    }

    #[test]
    fn retry_after_is_in_seconds() {
        let read = |text: &'static str| retry_after(&HeaderValue::from_static(text));
        assert_eq!(read("2.0"), Some(Duration::from_secs(2)));
        assert_eq!(read("0.5"), Some(Duration::from_millis(500)));
        for text in ["", "-1", "NaN", "inf", "Wed, 21 Oct 2026 07:28:00 GMT"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
