//! Links, and word of them.
//!
//! A link and the delivery that has the orders posted again are one transaction. Orders that are decided meanwhile name
//! the links that they assumed, and are decided anew where those have changed. So no order falls between.

use std::collections::{BTreeMap, BTreeSet};

use domain::delivery::NewDelivery;
use domain::id::{BusinessId, ConnectionId, ExternalId};
use domain::link::LinkOrigin;
use domain::pos::PosProduct;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, EntityTrait};

use super::product::unambiguous;
use crate::entity::{link, pos_product};
use crate::inbox::{self, Packed};
use crate::push::{Wanted, want};
use crate::sql::{Column, Rows, int, text, truth, uuid};
use crate::writer::Txn;
use crate::{StoreError, Tenant};

/// Makes the delivery that has the orders posted again that hold newly linked variants, of which there are at most
/// [`LINKED_VARIANTS_MAX`]; it is told the variants and a connection of the business. One whose body was delivered before
/// is not stored again, so no two may have the same.
pub type Relinked = Box<dyn FnMut(&[ExternalId], ConnectionId) -> NewDelivery + Send>;

/// Variants that one delivery tells of.
pub const LINKED_VARIANTS_MAX: usize = 250;

const PRODUCT_COLUMNS: &[Column] = &[
    uuid("business_id"),
    text("pos_product_id"),
    text("sku").or_null(),
    text("name"),
    text("price"),
    text("currency"),
    truth("active"),
    int("updated_at"),
];
const PRODUCT_UPSERT: &str = " ON CONFLICT (business_id, pos_product_id) DO UPDATE SET \
    sku = excluded.sku, name = excluded.name, price = excluded.price, \
    currency = excluded.currency, active = excluded.active, updated_at = excluded.updated_at";

const LINK_COLUMNS: &[Column] = &[
    uuid("business_id"),
    int("variant_id"),
    text("pos_product_id"),
    text("origin"),
    int("created_at"),
];
const LINK_REPLACE: &str = " ON CONFLICT (business_id, variant_id) DO UPDATE SET \
    pos_product_id = excluded.pos_product_id, origin = excluded.origin, \
    created_at = excluded.created_at";

const CARRIERS: &str =
    "SELECT sku, pos_product_id, active FROM pos_product WHERE business_id = ? AND sku ";
const UNLINKED_VARIANTS: &str = "SELECT v.variant_id, v.sku FROM shopify_product_variant v \
    LEFT JOIN link l ON l.business_id = v.business_id AND l.variant_id = v.variant_id \
    WHERE v.business_id = ? AND l.variant_id IS NULL AND v.sku IS NOT NULL AND v.sku ";
/// The live connection, or else the one made last: a business without any has no orders.
const CONNECTION: &str = "SELECT connection_id FROM connection WHERE business_id = ? \
    ORDER BY CASE WHEN status = 'disconnected' THEN 1 ELSE 0 END, connected_at DESC LIMIT 1";

impl Tenant {
    /// Links a variant to a POS product, in place of any link that it has, and has the orders since the cut-over that
    /// hold it posted again (S0.41). A link that stands already changes nothing. Returns the variants that have a new
    /// link.
    pub async fn link(
        &self,
        variant: ExternalId,
        pos_product_id: &str,
        now: Timestamp,
        mut relinked: Relinked,
    ) -> Result<Vec<ExternalId>, StoreError> {
        let business = self.business_id();
        let product = pos_product_id.to_owned();
        self.write(move |txn| {
            Box::pin(async move {
                let key = (business.uuid(), product.clone());
                if pos_product::Entity::find_by_id(key).one(txn.conn()).await?.is_none() {
                    return Err(StoreError::NotFound("POS product"));
                }
                let key = (business.uuid(), variant.0);
                let stored = link::Entity::find_by_id(key).one(txn.conn()).await?;
                if stored.is_some_and(|link| link.pos_product_id == product) {
                    return Ok(Vec::new());
                }
                let new = BTreeMap::from([(variant, product)]);
                write_links(txn, business, new, LinkOrigin::Manual, now, &mut relinked).await
            })
        })
        .await
    }

