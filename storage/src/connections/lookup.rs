//! Finding the connection that something came in by.

use domain::connection::Connection;
use domain::id::{BusinessId, ConnectionId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{path, read_connection};
use crate::entity::connection::{Column, Entity};
use crate::entity::shop_directory;
use crate::{StoreError, System};

impl System {
    /// A connection by the token in the address that a webhook came to, ended ones included: what still comes in for
    /// them is answered and left alone.
    pub async fn connection_by_path(&self, token: &str) -> Result<Option<Connection>, StoreError> {
        let Some((business, hash)) = path::parse(token) else {
            return Ok(None);
        };
        let model = Entity::find()
            .filter(Column::BusinessId.eq(business.uuid()))
            .filter(Column::PathTokenHash.eq(hash.to_vec()))
            .one(self.reader())
            .await?;
        model.map(read_connection).transpose()
    }

    /// The connection that a shop belongs to, or belonged to last, whichever business it is of.
    pub async fn connection_by_shop(
        &self,
        provider: &str,
        shop: &str,
    ) -> Result<Option<Connection>, StoreError> {
        let key = (provider.to_owned(), shop.to_owned());
        let entry = shop_directory::Entity::find_by_id(key).one(self.reader()).await?;
        let Some(entry) = entry else { return Ok(None) };
        let (business, id) = (
            BusinessId::from_uuid(entry.business_id),
            ConnectionId::from_uuid(entry.connection_id),
        );
        self.connection(business, id).await
    }

    /// A connection by its id.
    pub async fn connection(
        &self,
        business: BusinessId,
        id: ConnectionId,
    ) -> Result<Option<Connection>, StoreError> {
        self.storage().tenant(business).connection_by_id(id).await
    }

    /// All live connections, for start-up checks and schedules.
    pub async fn live_connections(&self) -> Result<Vec<Connection>, StoreError> {
        let models =
            Entity::find().filter(Column::Status.ne("disconnected")).all(self.reader()).await?;
        models.into_iter().map(read_connection).collect()
    }
}
