//! Reading deliveries back.

use domain::code::Code;
use domain::delivery::{
    Claimed, DeadLetter, DeliveryState, Failure, LeaseToken, NewDelivery, Outcome, Source,
};
use domain::id::{BusinessId, ConnectionId, DeliveryId, ExternalId};
use domain::page::{Cursor, Direction, Page, PageRequest};
use domain::refined::ObjectType;
use domain::time::Timestamp;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, EntityTrait, FromQueryResult, QueryResult, Value,
};
use uuid::Uuid;

use super::body::unpack;
use super::claim::Taken;
use crate::entity::{delivery, inbox};
use crate::error::StoreError;
use crate::sql::Dialect;
use crate::{Storage, Tenant};

/// A delivery with what became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredDelivery {
    /// What came in.
    pub delivery: NewDelivery,
    /// Where it is.
    pub state: DeliveryState,
    /// Attempts so far.
    pub attempts: u32,
    /// What it came to, where it is done.
    pub outcome: Option<Outcome>,
    /// Why the last attempt failed, where one did.
    pub failure: Option<Failure>,
}

/// Reads the deliveries of these keys, with `more` of each.
fn by_keys(dialect: Dialect, more: &str) -> String {
    let keys = match dialect {
        Dialect::Sqlite => {
            "(SELECT unhex(substr(value, 1, 32)) AS business_id,
                     unhex(substr(value, 33)) AS delivery_id FROM json_each(?))"
        }
        Dialect::Postgres => {
            "(SELECT * FROM unnest(?::uuid[], ?::uuid[]) AS k (business_id, delivery_id))"
        }
    };
    format!(
        "SELECT d.*{more} FROM {keys} AS keys CROSS JOIN delivery AS d
         WHERE d.business_id = keys.business_id AND d.delivery_id = keys.delivery_id"
    )
}

/// Whether its business has tombstones: read with each delivery, it costs a look into a table that is mostly empty.
const ERASED: &str = ", EXISTS (SELECT 1 FROM tombstone AS t
    WHERE t.business_id = d.business_id) AS has_tombstones";

/// Reads the deliveries of these keys, with `more` of each, in any order; those that are not stored are absent.
async fn read_all(
    conn: &DatabaseConnection,
    dialect: Dialect,
    keys: &[(Uuid, Uuid)],
    more: &str,
) -> Result<Vec<QueryResult>, StoreError> {
    let values: Vec<Value> = match dialect {
        Dialect::Sqlite => {
            let keys = keys
                .iter()
                .map(|(business, delivery)| format!("{}{}", business.simple(), delivery.simple()));
            vec![dialect.texts(keys)]
        }
        Dialect::Postgres => {
            let (businesses, deliveries): (Vec<Uuid>, Vec<Uuid>) = keys.iter().copied().unzip();
            vec![businesses.into(), deliveries.into()]
        }
    };
    Ok(conn.query_all_raw(dialect.statement(&by_keys(dialect, more), values)).await?)
}

fn read_one(row: &QueryResult) -> Result<NewDelivery, StoreError> {
    delivery_of(delivery::Model::from_query_result(row, "")?)
}

/// Deliveries of a business, with their bodies, in any order; those that are not stored are absent.
pub(crate) async fn deliveries(
    tenant: &Tenant,
    ids: &[DeliveryId],
) -> Result<Vec<NewDelivery>, StoreError> {
    let business = tenant.business_id().uuid();
    let keys: Vec<_> = ids.iter().map(|id| (business, id.uuid())).collect();
    let rows = read_all(tenant.reader(), tenant.dialect(), &keys, "").await?;
    rows.iter().map(read_one).collect()
}

/// Adds their content to deliveries that were taken under `lease`.
pub(crate) async fn claimed(
    storage: &Storage,
    taken: &[Taken],
    lease: LeaseToken,
) -> Result<Vec<Claimed>, StoreError> {
    let keys: Vec<_> = taken.iter().map(|taken| (taken.business_id, taken.delivery_id)).collect();
    let rows = read_all(storage.reader(), storage.dialect(), &keys, ERASED).await?;
    let attempts: std::collections::HashMap<Uuid, u32> =
        taken.iter().map(|taken| (taken.delivery_id, taken.attempt)).collect();
    let claimed = rows.iter().map(|row| {
        let delivery = read_one(row)?;
        let attempt = attempts.get(&delivery.id.uuid()).copied().unwrap_or(1);
        let erased = row.try_get("", "has_tombstones")?;
        Ok(Claimed { delivery, attempt, lease, erased })
    });
    let mut claimed = claimed.collect::<Result<Vec<_>, StoreError>>()?;
    // Oldest first, whatever order the database found them in.
    claimed.sort_by_key(|claimed| (claimed.delivery.received_at, claimed.delivery.id));
    Ok(claimed)
}

