//! What was ever told about an object, for its timeline (F5).

use domain::delivery::{DeliveryState, Failure, Outcome, Source};
use domain::id::{ConnectionId, DeliveryId, ExternalId};
use domain::refined::ObjectType;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::failure_of;
use crate::row::{self, Of};
use crate::{StoreError, Tenant};

const INBOX: Of = Of("inbox");

/// Deliveries that one call gives at most.
const DELIVERIES_MAX: u32 = 1_000;

/// A delivery and what became of it, without its body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeliveryTrace {
    /// Its id.
    pub id: DeliveryId,
    /// The connection that it came by.
    pub connection_id: ConnectionId,
    /// Where it came from.
    pub source: Source,
    /// What it was about, in the store's words.
    pub topic: String,
    /// The sender's id of it.
    pub webhook_id: String,
    /// The sender's id of the event behind it.
    pub event_id: Option<String>,
    /// When the store sent it first.
    pub triggered_at: Option<Timestamp>,
    /// When we got it.
    pub received_at: Timestamp,
    /// SHA-256 of its body.
    pub body_hash: [u8; 32],
    /// Where it is.
    pub state: DeliveryState,
    /// Attempts so far.
    pub attempts: u32,
    /// What it came to, where it is done.
    pub outcome: Option<Outcome>,
    /// Why the last attempt failed, where one did.
    pub failure: Option<Failure>,
    /// When it was finished, if it is.
    pub finished_at: Option<Timestamp>,
}

impl Tenant {
    /// The deliveries about an object, the one that came in first first, those after `after`, at most `limit` and a
    /// thousand. A delivery is about an object once it was read, so those that wait to be read first are absent.
    pub async fn deliveries_of(
        &self,
        kind: ObjectType,
        id: ExternalId,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<DeliveryTrace>, StoreError> {
        let mut values: Vec<Value> =
            vec![self.business_id().uuid().into(), id.0.into(), kind.as_str().into()];
        let mut beyond = "";
        if let Some(after) = after {
            beyond = "AND i.delivery_id > ?";
            values.push(after.uuid().into());
        }
        values.push(i64::from(limit.min(DELIVERIES_MAX)).into());
        let sql = format!(
            "SELECT i.delivery_id, d.connection_id, d.source, d.topic, d.webhook_id, d.event_id,
                 d.triggered_at, d.received_at, d.body_hash, i.state, i.attempts, i.outcome,
                 i.failure_code, i.failure_detail, i.finished_at
             FROM inbox AS i
             JOIN delivery AS d ON d.business_id = i.business_id AND d.delivery_id = i.delivery_id
             WHERE i.business_id = ? AND i.object_id = ? AND i.object_type = ? {beyond}
             ORDER BY i.delivery_id LIMIT ?"
        );
        let statement = self.dialect().statement(&sql, values);
        let rows = self.reader().query_all_raw(statement).await?;
        rows.iter().map(read_trace).collect()
    }

    /// The deliveries about an order, as [`Tenant::deliveries_of`].
    pub async fn deliveries_of_order(
        &self,
        order: ExternalId,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<DeliveryTrace>, StoreError> {
        self.deliveries_of(ObjectType::Order, order, after, limit).await
    }
}

fn read_trace(row: &QueryResult) -> Result<DeliveryTrace, StoreError> {
    let (source, state): (String, String) = (row.try_get_by_index(2)?, row.try_get_by_index(9)?);
    let outcome: Option<String> = row.try_get_by_index(11)?;
    let code: Option<String> = row.try_get_by_index(12)?;
    let time = |millis: Option<i64>| millis.map(row::time);
    Ok(DeliveryTrace {
        id: DeliveryId::from_uuid(row.try_get_by_index(0)?),
        connection_id: ConnectionId::from_uuid(row.try_get_by_index(1)?),
        source: INBOX.word("source", &source, Source::parse)?,
        topic: row.try_get_by_index(3)?,
        webhook_id: row.try_get_by_index(4)?,
        event_id: row.try_get_by_index(5)?,
        triggered_at: time(row.try_get_by_index(6)?),
        received_at: row::time(row.try_get_by_index(7)?),
        body_hash: INBOX.hash("body_hash", row.try_get_by_index(8)?)?,
        state: INBOX.word("state", &state, DeliveryState::parse)?,
        attempts: INBOX.count("attempts", row.try_get_by_index(10)?)?,
        outcome: match outcome {
            Some(outcome) => Some(INBOX.word("outcome", &outcome, Outcome::parse)?),
            None => None,
        },
        failure: failure_of(INBOX, code.as_deref(), row.try_get_by_index(13)?)?,
        finished_at: time(row.try_get_by_index(14)?),
    })
}
