//! The inbox: deliveries on their way in, and what operators do with them.

mod body;
mod claim;
mod read;
mod watch;

use std::collections::HashSet;

use domain::delivery::NewDelivery;
use domain::id::DeliveryId;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use crate::Tenant;
use crate::error::StoreError;
use crate::sql::{Column, Rows, bytes, int, text, uuid};
use crate::writer::Txn;

pub(crate) use body::{Packed, pack, unpack};
pub(crate) use claim::{Claim, claim, due_at, release};
pub use read::StoredDelivery;
pub(crate) use read::{claimed, deliveries, delivery_of};
pub use watch::Pulse;

/// Deliveries of one command of [`Tenant::receive_all`].
const RECEIVE_ROWS_MAX: usize = 256;

/// What became of a delivery that came in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Received {
    /// It is on the disk and will be worked on.
    Stored,
    /// It was here already: by the sender's id, or the same body under the same topic.
    Duplicate,
}

impl Tenant {
    /// Stores a delivery of this business, and returns after the commit. To drop the future changes nothing once the
    /// delivery was sent to the writer.
    pub async fn receive(&self, delivery: NewDelivery) -> Result<Received, StoreError> {
        let mut received = self.receive_rows(vec![delivery]).await?;
        received.pop().ok_or_else(|| StoreError::unavailable("the writer gave no answer"))
    }

    /// Stores deliveries of this business and returns how many of them are new.
    pub async fn receive_all(&self, deliveries: Vec<NewDelivery>) -> Result<u64, StoreError> {
        let mut stored = 0;
        let mut deliveries = deliveries.into_iter().peekable();
        while deliveries.peek().is_some() {
            let rows = deliveries.by_ref().take(RECEIVE_ROWS_MAX).collect();
            let received = self.receive_rows(rows).await?;
            stored += received.iter().filter(|received| **received == Received::Stored).count();
        }
        Ok(stored as u64)
    }

    async fn receive_rows(&self, rows: Vec<NewDelivery>) -> Result<Vec<Received>, StoreError> {
        if rows.iter().any(|row| row.business_id != self.business_id()) {
            return Err(StoreError::Conflict("the delivery belongs to another business"));
        }
        // Packed here and not by the writer, which everybody waits for.
        let rows = rows.into_iter().map(Packed::new).collect();
        self.writer().receive(self.business_id(), rows).await
    }

    /// Makes a dead letter, or a delivery that is done, ready again with all of its attempts. Returns whether there is
    /// such a delivery that was not waiting or running already.
    pub async fn replay(&self, id: DeliveryId, now: Timestamp) -> Result<bool, StoreError> {
        let business_id = self.business_id();
        self.write(move |txn| {
            Box::pin(async move {
                let statement = txn.dialect().statement(
                    "UPDATE inbox SET state = 'ready', attempts = 0, run_at = ?, outcome = NULL,
                         finished_at = NULL
                     WHERE business_id = ? AND delivery_id = ? AND state IN ('done', 'dead')",
                    [now.millis().into(), business_id.uuid().into(), id.uuid().into()],
                );
                let replayed = txn.conn().execute_raw(statement).await?.rows_affected() > 0;
                if replayed {
                    txn.news().ready();
                }
                Ok(replayed)
            })
        })
        .await
    }
}

const DELIVERY: &[Column] = &[
    uuid("business_id"),
    uuid("delivery_id"),
    uuid("connection_id"),
    text("source"),
    text("topic"),
    text("webhook_id"),
    text("event_id").or_null(),
    text("api_version").or_null(),
    int("triggered_at").or_null(),
    int("received_at"),
    bytes("body_hash"),
    bytes("body"),
    text("body_encoding"),
];

const INBOX: &[Column] =
    &[uuid("business_id"), uuid("delivery_id"), text("state"), int("attempts"), int("run_at")];

/// Writes deliveries that are not here yet, also not earlier in `rows`.
pub(crate) async fn store(txn: &mut Txn, rows: &[&Packed]) -> Result<Vec<Received>, StoreError> {
    // In one order, or two groups that hold repetitions of each other's rows wait for each other for ever.
    let mut sorted = rows.to_vec();
    sorted.sort_by(|a, b| {
        let key = |row: &Packed| row.delivery.business_id;
        key(a).cmp(&key(b)).then_with(|| a.delivery.webhook_id.cmp(&b.delivery.webhook_id))
    });
    let mut deliveries = Rows::new(DELIVERY);
    for row in &sorted {
        deliveries.push(values(row));
    }
    let returned = deliveries
        .insert_returning(
            txn.conn(),
            txn.dialect(),
            "delivery",
            " ON CONFLICT DO NOTHING RETURNING delivery_id",
        )
        .await?;
    let mut fresh = HashSet::with_capacity(returned.len());
    for row in returned {
        fresh.insert(row.try_get_by_index::<Uuid>(0)?);
    }
    let mut inbox = Rows::new(INBOX);
    let mut missing = fresh.clone();
    for row in &sorted {
        let delivery = &row.delivery;
        if missing.remove(&delivery.id.uuid()) {
            inbox.push([
                delivery.business_id.uuid().into(),
                delivery.id.uuid().into(),
                "ready".into(),
                0_i64.into(),
                delivery.received_at.millis().into(),
            ]);
        }
    }
    if !inbox.is_empty() {
        inbox.insert(txn.conn(), txn.dialect(), "inbox", "").await?;
        txn.news().ready();
    }
    // An id that stands twice was stored once.
    Ok(rows
        .iter()
        .map(|row| {
            let is_fresh = fresh.remove(&row.delivery.id.uuid());
            if is_fresh { Received::Stored } else { Received::Duplicate }
        })
        .collect())
}

fn values(row: &Packed) -> [Value; 13] {
    let delivery = &row.delivery;
    [
        delivery.business_id.uuid().into(),
        delivery.id.uuid().into(),
        delivery.connection_id.uuid().into(),
        delivery.source.as_str().into(),
        delivery.topic.as_str().into(),
        delivery.webhook_id.as_str().into(),
        delivery.event_id.clone().into(),
        delivery.api_version.clone().into(),
        delivery.triggered_at.map(Timestamp::millis).into(),
        delivery.received_at.millis().into(),
        delivery.body_hash.to_vec().into(),
        delivery.body.clone().into(),
        row.encoding.as_str().into(),
    ]
}
