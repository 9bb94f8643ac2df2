//! What the store is told of stock, and what became of it.

use domain::page::{Page, PageRequest};
use domain::push::{InventoryPolicy, StockPush};

pub(crate) use storage::PushFilter;

use super::Reader;
use crate::error::Problem;

/// What the business wants the store to have.
pub(crate) async fn policy(reader: &Reader) -> Result<InventoryPolicy, Problem> {
    Ok(reader.0.inventory_policy().await?)
}

/// A page of pushes, by connection, item and location.
pub(crate) async fn pushes(
    reader: &Reader,
    filter: &PushFilter,
    request: &PageRequest,
) -> Result<Page<StockPush>, Problem> {
    Ok(reader.0.stock_pushes(request, filter).await?)
}
