//! The work of a repair: what the mapper did is collected, and put into the inbox, where it waits for the workers like
//! what comes in.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::activity::ActivityKind;
use domain::id::{ConnectionId, DeliveryId, ExternalId, RunId};
use domain::mapper::{Bound, Capability, MapperRepair, Repaired, Work, WorkState};
use domain::page::{Direction, PAGE_SIZE_MAX, PageRequest};
use storage::Tenant;

use crate::actions::mapper::behind::hold;
use crate::actions::mapper::{tell, tell_progress};
use crate::app::App;
use crate::error::Problem;
use crate::internal;

/// Runs, and orders, that are read at a time.
const PAGE_SIZE: u32 = 1_000;
/// Percent between two events of the feed.
const PERCENT_STEP: usize = 10;

/// What a version did.
#[derive(Debug, Default)]
struct Traces {
    orders: BTreeSet<ExternalId>,
    deliveries: BTreeSet<DeliveryId>,
}

/// What of it ended among the dead letters.
#[derive(Debug, Default)]
struct Dead {
    /// Deliveries that the version could not map.
    letters: Vec<DeliveryId>,
    /// What an earlier repair of it put into the inbox, in vain so far.
    repairs: BTreeMap<ExternalId, DeliveryId>,
}

/// Repairs, stores how it ended, and tells the feed, whatever happens.
pub(super) async fn to_its_end(app: &App, tenant: &Tenant, mut repair: MapperRepair) {
    let Bound { version, config } = repair.mapper;
    let what = format!("repair of mapper version {version} with config {config}");
    let work = Work::Repair(repair.id);
    let message = match hold(app, tenant, work, mend(app, tenant, &repair)).await {
        Ok(found) => {
            (repair.state, repair.found) = (WorkState::Done, Some(found));
            let Repaired { orders, dead_letters } = found;
            format!("{what}: {orders} orders and {dead_letters} dead letters are done again")
        }
        Err(problem) => {
            (repair.state, repair.detail) = (WorkState::Failed, Some(problem.to_string()));
            format!("{what} failed: {problem}")
        }
    };
    repair.finished_at = Some(app.now());
    let (business, id) = (tenant.business_id(), repair.id);
    let message = match tenant.end_repair(repair).await {
        Ok(()) => message,
        Err(error) => {
            tracing::error!(%business, repair = %id, %error, "its end was not stored");
            format!("{what} failed: {}", Problem::from(error))
        }
    };
    let subject = ("mapper_repair", id.to_string());
    if let Err(problem) = tell(app, tenant, ActivityKind::MapperFinished, subject, message).await {
        tracing::error!(%business, repair = %id, %problem, "its end was not told");
    }
}

async fn mend(app: &App, tenant: &Tenant, repair: &MapperRepair) -> Result<Repaired, Problem> {
    let revision = tenant.binding().await?.revision;
    let traces = traces_of(tenant, repair.mapper).await?;
    let dead = dead_among(tenant, repair.mapper, &traces).await?;
    // What lies among the dead letters for it is tried again there, so that an order is not listed twice.
    let orders = traces.orders.iter().filter(|order| !dead.repairs.contains_key(order));
    let orders: Vec<ExternalId> = orders.copied().collect();
    let (mut done, mut told) = (0, 0);
    for part in orders.chunks(PAGE_SIZE as usize) {
        post_again(app, tenant, (repair.mapper, revision), part).await?;
        done += part.len();
        let percent = done * 100 / orders.len().max(1);
        if percent >= told + PERCENT_STEP {
            told = percent;
            let message = format!("repair: {done} orders wait to be mapped again");
            let subject = ("mapper_repair", repair.id.to_string());
            tell_progress(app, tenant, subject, message, percent as u64).await?;
        }
    }
    for delivery in dead.letters.iter().chain(dead.repairs.values()) {
        tenant.replay(*delivery, app.now()).await?;
    }
    app.storage.hints().wake_workers();
    let (orders, dead_letters) = (traces.orders.len() as u64, dead.letters.len() as u64);
    Ok(Repaired { orders, dead_letters })
}

async fn traces_of(tenant: &Tenant, mapper: Bound) -> Result<Traces, Problem> {
    let mut traces = Traces::default();
    let mut after: Option<RunId> = None;
    loop {
        let page = tenant.runs_of_version(mapper, after, PAGE_SIZE).await?;
        let Some(last) = page.last() else { return Ok(traces) };
        after = Some(last.id);
        for run in page.iter().filter(|run| run.capability == Capability::MapOrder) {
            traces.orders.insert(run.external_id);
            traces.deliveries.insert(run.delivery_id);
        }
    }
}

async fn dead_among(tenant: &Tenant, mapper: Bound, traces: &Traces) -> Result<Dead, Problem> {
    let mut dead = Dead::default();
    let mut request =
        PageRequest { limit: PAGE_SIZE_MAX, direction: Direction::Forward, cursor: None };
    loop {
        let page = tenant.dead_letters(&request).await?;
        for (_, letter) in &page.rows {
            if let Some(order) = internal::repaired_order(&letter.webhook_id, mapper) {
                dead.repairs.insert(order, letter.id);
            } else if traces.deliveries.contains(&letter.id) {
                dead.letters.push(letter.id);
            }
        }
        match page.rows.last() {
            Some((cursor, _)) if page.has_next => request.cursor = Some(cursor.clone()),
            _ => return Ok(dead),
        }
    }
}

/// Has orders mapped and posted again, because of a mapper and under a revision of the binding.
async fn post_again(
    app: &App,
    tenant: &Tenant,
    repairs: (Bound, i64),
    orders: &[ExternalId],
) -> Result<(), Problem> {
    let stored = tenant.orders_by_id(orders).await?;
    let connections: HashMap<ExternalId, ConnectionId> =
        stored.into_iter().map(|(id, order)| (id, order.connection_id)).collect();
    let waiting = orders.iter().filter_map(|order| {
        let connection = connections.get(order)?;
        let delivery = internal::repair(app, tenant.business_id(), *connection, *order, repairs);
        Some(tenant.receive(delivery))
    });
    // The writer commits them together; each is answered for itself.
    futures_util::future::try_join_all(waiting).await?;
    app.storage.hints().wake_workers();
    Ok(())
}
