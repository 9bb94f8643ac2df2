//! Comparing everything with the store on request, agreeing to what it found being healed, and certificates.

use domain::access::{Caller, Role};
use domain::code::Code;
use domain::connection::Connection;
use domain::id::{BusinessId, ConnectionId, ReconciliationId};
use domain::reconcile::certificate::Certificate;
use domain::reconcile::{Reconciliation, RunState, Step};
use domain::refined::ObjectType;
use domain::time::Timestamp;
use storage::{StoreError, Tenant};

use crate::app::App;
use crate::error::Problem;
use crate::sync;

/// Begins a reconciliation, or joins the one of its kind that is under way (F8).
pub(crate) async fn begin(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    connection: ConnectionId,
    kind: ObjectType,
) -> Result<Reconciliation, Problem> {
    let tenant = app.tenant(caller, business, Role::Operator)?;
    let connection = live(&tenant, connection).await?;
    sync::reconcile::begin(app, &connection, kind, &caller.subject).await
}

/// Agrees to what a reconciliation found being healed, although it is more than is healed unasked.
pub(crate) async fn heal(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    id: ReconciliationId,
) -> Result<Reconciliation, Problem> {
    let tenant = app.tenant(caller, business, Role::Admin)?;
    let run = tenant.reconciliation(id).await?;
    let mut run = run.ok_or_else(|| Problem::not_found("reconciliation"))?;
    let waits_no_more = || Problem::new(Code::Conflict, "it does not wait for approval");
    if run.state != RunState::WaitingForApproval {
        return Err(waits_no_more());
    }
    let connection = live(&tenant, run.connection_id).await?;
    (run.state, run.finished_at) = (RunState::Running, None);
    run.approved_by = Some(caller.subject.clone());
    run.enter(Step::Healing, app.now());
    let kind = run.kind;
    let run = match tenant.advance_reconciliation(run, Vec::new(), Vec::new()).await {
        Err(StoreError::LostLease) => return Err(waits_no_more()),
        advanced => advanced?,
    };
    sync::reconcile::wake(app, &connection, kind).await?;
    Ok(run)
}

/// Begins to make a certificate that everything of a kind which the store made in a period is accounted for (F7).
pub(crate) async fn certify(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    (connection, kind): (ConnectionId, ObjectType),
    period: (Timestamp, Timestamp),
) -> Result<Certificate, Problem> {
    let tenant = app.tenant(caller, business, Role::Operator)?;
    let connection = live(&tenant, connection).await?;
    sync::reconcile::certify::begin(app, &connection, kind, period, &caller.subject).await
}

async fn live(tenant: &Tenant, id: ConnectionId) -> Result<Connection, Problem> {
    let connection = tenant.connection_by_id(id).await?;
    let connection = connection.filter(|connection| connection.status.is_live());
    connection.ok_or_else(|| Problem::not_found("connection"))
}
