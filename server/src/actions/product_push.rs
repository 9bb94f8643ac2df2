//! Products on their way to the store, on request.

use domain::access::{Caller, Role};
use domain::activity::{SyncKind, SyncLogEntry, SyncStatus};
use domain::id::{BusinessId, SyncLogId};
use storage::WantedProducts;

use crate::app::App;
use crate::connections;
use crate::error::Problem;

/// POS products that one call names.
const PRODUCTS_MAX: usize = 250;

/// Has the store show all POS products that are on sale, or some (S3.33). Returns the sync log's entry, which is still
/// running; that of an earlier request where all of it is under way already.
pub(crate) async fn sync(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    products: Option<Vec<String>>,
) -> Result<SyncLogEntry, Problem> {
    let tenant = app.tenant(caller, business, Role::Operator)?;
    if products.as_ref().is_some_and(|products| !(1..=PRODUCTS_MAX).contains(&products.len())) {
        let text = format!("must name 1 to {PRODUCTS_MAX} products");
        return Err(Problem::input("input.posProductIds", text));
    }
    let connection = connections::current(&tenant).await?;
    let connection = connection.filter(|connection| connection.status.is_live());
    let connection = connection.ok_or_else(|| Problem::not_found("connection"))?;
    if let Some(ids) = &products {
        let known = tenant.pos_products(ids).await?;
        if let Some(place) = ids.iter().position(|id| !known.contains_key(id)) {
            let field = format!("input.posProductIds.{place}");
            return Err(Problem::input(&field, "is not in the catalogue"));
        }
    }
    let now = app.now();
    let mut entry = SyncLogEntry {
        id: SyncLogId::new(now, &app.entropy()),
        connection_id: Some(connection.id),
        kind: SyncKind::ProductSync,
        status: SyncStatus::Running,
        processed: 0,
        failed: 0,
        error_detail: None,
        delivery_id: None,
        started_at: now,
        finished_at: None,
    };
    let wanted = tenant.want_product_pushes(connection.id, products, entry.clone(), now).await?;
    match wanted {
        WantedProducts::Begun(_) => Ok(entry),
        WantedProducts::Joined(earlier) => {
            let earlier = tenant.sync_log_entry(earlier).await?;
            earlier.ok_or_else(|| Problem::not_found("sync log entry"))
        }
        WantedProducts::Nothing => {
            entry.status = SyncStatus::Success;
            entry.finished_at = Some(now);
            tenant.put_sync_log(entry.clone()).await?;
            Ok(entry)
        }
    }
}
