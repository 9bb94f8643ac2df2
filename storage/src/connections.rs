//! Connections, their secrets, and the directory of shops.
//!
//! **Whose shop it is.** A shop belongs to one business at a time: `shop_directory` names it. The entry stays when the
//! business disconnects, because the store goes on sending for a while and those deliveries must find the connection
//! that they belong to. From then on another business may connect the shop and takes the entry over; until it does, the
//! entry keeps pointing to the ended connection.
//!
//! **Connecting again** gives a business its former connection to the shop back: the same id, the same path in the
//! webhooks' address, the same cut-over. Deliveries on their way find it, and orders that have moved stock are not taken
//! for history, which would move it back.
//!
//! **The path.** Each connection's webhooks come to an address with a token that only the store and we know. The token is
//! made of the business's id and a code that is derived from our key and the connection's id. Stored is its SHA-256 only:
//! whoever reads the database cannot make one, and we can tell it again when subscriptions are to be repaired.

mod lookup;
mod path;
mod reauth;
mod save;
mod secrets;

use std::collections::BTreeSet;

use domain::connection::{Connection, ConnectionStatus, SubscriptionResult};
use domain::id::{BusinessId, ConnectionId};
use domain::time::Timestamp;
use sea_orm::sea_query::{Expr, IntoCondition};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};

use crate::entity::connection::{Column, Entity, Model};
use crate::entity::{connection_secret, schedule};
use crate::privacy::PRIVACY_SCHEDULE;
use crate::writer::Txn;
use crate::{StoreError, Tenant, row};

pub use save::Saved;
pub use secrets::ConnectionSecrets;

const CONNECTION: row::Of = row::Of("connection");

impl Tenant {
    /// All connections, ended ones included, the one made last first.
    pub async fn connections(&self) -> Result<Vec<Connection>, StoreError> {
        let models = Entity::find()
            .filter(Column::BusinessId.eq(self.business_id().uuid()))
            .order_by_desc(Column::ConnectedAt)
            .order_by_desc(Column::ConnectionId)
            .all(self.reader())
            .await?;
        models.into_iter().map(read_connection).collect()
    }

    /// The connection to a store system: the live one, or else the one made last.
    pub async fn connection(&self, provider: &str) -> Result<Option<Connection>, StoreError> {
        let connections = self.connections().await?;
        let mut of_provider: Vec<_> =
            connections.into_iter().filter(|one| one.provider == provider).collect();
        // Stable: among the ended ones the newest stays first.
        of_provider.sort_by_key(|one| !one.status.is_live());
        Ok(of_provider.into_iter().next())
    }

    /// A connection by its id.
    pub async fn connection_by_id(
        &self,
        id: ConnectionId,
    ) -> Result<Option<Connection>, StoreError> {
        let key = (self.business_id().uuid(), id.uuid());
        let model = Entity::find_by_id(key).one(self.reader()).await?;
        model.map(read_connection).transpose()
    }

    /// Writes a live connection's status, scopes and subscriptions. Returns whether there was one: an ended connection
    /// stays as it is, so that work that was under way cannot bring it back. To end one see [`Tenant::disconnect`].
    pub async fn update_connection(&self, connection: &Connection) -> Result<bool, StoreError> {
        if !connection.status.is_live() {
            return Err(StoreError::Conflict("a connection ends by being disconnected"));
        }
        let key = (self.business_id(), connection.id);
        let columns = [
            (Column::Status, Expr::value(connection.status.as_str())),
            (Column::GrantedScopes, Expr::value(scopes_text(&connection.granted_scopes))),
            (Column::Subscriptions, Expr::value(subscriptions_text(&connection.subscriptions))),
        ];
        self.write(move |txn| Box::pin(async move { update_live(txn, key, columns).await })).await
    }

    /// Writes which subscriptions of a connection stand, and the status that follows. Returns whether it did: where the
    /// merchant has connected again or has to, that is what counts.
    pub async fn note_subscriptions(
        &self,
        looked_at: &Connection,
        subscriptions: &[SubscriptionResult],
        status: ConnectionStatus,
    ) -> Result<bool, StoreError> {
        let key = (self.business_id(), looked_at.id);
        let columns = [
            (Column::Status, Expr::value(status.as_str())),
            (Column::Subscriptions, Expr::value(subscriptions_text(subscriptions))),
        ];
        let works = [ConnectionStatus::Active, ConnectionStatus::Degraded];
        let as_it_was = Condition::all()
            .add(Column::ConnectedAt.eq(looked_at.connected_at.millis()))
            .add(Column::Status.is_in(works.map(ConnectionStatus::as_str)));
        self.write(move |txn| {
            Box::pin(async move { update_live_where(txn, key, columns, as_it_was).await })
        })
        .await
    }

