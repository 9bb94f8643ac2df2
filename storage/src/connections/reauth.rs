//! Tokens that the store no longer takes.

use domain::connection::ConnectionStatus;
use domain::id::ConnectionId;
use domain::secret::Secret;
use domain::time::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, QuerySelect};

use super::secrets::open;
use super::update_live;
use crate::entity::connection::Column;
use crate::entity::{connection, connection_secret};
use crate::{StoreError, Tenant};

impl Tenant {
    /// Notes that the store refused `token`, which the connection made at `connected_at` was called with: the merchant
    /// has to connect again. Returns whether it was noted.
    ///
    /// A refusal says nothing about what has come since. Where the token was renewed meanwhile, or the merchant has
    /// connected again, nothing changes; nor does anything but the status.
    pub async fn require_reauth(
        &self,
        id: ConnectionId,
        connected_at: Timestamp,
        token: &Secret,
    ) -> Result<bool, StoreError> {
        let (business, keys, token) = (self.business_id(), self.keys().clone(), token.clone());
        self.write(move |txn| {
            Box::pin(async move {
                let status = ConnectionStatus::ReauthRequired.as_str();
                let columns = [(Column::Status, Expr::value(status))];
                let key = (business.uuid(), id.uuid());
                // Locked in the order in which connecting writes them, and until the end: a renewal or a new connection
                // that is being stored comes before or after, not in between.
                let made = connection::Entity::find_by_id(key).lock_exclusive();
                let made = made.one(txn.conn()).await?.map(|made| made.connected_at);
                let secrets = connection_secret::Entity::find_by_id(key).lock_exclusive();
                let Some(secrets) = secrets.one(txn.conn()).await? else {
                    return Ok(false);
                };
                let is_same = made == Some(connected_at.millis())
                    && open(&keys, &secrets)?.access_token == token;
                Ok(is_same && update_live(txn, (business, id), columns).await?)
            })
        })
        .await
    }
}
