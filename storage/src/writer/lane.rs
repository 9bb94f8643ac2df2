//! One task with one connection.

use std::fs::File;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use sea_orm::DatabaseConnection;
use tokio::sync::mpsc;

use super::group::{Command, Group, Late, Receive};
use crate::hint::Hints;
use crate::sql::Dialect;

/// Deliveries that one group takes in.
const RECEIVED_MAX: usize = 256;
/// Deliveries that one group finishes, other commands counting as some each. The more there are, the less each costs;
/// the fewer, the sooner a store has its answer: it waits for the group that is being written and for its own.
const WORK_MAX: usize = 384;
/// The same where the group takes deliveries in.
const WORK_BESIDE_RECEIVES_MAX: usize = 64;

/// A connection for writing, and what is written by it.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(super) db: DatabaseConnection,
    pub(super) takes_receives: bool,
    pub(super) takes_work: bool,
    /// Held until everything is written.
    lock: Option<Arc<File>>,
}

impl Lane {
    /// The only lane.
    pub(crate) fn for_all(db: DatabaseConnection, lock: Option<Arc<File>>) -> Self {
        Self { db, takes_receives: true, takes_work: true, lock }
    }

    /// A lane for deliveries that come in.
    pub(crate) fn for_receives(db: DatabaseConnection) -> Self {
        Self { db, takes_receives: true, takes_work: false, lock: None }
    }

    /// A lane for everything else.
    pub(crate) fn for_work(db: DatabaseConnection) -> Self {
        Self { db, takes_receives: false, takes_work: true, lock: None }
    }

    /// Writes group after group until nobody can send any more.
    pub(super) async fn run(
        self,
        dialect: Dialect,
        hints: Hints,
        mut receives: mpsc::Receiver<Receive>,
        mut commands: mpsc::Receiver<Command>,
    ) {
        loop {
            let mut group = Group::default();
            tokio::select! {
                biased;
                Some(receive) = receives.recv() => group.receive(receive),
                Some(command) = commands.recv() => group.command(command),
                else => break,
            }
            while group.received() < RECEIVED_MAX {
                let Ok(receive) = receives.try_recv() else {
                    break;
                };
                group.receive(receive);
            }
            let work_max = match group.received() {
                0 => WORK_MAX,
                _ => WORK_BESIDE_RECEIVES_MAX,
            };
            while group.work() < work_max {
                let Ok(command) = commands.try_recv() else {
                    break;
                };
                group.command(command);
            }
            let late = Late { receives: &mut receives, max: RECEIVED_MAX };
            let writing = AssertUnwindSafe(group.write(&self.db, dialect, &hints, late));
            // The transaction is rolled back when it is dropped, and the callers learn that there was no answer. A bug
            // in one command must not end the task that everybody's commands go through.
            if writing.catch_unwind().await.is_err() {
                tracing::error!("a group of writes panicked");
            }
        }
        // The next process may open the file only when this one's connections are gone.
        let _ = self.db.close().await;
        drop(self.lock);
    }
}
