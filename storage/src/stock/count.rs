//! Counting stock: what somebody counted becomes the level.

use domain::id::{BusinessId, MovementId};
use domain::stock::{Location, Reason};
use domain::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{StockLevel, read_level};
use crate::apply::feed;
use crate::entity::{pos_product, stock_level, stock_movement};
use crate::push::{Wanted, want};
use crate::writer::Txn;
use crate::{StoreError, Tenant};

struct Count {
    id: MovementId,
    pos_product_id: String,
    location: Location,
    quantity: i64,
    at: Timestamp,
}

impl Tenant {
    /// Records a count: a movement of the difference between what was counted and what the ledger said, be it none.
    /// Counts and orders of a business take turns, so the level afterwards is what was counted, whatever happens beside
    /// it. Returns that level. The same count again, with the same id, changes nothing; a POS product that is not in
    /// the catalogue cannot be counted.
    pub async fn set_stock(
        &self,
        pos_product_id: &str,
        location: Location,
        quantity: i64,
        now: Timestamp,
        id: MovementId,
    ) -> Result<StockLevel, StoreError> {
        let business = self.business_id().uuid();
        let pos_product_id = pos_product_id.to_owned();
        let count = Count { id, pos_product_id, location, quantity, at: now };
        self.write(move |txn| Box::pin(async move { record(txn, business, count).await })).await
    }
}

async fn record(txn: &mut Txn, business: Uuid, count: Count) -> Result<StockLevel, StoreError> {
    if !is_product(txn, business, &count.pos_product_id).await? {
        return Err(StoreError::NotFound("POS product"));
    }
    let stored = level(txn, business, &count).await?;
    if let (true, Some(stored)) = (is_recorded(txn, business, count.id).await?, &stored) {
        return read_level(stored.clone());
    }
    let before = stored.map_or(0, |level| level.quantity);
    let difference = count
        .quantity
        .checked_sub(before)
        .ok_or(StoreError::Conflict("the quantity is out of range"))?;
    let numbers = feed::reserve(txn, [(BusinessId::from_uuid(business), 0)]).await?;
    stock_movement::Entity::insert(stock_movement::ActiveModel {
        business_id: Set(business),
        movement_id: Set(count.id.uuid()),
        pos_product_id: Set(count.pos_product_id.clone()),
        location: Set(count.location.as_str().to_owned()),
        quantity: Set(difference),
        reason: Set(Reason::Count.as_str().to_owned()),
        order_id: Set(None),
        line_item_id: Set(None),
        number: Set(None),
        block: Set(numbers.block(BusinessId::from_uuid(business))),
        delivery_id: Set(None),
        created_at: Set(count.at.millis()),
    })
    .exec_without_returning(txn.conn())
    .await?;
    let level = stock_level::Model {
        business_id: business,
        pos_product_id: count.pos_product_id,
        location: count.location.as_str().to_owned(),
        quantity: count.quantity,
        updated_at: count.at.millis(),
        counted_at: Some(count.at.millis()),
    };
    write_level(txn, &level).await?;
    let counted = Wanted::from([(business, level.pos_product_id.clone())]);
    want(txn, &counted, count.at).await?;
    read_level(level)
}

async fn is_product(txn: &Txn, business: Uuid, id: &str) -> Result<bool, StoreError> {
    let product =
        pos_product::Entity::find_by_id((business, id.to_owned())).one(txn.conn()).await?;
    Ok(product.is_some())
}

async fn is_recorded(txn: &Txn, business: Uuid, id: MovementId) -> Result<bool, StoreError> {
    let movement =
        stock_movement::Entity::find_by_id((business, id.uuid())).one(txn.conn()).await?;
    Ok(movement.is_some())
}

async fn level(
    txn: &Txn,
    business: Uuid,
    count: &Count,
) -> Result<Option<stock_level::Model>, StoreError> {
    use stock_level::{Column, Entity};
    let level = Entity::find()
        .filter(Column::BusinessId.eq(business))
        .filter(Column::PosProductId.eq(count.pos_product_id.as_str()))
        .filter(Column::Location.eq(count.location.as_str()))
        .one(txn.conn())
        .await?;
    Ok(level)
}

async fn write_level(txn: &Txn, level: &stock_level::Model) -> Result<(), StoreError> {
    use stock_level::{ActiveModel, Column, Entity};
    let row = ActiveModel {
        business_id: Set(level.business_id),
        pos_product_id: Set(level.pos_product_id.clone()),
        location: Set(level.location.clone()),
        quantity: Set(level.quantity),
        updated_at: Set(level.updated_at),
        counted_at: Set(level.counted_at),
    };
    Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::BusinessId, Column::PosProductId, Column::Location])
                .update_columns([Column::Quantity, Column::UpdatedAt, Column::CountedAt])
                .to_owned(),
        )
        .exec_without_returning(txn.conn())
        .await?;
    Ok(())
}
