//! The store's locations that stock is pushed to.

use domain::id::{ConnectionId, ExternalId};
use domain::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::entity::push_location::{ActiveModel, Column, Entity};
use crate::{StoreError, Tenant};

impl Tenant {
    /// The locations that stock of a connection's store is pushed to, each with whether it is the primary one.
    pub async fn push_locations(
        &self,
        connection_id: ConnectionId,
    ) -> Result<Vec<(ExternalId, bool)>, StoreError> {
        let rows = Entity::find()
            .filter(Column::BusinessId.eq(self.business_id().uuid()))
            .filter(Column::ConnectionId.eq(connection_id.uuid()))
            .order_by_asc(Column::LocationId)
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(|row| (ExternalId(row.location_id), row.is_primary)).collect())
    }

    /// Has stock be pushed to the primary location of a connection's store. One that is noted already stays.
    pub async fn add_push_location(
        &self,
        connection_id: ConnectionId,
        location: ExternalId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let row = ActiveModel {
            business_id: Set(self.business_id().uuid()),
            connection_id: Set(connection_id.uuid()),
            location_id: Set(location.0),
            is_primary: Set(true),
            created_at: Set(now.millis()),
        };
        self.write(move |txn| {
            Box::pin(async move {
                let keep = OnConflict::new().do_nothing().to_owned();
                let insert = Entity::insert(row).on_conflict(keep);
                insert.exec_without_returning(txn.conn()).await?;
                Ok(())
            })
        })
        .await
    }
}
