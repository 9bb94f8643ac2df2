//! The address of a business's POS, and the secrets that sign what is sent there.

use domain::id::{BusinessId, ConnectionId};
use domain::outbox::PosEndpoint;
use domain::secret::Secret;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use crate::entity::pos_endpoint::{Entity, Model};
use crate::secret::{Keyring, Place};
use crate::{StoreError, Tenant, row};

const TABLE: &str = "pos_endpoint";
const ENDPOINT: row::Of = row::Of(TABLE);

const REMOVE: [&str; 2] =
    ["DELETE FROM pos_endpoint WHERE business_id = ?", "DELETE FROM outbox WHERE business_id = ?"];

/// What signs: the current secret, and the one before while it is still good.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EndpointSecrets {
    /// Signs from now on.
    pub current: Secret,
    /// Signs beside it until then.
    pub previous: Option<(Secret, Timestamp)>,
}

impl Tenant {
    /// Where the business's POS orders are sent to; none where they are not.
    pub async fn pos_endpoint(&self) -> Result<Option<PosEndpoint>, StoreError> {
        let row = Entity::find_by_id(self.business_id().uuid()).one(self.reader()).await?;
        row.map(read_endpoint).transpose()
    }

    /// The secrets of the endpoint, opened.
    pub async fn endpoint_secrets(&self) -> Result<Option<EndpointSecrets>, StoreError> {
        let row = Entity::find_by_id(self.business_id().uuid()).one(self.reader()).await?;
        row.map(|row| open(self.keys(), &row)).transpose()
    }

    /// Sets the address, and with it the secrets where there are new ones; those that stand are kept otherwise. What
    /// waited goes to the new address at once.
    pub async fn set_pos_endpoint(
        &self,
        url: String,
        secrets: Option<EndpointSecrets>,
        now: Timestamp,
    ) -> Result<PosEndpoint, StoreError> {
        let (business, keys) = (self.business_id(), self.keys().clone());
        self.write(move |txn| {
            Box::pin(async move {
                let stored = Entity::find_by_id(business.uuid()).one(txn.conn()).await?;
                let secrets = match (secrets, &stored) {
                    (Some(secrets), _) => secrets,
                    (None, Some(stored)) => open(&keys, stored)?,
                    (None, None) => return Err(StoreError::NotFound("endpoint")),
                };
                let row = Model {
                    business_id: business.uuid(),
                    url,
                    secret: seal(&keys, business, "secret", &secrets.current)?,
                    previous_until: secrets.previous.as_ref().map(|(_, until)| until.millis()),
                    previous_secret: secrets
                        .previous
                        .map(|(secret, _)| seal(&keys, business, "previous_secret", &secret))
                        .transpose()?,
                    failures: 0,
                    paused_until: 0,
                    gone_at: None,
                    created_at: stored.as_ref().map_or(now.millis(), |stored| stored.created_at),
                    updated_at: now.millis(),
                };
                Entity::delete_by_id(business.uuid()).exec(txn.conn()).await?;
                let insert = Entity::insert(row.clone().into_active_model());
                insert.exec_without_returning(txn.conn()).await?;
                read_endpoint(row)
            })
        })
        .await
    }

    /// Sends nothing any more, and forgets what waited. Returns whether there was an endpoint.
    pub async fn remove_pos_endpoint(&self) -> Result<bool, StoreError> {
        let (business, dialect) = (self.business_id(), self.dialect());
        self.write(move |txn| {
            Box::pin(async move {
                let mut removed = Vec::new();
                for sql in REMOVE {
                    let statement = dialect.statement(sql, [business.uuid().into()]);
                    removed.push(txn.conn().execute_raw(statement).await?.rows_affected());
                }
                Ok(removed.first().is_some_and(|rows| *rows > 0))
            })
        })
        .await
    }
}

pub(super) fn read_endpoint(row: Model) -> Result<PosEndpoint, StoreError> {
    Ok(PosEndpoint {
        business_id: BusinessId::from_uuid(row.business_id),
        url: row.url,
        failures: ENDPOINT.count("failures", row.failures)?,
        paused_until: (row.paused_until > 0).then(|| row::time(row.paused_until)),
        gone_at: row.gone_at.map(row::time),
        created_at: row::time(row.created_at),
        updated_at: row::time(row.updated_at),
    })
}

fn open(keys: &Keyring, row: &Model) -> Result<EndpointSecrets, StoreError> {
    let business = BusinessId::from_uuid(row.business_id);
    let open = |column, blob: &[u8]| {
        let plain = keys.open(&place(column, business), blob)?;
        let text = String::from_utf8(plain).map_err(|_| StoreError::corrupt(TABLE, "not text"))?;
        Ok::<_, StoreError>(Secret::new(text))
    };
    let previous = match (&row.previous_secret, row.previous_until) {
        (Some(blob), Some(until)) => Some((open("previous_secret", blob)?, row::time(until))),
        _ => None,
    };
    Ok(EndpointSecrets { current: open("secret", &row.secret)?, previous })
}

fn seal(
    keys: &Keyring,
    business: BusinessId,
    column: &'static str,
    secret: &Secret,
) -> Result<Vec<u8>, StoreError> {
    Ok(keys.seal(&place(column, business), secret.reveal().as_bytes())?)
}

/// An endpoint belongs to no connection.
fn place(column: &'static str, business: BusinessId) -> Place<'static> {
    let connection_id = ConnectionId::from_uuid(Uuid::nil());
    Place { table: TABLE, column, business_id: business, connection_id }
}