    /// Notes that everything up to `at` was read from the store. Returns whether the connection is live.
    pub async fn connection_synced(
        &self,
        id: ConnectionId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let key = (self.business_id(), id);
        let columns = [(Column::LastSyncedAt, Expr::value(at.millis()))];
        self.write(move |txn| Box::pin(async move { update_live(txn, key, columns).await })).await
    }

    /// Ends a connection that was made at or before `made_by`: its secrets and schedules are removed, but not what it
    /// still has to do about persons; what came in by it stays. Returns whether it did. To end one twice changes nothing (S0.11), and one that was made again since is
    /// left alone: whoever wants it ended speaks of the former one (S4.33).
    pub async fn disconnect(
        &self,
        id: ConnectionId,
        made_by: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let key = (self.business_id(), id);
        self.write(move |txn| Box::pin(async move { end(txn, key, made_by, now).await })).await
    }
}

/// Ends a connection that was made at or before `made_by`, in a transaction that does more. Returns whether it did.
pub(crate) async fn end(
    txn: &mut Txn,
    (business, id): (BusinessId, ConnectionId),
    made_by: Timestamp,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let columns = [
        (Column::Status, Expr::value(ConnectionStatus::Disconnected.as_str())),
        (Column::EndedAt, Expr::value(now.millis())),
    ];
    let former = Column::ConnectedAt.lte(made_by.millis());
    if !update_live_where(txn, (business, id), columns, former).await? {
        return Ok(false);
    }
    connection_secret::Entity::delete_many()
        .filter(connection_secret::Column::BusinessId.eq(business.uuid()))
        .filter(connection_secret::Column::ConnectionId.eq(id.uuid()))
        .exec(txn.conn())
        .await?;
    schedule::Entity::delete_many()
        .filter(schedule::Column::BusinessId.eq(business.uuid()))
        .filter(schedule::Column::ConnectionId.eq(id.uuid()))
        .filter(schedule::Column::Kind.ne(PRIVACY_SCHEDULE))
        .exec(txn.conn())
        .await?;
    Ok(true)
}

async fn update_live<const N: usize>(
    txn: &mut Txn,
    key: (BusinessId, ConnectionId),
    columns: [(Column, Expr); N],
) -> Result<bool, StoreError> {
    update_live_where(txn, key, columns, Condition::all()).await
}

/// Changes columns of a live connection, if it is as `as_it_is` says.
async fn update_live_where<const N: usize>(
    txn: &mut Txn,
    (business, id): (BusinessId, ConnectionId),
    columns: [(Column, Expr); N],
    as_it_is: impl IntoCondition,
) -> Result<bool, StoreError> {
    let mut update = Entity::update_many();
    for (column, value) in columns {
        update = update.col_expr(column, value);
    }
    let updated = update
        .filter(Column::BusinessId.eq(business.uuid()))
        .filter(Column::ConnectionId.eq(id.uuid()))
        .filter(Column::Status.ne(ConnectionStatus::Disconnected.as_str()))
        .filter(as_it_is)
        .exec(txn.conn())
        .await?;
    Ok(updated.rows_affected > 0)
}

pub(super) fn read_connection(model: Model) -> Result<Connection, StoreError> {
    Ok(Connection {
        id: ConnectionId::from_uuid(model.connection_id),
        business_id: BusinessId::from_uuid(model.business_id),
        provider: model.provider,
        shop: model.shop,
        status: CONNECTION.word("status", &model.status, ConnectionStatus::parse)?,
        granted_scopes: CONNECTION.json("granted_scopes", &model.granted_scopes)?,
        connected_at: row::time(model.connected_at),
        ended_at: model.ended_at.map(row::time),
        cutover_at: row::time(model.cutover_at),
        last_synced_at: model.last_synced_at.map(row::time),
        subscriptions: read_subscriptions(&model.subscriptions)?,
    })
}

/// A subscription as it stands in the row.
#[derive(Serialize, Deserialize)]
struct SubscriptionText {
    topic: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

fn read_subscriptions(text: &str) -> Result<Vec<SubscriptionResult>, StoreError> {
    let texts: Vec<SubscriptionText> = CONNECTION.json("subscriptions", text)?;
    let read = |text: SubscriptionText| SubscriptionResult {
        topic: text.topic,
        result: text.id.ok_or_else(|| text.error.unwrap_or_default()),
    };
    Ok(texts.into_iter().map(read).collect())
}

fn subscriptions_text(subscriptions: &[SubscriptionResult]) -> String {
    let texts: Vec<_> = subscriptions
        .iter()
        .map(|subscription| SubscriptionText {
            topic: subscription.topic.clone(),
            id: subscription.result.clone().ok(),
            error: subscription.result.clone().err(),
        })
        .collect();
    serde_json::json!(texts).to_string()
}

fn scopes_text(scopes: &BTreeSet<String>) -> String {
    serde_json::json!(scopes).to_string()
}
