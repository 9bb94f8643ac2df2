//! The requests: opened when they come, closed when they are met.

use domain::activity::NewActivity;
use domain::id::{BusinessId, ConnectionId, DeliveryId, ExternalId};
use domain::page::{Page, PageRequest};
use domain::privacy::{Counts, DUE_WITHIN, Mark, PrivacyState, PrivacyTopic, StoredRequest};
use domain::time::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait as _, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::PRIVACY_SCHEDULE;
use super::tombstone::{self, Plot};
use crate::entity::privacy_request::{Column, Entity, Model};
use crate::page::{Sort, by_id, id_of, keyset, page_of};
use crate::schedule::ensure;
use crate::writer::Txn;
use crate::{StoreError, Tenant, row};

const REQUEST: row::Of = row::Of("privacy_request");

const OPEN: &str = "
    INSERT INTO privacy_request (business_id, delivery_id, connection_id, topic, state, orders,
        counts, requested_at, due_at)
    VALUES (?, ?, ?, ?, 'open', '[]', '{}', ?, ?) ON CONFLICT DO NOTHING";
const CLOSE: &str = "
    UPDATE privacy_request SET state = ?, orders = ?, counts = ?, note = ?, completed_at = ?
    WHERE business_id = ? AND delivery_id = ? AND state = 'open'";
// Whoever holds a delivery of the business has read it without the tombstones; what it decided is void. The attempt is
// given back, since it was not its fault.
const TAKE_BACK: &str = "
    UPDATE inbox SET state = 'ready', lease_token = NULL, attempts = attempts - 1, run_at = ?
    WHERE business_id = ? AND state = 'running' AND delivery_id <> ?";

/// A request on its way in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewPrivacyRequest {
    /// The delivery that brought it.
    pub delivery_id: DeliveryId,
    /// The connection that it came by.
    pub connection_id: ConnectionId,
    /// What is asked.
    pub topic: PrivacyTopic,
    /// By what the person is known again; they are to be erased.
    pub tombstones: Vec<Mark>,
    /// When it came.
    pub requested_at: Timestamp,
    /// What the feed tells of it.
    pub event: NewActivity,
}

impl Tenant {
    /// Notes a request, and that it is to be met from `now` on. Where a person is to be erased, nothing brings them in
    /// from here on. Returns whether it is new: done again it changes nothing.
    pub async fn open_privacy_request(
        &self,
        new: NewPrivacyRequest,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (business, keys) = (self.business_id(), self.keys().clone());
        self.write(move |txn| {
            Box::pin(async move {
                let due_at = new.requested_at + DUE_WITHIN;
                let values = [
                    business.uuid().into(),
                    new.delivery_id.uuid().into(),
                    new.connection_id.uuid().into(),
                    new.topic.as_str().into(),
                    new.requested_at.millis().into(),
                    due_at.millis().into(),
                ];
                let statement = txn.dialect().statement(OPEN, values);
                if txn.conn().execute_raw(statement).await?.rows_affected() == 0 {
                    return Ok(false);
                }
                if !new.tombstones.is_empty() {
                    let plot = Plot {
                        business: business.uuid(),
                        request: new.delivery_id.uuid(),
                        connection: new.connection_id.uuid(),
                        erased_at: new.requested_at.millis(),
                    };
                    tombstone::add(txn, &keys, plot, &new.tombstones).await?;
                    take_back(txn, business.uuid(), new.delivery_id, now).await?;
                }
                ensure(txn, business, PRIVACY_SCHEDULE, new.connection_id, now).await?;
                txn.publish(business, &[new.event]).await?;
                Ok(true)
            })
        })
        .await
    }

    /// A page of requests of these topics, the one that came last first.
    pub async fn privacy_requests(
        &self,
        topics: &[PrivacyTopic],
        request: &PageRequest,
    ) -> Result<Page<StoredRequest>, StoreError> {
        let place = match &request.cursor {
            Some(cursor) => Some([id_of::<Uuid>(cursor)?.into()]),
            None => None,
        };
        let select = Entity::find()
            .filter(Column::BusinessId.eq(self.business_id().uuid()))
            .filter(Column::Topic.is_in(topics.iter().map(|topic| topic.as_str())));
        let columns = [Column::DeliveryId];
        let models =
            keyset(select, request, Sort::NewestFirst, columns, place).all(self.reader()).await?;
        page_of(request, models, |model| by_id(&model.delivery_id), read)
    }

