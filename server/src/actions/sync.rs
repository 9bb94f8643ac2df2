//! Synchronising on request.

use domain::access::{Caller, Role};
use domain::activity::SyncLogEntry;
use domain::id::BusinessId;
use domain::refined::ObjectType;

use crate::app::App;
use crate::connections;
use crate::error::Problem;
use crate::sync;

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
