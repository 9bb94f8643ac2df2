//! Synchronising on request.

use std::time::Duration;

use domain::access::{Caller, Role};
use domain::activity::SyncLogEntry;
use domain::code::Code;
use domain::connection::Connection;
use domain::delivery::Failure;
use domain::id::BusinessId;
use domain::refined::ObjectType;

use crate::app::App;
use crate::connections;
use crate::error::Problem;
use crate::sync;
use crate::sync::poll::Polled;

/// How long a caller is kept waiting for a poll; it goes on after that.
const POLL_WAIT_MAX: Duration = Duration::from_secs(9);

/// Polls the store now. Returns the sync log's entry of the order poll, which is still running; a poll that is already
/// running is joined by the store's own pace and harmless beside it, for both feed the same inbox (S0.29).
pub(crate) async fn poll_now(
    app: &App,
    caller: &Caller,
    business: BusinessId,
) -> Result<SyncLogEntry, Problem> {
    let tenant = app.tenant(caller, business, Role::Operator)?;
    let connection = connections::current(&tenant).await?;
    let connection = connection.ok_or_else(|| Problem::not_found("connection"))?;
    let entry = sync::poll::open_log(app, &connection, ObjectType::Order).await?;
    let (app, running) = (app.clone(), entry.clone());
    app.tasks.clone().spawn(async move { sync::poll::run(&app, &connection, Some(running)).await });
    Ok(entry)
}

/// What a poll that was waited for came to, by kind of object.
pub(crate) type Polls = Vec<Result<(ObjectType, Polled), Failure>>;

/// Polls the store and waits for it: what was seen and what was news (S0.48).
pub(crate) async fn debug_poll(
    app: &App,
    caller: &Caller,
    business: BusinessId,
) -> Result<Polls, Problem> {
    let tenant = app.tenant(caller, business, Role::Operator)?;
    let connection = connections::current(&tenant).await?;
    let connection = connection.ok_or_else(|| Problem::not_found("connection"))?;
    let at_work = app.clone();
    let polling =
        app.tasks.spawn(async move { sync::poll::run(&at_work, &connection, None).await });
    match tokio::time::timeout(POLL_WAIT_MAX, polling).await {
        Ok(Ok(polls)) => Ok(polls),
        Ok(Err(_)) => Err(Problem::new(Code::Internal, "Internal server error")),
        Err(_) => {
            let text =
                "the store has much to tell; the poll goes on, and the sync log shows its end";
            Err(Problem::new(Code::Timeout, text))
        }
    }
}

/// Has the watch look at the business's connection now.
pub(crate) async fn heal_subscriptions(
    app: &App,
    caller: &Caller,
    business: BusinessId,
) -> Result<Connection, Problem> {
    let tenant = app.tenant(caller, business, Role::Operator)?;
    let connection = connections::current(&tenant).await?;
    let connection = connection.filter(|connection| connection.status.is_live());
    let connection = connection.ok_or_else(|| Problem::not_found("connection"))?;
    tenant.ensure_schedule(sync::WATCH, connection.id, app.now()).await?;
    app.storage.hints().wake_workers();
    Ok(connection)
}
