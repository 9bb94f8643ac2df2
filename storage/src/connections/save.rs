//! Connecting: the shop is claimed, the connection written, its secrets sealed, all or nothing.

use domain::connection::{Business, Connection};
use domain::id::ConnectionId;
use domain::time::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::path::{self, PathToken};
use super::secrets::Sealed;
use super::{ConnectionSecrets, read_connection, scopes_text, subscriptions_text};
use crate::entity::connection::{Column as C, Entity, Model};
use crate::secret::Keyring;
use crate::sql::{Column, Dialect, Rows, bytes, int, text, uuid};
use crate::system::found;
use crate::writer::Txn;
use crate::{StoreError, Tenant};

/// A connection that was saved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Saved {
    /// As it is stored: of a shop that was connected before, with the former id and cut-over.
    pub connection: Connection,
    /// The token in the address of its webhooks. To know it is to reach the connection's door, so it is shown to the
    /// store only; what comes in there is signed all the same.
    pub path_token: String,
    /// Whether the business had connected the shop before.
    pub reconnected: bool,
}

const COLUMNS: &[Column] = &[
    uuid("business_id"),
    uuid("connection_id"),
    text("provider"),
    text("shop"),
    text("status"),
    bytes("path_token_hash").or_null(),
    text("granted_scopes"),
    text("subscriptions"),
    int("connected_at"),
    int("ended_at").or_null(),
    int("cutover_at"),
    int("last_synced_at").or_null(),
];
const REPLACE: &str = " ON CONFLICT (business_id, connection_id) DO UPDATE SET \
    status = excluded.status, path_token_hash = excluded.path_token_hash, \
    granted_scopes = excluded.granted_scopes, subscriptions = excluded.subscriptions, \
    connected_at = excluded.connected_at, ended_at = excluded.ended_at, \
    cutover_at = excluded.cutover_at, last_synced_at = excluded.last_synced_at";

const CLAIM: &str = "INSERT INTO shop_directory (provider, shop, business_id, connection_id) \
    VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
const HOLDER: &str =
    "SELECT business_id, connection_id FROM shop_directory WHERE provider = ? AND shop = ?";
const ENTER: &str = "UPDATE shop_directory SET business_id = ?, connection_id = ? \
    WHERE provider = ? AND shop = ?";
const IS_LIVE: &str = "SELECT 1 FROM connection \
    WHERE business_id = ? AND connection_id = ? AND status <> 'disconnected'";

impl Tenant {
    /// Connects a shop, or connects it again. Refused where a live connection of another business holds the shop
    /// ([`StoreError::ShopTaken`]), or where this business has a live connection to another shop of the same store
    /// system ([`StoreError::AlreadyConnected`]).
    pub async fn save_connection(
        &self,
        connection: &Connection,
        secrets: &ConnectionSecrets,
        now: Timestamp,
    ) -> Result<Saved, StoreError> {
        self.save(None, connection, secrets, now).await
    }

    /// Connects the shop of a business that does not exist yet, which comes to be together with the connection: where
    /// connecting is refused, as by [`Tenant::save_connection`], there is no business either.
    pub async fn found_connection(
        &self,
        business: Business,
        connection: &Connection,
        secrets: &ConnectionSecrets,
    ) -> Result<Saved, StoreError> {
        if business.id != self.business_id() {
            return Err(StoreError::Conflict("another business is to be founded"));
        }
        let now = business.created_at;
        self.save(Some(business), connection, secrets, now).await
    }

    async fn save(
        &self,
        founded: Option<Business>,
        connection: &Connection,
        secrets: &ConnectionSecrets,
        now: Timestamp,
    ) -> Result<Saved, StoreError> {
        if connection.business_id != self.business_id() {
            return Err(StoreError::Conflict("the connection belongs to another business"));
        }
        let (keys, connection, secrets) =
            (self.keys().clone(), connection.clone(), secrets.clone());
        self.write(move |txn| {
            Box::pin(async move {
                if let Some(business) = founded {
                    found(txn, business).await?;
                }
                save(txn, &keys, connection, &secrets, now).await
            })
        })
        .await
    }

    /// The token in the address of a connection's webhooks; none where there is no such connection, or where the key
    /// that made it is no longer at hand.
    pub async fn path_token(&self, id: ConnectionId) -> Result<Option<String>, StoreError> {
        let key = (self.business_id().uuid(), id.uuid());
        let model = Entity::find_by_id(key).one(self.reader()).await?;
        Ok(model.and_then(|model| known_token(self.keys(), &model)).map(|token| token.text))
    }
}

