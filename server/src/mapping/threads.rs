//! Many runs at once, on a few threads of their own: what users set off for thousands of objects must leave room for
//! the orders that come in meanwhile.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mappers::{MapFailure, Run};

/// Threads that one such piece of work has.
const THREADS_MAX: usize = 4;
/// How often a run that was turned away for want of room is tried again, and how long is waited between.
const BUSY_TRIES: u32 = 200;
const BUSY_WAIT: Duration = Duration::from_millis(10);

/// Does `work` for every item, and gives what came of each in their order. Blocks until all are done.
pub(crate) fn on_threads<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.min(THREADS_MAX).min(items.len()).max(1);
    let next = AtomicUsize::new(0);
    let share = || {
        let mut done = Vec::with_capacity(items.len() / threads + 1);
        while let Some((at, item)) = nth(items, next.fetch_add(1, Ordering::Relaxed)) {
            done.push((at, work(item)));
        }
        done
    };
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(share)).collect();
        let mut done = share();
        for other in others {
            match other.join() {
                Ok(theirs) => done.extend(theirs),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

fn nth<T>(items: &[T], at: usize) -> Option<(usize, &T)> {
    items.get(at).map(|item| (at, item))
}

/// Runs a plugin, waiting where too many runs wait already. Blocks.
pub(crate) fn patiently<T>(run: impl Fn() -> Run<T>) -> Run<T> {
    for _ in 0..BUSY_TRIES {
        let done = run();
        if !matches!(done.result, Err(MapFailure::Busy(_))) {
            return done;
        }
        std::thread::sleep(BUSY_WAIT);
    }
    run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<u32> = (0..1_000).collect();
        assert_eq!(on_threads(&items, |n| n * 2), items.iter().map(|n| n * 2).collect::<Vec<_>>());
        assert!(on_threads(&[0_u8; 0], |n| *n).is_empty());
    }
}
