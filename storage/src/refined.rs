//! Reads of the refined layer: what we know of the store.

mod body;
mod order;
mod product;

use std::collections::HashMap;

use domain::id::ExternalId;
use domain::refined::{Authority, ObjectType, Version};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

pub use order::{StoredLine, StoredOrder};
pub use product::{StoredProduct, StoredVariant};

use crate::page::parts;
use crate::{StoreError, Tenant, row};

impl Tenant {
    /// The stored versions of objects of a kind; those that are not stored are absent.
    pub async fn versions(
        &self,
        kind: ObjectType,
        ids: &[ExternalId],
    ) -> Result<HashMap<ExternalId, Version>, StoreError> {
        let mut versions = HashMap::with_capacity(ids.len());
        for part in parts(ids) {
            let rows = match kind {
                ObjectType::Order => self.order_versions(part).await?,
                ObjectType::Product => self.product_versions(part).await?,
            };
            for (id, updated_at, authority, body_hash) in rows {
                let of = row::Of(kind.as_str());
                let version = version_of(of, updated_at, &authority, body_hash)?;
                versions.insert(ExternalId(id), version);
            }
        }
        Ok(versions)
    }

    async fn order_versions(&self, ids: Vec<ExternalId>) -> Result<Vec<VersionRow>, StoreError> {
        use crate::entity::shopify_order::{Column, Entity};
        let columns = [Column::OrderId, Column::UpdatedAt, Column::Authority, Column::BodyHash];
        let rows = Entity::find()
            .select_only()
            .columns(columns)
            .filter(Column::BusinessId.eq(self.business_id().uuid()))
            .filter(Column::OrderId.is_in(ids.into_iter().map(|id| id.0)))
            .into_tuple()
            .all(self.reader())
            .await?;
        Ok(rows)
    }

    async fn product_versions(&self, ids: Vec<ExternalId>) -> Result<Vec<VersionRow>, StoreError> {
        use crate::entity::shopify_product::{Column, Entity};
        let columns = [Column::ProductId, Column::UpdatedAt, Column::Authority, Column::BodyHash];
        let rows = Entity::find()
            .select_only()
            .columns(columns)
            .filter(Column::BusinessId.eq(self.business_id().uuid()))
            .filter(Column::ProductId.is_in(ids.into_iter().map(|id| id.0)))
            .into_tuple()
            .all(self.reader())
            .await?;
        Ok(rows)
    }
}

/// Id, `updated_at`, authority and body hash.
type VersionRow = (i64, i64, String, Vec<u8>);

pub(crate) fn version_of(
    of: row::Of,
    updated_at: i64,
    authority: &str,
    body_hash: Vec<u8>,
) -> Result<Version, StoreError> {
    Ok(Version {
        updated_at: row::time(updated_at),
        authority: of.word("authority", authority, Authority::parse)?,
        body_hash: of.hash("body_hash", body_hash)?,
    })
}
