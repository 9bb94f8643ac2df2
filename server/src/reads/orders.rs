//! The store's orders.

use std::collections::HashMap;

use domain::id::ExternalId;
use domain::page::{Page, PageRequest};

pub(crate) use storage::{StoredLine, StoredOrder};

use super::Reader;
use crate::error::Problem;

/// A page of orders, the one made last first.
pub(crate) async fn page(
    reader: &Reader,
    request: &PageRequest,
) -> Result<Page<StoredOrder>, Problem> {
    Ok(reader.0.orders(request).await?)
}

/// An order.
pub(crate) async fn one(reader: &Reader, id: ExternalId) -> Result<Option<StoredOrder>, Problem> {
    Ok(reader.0.order(id).await?)
}

/// Several orders; those that are not stored are absent.
pub(crate) async fn by_id(
    reader: &Reader,
    ids: &[ExternalId],
) -> Result<HashMap<ExternalId, StoredOrder>, Problem> {
    Ok(reader.0.orders_by_id(ids).await?)
}

/// The lines of several orders.
pub(crate) async fn lines(
    reader: &Reader,
    orders: &[ExternalId],
) -> Result<HashMap<ExternalId, Vec<StoredLine>>, Problem> {
    Ok(reader.0.order_lines(orders).await?)
}
