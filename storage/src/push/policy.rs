//! A business's inventory policy.

use domain::push::{InventoryPolicy, NegativePolicy, Ownership, StockBasis};
use domain::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use sea_orm::sea_query::OnConflict;

use crate::entity::inventory_policy::{ActiveModel, Column, Entity, Model};
use crate::row::Of;
use crate::{StoreError, Tenant};

const POLICY: Of = Of("inventory_policy");

impl Tenant {
    /// What the business wants the store to have; [`InventoryPolicy::default`] where it never said.
    pub async fn inventory_policy(&self) -> Result<InventoryPolicy, StoreError> {
        let row = Entity::find_by_id(self.business_id().uuid()).one(self.reader()).await?;
        row.map_or_else(|| Ok(InventoryPolicy::default()), |row| read_policy(&row))
    }

    /// Changes that, in `by`'s name.
    pub async fn set_inventory_policy(
        &self,
        policy: InventoryPolicy,
        by: String,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let row = ActiveModel {
            business_id: Set(self.business_id().uuid()),
            ownership: Set(policy.ownership.as_str().to_owned()),
            basis: Set(policy.basis.as_str().to_owned()),
            buffer: Set(i64::from(policy.buffer)),
            negative: Set(policy.negative.as_str().to_owned()),
            updated_by: Set(by),
            updated_at: Set(now.millis()),
        };
        let columns = [
            Column::Ownership,
            Column::Basis,
            Column::Buffer,
            Column::Negative,
            Column::UpdatedBy,
            Column::UpdatedAt,
        ];
        let replace = OnConflict::column(Column::BusinessId).update_columns(columns).to_owned();
        self.write(move |txn| {
            Box::pin(async move {
                let insert = Entity::insert(row).on_conflict(replace);
                insert.exec_without_returning(txn.conn()).await?;
                Ok(())
            })
        })
        .await
    }
}

fn read_policy(row: &Model) -> Result<InventoryPolicy, StoreError> {
    Ok(InventoryPolicy {
        ownership: POLICY.word("ownership", &row.ownership, Ownership::parse)?,
        basis: POLICY.word("basis", &row.basis, StockBasis::parse)?,
        buffer: POLICY.count("buffer", row.buffer)?,
        negative: POLICY.word("negative", &row.negative, NegativePolicy::parse)?,
    })
}
