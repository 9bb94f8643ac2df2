//! Repairing what a bad version did (F4): its orders are mapped again by what serves now, and what it could not map is
//! tried again. Corrections are new versions of POS orders and further movements; where nothing differs, nothing is
//! written. So afterwards everything is as if the good version had served throughout, and doing it again is harmless.

use std::collections::{BTreeSet, HashMap};

use domain::access::{Caller, Role};
use domain::activity::ActivityKind;
use domain::code::Code;
use domain::id::{BusinessId, ConnectionId, DeliveryId, ExternalId, RunId};
use domain::mapper::{Bound, Capability, STANDARD_VERSION};
use domain::page::{Direction, PAGE_SIZE_MAX, PageRequest};
use storage::Tenant;

use super::{place, tell, tell_progress};
use crate::app::App;
use crate::error::Problem;
use crate::internal;

/// Runs, and orders, that are read at a time.
const PAGE_SIZE: u32 = 1_000;
/// Percent between two events of the feed.
const PERCENT_STEP: usize = 10;

/// What is going to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Repair {
    /// What did it wrong.
    pub(crate) bound: Bound,
    /// Orders that are mapped again.
    pub(crate) orders: u64,
    /// Dead letters that are tried again.
    pub(crate) dead_letters: u64,
}

/// What a version did.
#[derive(Debug, Default)]
struct Traces {
    orders: BTreeSet<ExternalId>,
    deliveries: BTreeSet<DeliveryId>,
}

/// Has the orders that a version with a config ever mapped, or failed to, mapped again by what serves now. Answers with
/// how many those are; the feed tells how it goes on. What still serves cannot be repaired: it would do it again.
pub(crate) async fn start(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    bound: Bound,
) -> Result<Repair, Problem> {
    let tenant = app.tenant(caller, business, Role::Admin)?;
    if bound.version != STANDARD_VERSION && tenant.mapper_version(bound.version).await?.is_none() {
        return Err(Problem::not_found("mapper version"));
    }
    if tenant.binding().await?.serves(bound) {
        let message = "serves; roll back or activate another one first";
        let problem = Problem::input("input.version", message);
        return Err(Problem { code: Code::Conflict, ..problem });
    }
    let permit = place(app)?;
    let traces = traces_of(&tenant, bound).await?;
    let dead = dead_among(&tenant, &traces.deliveries).await?;
    let repair =
        Repair { bound, orders: traces.orders.len() as u64, dead_letters: dead.len() as u64 };
    tracing::info!(
        %business, version = bound.version, config = bound.config, subject = caller.subject,
        orders = repair.orders, "mapper repair begun"
    );
    let app = app.clone();
    app.tasks.clone().spawn(async move {
        if let Err(problem) = mend(&app, &tenant, repair, traces.orders, dead).await {
            tracing::error!(business = %tenant.business_id(), %problem, "repair was interrupted");
        }
        drop(permit);
    });
    Ok(repair)
}

async fn traces_of(tenant: &Tenant, bound: Bound) -> Result<Traces, Problem> {
    let mut traces = Traces::default();
    let mut after: Option<RunId> = None;
    loop {
        let page = tenant.runs_of_version(bound, after, PAGE_SIZE).await?;
        let Some(last) = page.last() else { return Ok(traces) };
        after = Some(last.id);
        for run in page.iter().filter(|run| run.capability == Capability::MapOrder) {
            traces.orders.insert(run.external_id);
            traces.deliveries.insert(run.delivery_id);
        }
    }
}

/// Which of the deliveries are dead letters.
async fn dead_among(
    tenant: &Tenant,
    deliveries: &BTreeSet<DeliveryId>,
) -> Result<Vec<DeliveryId>, Problem> {
    let mut dead = Vec::new();
    let mut request =
        PageRequest { limit: PAGE_SIZE_MAX, direction: Direction::Forward, cursor: None };
    loop {
        let page = tenant.dead_letters(&request).await?;
        let letters = page.rows.iter().map(|(_, letter)| letter.id);
        dead.extend(letters.filter(|id| deliveries.contains(id)));
        match page.rows.last() {
            Some((cursor, _)) if page.has_next => request.cursor = Some(cursor.clone()),
            _ => return Ok(dead),
        }
    }
}

async fn mend(
    app: &App,
    tenant: &Tenant,
    repair: Repair,
    orders: BTreeSet<ExternalId>,
    dead: Vec<DeliveryId>,
) -> Result<(), Problem> {
    let orders: Vec<ExternalId> = orders.into_iter().collect();
    let subject = || ("mapper_version", repair.bound.version.to_string());
    let (mut done, mut told) = (0, 0);
    for part in orders.chunks(PAGE_SIZE as usize) {
        let stored = tenant.orders_by_id(part).await?;
        let connections: HashMap<ExternalId, ConnectionId> =
            stored.into_iter().map(|(id, order)| (id, order.connection_id)).collect();
        let waiting = part.iter().filter_map(|order| {
            let connection = connections.get(order)?;
            let delivery = internal::repost(app, tenant.business_id(), *connection, *order);
            Some(tenant.receive(delivery))
        });
        // The writer commits them together; each is answered for itself.
        futures_util::future::try_join_all(waiting).await?;
        app.storage.hints().wake_workers();
        done += part.len();
        let percent = done * 100 / orders.len().max(1);
        if percent >= told + PERCENT_STEP {
            told = percent;
            let message = format!("repair: {done} orders wait to be mapped again");
            tell_progress(app, tenant, subject(), message, percent as u64).await?;
        }
    }
    for delivery in &dead {
        tenant.replay(*delivery, app.now()).await?;
    }
    app.storage.hints().wake_workers();
    let message = format!(
        "repair of mapper version {} with config {}: {} orders and {} dead letters are done again",
        repair.bound.version, repair.bound.config, repair.orders, repair.dead_letters
    );
    tell(app, tenant, ActivityKind::MapperFinished, subject(), message).await
}
