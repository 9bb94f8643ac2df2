//! The tasks that write: group commit, nothing cancellable inside.
//!
//! A caller sends a command and awaits its answer. A lane collects what waits, writes it in one transaction, commits,
//! and then answers everybody. A caller that goes away leaves its command to be finished: no transaction ever belongs to
//! a future that somebody may drop, so no connection can be left inside one (a cancelled `BEGIN` on Postgres would
//! otherwise swallow the writes of whoever gets the connection next).
//!
//! Deliveries that come in go first, because a store waits for each. Everything else of one business uses one lane and
//! takes turns there; several processes take turns by the lock on the business's row in `activity_counter`, which a
//! group takes for all of its businesses in one order.

mod group;
mod lane;
#[cfg(test)]
mod tests;
mod txn;

use domain::flow::Changes;
use domain::id::BusinessId;
use futures_util::future::BoxFuture;
use sea_orm::DatabaseConnection;
use tokio::sync::{mpsc, oneshot};

use crate::apply::Applied;
use crate::error::StoreError;
use crate::hint::Hints;
use crate::inbox::{Packed, Received};
use crate::sql::Dialect;

use group::{Apply, Command, Ran, Receive, Run};
pub(crate) use lane::Lane;
pub(crate) use txn::{News, Txn};

/// Commands that may wait in a lane; whoever sends one more waits for room.
const QUEUE_MAX: usize = 4_096;

/// Where commands are sent.
#[derive(Debug)]
pub(crate) struct Writer {
    receives: Vec<mpsc::Sender<Receive>>,
    commands: Vec<mpsc::Sender<Command>>,
    migrator: DatabaseConnection,
}

impl Writer {
    /// Starts a task for each lane. They end when the writer is dropped and everything sent is written.
    pub(crate) fn start(lanes: Vec<Lane>, dialect: Dialect, hints: &Hints) -> Self {
        let mut writer = Self {
            receives: Vec::new(),
            commands: Vec::new(),
            migrator: DatabaseConnection::default(),
        };
        for lane in lanes {
            let (receives, incoming) = mpsc::channel(QUEUE_MAX);
            let (commands, work) = mpsc::channel(QUEUE_MAX);
            if lane.takes_receives {
                writer.receives.push(receives);
            }
            if lane.takes_work {
                writer.commands.push(commands);
                writer.migrator = lane.db.clone();
            }
            tokio::spawn(lane.run(dialect, hints.clone(), incoming, work));
        }
        writer
    }

    /// The connection that migrations run on: a lane's own, which waits meanwhile.
    pub(crate) fn migrator(&self) -> &DatabaseConnection {
        &self.migrator
    }

    /// Stores deliveries of one business; returns after the commit what became of each.
    pub(crate) async fn receive(
        &self,
        business_id: BusinessId,
        rows: Vec<Packed>,
    ) -> Result<Vec<Received>, StoreError> {
        let (reply, answer) = oneshot::channel();
        let lane = pick(&self.receives, Some(business_id));
        ask(lane, Receive { rows, reply }, answer).await
    }

    /// Applies a batch's changes; returns after the commit.
    pub(crate) async fn apply(&self, changes: Changes) -> Result<Applied, StoreError> {
        let (reply, answer) = oneshot::channel();
        let lane = pick(&self.commands, Some(changes.business_id));
        ask(lane, Command::Apply(Apply { changes: Box::new(changes), reply }), answer).await
    }

    /// Runs `work` in the next transaction, with the writes of `business_id` locked where one is named; returns after
    /// the commit. What it wrote is undone where it fails.
    pub(crate) async fn write<T, F>(
        &self,
        business_id: Option<BusinessId>,
        work: F,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Txn) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let run = run(move |txn| {
            let work = work(txn);
            Box::pin(async move {
                let result = work.await;
                Ran {
                    keep: result.is_ok(),
                    reply: Box::new(move |committed: Result<(), StoreError>| {
                        // A caller that went away needs no answer.
                        let _ = reply.send(committed.and(result));
                    }),
                }
            })
        });
        let lane = pick(&self.commands, business_id);
        ask(lane, Command::Work { business_id, run }, answer).await
    }
}

/// A closure that works for a transaction of any lifetime.
fn run<F>(run: F) -> Run
where
    F: for<'t> FnOnce(&'t mut Txn) -> BoxFuture<'t, Ran> + Send + 'static,
{
    Box::new(run)
}

/// A business's lane.
fn pick<T>(lanes: &[mpsc::Sender<T>], business_id: Option<BusinessId>) -> Option<mpsc::Sender<T>> {
    // The last byte of an id is random.
    let number = business_id.map_or(0, |id| usize::from(id.uuid().as_bytes()[15]));
    lanes.get(number % lanes.len().max(1)).cloned()
}

async fn ask<T, R>(
    lane: Option<mpsc::Sender<T>>,
    command: T,
    answer: oneshot::Receiver<Result<R, StoreError>>,
) -> Result<R, StoreError> {
    let stopped = || StoreError::unavailable("the writer gave no answer");
    let lane = lane.ok_or_else(stopped)?;
    lane.send(command).await.map_err(|_| stopped())?;
    answer.await.unwrap_or_else(|_| Err(stopped()))
}
