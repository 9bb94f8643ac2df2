//! The store's list beside what is held, a page at a time.

use domain::code::Code;
use domain::connection::Connection;
use domain::delivery::Failure;
use domain::id::ExternalId;
use domain::reconcile::{
    Cause, Drift, DriftKind, DriftState, Head, Held, Reconciliation, Remedy, Step, cause,
    check_order, compare, unseen,
};
use domain::time::Timestamp;
use storage::{StoreError, Tenant};

use super::{Onward, advance, heard, tell, window_now};
use crate::app::App;
use crate::providers::HeadPage;
use crate::tokens;

/// Objects that may be held and unlisted in the span of one page. Where there are more, the list is not believed.
const UNSEEN_MAX: u32 = 5_000;

/// Compares the next page, and notes what differs together with where the one after it begins.
pub(super) async fn page(
    app: &App,
    connection: &Connection,
    mut run: Reconciliation,
) -> Result<Onward, Failure> {
    if run.after.is_none() {
        open(app, connection, &mut run).await?;
    }
    let page = read(app, connection, &run).await?;
    check_order(run.after, &page.heads)?;
    let last = page.heads.last().map(|head| head.id);
    let until = if page.is_last { None } else { Some(last.ok_or_else(empty)?) };
    let drift = differences(app, connection, &run, &page, until).await?;
    run.counts.seen += page.heads.len() as u64;
    for found in &drift {
        match found.kind {
            DriftKind::Missing => run.counts.missing += 1,
            DriftKind::Stale => run.counts.stale += 1,
            DriftKind::Unseen | DriftKind::Vanished => {}
        }
    }
    run.after = last.or(run.after);
    if page.is_last {
        run.enter(Step::Confirming, app.now());
    }
    let run = advance(app, connection, run, drift, Vec::new()).await?;
    tell(app, connection, &run).await?;
    Ok(Onward::Now)
}

/// Settles what the comparison is about.
async fn open(app: &App, connection: &Connection, run: &mut Reconciliation) -> Result<(), Failure> {
    run.window = window_now(app, connection, run.kind).await?;
    let provider = app.providers.get(&connection.provider)?;
    let access = tokens::access(app, connection).await?;
    let total = provider.count(&access, run.kind, run.window.from).await;
    run.counts.total = heard(app, connection, &access, total).await?;
    Ok(())
}

async fn read(
    app: &App,
    connection: &Connection,
    run: &Reconciliation,
) -> Result<HeadPage, Failure> {
    let provider = app.providers.get(&connection.provider)?;
    let access = tokens::access(app, connection).await?;
    let page = provider.heads(&access, run.kind, (run.window.from, None), run.after).await;
    heard(app, connection, &access, page).await
}

fn empty() -> Failure {
    Failure::new(Code::UpstreamUnavailable, "the store's list goes on after an empty page")
}

/// What the page and what is held of its span differ in.
async fn differences(
    app: &App,
    connection: &Connection,
    run: &Reconciliation,
    page: &HeadPage,
    until: Option<ExternalId>,
) -> Result<Vec<Drift>, Failure> {
    let tenant = app.storage.tenant(connection.business_id);
    let stored = |error: StoreError| Failure::from(&error);
    let ids: Vec<ExternalId> = page.heads.iter().map(|head| head.id).collect();
    let held = tenant.held_of(run.kind, &ids).await.map_err(stored)?;
    let differing = compare(&run.window, &page.heads, &held);
    let between = tenant
        .held_between((run.connection_id, run.kind), &run.window, (run.after, until), UNSEEN_MAX)
        .await
        .map_err(stored)?;
    let unlisted = unseen(&run.window, &page.heads, &between);
    if between.len() >= UNSEEN_MAX as usize && !unlisted.is_empty() {
        let detail = format!("{UNSEEN_MAX} or more are held of a span of {} listed", ids.len());
        return Err(Failure::new(Code::UpstreamUnavailable, detail));
    }
    let now = app.now();
    let differing: Vec<(DriftKind, Head, Option<Held>)> = differing
        .into_iter()
        .map(|(kind, head)| (kind, head, held.get(&head.id).copied()))
        .collect();
    let mut drift = explained(&tenant, run, &differing, now).await.map_err(stored)?;
    drift.extend(unlisted.into_iter().map(|held| unexplained(&held, now)));
    Ok(drift)
}

/// The drift of objects that the store has, each with its cause.
async fn explained(
    tenant: &Tenant,
    run: &Reconciliation,
    differing: &[(DriftKind, Head, Option<Held>)],
    now: Timestamp,
) -> Result<Vec<Drift>, StoreError> {
    if differing.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<ExternalId> = differing.iter().map(|(_, head, _)| head.id).collect();
    let traces = tenant.open_deliveries(run.kind, &ids).await?;
    let unread = tenant.has_unread().await?;
    let drift = differing.iter().map(|(kind, head, held)| {
        let of_object = traces.get(&head.id).map(Vec::as_slice).unwrap_or_default();
        let mut drift = Drift {
            object_id: head.id,
            kind: *kind,
            state: DriftState::Open,
            cause: cause(of_object, held.map(|held| held.delivery_id), unread),
            created_at: head.created_at,
            store_updated_at: Some(head.updated_at),
            held_updated_at: held.map(|held| held.updated_at),
            healed_by: None,
            found_at: now,
        };
        if matches!(drift.remedy(), Remedy::Wait | Remedy::Mend) {
            drift.state = DriftState::Left;
        }
        drift
    });
    Ok(drift.collect())
}

/// What the list was without: it is explained once the store was asked.
fn unexplained(held: &Held, now: Timestamp) -> Drift {
    Drift {
        object_id: held.id,
        kind: DriftKind::Unseen,
        state: DriftState::Open,
        cause: Cause::Unknown,
        created_at: held.created_at.unwrap_or(held.updated_at),
        store_updated_at: None,
        held_updated_at: Some(held.updated_at),
        healed_by: None,
        found_at: now,
    }
}
