//! How many plugins run at once, and the ticker that looks at them.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use wasmtime::EngineWeak;

use crate::limits::TICK;

/// How long the ticker keeps ticking when nothing runs: waking it costs more than some ticks do.
const LINGER: Duration = Duration::from_secs(1);

/// Admits a bounded number of runs, lets a bounded number of further ones wait, turns away the rest, and lets the
/// ticker sleep when there are none.
#[derive(Debug)]
pub(crate) struct Gate {
    max: usize,
    waiting_max: usize,
    counts: Mutex<Counts>,
    left: Condvar,
    wake_ticker: Condvar,
}

#[derive(Debug, Default)]
struct Counts {
    running: usize,
    waiting: usize,
    /// When a run last began or ended; the ticker notes it.
    busy: bool,
    ticker_sleeps: bool,
    closed: bool,
}

/// A run's place; given back when dropped.
pub(crate) struct Pass<'a>(&'a Gate);

impl Gate {
    pub(crate) fn new(max: usize, waiting_max: usize) -> Self {
        Self {
            max: max.max(1),
            waiting_max,
            counts: Mutex::default(),
            left: Condvar::new(),
            wake_ticker: Condvar::new(),
        }
    }

    // No code that could panic runs under the lock, so a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place; none where too many wait already.
    pub(crate) fn enter(&self) -> Option<Pass<'_>> {
        let mut counts = self.lock();
        if counts.running >= self.max && counts.waiting >= self.waiting_max {
            return None;
        }
        while counts.running >= self.max {
            counts.waiting += 1;
            counts = self.left.wait(counts).unwrap_or_else(PoisonError::into_inner);
            counts.waiting -= 1;
        }
        counts.running += 1;
        counts.busy = true;
        if counts.ticker_sleeps {
            self.wake_ticker.notify_one();
        }
        Some(Pass(self))
    }

    /// Ends the ticker.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.wake_ticker.notify_one();
    }

    /// Ticks while anything runs, until closed.
    pub(crate) fn tick(self: &Arc<Self>, engine: &EngineWeak) {
        let mut idle_since = Instant::now();
        loop {
            std::thread::sleep(TICK);
            let Some(engine) = engine.upgrade() else {
                return;
            };
            engine.increment_epoch();
            let mut counts = self.lock();
            if counts.running > 0 || std::mem::take(&mut counts.busy) {
                idle_since = Instant::now();
            }
            if idle_since.elapsed() > LINGER {
                counts.ticker_sleeps = true;
                while counts.running == 0 && !counts.closed {
                    counts = self.wake_ticker.wait(counts).unwrap_or_else(PoisonError::into_inner);
                }
                counts.ticker_sleeps = false;
                idle_since = Instant::now();
            }
            if counts.closed {
                return;
            }
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut counts = self.0.lock();
        counts.running -= 1;
        if counts.waiting > 0 {
            self.0.left.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn no_more_than_the_maximum_run_at_once() {
        let gate = Gate::new(2, 8);
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let _pass = gate.enter().unwrap();
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        now.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!(most.into_inner() <= 2);
        assert_eq!(gate.lock().running, 0);
    }

    #[test]
    fn who_would_wait_behind_too_many_is_turned_away() {
        let gate = Gate::new(1, 1);
        let first = gate.enter();
        std::thread::scope(|scope| {
            let second = scope.spawn(|| gate.enter().is_some());
            while gate.lock().waiting == 0 {
                std::thread::yield_now();
            }
            assert!(gate.enter().is_none(), "one runs and one waits");
            drop(first);
            assert!(second.join().unwrap());
        });
        assert!(gate.enter().is_some());
    }
}
