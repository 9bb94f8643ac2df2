//! What a command may use while it runs.

use std::collections::BTreeMap;

use domain::activity::NewActivity;
use domain::id::BusinessId;
use sea_orm::{DatabaseTransaction, TransactionTrait};

use crate::apply::feed;
use crate::error::StoreError;
use crate::hint::Hints;
use crate::sql::Dialect;

/// A command's part of the group's transaction, a savepoint, or the whole of it; and what to tell once it is committed.
#[derive(Debug)]
pub(crate) struct Txn {
    conn: DatabaseTransaction,
    dialect: Dialect,
    news: News,
}

impl Txn {
    pub(super) async fn begin(
        group: &DatabaseTransaction,
        dialect: Dialect,
    ) -> Result<Self, StoreError> {
        Ok(Self { conn: group.begin().await?, dialect, news: News::default() })
    }

    /// The whole of a transaction.
    pub(super) fn whole(group: DatabaseTransaction, dialect: Dialect) -> Self {
        Self { conn: group, dialect, news: News::default() }
    }

    /// The connection to read and write by.
    pub(crate) fn conn(&self) -> &DatabaseTransaction {
        &self.conn
    }

    /// Which database it is.
    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// What to tell after the commit.
    pub(crate) fn news(&mut self) -> &mut News {
        &mut self.news
    }

    /// Adds events to the feed of a business and returns the last one's number; none where there are no events.
    pub(crate) async fn publish(
        &mut self,
        business_id: BusinessId,
        events: &[NewActivity],
    ) -> Result<Option<i64>, StoreError> {
        let numbers = feed::reserve(self, [(business_id, events.len())]).await?;
        let last = feed::append(self, &[(business_id, events)], numbers).await?;
        Ok(last.first().copied().flatten())
    }

    /// Keeps what was written: as part of the group, or, where it is the whole, for good.
    pub(super) async fn keep(self) -> Result<News, StoreError> {
        self.conn.commit().await?;
        Ok(self.news)
    }

    /// Undoes what was written.
    pub(super) async fn undo(self) -> Result<(), StoreError> {
        Ok(self.conn.rollback().await?)
    }
}

/// Hints to give once a group is committed.
#[derive(Debug, Default)]
pub(crate) struct News {
    ready: bool,
    activity: BTreeMap<BusinessId, i64>,
}

impl News {
    /// Deliveries wait for a worker.
    pub(crate) fn ready(&mut self) {
        self.ready = true;
    }

    /// The feed of a business reaches to `sequence`.
    pub(crate) fn activity(&mut self, business_id: BusinessId, sequence: i64) {
        self.activity.insert(business_id, sequence);
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.ready |= other.ready;
        self.activity.extend(other.activity);
    }

    pub(super) fn tell(self, hints: &Hints) {
        if self.ready {
            hints.wake_workers();
        }
        for (business_id, sequence) in self.activity {
            hints.activity(business_id, sequence);
        }
    }
}
