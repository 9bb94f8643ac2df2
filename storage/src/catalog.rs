//! The POS's catalogue and its links to store variants.

mod holding;
mod link;
mod product;

use std::collections::{BTreeSet, HashMap};

use domain::id::ExternalId;
use domain::link::{LinkOrigin, Links};
use domain::page::{Page, PageRequest};
use domain::pos::PosProduct;
use domain::time::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::entity::{link as link_entity, pos_product};
use crate::page::{Sort, by_id, keyset, page_of, parts};
use crate::{StoreError, Tenant, row};

pub use holding::{HOLDING_ORDERS_MAX, Holding};
pub use link::{LINKED_VARIANTS_MAX, Relinked};

use product::{read_product, unambiguous};

/// A link between a store variant and a POS product.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredLink {
    /// The store's variant.
    pub variant_id: ExternalId,
    /// The POS product.
    pub pos_product_id: String,
    /// How it came about.
    pub origin: LinkOrigin,
    /// When.
    pub created_at: Timestamp,
}

impl Tenant {
    /// A page of the catalogue, by id.
    pub async fn pos_product_page(
        &self,
        request: &PageRequest,
    ) -> Result<Page<PosProduct>, StoreError> {
        use pos_product::{Column, Entity};
        let place = request.cursor.as_ref().map(|cursor| [cursor.id.as_str().into()]);
        let select = Entity::find().filter(Column::BusinessId.eq(self.business_id().uuid()));
        let columns = [Column::PosProductId];
        let models =
            keyset(select, request, Sort::OldestFirst, columns, place).all(self.reader()).await?;
        page_of(request, models, |model| by_id(&model.pos_product_id), read_product)
    }

    /// Several products of the catalogue, by id; those that are not in it are absent.
    pub async fn pos_products(
        &self,
        ids: &[String],
    ) -> Result<HashMap<String, PosProduct>, StoreError> {
        use pos_product::{Column, Entity};
        let mut products = HashMap::with_capacity(ids.len());
        for part in parts(ids) {
            let models = Entity::find()
                .filter(Column::BusinessId.eq(self.business_id().uuid()))
                .filter(Column::PosProductId.is_in(part))
                .all(self.reader())
                .await?;
            for model in models {
                products.insert(model.pos_product_id.clone(), read_product(model)?);
            }
        }
        Ok(products)
    }

    /// Which POS product carries each of these SKUs. A SKU that several carry is absent: linking by it would be a
    /// guess, and a wrong guess moves the wrong stock. One that is on sale outweighs those that are not.
    pub async fn products_by_sku(
        &self,
        skus: &[String],
    ) -> Result<HashMap<String, String>, StoreError> {
        use pos_product::{Column, Entity};
        let distinct: BTreeSet<_> = skus.iter().cloned().collect();
        let mut carriers = Vec::new();
        for part in parts(&Vec::from_iter(distinct)) {
            let rows: Vec<(String, String, bool)> = Entity::find()
                .select_only()
                .columns([Column::Sku, Column::PosProductId, Column::Active])
                .filter(Column::BusinessId.eq(self.business_id().uuid()))
                .filter(Column::Sku.is_in(part))
                .into_tuple()
                .all(self.reader())
                .await?;
            carriers.extend(rows);
        }
        Ok(unambiguous(carriers))
    }

    /// The links of these variants; those without one are absent.
    pub async fn links(&self, variants: &[ExternalId]) -> Result<Links, StoreError> {
        let stored = self.stored_links(variants).await?;
        Ok(stored.into_iter().map(|(variant, link)| (variant, link.pos_product_id)).collect())
    }

    /// As [`Tenant::links`], with how and when each came about.
    pub async fn stored_links(
        &self,
        variants: &[ExternalId],
    ) -> Result<HashMap<ExternalId, StoredLink>, StoreError> {
        use link_entity::{Column, Entity};
        let mut links = HashMap::with_capacity(variants.len());
        for part in parts(variants) {
            let models = Entity::find()
                .filter(Column::BusinessId.eq(self.business_id().uuid()))
                .filter(Column::VariantId.is_in(part.into_iter().map(|id| id.0)))
                .all(self.reader())
                .await?;
            for model in models {
                links.insert(ExternalId(model.variant_id), read_link(model)?);
            }
        }
        Ok(links)
    }
}

fn read_link(model: link_entity::Model) -> Result<StoredLink, StoreError> {
    Ok(StoredLink {
        variant_id: ExternalId(model.variant_id),
        pos_product_id: model.pos_product_id,
        origin: row::Of("link").word("origin", &model.origin, origin_named)?,
        created_at: row::time(model.created_at),
    })
}

fn origin_named(name: &str) -> Option<LinkOrigin> {
    [LinkOrigin::Manual, LinkOrigin::Sku].into_iter().find(|origin| origin.as_str() == name)
}
