//! What is held of a store's objects, and what their deliveries came to, as a reconciliation needs it.

use std::collections::{BTreeMap, HashMap};

use domain::code::Code;
use domain::delivery::DeliveryState;
use domain::id::{ConnectionId, DeliveryId, ExternalId};
use domain::reconcile::{Held, Trace, Window};
use domain::refined::ObjectType;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use crate::inbox::unpack;
use crate::row::{self, Of};
use crate::{StoreError, Tenant};

const INBOX: Of = Of("inbox");

/// What is stored of the delivery that an object was refined from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HeldBytes {
    /// Its body, and the hash that the body has to have.
    Stored {
        /// Of what came.
        hash: [u8; 32],
        /// What is there.
        body: Vec<u8>,
    },
    /// A person was taken out of its body. It is the delivery of that hash.
    Erased,
    /// Nothing.
    Absent,
}

impl Tenant {
    /// What is held of these objects; those that are not held are absent.
    pub async fn held_of(
        &self,
        kind: ObjectType,
        ids: &[ExternalId],
    ) -> Result<BTreeMap<ExternalId, Held>, StoreError> {
        let Table { name, id } = table(kind);
        let sql = format!(
            "SELECT {id}, created_at, updated_at, delivery_id, removed_at FROM {name}
             WHERE business_id = ? AND {id} {}",
            self.dialect().in_list()
        );
        let values =
            vec![self.business_id().uuid().into(), self.dialect().ints(ids.iter().map(|id| id.0))];
        let held = self.read_held(&sql, values).await?;
        Ok(held.into_iter().map(|held| (held.id, held)).collect())
    }

    /// What a connection brought of the ids above `after`, up to `until` where that is said, that was made in the window
    /// and is not marked as removed; at most `limit` of them, by id.
    pub async fn held_between(
        &self,
        (connection, kind): (ConnectionId, ObjectType),
        window: &Window,
        (after, until): (Option<ExternalId>, Option<ExternalId>),
        limit: u32,
    ) -> Result<Vec<Held>, StoreError> {
        let Table { name, id } = table(kind);
        // The signs keep the planner off the index by time: a page is a short range of ids, and a window most of all rows.
        let sql = format!(
            "SELECT {id}, created_at, updated_at, delivery_id, removed_at FROM {name}
             WHERE business_id = ? AND {id} > ? AND {id} <= ? AND connection_id = ?
                 AND +created_at >= ? AND +created_at < ? AND removed_at IS NULL
             ORDER BY {id} LIMIT ?"
        );
        let values = vec![
            self.business_id().uuid().into(),
            after.map_or(i64::MIN, |after| after.0).into(),
            until.map_or(i64::MAX, |until| until.0).into(),
            connection.uuid().into(),
            window.from.map_or(i64::MIN, Timestamp::millis).into(),
            window.until.millis().into(),
            i64::from(limit).into(),
        ];
        self.read_held(&sql, values).await
    }

    /// What is stored of the deliveries that these objects were refined from; an object that is not held is absent.
    pub async fn held_bytes(
        &self,
        kind: ObjectType,
        ids: &[ExternalId],
    ) -> Result<BTreeMap<ExternalId, HeldBytes>, StoreError> {
        let Table { name, id } = table(kind);
        let sql = format!(
            "SELECT o.{id}, o.body_hash, d.body, d.body_encoding, d.body_hash, d.erased_at FROM {name} AS o
             LEFT JOIN delivery AS d
                 ON d.business_id = o.business_id AND d.delivery_id = o.delivery_id
             WHERE o.business_id = ? AND o.{id} {}",
            self.dialect().in_list()
        );
        let values =
            [self.business_id().uuid().into(), self.dialect().ints(ids.iter().map(|id| id.0))];
        let rows = self.reader().query_all_raw(self.dialect().statement(&sql, values)).await?;
        let read = rows.iter().map(|row| {
            let hash = Of(name).hash("body_hash", row.try_get_by_index(1)?)?;
            let body: Option<Vec<u8>> = row.try_get_by_index(2)?;
            let encoding: Option<String> = row.try_get_by_index(3)?;
            let came: Option<Vec<u8>> = row.try_get_by_index(4)?;
            let erased_at: Option<i64> = row.try_get_by_index(5)?;
            let held = match body.zip(encoding) {
                None => HeldBytes::Absent,
                Some(_) if erased_at.is_some() && came.is_some_and(|came| came == hash) => {
                    HeldBytes::Erased
                }
                // What cannot be unpacked is not what came: that it differs is for the caller to say.
                Some((body, encoding)) => {
                    HeldBytes::Stored { hash, body: unpack(body, &encoding).unwrap_or_default() }
                }
            };
            Ok((ExternalId(row.try_get_by_index(0)?), held))
        });
        read.collect()
    }

