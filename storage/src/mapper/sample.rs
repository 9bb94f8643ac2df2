//! What a shadow run tries a mapper on: the newest orders and products, with the bodies that they were read from (F1).

use std::collections::HashMap;

use domain::delivery::NewDelivery;
use domain::id::{DeliveryId, ExternalId};
use domain::refined::{ObjectType, Version};
use domain::time::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::entity::{shopify_order, shopify_product};
use crate::page::parts;
use crate::refined::version_of;
use crate::row::Of;
use crate::{StoreError, Tenant, inbox};

/// An object, the delivery that holds its stored version, and that version's time, authority and hash.
type HolderRow = (i64, Uuid, i64, String, Vec<u8>);

/// Objects that one call gives at most.
const OBJECTS_MAX: u32 = 10_000;

impl Tenant {
    /// The orders that were made last, the newest first, with the times when they were made: those before `after`, at
    /// most `limit` and ten thousand. Orders that the store no longer has are left out.
    pub async fn recent_orders(
        &self,
        limit: u32,
        after: Option<(Timestamp, ExternalId)>,
    ) -> Result<Vec<(Timestamp, ExternalId)>, StoreError> {
        use shopify_order::{Column, Entity};
        let mut select = Entity::find()
            .select_only()
            .columns([Column::CreatedAt, Column::OrderId])
            .filter(Column::BusinessId.eq(self.business_id().uuid()))
            .filter(Column::RemovedAt.is_null());
        if let Some((at, id)) = after {
            // Compared as rows, so that the index is entered at the place itself.
            let row = Expr::tuple([Expr::col(Column::CreatedAt), Expr::col(Column::OrderId)]);
            select = select.filter(row.lt(Expr::tuple([at.millis().into(), id.0.into()])));
        }
        let rows: Vec<(i64, i64)> = select
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::OrderId)
            .limit(u64::from(Ord::min(limit, OBJECTS_MAX)))
            .into_tuple()
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(|(at, id)| (Timestamp::from_millis(at), ExternalId(id))).collect())
    }

    /// Products by their ids, which the store gives out in ascending order, the highest first: those below `after`, at
    /// most `limit` and ten thousand. Products that the store no longer has are left out.
    pub async fn recent_products(
        &self,
        limit: u32,
        after: Option<ExternalId>,
    ) -> Result<Vec<ExternalId>, StoreError> {
        use shopify_product::{Column, Entity};
        let mut select = Entity::find()
            .select_only()
            .column(Column::ProductId)
            .filter(Column::BusinessId.eq(self.business_id().uuid()))
            .filter(Column::RemovedAt.is_null());
        if let Some(id) = after {
            select = select.filter(Column::ProductId.lt(id.0));
        }
        let rows: Vec<i64> = select
            .order_by_desc(Column::ProductId)
            .limit(u64::from(Ord::min(limit, OBJECTS_MAX)))
            .into_tuple()
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(ExternalId).collect())
    }

    /// The deliveries whose bodies are the stored versions of these orders, with those versions. Orders that are not
    /// stored, and those whose body is no longer kept, are absent. All bodies are in memory at once: ask for few.
    pub async fn order_bodies(
        &self,
        ids: &[ExternalId],
    ) -> Result<HashMap<ExternalId, (NewDelivery, Version)>, StoreError> {
        self.bodies(ObjectType::Order, ids).await
    }

    /// As [`Tenant::order_bodies`], of products.
    pub async fn product_bodies(
        &self,
        ids: &[ExternalId],
    ) -> Result<HashMap<ExternalId, (NewDelivery, Version)>, StoreError> {
        self.bodies(ObjectType::Product, ids).await
    }

    async fn bodies(
        &self,
        kind: ObjectType,
        ids: &[ExternalId],
    ) -> Result<HashMap<ExternalId, (NewDelivery, Version)>, StoreError> {
        let mut bodies = HashMap::with_capacity(ids.len());
        for part in parts(ids) {
            // A delivery holds one object's body.
            let mut holders = HashMap::with_capacity(part.len());
            for (id, holder, updated_at, authority, body_hash) in self.holders(kind, part).await? {
                let version = version_of(Of(kind.as_str()), updated_at, &authority, body_hash)?;
                holders.insert(DeliveryId::from_uuid(holder), (ExternalId(id), version));
            }
            let wanted: Vec<DeliveryId> = holders.keys().copied().collect();
            for delivery in inbox::deliveries(self, &wanted).await? {
                if let Some((id, version)) = holders.remove(&delivery.id) {
                    bodies.insert(id, (delivery, version));
                }
            }
        }
        Ok(bodies)
    }

    async fn holders(
        &self,
        kind: ObjectType,
        ids: Vec<ExternalId>,
    ) -> Result<Vec<HolderRow>, StoreError> {
        let business = self.business_id().uuid();
        let ids = ids.into_iter().map(|id| id.0);
        let rows = match kind {
            ObjectType::Order => {
                use shopify_order::{Column, Entity};
                let columns = [
                    Column::OrderId,
                    Column::DeliveryId,
                    Column::UpdatedAt,
                    Column::Authority,
                    Column::BodyHash,
                ];
                let select = Entity::find()
                    .select_only()
                    .columns(columns)
                    .filter(Column::BusinessId.eq(business))
                    .filter(Column::OrderId.is_in(ids));
                select.into_tuple().all(self.reader()).await?
            }
            ObjectType::Product => {
                use shopify_product::{Column, Entity};
                let columns = [
                    Column::ProductId,
                    Column::DeliveryId,
                    Column::UpdatedAt,
                    Column::Authority,
                    Column::BodyHash,
                ];
                let select = Entity::find()
                    .select_only()
                    .columns(columns)
                    .filter(Column::BusinessId.eq(business))
                    .filter(Column::ProductId.is_in(ids));
                select.into_tuple().all(self.reader()).await?
            }
        };
        Ok(rows)
    }
}
