//! Reconciliation: the shells around [`domain::reconcile`].
//!
//! A reconciliation goes on a step at a time, each within the lease of its schedule. What a step found and where the next
//! one goes on is written together, so a process that dies leaves nothing half done: whoever takes the schedule over goes on
//! from there. Two that do the same step at once cannot both write it.

pub(crate) mod certify;

mod confirm;
mod heal;
mod scan;
mod verify;

use std::time::Duration;

use domain::activity::{ActivityKind, NewActivity};
use domain::code::Code;
use domain::connection::Connection;
use domain::delivery::{Failure, backoff};
use domain::id::ReconciliationId;
use domain::reconcile::{ATTEMPTS_MAX, Reconciliation, RunState, Step};
use domain::refined::ObjectType;
use domain::time::Timestamp;
use storage::StoreError;

use crate::app::App;
use crate::error::Problem;
use crate::providers::{Access, ProviderError};
use crate::tokens;

/// How often everything is compared.
pub(crate) const RECONCILE_EVERY: Duration = Duration::from_hours(24);
/// How soon it is looked again whether the first import has ended.
const IMPORTING: Duration = Duration::from_mins(10);
/// How soon somebody else's work is looked at again.
const TAKEN: Duration = Duration::from_secs(2);
/// In whose name the regular ones run.
const SCHEDULE: &str = "schedule";

/// The schedules of regular reconciliations, by what they compare.
pub(crate) const SCHEDULES: [(&str, ObjectType); 2] =
    [("reconcile_order", ObjectType::Order), ("reconcile_product", ObjectType::Product)];

/// What follows a step.
enum Onward {
    /// The next step, at once.
    Now,
    /// The next look, after that.
    In(Duration),
    /// Nothing.
    Ended,
}

/// What a schedule of that name compares.
pub(crate) fn kind_of(schedule: &str) -> Option<ObjectType> {
    SCHEDULES.iter().find(|(name, _)| *name == schedule).map(|(_, kind)| *kind)
}

/// Begins a reconciliation, or joins the one that is under way.
pub(crate) async fn begin(
    app: &App,
    connection: &Connection,
    kind: ObjectType,
    started_by: &str,
) -> Result<Reconciliation, Problem> {
    if connection.last_synced_at.is_none() {
        let text = "the first import is under way: until it ends, everything would be missing";
        return Err(Problem::new(Code::Conflict, text));
    }
    let now = app.now();
    let id = ReconciliationId::new(now, &app.entropy());
    let new = Reconciliation::begin(id, (connection.id, kind), started_by.to_owned(), now);
    let run = app.storage.tenant(connection.business_id).begin_reconciliation(new).await?;
    wake(app, connection, kind).await?;
    Ok(run)
}

/// Has the schedule's work done at once.
pub(crate) async fn wake(
    app: &App,
    connection: &Connection,
    kind: ObjectType,
) -> Result<(), StoreError> {
    let tenant = app.storage.tenant(connection.business_id);
    for (name, _) in SCHEDULES.iter().filter(|(_, of)| *of == kind) {
        tenant.ensure_schedule(name, connection.id, app.now()).await?;
    }
    app.storage.hints().wake_workers();
    Ok(())
}

/// Makes sure that work which came up while the schedule was held is not left until its next time.
pub(crate) async fn wake_if_running(
    app: &App,
    connection: &Connection,
    kind: ObjectType,
) -> Result<(), StoreError> {
    let tenant = app.storage.tenant(connection.business_id);
    match tenant.running_reconciliation(connection.id, kind).await? {
        Some(_) => wake(app, connection, kind).await,
        None => Ok(()),
    }
}

/// What a tick of a schedule came to.
pub(crate) struct Ticked {
    /// When the next one is due.
    pub(crate) next_at: Timestamp,
    /// Whether nothing is under way any more.
    pub(crate) ended: bool,
}

/// Does one step of the reconciliation that is under way, or begins the regular one.
pub(crate) async fn tick(app: &App, connection: &Connection, kind: ObjectType) -> Ticked {
    let tenant = app.storage.tenant(connection.business_id);
    let run = match tenant.running_reconciliation(connection.id, kind).await {
        Ok(Some(run)) => run,
        Ok(None) => match begin(app, connection, kind, SCHEDULE).await {
            Ok(run) => run,
            Err(problem) => {
                tracing::debug!(shop = connection.shop, %problem, "not reconciled yet");
                return Ticked { next_at: app.now() + IMPORTING, ended: false };
            }
        },
        Err(error) => {
            tracing::error!(failure = %Failure::from(&error), "reconciliation could not be read");
            return Ticked { next_at: app.now() + TAKEN, ended: false };
        }
    };
    match step(app, connection, run.clone()).await {
        Ok(Onward::Now) => Ticked { next_at: app.now(), ended: false },
        Ok(Onward::In(span)) => Ticked { next_at: app.now() + span, ended: false },
        Ok(Onward::Ended) => Ticked { next_at: app.now() + RECONCILE_EVERY, ended: true },
        Err(failure) => failed(app, connection, run, failure).await,
    }
}

