//! The schedule loop: regular polls, the watch over connections, imports page by page, and reconciliations step by step.

use std::time::Duration;

use domain::code::Code;
use domain::connection::{Connection, ConnectionStatus};
use domain::delivery::{Failure, backoff};
use domain::refined::ObjectType;
use storage::{ClaimedSchedule, PRIVACY_SCHEDULE, StoreError};
use tokio::sync::watch;

use super::LEASE;
use crate::app::App;
use crate::privacy;
use crate::sync::reconcile::certify::{self, CERTIFY};
use crate::sync::watch::{WATCH_EVERY, look};
use crate::sync::{self, IMPORT, POLL, WATCH, import, poll};

/// Schedules that one process works on at the same time.
const SCHEDULES_MAX: u32 = 4;
/// How long an import that waits for the merchant is left alone, should nobody wake it sooner.
const PARKED: Duration = Duration::from_hours(1);
/// How often the loop looks for due schedules.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Runs due schedules until told to stop.
pub(super) async fn run(app: App, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        match run_due(&app).await {
            Ok(0) => {
                tokio::select! {
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                    _ = stopped.changed() => {}
                }
            }
            Ok(_) => {}
            Err(error) => {
                tracing::error!(failure = %Failure::from(&error), "schedules could not be read");
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }
}

/// Runs what is due once. Returns how many schedules that were.
pub(crate) async fn run_due(app: &App) -> Result<usize, StoreError> {
    let due = app.storage.system().claim_schedules(SCHEDULES_MAX, LEASE, app.now()).await?;
    let count = due.len();
    futures_util::future::join_all(due.into_iter().map(|schedule| run_one(app, schedule))).await;
    Ok(count)
}

async fn run_one(app: &App, schedule: ClaimedSchedule) {
    let (business, id) = (schedule.business_id, schedule.connection_id);
    let connection = match app.connections.by_id(business, id).await {
        // Owed after the connection's end, too, and too long for the others to wait for.
        Ok(Some(connection)) if schedule.kind == PRIVACY_SCHEDULE => {
            app.tasks.spawn(privacy::run(app.clone(), connection, schedule));
            return;
        }
        Ok(Some(connection)) if connection.status.is_live() => connection,
        Ok(_) => return finish(app, &schedule, None).await,
        Err(error) => {
            tracing::error!(failure = %Failure::from(&error), "connection could not be read");
            return;
        }
    };
    match schedule.kind.as_str() {
        POLL => {
            poll::run(app, &connection, None).await;
            let next = sync::next_tick(app.now(), app.config.workers.poll_every());
            finish(app, &schedule, Some((next, None))).await;
        }
        WATCH => watch_over(app, &connection, &schedule).await,
        IMPORT => import_pages(app, &connection, &schedule).await,
        CERTIFY => certify(app, &connection, &schedule).await,
        name if let Some(kind) = sync::reconcile::kind_of(name) => {
            reconcile(app, &connection, &schedule, kind).await;
        }
        other => {
            // An instance of a newer version may know it: it is left, not failed.
            tracing::warn!(kind = other, "unknown schedule");
        }
    }
}

/// Looks after a connection. What one look leaves to the next is kept as the schedule's place.
async fn watch_over(app: &App, connection: &Connection, schedule: &ClaimedSchedule) {
    let before = schedule.place.as_deref().and_then(|place| serde_json::from_str(place).ok());
    let (after, healed) = look(app, connection, before.unwrap_or_default()).await;
    let wait = match healed {
        Ok(()) => WATCH_EVERY,
        // Sooner does not help.
        Err(failure) if failure.code == Code::ReauthRequired => WATCH_EVERY,
        Err(failure) => {
            tracing::warn!(shop = connection.shop, %failure, "subscriptions could not be healed");
            soon(app)
        }
    };
    let place = serde_json::to_string(&after).ok();
    finish(app, schedule, Some((app.now() + wait, place))).await;
}

/// Goes on with a connection's reconciliation.
async fn reconcile(
    app: &App,
    connection: &Connection,
    schedule: &ClaimedSchedule,
    kind: ObjectType,
) {
    let ticked = sync::reconcile::tick(app, connection, kind).await;
    finish(app, schedule, Some((ticked.next_at, None))).await;
    // Whoever asked for another one meanwhile could not make the schedule due.
    if ticked.ended
        && let Err(error) = sync::reconcile::wake_if_running(app, connection, kind).await
    {
        tracing::error!(failure = %Failure::from(&error), "reconciliation could not be woken");
    }
}

/// Goes on with a connection's certificate.
async fn certify(app: &App, connection: &Connection, schedule: &ClaimedSchedule) {
    let next = certify::tick(app, connection).await.map(|at| (at, None));
    let ended = next.is_none();
    finish(app, schedule, next).await;
    // Whoever asked for another one meanwhile could not make the schedule due.
    if ended && let Err(error) = certify::wake(app, connection).await {
        tracing::error!(failure = %Failure::from(&error), "certificate could not be woken");
    }
}

/// Reads one page of an import and notes the place; the next page is due at once.
async fn import_pages(app: &App, connection: &Connection, schedule: &ClaimedSchedule) {
    let progress = schedule.place.as_deref().and_then(|place| serde_json::from_str(place).ok());
    let progress: import::Progress = progress.unwrap_or_default();
    match import::step(app, connection, progress.clone()).await {
        Ok(import::Step::Finished) => {
            let tenant = app.storage.tenant(connection.business_id);
            // What changed while it ran is for the first poll, should its delivery have been lost.
            if let Err(error) =
                tenant.connection_synced(connection.id, connection.connected_at).await
            {
                tracing::error!(failure = %Failure::from(&error), "import could not be noted");
                return;
            }
            app.connections.forget();
            finish(app, schedule, None).await;
        }
        Ok(import::Step::Next(progress)) => {
            let place = serde_json::to_string(&progress).ok();
            finish(app, schedule, Some((app.now(), place))).await;
        }
        Err(failure) if failure.code == Code::ReauthRequired => {
            tracing::warn!(shop = connection.shop, %failure, "import waits for the merchant");
            if let Err(failure) = park(app, connection, schedule, progress, &failure).await {
                tracing::error!(%failure, "import could not be parked");
            }
        }
        Err(failure) => {
            tracing::warn!(shop = connection.shop, %failure, "import interrupted");
            let again_at = app.now() + soon(app);
            finish(app, schedule, Some((again_at, schedule.place.clone()))).await;
        }
    }
}

/// Has an import wait where it is until the merchant has connected again, which makes its schedule due at once.
async fn park(
    app: &App,
    connection: &Connection,
    schedule: &ClaimedSchedule,
    progress: import::Progress,
    cause: &Failure,
) -> Result<(), Failure> {
    let progress = import::wait(app, connection, progress, cause).await?;
    let place = serde_json::to_string(&progress).ok();
    finish(app, schedule, Some((app.now() + PARKED, place))).await;
    // A merchant who came back while the schedule was held could not make it due.
    let tenant = app.storage.tenant(connection.business_id);
    let now = tenant.connection_by_id(connection.id).await.map_err(|e| Failure::from(&e))?;
    let is_back = |now: Connection| {
        matches!(now.status, ConnectionStatus::Active | ConnectionStatus::Degraded)
    };
    if now.is_some_and(is_back) {
        app.connections.forget();
        let due = tenant.ensure_schedule(IMPORT, connection.id, app.now() + soon(app)).await;
        due.map_err(|error| Failure::from(&error))?;
    }
    Ok(())
}

/// A short while, by chance, so that not everybody comes back at once.
fn soon(app: &App) -> Duration {
    backoff(1, u64::from_le_bytes(app.random_bytes())).unwrap_or_default()
}

/// Gives a schedule back: to run again at that time from that place, or never.
async fn finish(
    app: &App,
    schedule: &ClaimedSchedule,
    next: Option<(domain::time::Timestamp, Option<String>)>,
) {
    let system = app.storage.system();
    let finished = match next {
        Some((at, place)) => system.advance_schedule(schedule, at, place).await,
        None => system.end_schedule(schedule).await,
    };
    if let Err(error) = finished {
        tracing::warn!(failure = %Failure::from(&error), "schedule could not be given back");
    }
}