pub(crate) fn delivery_of(row: delivery::Model) -> Result<NewDelivery, StoreError> {
    let corrupt = |detail: &str| StoreError::corrupt("delivery", detail);
    Ok(NewDelivery {
        business_id: BusinessId::from_uuid(row.business_id),
        id: DeliveryId::from_uuid(row.delivery_id),
        connection_id: ConnectionId::from_uuid(row.connection_id),
        source: Source::parse(&row.source).ok_or_else(|| corrupt("unknown source"))?,
        topic: row.topic,
        webhook_id: row.webhook_id,
        event_id: row.event_id,
        api_version: row.api_version,
        triggered_at: row.triggered_at.map(Timestamp::from_millis),
        received_at: Timestamp::from_millis(row.received_at),
        body_hash: row.body_hash.try_into().map_err(|_| corrupt("a hash of another length"))?,
        body: unpack(row.body, &row.body_encoding)?,
    })
}

impl Tenant {
    /// A delivery of this business, with its body.
    pub async fn delivery(&self, id: DeliveryId) -> Result<Option<StoredDelivery>, StoreError> {
        let key = (self.business_id().uuid(), id.uuid());
        let content = delivery::Entity::find_by_id(key).one(self.reader()).await?;
        let state = inbox::Entity::find_by_id(key).one(self.reader()).await?;
        let Some((content, row)) = content.zip(state) else {
            return Ok(None);
        };
        Ok(Some(StoredDelivery {
            delivery: delivery_of(content)?,
            state: DeliveryState::parse(&row.state)
                .ok_or_else(|| StoreError::corrupt("inbox", "unknown state"))?,
            attempts: attempts_of(row.attempts)?,
            outcome: row.outcome.as_deref().and_then(Outcome::parse),
            failure: failure_of(row.failure_code, row.failure_detail)?,
        }))
    }

    /// Dead letters, the newest first. A page's key is the time when the delivery came in.
    pub async fn dead_letters(
        &self,
        request: &PageRequest,
    ) -> Result<Page<DeadLetter>, StoreError> {
        // Ids sort by the time when a delivery came in, so the index of dead letters is in the list's order.
        let (beyond, order) = match request.direction {
            Direction::Forward => ("<", "DESC"),
            Direction::Backward => (">", "ASC"),
        };
        let mut values: Vec<Value> = vec![self.business_id().uuid().into()];
        let mut after = String::new();
        if let Some(cursor) = &request.cursor {
            let id = Uuid::try_parse(&cursor.id)
                .map_err(|_| StoreError::NotFound("place in this list"))?;
            after = format!("AND i.delivery_id {beyond} ?");
            values.push(id.into());
        }
        values.push(i64::from(request.limit.saturating_add(1)).into());
        let sql = format!(
            "SELECT d.delivery_id, d.source, d.topic, d.webhook_id, d.received_at, i.attempts,
                 i.failure_code, i.failure_detail, i.object_type, i.object_id
             FROM inbox AS i
             JOIN delivery AS d ON d.business_id = i.business_id AND d.delivery_id = i.delivery_id
             WHERE i.business_id = ? AND i.state = 'dead' {after}
             ORDER BY i.delivery_id {order} LIMIT ?"
        );
        let rows = self.reader().query_all_raw(self.dialect().statement(&sql, values)).await?;
        let rows = rows.iter().map(dead_letter_of).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::from_overfetch(request, rows))
    }
}

fn dead_letter_of(row: &QueryResult) -> Result<(Cursor, DeadLetter), StoreError> {
    let id = DeliveryId::from_uuid(row.try_get_by_index(0)?);
    let source: String = row.try_get_by_index(1)?;
    let received_at: i64 = row.try_get_by_index(4)?;
    let object_type: Option<String> = row.try_get_by_index(8)?;
    let object_id: Option<i64> = row.try_get_by_index(9)?;
    let letter = DeadLetter {
        id,
        source: Source::parse(&source)
            .ok_or_else(|| StoreError::corrupt("delivery", "unknown source"))?,
        topic: row.try_get_by_index(2)?,
        webhook_id: row.try_get_by_index(3)?,
        received_at: Timestamp::from_millis(received_at),
        attempts: attempts_of(row.try_get_by_index(5)?)?,
        failure: failure_of(row.try_get_by_index(6)?, row.try_get_by_index(7)?)?
            .ok_or_else(|| StoreError::corrupt("inbox", "a dead letter without a reason"))?,
        object: object_type.as_deref().and_then(ObjectType::parse).zip(object_id.map(ExternalId)),
    };
    Ok((Cursor { key: received_at, id: id.to_string() }, letter))
}

fn attempts_of(attempts: i64) -> Result<u32, StoreError> {
    u32::try_from(attempts).map_err(|_| StoreError::corrupt("inbox", "attempts below nothing"))
}

fn failure_of(code: Option<String>, detail: Option<String>) -> Result<Option<Failure>, StoreError> {
    let Some(code) = code else { return Ok(None) };
    let code = Code::parse(&code).ok_or_else(|| StoreError::corrupt("inbox", "unknown code"))?;
    Ok(Some(Failure::new(code, detail.unwrap_or_default())))
}
