//! Looking through what is held, to find a person in it.

use domain::delivery::NewDelivery;
use domain::id::{ConnectionId, DeliveryId, ExternalId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::entity::{delivery, shopify_order};
use crate::inbox::delivery_of;
use crate::{StoreError, Tenant};

/// Bodies that one call gives: some megabytes.
const BODIES_MAX: u64 = 200;

impl Tenant {
    /// The deliveries that came by a connection, oldest first, those behind `after`: at most two hundred, fewer only at
    /// the end.
    pub async fn deliveries_by(
        &self,
        connection: ConnectionId,
        after: Option<DeliveryId>,
    ) -> Result<Vec<NewDelivery>, StoreError> {
        use delivery::{Column, Entity};
        let after = after.map_or_else(Uuid::nil, DeliveryId::uuid);
        let models = Entity::find()
            .filter(Column::BusinessId.eq(self.business_id().uuid()))
            .filter(Column::DeliveryId.gt(after))
            .filter(Column::ConnectionId.eq(connection.uuid()))
            .order_by_asc(Column::DeliveryId)
            .limit(BODIES_MAX)
            .all(self.reader())
            .await?;
        models.into_iter().map(delivery_of).collect()
    }

    /// Orders of a customer that came by a connection.
    pub async fn orders_of_customer(
        &self,
        connection: ConnectionId,
        customer: ExternalId,
    ) -> Result<Vec<ExternalId>, StoreError> {
        use shopify_order::{Column, Entity};
        let ids: Vec<i64> = Entity::find()
            .select_only()
            .column(Column::OrderId)
            .filter(Column::BusinessId.eq(self.business_id().uuid()))
            .filter(Column::ConnectionId.eq(connection.uuid()))
            .filter(Column::CustomerId.eq(customer.0))
            .into_tuple()
            .all(self.reader())
            .await?;
        Ok(ids.into_iter().map(ExternalId).collect())
    }

    /// Which of these orders came by another connection of the business.
    pub async fn orders_elsewhere(
        &self,
        connection: ConnectionId,
        orders: &[ExternalId],
    ) -> Result<Vec<ExternalId>, StoreError> {
        use shopify_order::{Column, Entity};
        let mut elsewhere = Vec::new();
        for part in crate::page::parts(orders) {
            let ids: Vec<i64> = Entity::find()
                .select_only()
                .column(Column::OrderId)
                .filter(Column::BusinessId.eq(self.business_id().uuid()))
                .filter(Column::ConnectionId.ne(connection.uuid()))
                .filter(Column::OrderId.is_in(part.into_iter().map(|id| id.0)))
                .into_tuple()
                .all(self.reader())
                .await?;
            elsewhere.extend(ids.into_iter().map(ExternalId));
        }
        Ok(elsewhere)
    }

    /// Whether a person was taken out of a delivery's body.
    pub async fn is_erased(&self, id: DeliveryId) -> Result<bool, StoreError> {
        let key = (self.business_id().uuid(), id.uuid());
        let found = delivery::Entity::find_by_id(key).one(self.reader()).await?;
        Ok(found.is_some_and(|model| model.erased_at.is_some()))
    }
}