async fn step(
    app: &App,
    connection: &Connection,
    mut run: Reconciliation,
) -> Result<Onward, Failure> {
    (run.attempts, run.failure) = (0, None);
    match run.step {
        Step::Scanning => scan::page(app, connection, run).await,
        Step::Confirming => confirm::some(app, connection, run).await,
        Step::Healing => heal::some(app, connection, run).await,
        Step::Verifying => verify::some(app, connection, run).await,
    }
}

/// Notes a failed step. It is tried again from where it was, or the reconciliation ends: with what it found so far, and
/// with nothing said about what it did not.
async fn failed(
    app: &App,
    connection: &Connection,
    mut run: Reconciliation,
    failure: Failure,
) -> Ticked {
    tracing::warn!(shop = connection.shop, %failure, "reconciliation interrupted");
    let now = app.now();
    run.attempts += 1;
    let hopeless = matches!(failure.code, Code::ReauthRequired | Code::MissingScope);
    let wait = backoff(run.attempts, u64::from_le_bytes(app.random_bytes()));
    run.failure = Some(failure);
    let ended = hopeless || run.attempts >= ATTEMPTS_MAX;
    let next_at = now + if ended { RECONCILE_EVERY } else { wait.unwrap_or_default() };
    if ended {
        run.end(RunState::Failed, now);
    }
    let tenant = app.storage.tenant(connection.business_id);
    match tenant.advance_reconciliation(run, Vec::new(), Vec::new()).await {
        Ok(run) => {
            if ended && let Err(failure) = tell(app, connection, &run).await {
                tracing::error!(%failure, "the end of a reconciliation could not be told");
            }
            Ticked { next_at, ended }
        }
        Err(error) => {
            tracing::warn!(failure = %Failure::from(&error), "reconciliation could not be noted");
            Ticked { next_at: now + TAKEN, ended: false }
        }
    }
}

/// Writes how a reconciliation goes on.
async fn advance(
    app: &App,
    connection: &Connection,
    run: Reconciliation,
    found: Vec<domain::reconcile::Drift>,
    mistaken: Vec<domain::id::ExternalId>,
) -> Result<Reconciliation, Failure> {
    let tenant = app.storage.tenant(connection.business_id);
    let run = tenant.advance_reconciliation(run, found, mistaken).await;
    run.map_err(|error| Failure::from(&error))
}

/// Tells how far a reconciliation is.
async fn tell(app: &App, connection: &Connection, run: &Reconciliation) -> Result<(), Failure> {
    let kind = match run.state {
        RunState::WaitingForApproval => ActivityKind::DriftFound,
        RunState::Running => ActivityKind::SyncProgress,
        RunState::Done | RunState::Failed | RunState::Superseded => ActivityKind::SyncFinished,
    };
    let event = NewActivity {
        kind,
        subject: Some(("reconciliation".to_owned(), run.id.to_string())),
        message: run.message(),
        percent: Some(run.percent()),
        at: app.now(),
    };
    let tenant = app.storage.tenant(connection.business_id);
    tenant.publish(event).await.map_err(|error| Failure::from(&error))?;
    Ok(())
}

/// What the store answers. One that no longer takes our token has to be connected again.
async fn heard<T>(
    app: &App,
    connection: &Connection,
    access: &Access,
    answer: Result<T, ProviderError>,
) -> Result<T, Failure> {
    if matches!(answer, Err(ProviderError::Unauthorized)) {
        tokens::mark_reauth_required(app, connection, &access.token).await;
    }
    Ok(answer?)
}

/// What can be compared now. Which permissions the token has is asked of the store itself: a merchant may have taken one
/// back, and what it no longer shows must not be taken for gone (T8).
pub(crate) async fn window_now(
    app: &App,
    connection: &Connection,
    kind: ObjectType,
) -> Result<domain::reconcile::Window, Failure> {
    let provider = app.providers.get(&connection.provider)?;
    let access = tokens::access(app, connection).await?;
    let granted = provider.granted_scopes(&access).await;
    let granted = heard(app, connection, &access, granted).await?;
    let now = app.now();
    Ok(domain::reconcile::Window::at(now, provider.shown_from(kind, &granted, now)))
}
