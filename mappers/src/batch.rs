//! Many orders at once.

use std::sync::atomic::{AtomicUsize, Ordering};

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

impl Mappers {
    /// Maps orders on as many threads as the settings allow, and answers in the order of the jobs. Blocks until all
    /// are done.
    pub fn map_orders(&self, jobs: &[MapJob<'_>]) -> Vec<MapRun> {
        let threads = self.threads.min(jobs.len() / ORDERS_PER_THREAD_MIN).max(1);
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::with_capacity(jobs.len() / threads + 1);
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = jobs.get(index) else {
                    return done;
                };
                let run = self.map_order(job.plugin, job.order, job.settings, job.source);
                done.push((index, run));
            }
        };
        let mut runs = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut runs = work();
            for other in others {
                match other.join() {
                    Ok(done) => runs.extend(done),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            runs
        });
        runs.sort_unstable_by_key(|(index, _)| *index);
        runs.into_iter().map(|(_, run)| run).collect()
    }
}