    /// Deliveries of these objects that are not finished well.
    pub async fn open_deliveries(
        &self,
        kind: ObjectType,
        ids: &[ExternalId],
    ) -> Result<HashMap<ExternalId, Vec<Trace>>, StoreError> {
        let mut traces: HashMap<_, Vec<_>> = HashMap::new();
        if ids.is_empty() {
            return Ok(traces);
        }
        let sql = format!(
            "SELECT object_id, delivery_id, state, failure_code FROM inbox
             WHERE business_id = ? AND object_id {} AND object_type = ? AND state <> 'done'",
            self.dialect().in_list()
        );
        let values = [
            self.business_id().uuid().into(),
            self.dialect().ints(ids.iter().map(|id| id.0)),
            kind.as_str().into(),
        ];
        for row in self.reader().query_all_raw(self.dialect().statement(&sql, values)).await? {
            let state: String = row.try_get_by_index(2)?;
            let code: Option<String> = row.try_get_by_index(3)?;
            let trace = Trace {
                delivery_id: DeliveryId::from_uuid(row.try_get_by_index(1)?),
                state: INBOX.word("state", &state, DeliveryState::parse)?,
                code: code.as_deref().and_then(Code::parse),
            };
            traces.entry(ExternalId(row.try_get_by_index(0)?)).or_default().push(trace);
        }
        Ok(traces)
    }

    /// Whether deliveries wait that nobody has read yet.
    pub async fn has_unread(&self) -> Result<bool, StoreError> {
        let statement = self.dialect().statement(
            "SELECT 1 FROM inbox WHERE business_id = ? AND state IN ('ready', 'running')
                 AND object_id IS NULL LIMIT 1",
            [self.business_id().uuid().into()],
        );
        Ok(self.reader().query_one_raw(statement).await?.is_some())
    }

    /// The states of deliveries; those that are not stored are absent.
    pub async fn delivery_states(
        &self,
        ids: &[DeliveryId],
    ) -> Result<HashMap<DeliveryId, DeliveryState>, StoreError> {
        use crate::entity::inbox::{Column, Entity};
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
        let mut states = HashMap::with_capacity(ids.len());
        for part in crate::page::parts(ids) {
            let rows: Vec<(Uuid, String)> = Entity::find()
                .select_only()
                .columns([Column::DeliveryId, Column::State])
                .filter(Column::BusinessId.eq(self.business_id().uuid()))
                .filter(Column::DeliveryId.is_in(part.into_iter().map(DeliveryId::uuid)))
                .into_tuple()
                .all(self.reader())
                .await?;
            for (id, state) in rows {
                let state = INBOX.word("state", &state, DeliveryState::parse)?;
                states.insert(DeliveryId::from_uuid(id), state);
            }
        }
        Ok(states)
    }

    /// The delivery that has the sender's id.
    pub async fn delivery_by_sender(
        &self,
        webhook_id: &str,
    ) -> Result<Option<DeliveryId>, StoreError> {
        let statement = self.dialect().statement(
            "SELECT delivery_id FROM delivery WHERE business_id = ? AND webhook_id = ?",
            [self.business_id().uuid().into(), webhook_id.into()],
        );
        let row = self.reader().query_one_raw(statement).await?;
        let id: Option<Uuid> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        Ok(id.map(DeliveryId::from_uuid))
    }

    async fn read_held(&self, sql: &str, values: Vec<Value>) -> Result<Vec<Held>, StoreError> {
        let rows = self.reader().query_all_raw(self.dialect().statement(sql, values)).await?;
        rows.iter().map(read_held).collect()
    }
}

/// Where objects of a kind are held.
struct Table {
    name: &'static str,
    id: &'static str,
}

fn table(kind: ObjectType) -> Table {
    match kind {
        ObjectType::Order => Table { name: "shopify_order", id: "order_id" },
        ObjectType::Product => Table { name: "shopify_product", id: "product_id" },
    }
}

fn read_held(row: &QueryResult) -> Result<Held, StoreError> {
    let created_at: Option<i64> = row.try_get_by_index(1)?;
    let removed_at: Option<i64> = row.try_get_by_index(4)?;
    Ok(Held {
        id: ExternalId(row.try_get_by_index(0)?),
        created_at: created_at.map(row::time),
        updated_at: row::time(row.try_get_by_index(2)?),
        delivery_id: DeliveryId::from_uuid(row.try_get_by_index(3)?),
        removed: removed_at.is_some(),
    })
}
