//! One task with one connection.

use std::fs::File;
use std::sync::Arc;

use sea_orm::DatabaseConnection;
use tokio::sync::mpsc;

use super::group::{Command, Group, Receive};
use crate::hint::Hints;
use crate::sql::Dialect;

/// Deliveries that one group takes in.
const RECEIVED_MAX: usize = 256;
/// Deliveries that one group finishes, other commands counting as some each: what a store waits for while a group with
/// new deliveries is written stays in the tens of milliseconds.
const WORK_MAX: usize = 384;

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
        Self {
            db,
            takes_receives: true,
            takes_work: true,
            lock,
        }
    }

    /// A lane for deliveries that come in.
    pub(crate) fn for_receives(db: DatabaseConnection) -> Self {
        Self {
            db,
            takes_receives: true,
            takes_work: false,
            lock: None,
        }
    }

    /// A lane for everything else.
    pub(crate) fn for_work(db: DatabaseConnection) -> Self {
        Self {
            db,
            takes_receives: false,
            takes_work: true,
            lock: None,
        }
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
            while group.work() < WORK_MAX {
                let Ok(command) = commands.try_recv() else {
                    break;
                };
                group.command(command);
            }
            group.write(&self.db, dialect, &hints).await;
        }
        // The next process may open the file only when this one's connections are gone.
        let _ = self.db.close().await;
        drop(self.lock);
    }
}
