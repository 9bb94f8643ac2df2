//! One transaction with the commands of many callers.

use std::collections::BTreeSet;

use domain::flow::Changes;
use domain::id::BusinessId;
use futures_util::future::BoxFuture;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{News, Txn};
use crate::apply::{self, Applied};
use crate::error::StoreError;
use crate::hint::Hints;
use crate::inbox::{self, Packed, Received};
use crate::sql::Dialect;

/// What a command that finishes no deliveries counts in [`Group::work`].
const COMMAND_WEIGHT: usize = 4;

/// Deliveries to store.
pub(super) struct Receive {
    pub(super) rows: Vec<Packed>,
    pub(super) reply: oneshot::Sender<Result<Vec<Received>, StoreError>>,
}

/// A batch's changes to write.
pub(super) struct Apply {
    pub(super) changes: Box<Changes>,
    pub(super) reply: oneshot::Sender<Result<Applied, StoreError>>,
}

/// Anything but deliveries to write.
pub(super) enum Command {
    Apply(Apply),
    Work { business_id: Option<BusinessId>, run: Run },
}

pub(super) type Run = Box<dyn for<'t> FnOnce(&'t mut Txn) -> BoxFuture<'t, Ran> + Send>;
type Reply = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// What a command came to.
pub(super) struct Ran {
    /// Whether what it wrote is to be kept.
    pub(super) keep: bool,
    /// Answers the caller, once the group is committed or has failed.
    pub(super) reply: Reply,
}

/// Deliveries that come in while a group is written: they need not wait for the next one.
pub(super) struct Late<'q> {
    pub(super) receives: &'q mut mpsc::Receiver<Receive>,
    /// How many of them.
    pub(super) max: usize,
}

impl Late<'_> {
    /// Those that have come in by now.
    fn take(&mut self) -> Vec<Receive> {
        let mut taken = Vec::new();
        while let Some(receive) = (self.max > 0).then(|| self.receives.try_recv().ok()).flatten() {
            self.max = self.max.saturating_sub(receive.rows.len());
            taken.push(receive);
        }
        taken
    }
}

/// Commands that are committed together.
#[derive(Default)]
pub(super) struct Group {
    receives: Vec<Receive>,
    applies: Vec<Apply>,
    works: Vec<(Option<BusinessId>, Run)>,
}

impl Group {
    pub(super) fn receive(&mut self, receive: Receive) {
        self.receives.push(receive);
    }

    pub(super) fn command(&mut self, command: Command) {
        match command {
            Command::Apply(apply) => self.applies.push(apply),
            Command::Work { business_id, run } => self.works.push((business_id, run)),
        }
    }

    /// How many deliveries it takes in.
    pub(super) fn received(&self) -> usize {
        self.receives.iter().map(|receive| receive.rows.len()).sum()
    }

    /// How much else it does, in deliveries.
    pub(super) fn work(&self) -> usize {
        let weigh = |apply: &Apply| apply.changes.deliveries.len().max(1);
        self.applies.iter().map(weigh).sum::<usize>() + self.works.len() * COMMAND_WEIGHT
    }

    /// Writes and commits everything, then answers everybody.
    pub(super) async fn write(
        mut self,
        db: &DatabaseConnection,
        dialect: Dialect,
        hints: &Hints,
        late: Late<'_>,
    ) {
        let mut replies: Vec<Reply> = Vec::new();
        let written = self.try_write(db, dialect, late, &mut replies).await;
        if let Err(error) = &written {
            tracing::warn!(error = %error, commands = replies.len(), "a group was not written");
        }
        let committed = written.map(|news| news.tell(hints));
        for reply in replies {
            reply(committed.clone());
        }
        // What was not reached is answered too: its sender is dropped, or told here why.
        if let Err(error) = committed {
            self.fail(&error);
        }
    }

    async fn try_write(
        &mut self,
        db: &DatabaseConnection,
        dialect: Dialect,
        mut late: Late<'_>,
        replies: &mut Vec<Reply>,
    ) -> Result<News, StoreError> {
        // A savepoint makes the database keep what each page was, so there are none where all is expected to go well.
        if self.works.is_empty()
            && let Some(news) = self.write_as_one(db, dialect, &mut late, replies).await?
        {
            return Ok(news);
        }
        let group = begin(db).await?;
        let mut writing = Writing { group: &group, dialect, news: News::default(), replies };
        lock(&group, dialect, &self.businesses()).await?;
        writing.receives(&mut self.receives).await?;
        for (_, run) in self.works.drain(..) {
            writing.work(run).await?;
        }
        writing.applies(&mut self.applies).await?;
        self.receives.extend(late.take());
        writing.receives(&mut self.receives).await?;
        let news = writing.news;
        group.commit().await?;
        Ok(news)
    }

    /// Writes all deliveries and batches without anything between them; none of them where one fails.
    async fn write_as_one(
        &mut self,
        db: &DatabaseConnection,
        dialect: Dialect,
        late: &mut Late<'_>,
        replies: &mut Vec<Reply>,
    ) -> Result<Option<News>, StoreError> {
        let group = begin(db).await?;
        lock(&group, dialect, &self.businesses()).await?;
        let mut txn = Txn::whole(group, dialect);
        let Ok((mut stored, applied)) = self.write_all(&mut txn, late).await else {
            txn.undo().await?;
            return Ok(None);
        };
        let news = txn.keep().await?;
        for Receive { rows, reply } in self.receives.drain(..) {
            let rest = stored.split_off(rows.len());
            replies.push(answer(reply, std::mem::replace(&mut stored, rest)));
        }
        for (Apply { reply, .. }, applied) in self.applies.drain(..).zip(applied) {
            replies.push(answer(reply, applied));
        }
        Ok(Some(news))
    }

