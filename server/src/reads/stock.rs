//! The stock ledger.

use domain::page::{Page, PageRequest};
use domain::stock::Movement;

pub(crate) use storage::{MovementFilter, StockLevel};

use super::Reader;
use crate::error::Problem;

/// POS products whose levels one call reads.
const PRODUCTS_MAX: usize = 100;

/// A page of movements, the one recorded last first.
pub(crate) async fn movements(
    reader: &Reader,
    filter: &MovementFilter,
    request: &PageRequest,
) -> Result<Page<Movement>, Problem> {
    Ok(reader.0.stock_movements(request, filter).await?)
}

/// The levels of POS products at every place where they ever moved, in the order of `products`.
pub(crate) async fn levels(
    reader: &Reader,
    products: &[String],
) -> Result<Vec<StockLevel>, Problem> {
    if products.len() > PRODUCTS_MAX {
        let text = format!("may name at most {PRODUCTS_MAX} products");
        return Err(Problem::input("posProductIds", text));
    }
    let mut levels = reader.0.stock_levels(products).await?;
    Ok(products.iter().filter_map(|product| levels.remove(product)).flatten().collect())
}
