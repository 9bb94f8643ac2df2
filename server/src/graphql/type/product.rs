//! Products of the store and of the POS, and the links between them.

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};
use domain::id::ExternalId;

use super::Money;
use crate::graphql::error::Failed;
use crate::graphql::loader::{LinkOf, PosProductOf, VariantsOf, load};
use crate::graphql::scalar::{DateTime, Decimal, Long};
use crate::reads::Reader;
use crate::reads::products::{StoredLink, StoredProduct, StoredVariant};

/// A product of the store.
#[derive(SimpleObject)]
#[graphql(complex)]
#[expect(clippy::struct_field_names, reason = "these are the schema's names")]
pub(crate) struct Product {
    #[graphql(skip)]
    external_id: ExternalId,
    #[graphql(skip)]
    reader: Reader,
    /// The store's id.
    id: ID,
    /// The connection that it came by.
    connection_id: ID,
    /// The delivery that brought this version.
    delivery_id: ID,
    /// The name shown to people.
    title: String,
    /// The last part of the product's address; can change.
    handle: Option<String>,
    /// The vendor.
    vendor: Option<String>,
    /// The merchant's own kind.
    product_type: Option<String>,
    /// Whether it is on sale.
    status: ProductStatus,
    /// Labels.
    tags: Vec<String>,
    /// Whether `variants` is the complete list: a delivery may carry the first hundred only.
    variants_complete: bool,
    /// When it was made, where the store told.
    created_at: Option<DateTime>,
    /// When the store last changed it: the version.
    updated_at: DateTime,
    /// When the gateway wrote this version.
    written_at: DateTime,
    /// When the store said that it is gone.
    removed_at: Option<DateTime>,
}

#[ComplexObject]
impl Product {
    /// What can be bought.
    #[graphql(complexity = "10 * child_complexity")]
    async fn variants(&self, ctx: &Context<'_>) -> Result<Option<Vec<ProductVariant>>, Failed> {
        let variants = load(ctx, VariantsOf(self.reader.clone(), self.external_id)).await?;
        let wrap = |variant| ProductVariant::new(variant, &self.reader);
        Ok(Some(variants.unwrap_or_default().into_iter().map(wrap).collect()))
    }
}

impl Product {
    pub(crate) fn new(row: StoredProduct, reader: &Reader) -> Self {
        Self {
            external_id: row.id,
            reader: reader.clone(),
            id: row.id.into(),
            connection_id: row.connection_id.into(),
            delivery_id: row.delivery_id.into(),
            title: row.title,
            handle: row.handle,
            vendor: row.vendor,
            product_type: row.product_type,
            status: row.status.into(),
            tags: row.tags,
            variants_complete: row.variants_complete,
            created_at: row.created_at.map(Into::into),
            updated_at: row.version.updated_at.into(),
            written_at: row.written_at.into(),
            removed_at: row.removed_at.map(Into::into),
        }
    }
}

/// Whether a product is on sale.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::refined::ProductStatus")]
pub(crate) enum ProductStatus {
    /// On sale.
    Active,
    /// No longer offered.
    Archived,
    /// Not yet offered.
    Draft,
    /// On sale for those who have the link.
    Unlisted,
    /// A status that this version of the gateway does not know.
    Other,
}

/// One form of a product that can be bought.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct ProductVariant {
    #[graphql(skip)]
    external_id: ExternalId,
    #[graphql(skip)]
    reader: Reader,
    /// The store's id.
    id: ID,
    /// The name of this form, for instance `Medium / Black`.
    title: String,
    /// The seller's own number.
    sku: Option<String>,
    /// The number on the barcode.
    barcode: Option<String>,
    /// Price of one piece in the shop's currency.
    price: Decimal,
    /// The price before a reduction, where shown.
    compare_at_price: Option<Decimal>,
    /// Its place among the product's variants.
    position: Long,
    /// The inventory item behind it.
    inventory_item_id: Option<ID>,
    /// Pieces available over all locations, as the store last told.
    inventory_quantity: Option<Long>,
    /// Whether taxes apply.
    taxable: bool,
    /// When the store last changed it.
    updated_at: Option<DateTime>,
}

#[ComplexObject]
impl ProductVariant {
    /// The link to a POS product; null where it has none.
    async fn link(&self, ctx: &Context<'_>) -> Result<Option<ProductLink>, Failed> {
        let link = load(ctx, LinkOf(self.reader.clone(), self.external_id)).await?;
        Ok(link.map(|link| ProductLink::new(link, &self.reader)))
    }
}

impl ProductVariant {
    fn new(row: StoredVariant, reader: &Reader) -> Self {
        Self {
            external_id: row.id,
            reader: reader.clone(),
            id: row.id.into(),
            title: row.title,
            sku: row.sku,
            barcode: row.barcode,
            price: row.price.into(),
            compare_at_price: row.compare_at_price.map(Into::into),
            position: row.position.into(),
            inventory_item_id: row.inventory_item_id.map(Into::into),
            inventory_quantity: row.inventory_quantity.map(Into::into),
            taxable: row.taxable,
            updated_at: row.updated_at.map(Into::into),
        }
    }
}

/// Which POS product stands behind a variant of the store.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct ProductLink {
    #[graphql(skip)]
    reader: Reader,
    /// The store's variant.
    variant_id: ID,
    /// The POS product.
    pos_product_id: ID,
    /// How the link came about.
    origin: LinkOrigin,
    /// When.
    created_at: DateTime,
}

#[ComplexObject]
impl ProductLink {
    /// The POS product; null where it is not in the catalogue.
    async fn pos_product(&self, ctx: &Context<'_>) -> Result<Option<PosProduct>, Failed> {
        let key = PosProductOf(self.reader.clone(), self.pos_product_id.to_string());
        Ok(load(ctx, key).await?.map(Into::into))
    }
}

impl ProductLink {
    pub(crate) fn new(row: StoredLink, reader: &Reader) -> Self {
        Self {
            reader: reader.clone(),
            variant_id: row.variant_id.into(),
            pos_product_id: row.pos_product_id.into(),
            origin: row.origin.into(),
            created_at: row.created_at.into(),
        }
    }
}

/// How a link came about.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::link::LinkOrigin")]
pub(crate) enum LinkOrigin {
    /// Someone linked the two.
    Manual,
    /// Both carry the same SKU.
    Sku,
}

/// A product of the POS's catalogue.
#[derive(SimpleObject, Debug)]
pub(crate) struct PosProduct {
    /// The POS's own id.
    id: ID,
    /// The seller's own number; links a store variant with the same one.
    sku: Option<String>,
    /// The name to print.
    name: String,
    /// Price of one piece.
    price: Money,
    /// Whether it is on sale.
    active: bool,
}

impl From<domain::pos::PosProduct> for PosProduct {
    fn from(product: domain::pos::PosProduct) -> Self {
        Self {
            id: product.id.into(),
            sku: product.sku,
            name: product.name,
            price: Money::new(product.price, product.currency),
            active: product.active,
        }
    }
}