    /// Puts products into the catalogue, new or changed, and links variants that carry the same SKU and have no link
    /// yet; the orders that hold them are posted again. Of two products with one id the later counts. Returns the
    /// variants that have a new link.
    pub async fn upsert_pos_products(
        &self,
        products: Vec<PosProduct>,
        now: Timestamp,
        mut relinked: Relinked,
    ) -> Result<Vec<ExternalId>, StoreError> {
        let business = self.business_id();
        self.write(move |txn| {
            Box::pin(async move {
                let skus: BTreeSet<String> =
                    products.iter().filter_map(|product| product.sku.clone()).collect();
                write_products(txn, business, products, now).await?;
                let new = links_by_sku(txn, business, &skus).await?;
                write_links(txn, business, new, LinkOrigin::Sku, now, &mut relinked).await
            })
        })
        .await
    }
}

async fn write_products(
    txn: &mut Txn,
    business: BusinessId,
    products: Vec<PosProduct>,
    now: Timestamp,
) -> Result<(), StoreError> {
    // One statement must not write a row twice.
    let products: BTreeMap<String, PosProduct> =
        products.into_iter().map(|product| (product.id.clone(), product)).collect();
    let mut rows = Rows::new(PRODUCT_COLUMNS);
    for product in products.into_values() {
        rows.push([
            business.uuid().into(),
            product.id.into(),
            product.sku.into(),
            product.name.into(),
            product.price.to_string().into(),
            product.currency.code().into(),
            product.active.into(),
            now.millis().into(),
        ]);
    }
    rows.insert(txn.conn(), txn.dialect(), "pos_product", PRODUCT_UPSERT).await?;
    Ok(())
}

/// The links that these SKUs give to variants without one.
async fn links_by_sku(
    txn: &mut Txn,
    business: BusinessId,
    skus: &BTreeSet<String>,
) -> Result<BTreeMap<ExternalId, String>, StoreError> {
    let dialect = txn.dialect();
    let statement = |sql: &str| {
        let list = dialect.texts(skus.iter().map(String::as_str));
        let sql = format!("{sql}{}", dialect.in_list());
        dialect.statement(&sql, [business.uuid().into(), list])
    };
    let mut carriers = Vec::new();
    for row in txn.conn().query_all_raw(statement(CARRIERS)).await? {
        carriers.push((
            row.try_get_by_index(0)?,
            row.try_get_by_index(1)?,
            row.try_get_by_index(2)?,
        ));
    }
    let carriers = unambiguous(carriers);
    let mut links = BTreeMap::new();
    for row in txn.conn().query_all_raw(statement(UNLINKED_VARIANTS)).await? {
        let sku: String = row.try_get_by_index(1)?;
        if let Some(product) = carriers.get(&sku) {
            links.insert(ExternalId(row.try_get_by_index(0)?), product.clone());
        }
    }
    Ok(links)
}

async fn write_links(
    txn: &mut Txn,
    business: BusinessId,
    links: BTreeMap<ExternalId, String>,
    origin: LinkOrigin,
    now: Timestamp,
    relinked: &mut Relinked,
) -> Result<Vec<ExternalId>, StoreError> {
    let variants: Vec<ExternalId> = links.keys().copied().collect();
    let products: Wanted = links.values().map(|id| (business.uuid(), id.clone())).collect();
    let mut rows = Rows::new(LINK_COLUMNS);
    for (variant, product) in links {
        rows.push([
            business.uuid().into(),
            variant.0.into(),
            product.into(),
            origin.as_str().into(),
            now.millis().into(),
        ]);
    }
    rows.insert(txn.conn(), txn.dialect(), "link", LINK_REPLACE).await?;
    want(txn, &products, now).await?;
    if variants.is_empty() {
        return Ok(variants);
    }
    let connection = txn.dialect().statement(CONNECTION, [business.uuid().into()]);
    if let Some(row) = txn.conn().query_one_raw(connection).await? {
        let connection = ConnectionId::from_uuid(row.try_get_by_index(0)?);
        let told = variants.chunks(LINKED_VARIANTS_MAX);
        let told: Vec<Packed> = told.map(|part| Packed::new(relinked(part, connection))).collect();
        inbox::store(txn, &told.iter().collect::<Vec<_>>()).await?;
    }
    Ok(variants)
}
