//! The sync log and the activity feed.

use std::collections::{BTreeMap, BTreeSet};

use domain::activity::{NewActivity, SyncLogEntry};
use domain::flow::Changes;
use domain::id::{BusinessId, ConnectionId, DeliveryId};
use domain::time::Timestamp;
use sea_orm::Value;
use uuid::Uuid;

use super::each;
use crate::error::StoreError;
use crate::sql::{Column, Rows, int, text, uuid};
use crate::writer::Txn;

const SYNC_LOG: &[Column] = &[
    uuid("business_id"),
    uuid("sync_log_id"),
    uuid("connection_id").or_null(),
    text("kind"),
    text("status"),
    int("processed"),
    int("failed"),
    text("error_detail").or_null(),
    uuid("delivery_id").or_null(),
    int("started_at"),
    int("finished_at").or_null(),
];

/// Adds the batches' rows to the sync log.
pub(super) async fn log(txn: &Txn, batches: &[&Changes]) -> Result<(), StoreError> {
    let mut rows = Rows::new(SYNC_LOG);
    for (business_id, _, entry) in each(batches, |batch| &batch.sync_log) {
        rows.push(log_values(business_id, entry));
    }
    rows.insert(txn.conn(), txn.dialect(), "sync_log", "").await?;
    Ok(())
}

fn log_values(business_id: BusinessId, entry: &SyncLogEntry) -> [Value; 11] {
    [
        business_id.uuid().into(),
        entry.id.uuid().into(),
        entry.connection_id.map(ConnectionId::uuid).into(),
        entry.kind.as_str().into(),
        entry.status.as_str().into(),
        i64::from(entry.processed).into(),
        i64::from(entry.failed).into(),
        entry.error_detail.clone().into(),
        entry.delivery_id.map(DeliveryId::uuid).into(),
        entry.started_at.millis().into(),
        entry.finished_at.map(Timestamp::millis).into(),
    ]
}

const COUNTER: &[Column] = &[uuid("business_id"), int("last_sequence")];

const ACTIVITY: &[Column] = &[
    uuid("business_id"),
    int("sequence"),
    text("kind"),
    text("subject_kind").or_null(),
    text("subject_id").or_null(),
    text("message"),
    int("percent").or_null(),
    int("at"),
];

/// Events of a business whose rows elsewhere share a block. Rows are so kept together by when they were written, in
/// portions of about the same size however busy the business is.
const EVENTS_PER_BLOCK: i64 = 256;

/// The next numbers of some feeds, and what else is to be known of their businesses while they are held: which mapper
/// binding stands, who owns stock, whether there is a POS to tell.
#[derive(Debug)]
pub(crate) struct Numbers {
    next: BTreeMap<Uuid, i64>,
    revisions: BTreeMap<Uuid, i64>,
    pushing: BTreeSet<Uuid>,
    telling: BTreeSet<Uuid>,
}

impl Numbers {
    /// The revision of the business's binding; 0 where it has none.
    pub(super) fn revision(&self, business_id: BusinessId) -> i64 {
        self.revisions.get(&business_id.uuid()).copied().unwrap_or_default()
    }

    /// Whether the business's stock is pushed to its store.
    pub(super) fn pushes(&self, business_id: BusinessId) -> bool {
        self.pushing.contains(&business_id.uuid())
    }

    /// Whether the business's POS orders are sent to a POS of its own.
    pub(super) fn tells(&self, business_id: BusinessId) -> bool {
        self.telling.contains(&business_id.uuid())
    }

    /// The block of what is written together with the events.
    pub(crate) fn block(&self, business_id: BusinessId) -> i64 {
        self.next.get(&business_id.uuid()).copied().unwrap_or_default() / EVENTS_PER_BLOCK
    }
}

/// Adds events to the feeds under numbers that were reserved for them; returns the last number of each part.
pub(crate) async fn append(
    txn: &mut Txn,
    parts: &[(BusinessId, &[NewActivity])],
    numbers: Numbers,
) -> Result<Vec<Option<i64>>, StoreError> {
    let Numbers { mut next, .. } = numbers;
    let mut rows = Rows::new(ACTIVITY);
    let mut last = Vec::with_capacity(parts.len());
    for (business_id, events) in parts {
        let mut sequence = None;
        for event in *events {
            let next = next.entry(business_id.uuid()).or_default();
            sequence = Some(*next);
            rows.push(activity_values(*business_id, *next, event));
            *next += 1;
        }
        if let Some(sequence) = sequence {
            txn.news().activity(*business_id, sequence);
        }
        last.push(sequence);
    }
    rows.insert(txn.conn(), txn.dialect(), "activity", "").await?;
    Ok(last)
}

/// Takes so many numbers in each feed. The counter's row stays locked until the commit, so whoever gets later numbers is
/// seen later.
pub(crate) async fn reserve(
    txn: &Txn,
    parts: impl IntoIterator<Item = (BusinessId, usize)>,
) -> Result<Numbers, StoreError> {
    let mut counts: BTreeMap<Uuid, i64> = BTreeMap::new();
    for (business_id, events) in parts {
        let count = counts.entry(business_id.uuid()).or_default();
        *count += i64::try_from(events).unwrap_or(i64::MAX);
    }
    let mut rows = Rows::new(COUNTER);
    for (business_id, count) in &counts {
        rows.push([(*business_id).into(), (*count).into()]);
    }
    let add = " ON CONFLICT (business_id) DO UPDATE
            SET last_sequence = activity_counter.last_sequence + excluded.last_sequence
        RETURNING business_id, last_sequence, (SELECT b.revision FROM mapper_binding AS b
            WHERE b.business_id = activity_counter.business_id),
        EXISTS (SELECT 1 FROM inventory_policy AS o
            WHERE o.business_id = activity_counter.business_id AND o.ownership = 'pos'),
        EXISTS (SELECT 1 FROM pos_endpoint AS e
            WHERE e.business_id = activity_counter.business_id)";
    let returned =
        rows.insert_returning(txn.conn(), txn.dialect(), "activity_counter", add).await?;
    let (mut next, mut revisions) = (BTreeMap::new(), BTreeMap::new());
    let (mut pushing, mut telling) = (BTreeSet::new(), BTreeSet::new());
    for row in returned {
        let (business_id, last): (Uuid, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let count = counts.get(&business_id).copied().unwrap_or_default();
        next.insert(business_id, last - count + 1);
        pushing.extend(row.try_get_by_index::<bool>(3)?.then_some(business_id));
        telling.extend(row.try_get_by_index::<bool>(4)?.then_some(business_id));
        revisions.extend(row.try_get_by_index::<Option<i64>>(2)?.map(|it| (business_id, it)));
    }
    Ok(Numbers { next, revisions, pushing, telling })
}

fn activity_values(business_id: BusinessId, sequence: i64, event: &NewActivity) -> [Value; 8] {
    let subject = event.subject.as_ref();
    [
        business_id.uuid().into(),
        sequence.into(),
        event.kind.as_str().into(),
        subject.map(|(kind, _)| kind.clone()).into(),
        subject.map(|(_, id)| id.clone()).into(),
        event.message.as_str().into(),
        event.percent.map(i64::from).into(),
        event.at.millis().into(),
    ]
}
