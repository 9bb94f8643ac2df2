//! Many orders at once.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use domain::refined::Order;

use crate::engine::Mappers;
use crate::plugin::Plugin;
use crate::record::{MapRun, MapSettings, Source};

/// Orders below which further threads cost more than they gain.
const ORDERS_PER_THREAD_MIN: usize = 8;

/// One order to map.
#[derive(Clone, Copy, Debug)]
pub struct MapJob<'a> {
    /// By which plugin.
    pub plugin: &'a Plugin,
    /// The order.
    pub order: &'a Order,
    /// The tenant's settings.
    pub settings: &'a MapSettings,
    /// The raw body of the order.
    pub source: Source<'a>,
}

/// How far the thread of [`Mappers::map_orders_aside`] stands back: by what `nice` counts.
const STANDING_BACK: i32 = 10;

impl Mappers {
    /// Maps orders one after the other, on a thread that leaves the processor to others wherever they want it. Blocks
    /// until all are done. For plugins that are not known to be quick: what they use up is then taken from them.
    pub fn map_orders_aside(&self, jobs: &[MapJob<'_>]) -> Vec<MapRun> {
        let one_by_one = || {
            if cfg!(target_os = "linux") {
                // Elsewhere it would hold for the whole process. To stand back is never refused.
                let _ = rustix::process::nice(STANDING_BACK);
            }
            let run =
                |job: &MapJob<'_>| self.map_order(job.plugin, job.order, job.settings, job.source);
            jobs.iter().map(run).collect()
        };
        std::thread::scope(|scope| match scope.spawn(one_by_one).join() {
            Ok(runs) => runs,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    }

    /// Maps orders on as many threads as the settings allow, and answers in the order of the jobs. Blocks until all
    /// are done.
    pub fn map_orders(&self, jobs: &[MapJob<'_>]) -> Vec<MapRun> {
        self.map_orders_within(jobs, Duration::MAX).into_iter().flatten().collect()
    }

    /// The same while the runs take less than `time` together: jobs that are not begun by then have no run. Those that
    /// are under way go on to their end, one on each thread.
    pub fn map_orders_within(&self, jobs: &[MapJob<'_>], time: Duration) -> Vec<Option<MapRun>> {
        let threads = self.threads.min(jobs.len() / ORDERS_PER_THREAD_MIN).max(1);
        let most = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let (next, taken) = (AtomicUsize::new(0), AtomicU64::new(0));
        let work = || {
            let mut done = Vec::with_capacity(jobs.len() / threads + 1);
            while taken.load(Ordering::Relaxed) < most {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = jobs.get(index) else { break };
                let run = self.map_order(job.plugin, job.order, job.settings, job.source);
                let micros = u64::try_from(run.duration.as_micros()).unwrap_or(u64::MAX);
                taken.fetch_add(micros, Ordering::Relaxed);
                done.push((index, run));
            }
            done
        };
        let mut runs: Vec<Option<MapRun>> = jobs.iter().map(|_| None).collect();
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut done = work();
            for other in others {
                match other.join() {
                    Ok(theirs) => done.extend(theirs),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            for (index, run) in done {
                runs[index] = Some(run);
            }
        });
        runs
    }
}
