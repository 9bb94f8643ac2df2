//! Products on their way to the store.

use domain::page::{Page, PageRequest};
use domain::product_push::ProductPush;

pub(crate) use storage::ProductPushFilter;

use super::Reader;
use crate::error::Problem;

/// A page of pushes, by connection and POS product.
pub(crate) async fn pushes(
    reader: &Reader,
    filter: &ProductPushFilter,
    request: &PageRequest,
) -> Result<Page<ProductPush>, Problem> {
    Ok(reader.0.product_pushes(request, filter).await?)
}