    /// A request.
    pub async fn privacy_request(
        &self,
        id: DeliveryId,
    ) -> Result<Option<StoredRequest>, StoreError> {
        let key = (self.business_id().uuid(), id.uuid());
        Entity::find_by_id(key).one(self.reader()).await?.map(read).transpose()
    }

    /// A connection's open requests, the oldest first.
    pub async fn open_privacy_requests(
        &self,
        connection: ConnectionId,
    ) -> Result<Vec<StoredRequest>, StoreError> {
        let models = Entity::find()
            .filter(Column::BusinessId.eq(self.business_id().uuid()))
            .filter(Column::ConnectionId.eq(connection.uuid()))
            .filter(Column::State.eq(PrivacyState::Open.as_str()))
            .order_by_asc(Column::DeliveryId)
            .all(self.reader())
            .await?;
        models.into_iter().map(read).collect()
    }

    /// Leaves an open request as it is, for a reason. Returns whether it was open.
    pub async fn hold_privacy_request(
        &self,
        id: DeliveryId,
        note: &'static str,
        event: NewActivity,
    ) -> Result<bool, StoreError> {
        let business = self.business_id();
        self.write(move |txn| {
            Box::pin(async move {
                let closed = Closed { state: PrivacyState::Held, note: Some(note), at: None };
                let held = close(txn, business.uuid(), id, closed, (&[], &Counts::new())).await?;
                if held {
                    txn.publish(business, &[event]).await?;
                }
                Ok(held)
            })
        })
        .await
    }
}

/// How a request ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Closed {
    pub(super) state: PrivacyState,
    pub(super) note: Option<&'static str>,
    pub(super) at: Option<Timestamp>,
}

/// Closes an open request. Returns whether it was open.
pub(super) async fn close(
    txn: &Txn,
    business: Uuid,
    id: DeliveryId,
    closed: Closed,
    (orders, counts): (&[ExternalId], &Counts),
) -> Result<bool, StoreError> {
    let values = [
        closed.state.as_str().into(),
        serde_json::json!(orders).to_string().into(),
        serde_json::json!(counts).to_string().into(),
        closed.note.into(),
        closed.at.map(Timestamp::millis).into(),
        business.into(),
        id.uuid().into(),
    ];
    let statement = txn.dialect().statement(CLOSE, values);
    Ok(txn.conn().execute_raw(statement).await?.rows_affected() > 0)
}

/// Adds to what an open request came to so far, and gives the sum.
pub(super) async fn add_counts(
    txn: &Txn,
    business: BusinessId,
    id: DeliveryId,
    counts: &mut Counts,
) -> Result<(), StoreError> {
    let key = (business.uuid(), id.uuid());
    let stored = Entity::find_by_id(key).one(txn.conn()).await?;
    let stored = stored.ok_or(StoreError::NotFound("privacy request"))?;
    for (table, rows) in REQUEST.json::<Counts>("counts", &stored.counts)? {
        *counts.entry(table).or_default() += rows;
    }
    counts.retain(|_, rows| *rows > 0);
    let values =
        [serde_json::json!(counts).to_string().into(), business.uuid().into(), id.uuid().into()];
    let sql = "UPDATE privacy_request SET counts = ? WHERE business_id = ? AND delivery_id = ?";
    txn.conn().execute_raw(txn.dialect().statement(sql, values)).await?;
    Ok(())
}

/// Takes all deliveries back from their workers but one.
pub(super) async fn take_back(
    txn: &mut Txn,
    business: Uuid,
    but: DeliveryId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let values = [now.millis().into(), business.into(), but.uuid().into()];
    txn.conn().execute_raw(txn.dialect().statement(TAKE_BACK, values)).await?;
    txn.news().ready();
    Ok(())
}

fn read(model: Model) -> Result<StoredRequest, StoreError> {
    Ok(StoredRequest {
        id: DeliveryId::from_uuid(model.delivery_id),
        connection_id: ConnectionId::from_uuid(model.connection_id),
        topic: REQUEST.word("topic", &model.topic, PrivacyTopic::parse)?,
        state: REQUEST.word("state", &model.state, PrivacyState::parse)?,
        orders: REQUEST.json("orders", &model.orders)?,
        counts: REQUEST.json("counts", &model.counts)?,
        note: model.note,
        requested_at: row::time(model.requested_at),
        due_at: row::time(model.due_at),
        completed_at: model.completed_at.map(row::time),
    })
}
