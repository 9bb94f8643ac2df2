//! Stock on request: everything that is linked is compared with what the store has, and pushed where it differs (S1.4).

use domain::activity::{SyncKind, SyncLogEntry, SyncStatus};
use domain::connection::Connection;
use domain::delivery::Failure;
use domain::id::{ExternalId, SyncLogId};
use domain::push::Ownership;
use storage::StoreError;

use crate::app::App;
use crate::error::Problem;
use crate::providers::ProviderError;
use crate::tokens;

/// Opens the log's entry of a comparison.
pub(crate) async fn open_log(app: &App, connection: &Connection) -> Result<SyncLogEntry, Problem> {
    let now = app.now();
    let entry = SyncLogEntry {
        id: SyncLogId::new(now, &app.entropy()),
        connection_id: Some(connection.id),
        kind: SyncKind::StockSync,
        status: SyncStatus::Running,
        processed: 0,
        failed: 0,
        error_detail: None,
        delivery_id: None,
        started_at: now,
        finished_at: None,
    };
    app.storage.tenant(connection.business_id).put_sync_log(entry.clone()).await?;
    Ok(entry)
}

/// Puts everything that is linked up for comparison, or the variants of some of the store's products, and ends the log's
/// entry. The workers compare and push; what becomes of each item is told with it.
pub(crate) async fn run(
    app: &App,
    connection: &Connection,
    products: Option<Vec<ExternalId>>,
    mut entry: SyncLogEntry,
) {
    match put_up(app, connection, products.as_deref()).await {
        Ok(pushes) => {
            entry.status = SyncStatus::Success;
            entry.processed = u32::try_from(pushes).unwrap_or(u32::MAX);
        }
        Err(failure) => {
            tracing::warn!(shop = connection.shop, %failure, "stock could not be put up");
            entry.status = SyncStatus::Error;
            entry.failed = 1;
            entry.error_detail = Some(failure.to_string());
        }
    }
    entry.finished_at = Some(app.now());
    let tenant = app.storage.tenant(connection.business_id);
    if let Err(error) = tenant.put_sync_log(entry).await {
        tracing::error!(failure = %Failure::from(&error), "stock sync could not be logged");
    }
}

/// The same in the background for a store that was connected a moment ago, where the POS owns stock.
pub(crate) async fn begin(app: &App, connection: &Connection) -> Result<(), Problem> {
    let tenant = app.storage.tenant(connection.business_id);
    if tenant.inventory_policy().await?.ownership == Ownership::Pos {
        let entry = open_log(app, connection).await?;
        let (app, connection) = (app.clone(), connection.clone());
        app.tasks.clone().spawn(async move { run(&app, &connection, None, entry).await });
    }
    Ok(())
}

async fn put_up(
    app: &App,
    connection: &Connection,
    products: Option<&[ExternalId]>,
) -> Result<u64, Failure> {
    let tenant = app.storage.tenant(connection.business_id);
    let unstored = |error: StoreError| Failure::from(&error);
    if tenant.push_locations(connection.id).await.map_err(unstored)?.is_empty() {
        let location = primary_location(app, connection).await?;
        let added = tenant.add_push_location(connection.id, location, app.now()).await;
        added.map_err(unstored)?;
    }
    tenant.want_pushes(products, app.now()).await.map_err(unstored)
}

/// Reads the store's primary location.
async fn primary_location(app: &App, connection: &Connection) -> Result<ExternalId, Failure> {
    let provider = app.providers.get(&connection.provider)?;
    let access = tokens::access(app, connection).await?;
    let location = provider.primary_location(&access).await;
    if matches!(location, Err(ProviderError::Unauthorized)) {
        tokens::mark_reauth_required(app, connection, &access.token).await;
    }
    let none = || ProviderError::Denied { detail: "it has no location".to_owned() };
    Ok(location?.ok_or_else(none)?)
}
