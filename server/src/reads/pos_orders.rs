//! POS orders.

use std::collections::HashMap;
use std::sync::Arc;

use domain::id::ExternalId;
use domain::page::{Page, PageRequest};

pub(crate) use storage::{PosOrderHead, PosOrderVersion};

use super::Reader;
use crate::error::Problem;

/// A page of POS orders, the one placed last first.
pub(crate) async fn page(
    reader: &Reader,
    request: &PageRequest,
) -> Result<Page<PosOrderHead>, Problem> {
    Ok(reader.0.pos_orders(request).await?)
}

/// The POS order of a store order.
pub(crate) async fn one(
    reader: &Reader,
    order: ExternalId,
) -> Result<Option<PosOrderHead>, Problem> {
    Ok(reader.0.pos_order(order).await?)
}

/// The POS orders of several store orders; those that have none are absent.
pub(crate) async fn by_order(
    reader: &Reader,
    orders: &[ExternalId],
) -> Result<HashMap<ExternalId, PosOrderHead>, Problem> {
    Ok(reader.0.pos_orders_by_id(orders).await?)
}

/// The newest versions of several POS orders with their documents, shared because a document can be large.
pub(crate) async fn documents(
    reader: &Reader,
    orders: &[ExternalId],
) -> Result<HashMap<ExternalId, Arc<PosOrderVersion>>, Problem> {
    let documents = reader.0.pos_documents(orders).await?;
    Ok(documents.into_iter().map(|(order, version)| (order, Arc::new(version))).collect())
}

/// The versions of a store order's POS order, the newest first.
pub(crate) async fn versions(
    reader: &Reader,
    order: ExternalId,
) -> Result<Vec<PosOrderVersion>, Problem> {
    Ok(reader.0.pos_order_versions(order).await?)
}
