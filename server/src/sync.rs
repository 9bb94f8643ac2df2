//! The sync engine: what the gateway asks the store for by itself. All of it feeds the same inbox as deliveries.

pub(crate) mod import;
pub(crate) mod poll;
pub(crate) mod reconcile;
pub(crate) mod stock;
pub(crate) mod subscriptions;
pub(crate) mod watch;

use domain::connection::Connection;
use domain::time::Timestamp;

use crate::app::App;
use crate::error::Problem;

/// The schedule of the regular poll.
pub(crate) const POLL: &str = "poll";
/// The schedule of the watch over a connection.
pub(crate) const WATCH: &str = "watch";
/// The schedule of the first import; it ends with the import.
pub(crate) const IMPORT: &str = "import";

/// Schedules a connection's import, at once, its regular poll, the watch over it, and its reconciliations.
pub(crate) async fn schedule_all(app: &App, connection: &Connection) -> Result<(), Problem> {
    let tenant = app.storage.tenant(connection.business_id);
    let now = app.now();
    tenant.ensure_schedule(IMPORT, connection.id, now).await?;
    tenant.ensure_schedule(POLL, connection.id, now + app.config.workers.poll_every()).await?;
    tenant.ensure_schedule(WATCH, connection.id, now + watch::WATCH_EVERY).await?;
    for (name, _) in reconcile::SCHEDULES {
        tenant.ensure_schedule(name, connection.id, now + reconcile::RECONCILE_EVERY).await?;
    }
    app.storage.hints().wake_workers();
    Ok(())
}

/// The next tick of a regular schedule: ticks that were missed coalesce into the one that runs (S0.27).
pub(crate) fn next_tick(now: Timestamp, every: std::time::Duration) -> Timestamp {
    now + every
}
