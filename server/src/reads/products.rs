//! The store's products, the POS's products, and the links between them.

use std::collections::HashMap;

use domain::id::ExternalId;
use domain::page::{Page, PageRequest};
use domain::pos::PosProduct;

pub(crate) use storage::{StoredLink, StoredProduct, StoredVariant};

use super::Reader;
use crate::error::Problem;

/// A page of the store's products, the newest first.
pub(crate) async fn page(
    reader: &Reader,
    request: &PageRequest,
) -> Result<Page<StoredProduct>, Problem> {
    Ok(reader.0.products(request).await?)
}

/// The variants of several products.
pub(crate) async fn variants(
    reader: &Reader,
    products: &[ExternalId],
) -> Result<HashMap<ExternalId, Vec<StoredVariant>>, Problem> {
    Ok(reader.0.variants(products).await?)
}

/// The links of several variants; those without one are absent.
pub(crate) async fn links(
    reader: &Reader,
    variants: &[ExternalId],
) -> Result<HashMap<ExternalId, StoredLink>, Problem> {
    Ok(reader.0.stored_links(variants).await?)
}

/// A page of the POS's catalogue, by id.
pub(crate) async fn pos_page(
    reader: &Reader,
    request: &PageRequest,
) -> Result<Page<PosProduct>, Problem> {
    Ok(reader.0.pos_product_page(request).await?)
}

/// Several products of the POS's catalogue; those that are not in it are absent.
pub(crate) async fn pos_by_id(
    reader: &Reader,
    ids: &[String],
) -> Result<HashMap<String, PosProduct>, Problem> {
    Ok(reader.0.pos_products(ids).await?)
}