async fn save(
    txn: &mut Txn,
    keys: &Keyring,
    mut connection: Connection,
    secrets: &ConnectionSecrets,
    now: Timestamp,
) -> Result<Saved, StoreError> {
    claim_shop(txn, &connection).await?;
    let own = own_connections(txn, &connection).await?;
    if own.iter().any(|one| one.status != "disconnected" && one.shop != connection.shop) {
        return Err(StoreError::AlreadyConnected);
    }
    let former = own.into_iter().find(|one| one.shop == connection.shop);
    let mut token = None;
    let reconnected = former.is_some();
    if let Some(former) = former {
        token = known_token(keys, &former);
        let former = read_connection(former)?;
        connection.id = former.id;
        connection.cutover_at = former.cutover_at;
        connection.last_synced_at = former.last_synced_at;
    }
    let token = token.or_else(|| path::tokens(keys, connection.business_id, connection.id).next());
    let token = token.ok_or_else(|| StoreError::corrupt("connection", "no key is at hand"))?;
    connection.ended_at = None;
    write(txn, &connection, &token).await?;
    enter_shop(txn, &connection).await?;
    Sealed::of(keys, connection.business_id, connection.id, secrets)?.write(txn, now).await?;
    Ok(Saved { connection, path_token: token.text, reconnected })
}

/// Makes sure that no other business holds the shop, and keeps others from taking it until the commit.
async fn claim_shop(txn: &mut Txn, connection: &Connection) -> Result<(), StoreError> {
    let dialect = txn.dialect();
    let shop = [connection.provider.as_str().into(), connection.shop.as_str().into()];
    let ids = [connection.business_id.uuid().into(), connection.id.uuid().into()];
    // The row is there from here on: two that insert it at a time wait for each other.
    let values = shop.clone().into_iter().chain(ids);
    txn.conn().execute_raw(dialect.statement(CLAIM, values)).await?;
    // On SQLite a transaction that writes is alone. On Postgres the row is locked before anything is concluded from
    // it, and the next statement sees what its former holder committed.
    let holder = match dialect {
        Dialect::Sqlite => HOLDER.to_owned(),
        Dialect::Postgres => format!("{HOLDER} FOR UPDATE"),
    };
    let holder = txn.conn().query_one_raw(dialect.statement(&holder, shop)).await?;
    let holder = holder.ok_or_else(|| StoreError::corrupt("shop_directory", "a row vanished"))?;
    let business: Uuid = holder.try_get_by_index(0)?;
    let id: Uuid = holder.try_get_by_index(1)?;
    if business == connection.business_id.uuid() {
        return Ok(());
    }
    let live = dialect.statement(IS_LIVE, [business.into(), id.into()]);
    match txn.conn().query_one_raw(live).await? {
        Some(_) => Err(StoreError::ShopTaken),
        None => Ok(()),
    }
}

async fn enter_shop(txn: &mut Txn, connection: &Connection) -> Result<(), StoreError> {
    let values = [
        connection.business_id.uuid().into(),
        connection.id.uuid().into(),
        connection.provider.as_str().into(),
        connection.shop.as_str().into(),
    ];
    txn.conn().execute_raw(txn.dialect().statement(ENTER, values)).await?;
    Ok(())
}

/// The business's connections to the store system, the one made last first.
async fn own_connections(txn: &mut Txn, connection: &Connection) -> Result<Vec<Model>, StoreError> {
    let models = Entity::find()
        .filter(C::BusinessId.eq(connection.business_id.uuid()))
        .filter(C::Provider.eq(connection.provider.as_str()))
        .order_by_desc(C::ConnectedAt)
        .all(txn.conn())
        .await?;
    Ok(models)
}

async fn write(
    txn: &mut Txn,
    connection: &Connection,
    token: &PathToken,
) -> Result<(), StoreError> {
    let mut rows = Rows::new(COLUMNS);
    rows.push([
        connection.business_id.uuid().into(),
        connection.id.uuid().into(),
        connection.provider.as_str().into(),
        connection.shop.as_str().into(),
        connection.status.as_str().into(),
        token.hash.to_vec().into(),
        scopes_text(&connection.granted_scopes).into(),
        subscriptions_text(&connection.subscriptions).into(),
        connection.connected_at.millis().into(),
        connection.ended_at.map(Timestamp::millis).into(),
        connection.cutover_at.millis().into(),
        connection.last_synced_at.map(Timestamp::millis).into(),
    ]);
    rows.insert(txn.conn(), txn.dialect(), "connection", REPLACE).await?;
    Ok(())
}

/// The token whose hash a row holds.
fn known_token(keys: &Keyring, model: &Model) -> Option<PathToken> {
    let business = domain::id::BusinessId::from_uuid(model.business_id);
    let id = ConnectionId::from_uuid(model.connection_id);
    path::tokens(keys, business, id)
        .find(|token| model.path_token_hash.as_deref() == Some(&token.hash[..]))
}