    async fn write_all(
        &mut self,
        txn: &mut Txn,
        late: &mut Late<'_>,
    ) -> Result<(Vec<Received>, Vec<Applied>), StoreError> {
        let mut stored = inbox::store(txn, &rows_of(&self.receives)).await?;
        let batches: Vec<&Changes> = self.applies.iter().map(|apply| &*apply.changes).collect();
        let applied =
            if batches.is_empty() { Vec::new() } else { apply::write(txn, &batches).await? };
        let on_time = self.receives.len();
        self.receives.extend(late.take());
        stored.extend(inbox::store(txn, &rows_of(&self.receives[on_time..])).await?);
        Ok((stored, applied))
    }

    fn businesses(&self) -> BTreeSet<Uuid> {
        let applies = self.applies.iter().map(|apply| apply.changes.business_id);
        let works = self.works.iter().filter_map(|(business_id, _)| *business_id);
        applies.chain(works).map(BusinessId::uuid).collect()
    }

    fn fail(self, error: &StoreError) {
        for receive in self.receives {
            let _ = receive.reply.send(Err(error.clone()));
        }
        for apply in self.applies {
            let _ = apply.reply.send(Err(error.clone()));
        }
    }
}

async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, StoreError> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    Ok(db.begin_with_options(options).await?)
}

/// Makes the businesses' other writers wait, in one order everywhere so that no two wait for each other. SQLite has one
/// writer only.
async fn lock(
    group: &DatabaseTransaction,
    dialect: Dialect,
    businesses: &BTreeSet<Uuid>,
) -> Result<(), StoreError> {
    if dialect == Dialect::Sqlite || businesses.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = businesses.iter().copied().collect();
    let statement = dialect.statement(
        "SELECT last_sequence FROM activity_counter WHERE business_id = ANY(?)
         ORDER BY business_id FOR UPDATE",
        [ids.into()],
    );
    group.query_all_raw(statement).await?;
    Ok(())
}

fn rows_of(receives: &[Receive]) -> Vec<&Packed> {
    receives.iter().flat_map(|receive| &receive.rows).collect()
}

/// The answer `value`, for when the group is committed.
fn answer<T: Send + 'static>(reply: oneshot::Sender<Result<T, StoreError>>, value: T) -> Reply {
    // A caller that went away needs no answer.
    Box::new(move |committed| drop(reply.send(committed.map(|()| value))))
}

/// A group's transaction while it is written. Methods fail only where the whole group does; a command that fails by
/// itself is undone and answered.
struct Writing<'g> {
    group: &'g DatabaseTransaction,
    dialect: Dialect,
    news: News,
    replies: &'g mut Vec<Reply>,
}

impl Writing<'_> {
    /// Stores what came in: all together, or, where that fails, each by itself.
    async fn receives(&mut self, receives: &mut Vec<Receive>) -> Result<(), StoreError> {
        if receives.is_empty() {
            return Ok(());
        }
        if let Ok(mut stored) = self.store(&rows_of(receives)).await? {
            for receive in receives.drain(..) {
                let rest = stored.split_off(receive.rows.len());
                let stored = std::mem::replace(&mut stored, rest);
                self.replies.push(answer(receive.reply, stored));
            }
            return Ok(());
        }
        for receive in receives.drain(..) {
            let rows: Vec<&Packed> = receive.rows.iter().collect();
            match self.store(&rows).await? {
                Ok(stored) => self.replies.push(answer(receive.reply, stored)),
                // A caller that went away needs no answer.
                Err(error) => drop(receive.reply.send(Err(error))),
            }
        }
        Ok(())
    }

    async fn store(
        &mut self,
        rows: &[&Packed],
    ) -> Result<Result<Vec<Received>, StoreError>, StoreError> {
        let mut txn = Txn::begin(self.group, self.dialect).await?;
        let stored = inbox::store(&mut txn, rows).await;
        self.settle(txn, stored.is_ok()).await?;
        Ok(stored)
    }

    async fn work(&mut self, run: Run) -> Result<(), StoreError> {
        let mut txn = Txn::begin(self.group, self.dialect).await?;
        let Ran { keep, reply } = run(&mut txn).await;
        self.replies.push(reply);
        self.settle(txn, keep).await
    }

    /// Applies the batches: all together, which takes a fraction of the statements, or, where one of them fails, each
    /// by itself.
    async fn applies(&mut self, applies: &mut Vec<Apply>) -> Result<(), StoreError> {
        if applies.is_empty() {
            return Ok(());
        }
        let all: Vec<&Changes> = applies.iter().map(|apply| &*apply.changes).collect();
        if let Ok(results) = self.apply(&all).await? {
            for (apply, applied) in applies.drain(..).zip(results) {
                self.replies.push(answer(apply.reply, applied));
            }
            return Ok(());
        }
        for Apply { changes, reply } in applies.drain(..) {
            match self.apply(&[&changes]).await? {
                Ok(mut results) => {
                    let result = results.pop().unwrap_or_default();
                    self.replies.push(answer(reply, result));
                }
                Err(error) => drop(reply.send(Err(error))),
            }
        }
        Ok(())
    }

    async fn apply(
        &mut self,
        batches: &[&Changes],
    ) -> Result<Result<Vec<Applied>, StoreError>, StoreError> {
        let mut txn = Txn::begin(self.group, self.dialect).await?;
        let applied = apply::write(&mut txn, batches).await;
        self.settle(txn, applied.is_ok()).await?;
        Ok(applied)
    }

    /// Keeps or undoes what a command wrote. Where not even that is possible, the group is lost.
    async fn settle(&mut self, txn: Txn, keep: bool) -> Result<(), StoreError> {
        if keep {
            self.news.extend(txn.keep().await?);
        } else {
            txn.undo().await?;
        }
        Ok(())
    }
}
