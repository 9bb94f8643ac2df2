//! Products of the store.

use std::collections::HashMap;

use domain::id::{ConnectionId, DeliveryId, ExternalId};
use domain::page::{Page, PageRequest};
use domain::refined::{ProductStatus, Version};
use domain::time::Timestamp;
use rust_decimal::Decimal;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::version_of;
use crate::entity::{shopify_product, shopify_product_variant};
use crate::page::{Sort, by_id, id_of, keyset, page_of, parts};
use crate::row;
use crate::{StoreError, Tenant};

const PRODUCT: row::Of = row::Of("shopify_product");
const VARIANT: row::Of = row::Of("shopify_product_variant");

/// A product as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredProduct {
    /// The store's id.
    pub id: ExternalId,
    /// The connection that it came by.
    pub connection_id: ConnectionId,
    /// The delivery that holds the body of this version.
    pub delivery_id: DeliveryId,
    /// The name shown to people.
    pub title: String,
    /// The last part of the product's address.
    pub handle: Option<String>,
    /// The vendor.
    pub vendor: Option<String>,
    /// The merchant's own kind.
    pub product_type: Option<String>,
    /// Whether it is on sale.
    pub status: ProductStatus,
    /// Labels.
    pub tags: Vec<String>,
    /// Whether all variants are stored.
    pub variants_complete: bool,
    /// When it was made, where the store told.
    pub created_at: Option<Timestamp>,
    /// Which version this is.
    pub version: Version,
    /// When this version was written here.
    pub written_at: Timestamp,
    /// When the store said that it is gone.
    pub removed_at: Option<Timestamp>,
}

/// A variant of a product as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredVariant {
    /// The store's id.
    pub id: ExternalId,
    /// The product.
    pub product_id: ExternalId,
    /// The name of this form.
    pub title: String,
    /// The seller's own number.
    pub sku: Option<String>,
    /// The number on the barcode.
    pub barcode: Option<String>,
    /// Price of one piece in the shop's currency.
    pub price: Decimal,
    /// The price before a reduction.
    pub compare_at_price: Option<Decimal>,
    /// Its place among the product's variants.
    pub position: i64,
    /// The inventory item behind it.
    pub inventory_item_id: Option<ExternalId>,
    /// Pieces available over all locations, where the store told.
    pub inventory_quantity: Option<i64>,
    /// Whether taxes apply.
    pub taxable: bool,
    /// When the store last changed it.
    pub updated_at: Option<Timestamp>,
}

impl Tenant {
    /// A page of products, the one with the highest number first: the store numbers upwards.
    pub async fn products(&self, request: &PageRequest) -> Result<Page<StoredProduct>, StoreError> {
        use shopify_product::{Column, Entity};
        let place = match &request.cursor {
            Some(cursor) => Some([id_of::<i64>(cursor)?.into()]),
            None => None,
        };
        let select = Entity::find().filter(Column::BusinessId.eq(self.business_id().uuid()));
        let columns = [Column::ProductId];
        let models =
            keyset(select, request, Sort::NewestFirst, columns, place).all(self.reader()).await?;
        page_of(request, models, |model| by_id(&model.product_id), read_product)
    }

    /// A product.
    pub async fn product(&self, id: ExternalId) -> Result<Option<StoredProduct>, StoreError> {
        Ok(self.products_by_id(&[id]).await?.remove(&id))
    }

    /// Several products; those that are not stored are absent.
    pub async fn products_by_id(
        &self,
        ids: &[ExternalId],
    ) -> Result<HashMap<ExternalId, StoredProduct>, StoreError> {
        use shopify_product::{Column, Entity};
        let mut products = HashMap::with_capacity(ids.len());
        for part in parts(ids) {
            let models = Entity::find()
                .filter(Column::BusinessId.eq(self.business_id().uuid()))
                .filter(Column::ProductId.is_in(part.into_iter().map(|id| id.0)))
                .all(self.reader())
                .await?;
            for model in models {
                products.insert(ExternalId(model.product_id), read_product(model)?);
            }
        }
        Ok(products)
    }

    /// The variants of several products, each product's in its own sequence; products without variants are absent.
    pub async fn variants(
        &self,
        products: &[ExternalId],
    ) -> Result<HashMap<ExternalId, Vec<StoredVariant>>, StoreError> {
        use shopify_product_variant::{Column, Entity};
        let mut variants: HashMap<_, Vec<_>> = HashMap::with_capacity(products.len());
        for part in parts(products) {
            let models = Entity::find()
                .filter(Column::BusinessId.eq(self.business_id().uuid()))
                .filter(Column::ProductId.is_in(part.into_iter().map(|id| id.0)))
                .order_by_asc(Column::ProductId)
                .order_by_asc(Column::Position)
                .order_by_asc(Column::VariantId)
                .all(self.reader())
                .await?;
            for model in models {
                let variant = read_variant(model)?;
                variants.entry(variant.product_id).or_default().push(variant);
            }
        }
        Ok(variants)
    }
}

fn read_product(model: shopify_product::Model) -> Result<StoredProduct, StoreError> {
    Ok(StoredProduct {
        id: ExternalId(model.product_id),
        connection_id: ConnectionId::from_uuid(model.connection_id),
        delivery_id: DeliveryId::from_uuid(model.delivery_id),
        title: model.title,
        handle: model.handle,
        vendor: model.vendor,
        product_type: model.product_type,
        status: ProductStatus::parse(&model.status),
        tags: PRODUCT.json("tags", &model.tags)?,
        variants_complete: model.variants_complete,
        created_at: model.created_at.map(row::time),
        version: version_of(PRODUCT, model.updated_at, &model.authority, model.body_hash)?,
        written_at: row::time(model.written_at),
        removed_at: model.removed_at.map(row::time),
    })
}

fn read_variant(model: shopify_product_variant::Model) -> Result<StoredVariant, StoreError> {
    let compare_at_price = model.compare_at_price.as_deref();
    Ok(StoredVariant {
        id: ExternalId(model.variant_id),
        product_id: ExternalId(model.product_id),
        title: model.title,
        sku: model.sku,
        barcode: model.barcode,
        price: VARIANT.decimal("price", &model.price)?,
        compare_at_price: compare_at_price
            .map(|price| VARIANT.decimal("compare_at_price", price))
            .transpose()?,
        position: model.position,
        inventory_item_id: model.inventory_item_id.map(ExternalId),
        inventory_quantity: model.inventory_quantity,
        taxable: model.taxable,
        updated_at: model.updated_at.map(row::time),
    })
}
