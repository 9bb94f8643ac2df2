//! Tokens of a connection, sealed to their row.

use domain::id::{BusinessId, ConnectionId};
use domain::secret::Secret;
use domain::time::Timestamp;
use sea_orm::EntityTrait;

use crate::entity::connection_secret::{Entity, Model};
use crate::secret::{Keyring, Place};
use crate::sql::{Column, Rows, bytes, int, uuid};
use crate::writer::Txn;
use crate::{StoreError, Tenant, row};

/// What the store granted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConnectionSecrets {
    /// The access token.
    pub access_token: Secret,
    /// When it ends; none for one that does not.
    pub access_token_expires_at: Option<Timestamp>,
    /// The token that gets the next access token.
    pub refresh_token: Option<Secret>,
    /// When that one ends.
    pub refresh_token_expires_at: Option<Timestamp>,
}

const TABLE: &str = "connection_secret";
const COLUMNS: &[Column] = &[
    uuid("business_id"),
    uuid("connection_id"),
    bytes("access_token"),
    int("access_token_expires_at").or_null(),
    bytes("refresh_token").or_null(),
    int("refresh_token_expires_at").or_null(),
    int("updated_at"),
];
const REPLACE: &str = " ON CONFLICT (business_id, connection_id) DO UPDATE SET \
    access_token = excluded.access_token, \
    access_token_expires_at = excluded.access_token_expires_at, \
    refresh_token = excluded.refresh_token, \
    refresh_token_expires_at = excluded.refresh_token_expires_at, \
    updated_at = excluded.updated_at";

impl Tenant {
    /// A connection's secrets; none where it has ended. Fails where they cannot be opened: with a wrong key, or after
    /// somebody changed or moved them (S0.10).
    pub async fn secrets(
        &self,
        connection: ConnectionId,
    ) -> Result<Option<ConnectionSecrets>, StoreError> {
        let key = (self.business_id().uuid(), connection.uuid());
        let model = Entity::find_by_id(key).one(self.reader()).await?;
        model.map(|model| open(self.keys(), &model)).transpose()
    }

    /// Replaces a live connection's secrets. Stored before they are used: the store takes the former ones back as soon
    /// as it sees the new.
    pub async fn save_secrets(
        &self,
        connection: ConnectionId,
        secrets: &ConnectionSecrets,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let business = self.business_id();
        let sealed = Sealed::of(self.keys(), business, connection, secrets)?;
        self.write(move |txn| {
            Box::pin(async move {
                let key = (business.uuid(), connection.uuid());
                let connection = crate::entity::connection::Entity::find_by_id(key);
                let stored = connection.one(txn.conn()).await?;
                if stored.is_none_or(|one| one.status == "disconnected") {
                    return Err(StoreError::NotFound("live connection"));
                }
                sealed.write(txn, now).await
            })
        })
        .await
    }
}

/// Secrets as they are stored.
pub(super) struct Sealed {
    business: BusinessId,
    connection: ConnectionId,
    access_token: Vec<u8>,
    access_token_expires_at: Option<Timestamp>,
    refresh_token: Option<Vec<u8>>,
    refresh_token_expires_at: Option<Timestamp>,
}

impl Sealed {
    pub(super) fn of(
        keys: &Keyring,
        business: BusinessId,
        connection: ConnectionId,
        secrets: &ConnectionSecrets,
    ) -> Result<Self, StoreError> {
        let seal = |column, secret: &Secret| {
            keys.seal(&place(column, business, connection), secret.reveal().as_bytes())
        };
        let refresh_token = secrets.refresh_token.as_ref();
        Ok(Self {
            business,
            connection,
            access_token: seal("access_token", &secrets.access_token)?,
            access_token_expires_at: secrets.access_token_expires_at,
            refresh_token: refresh_token.map(|token| seal("refresh_token", token)).transpose()?,
            refresh_token_expires_at: secrets.refresh_token_expires_at,
        })
    }

    pub(super) async fn write(self, txn: &mut Txn, now: Timestamp) -> Result<(), StoreError> {
        let mut rows = Rows::new(COLUMNS);
        rows.push([
            self.business.uuid().into(),
            self.connection.uuid().into(),
            self.access_token.into(),
            self.access_token_expires_at.map(Timestamp::millis).into(),
            self.refresh_token.into(),
            self.refresh_token_expires_at.map(Timestamp::millis).into(),
            now.millis().into(),
        ]);
        rows.insert(txn.conn(), txn.dialect(), TABLE, REPLACE).await?;
        Ok(())
    }
}

pub(super) fn open(keys: &Keyring, model: &Model) -> Result<ConnectionSecrets, StoreError> {
    let business = BusinessId::from_uuid(model.business_id);
    let connection = ConnectionId::from_uuid(model.connection_id);
    let open = |column, blob: &[u8]| {
        let plain = keys.open(&place(column, business, connection), blob)?;
        let text = String::from_utf8(plain).map_err(|_| StoreError::corrupt(TABLE, "not text"))?;
        Ok::<_, StoreError>(Secret::new(text))
    };
    let refresh_token = model.refresh_token.as_deref();
    Ok(ConnectionSecrets {
        access_token: open("access_token", &model.access_token)?,
        access_token_expires_at: model.access_token_expires_at.map(row::time),
        refresh_token: refresh_token.map(|blob| open("refresh_token", blob)).transpose()?,
        refresh_token_expires_at: model.refresh_token_expires_at.map(row::time),
    })
}

fn place(column: &'static str, business: BusinessId, connection: ConnectionId) -> Place<'static> {
    Place { table: TABLE, column, business_id: business, connection_id: connection }
}
