//! The work of a shadow run: a page of objects at a time is read, run by both mappers on a few threads, and compared,
//! while the next page is read.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::activity::ActivityKind;
use domain::delivery::NewDelivery;
use domain::flow::{Posting, implied_effects};
use domain::id::ExternalId;
use domain::mapper::{Work, WorkState};
use domain::money::Currency;
use domain::time::Timestamp;
use mappers::{Answer, MapRun};
use storage::Tenant;

use super::Task;
use super::pair::{Compared, OrderRuns, Sides};
use super::report::ShadowBody;
use super::tally::Tally;
use crate::actions::mapper::behind::hold;
use crate::actions::mapper::{tell, tell_progress};
use crate::app::App;
use crate::error::Problem;
use crate::mapping::{ConnectionsById, blocking, on_threads};

/// The longest that a shadow run may take.
const TIME_MAX: Duration = Duration::from_mins(1);
/// Faults of the candidate after which nobody needs to see more of them.
const FAULTS_MAX: u64 = 200;
/// Objects that are read at a time; their bodies are in memory together.
const PAGE_SIZE: u32 = 256;
/// Percent between two events of the feed.
const PERCENT_STEP: u64 = 10;
/// The currency of products' prices where no order tells the shop's.
const CURRENCY: &str = "USD";

/// Compares, stores the report, and tells the feed, whatever happens.
pub(super) async fn to_its_end(app: &App, tenant: &Tenant, task: Task) {
    let mut report = task.report.clone();
    let work = Work::Shadow(report.id);
    let (state, body, message) = match hold(app, tenant, work, compare(app, tenant, &task)).await {
        Ok(body) => {
            let differing = body.orders.differing + body.products.differing;
            let compared = body.orders.compared + body.products.compared;
            let message = format!("shadow run: {differing} of {compared} objects would differ");
            match serde_json::to_string(&body) {
                Ok(text) => (WorkState::Done, text, message),
                Err(error) => failed(&error.to_string()),
            }
        }
        Err(problem) => failed(&problem.to_string()),
    };
    (report.state, report.body, report.finished_at) = (state, Some(body), Some(app.now()));
    let id = report.id;
    let message = match tenant.end_shadow_run(report).await {
        Ok(()) => message,
        Err(error) => {
            tracing::error!(business = %tenant.business_id(), report = %id, %error, "report not stored");
            failed(&Problem::from(error).to_string()).2
        }
    };
    let subject = ("shadow_report", id.to_string());
    if let Err(problem) = tell(app, tenant, ActivityKind::MapperFinished, subject, message).await {
        tracing::error!(business = %tenant.business_id(), report = %id, %problem, "its end was not told");
    }
}

fn failed(why: &str) -> (WorkState, String, String) {
    (WorkState::Failed, why.to_owned(), format!("shadow run failed: {why}"))
}

/// Objects of one kind, page by page, the newest first.
enum Place {
    Orders(Option<(Timestamp, ExternalId)>),
    Products(Option<ExternalId>),
    End,
}

async fn compare(app: &App, tenant: &Tenant, task: &Task) -> Result<ShadowBody, Problem> {
    let started = Instant::now();
    let sides =
        Arc::new(Sides::new(app, &task.active, &task.candidate, currency_of(tenant).await?));
    let connections = tenant.connections().await?.into_iter().map(|one| (one.id, one));
    let connections: Arc<ConnectionsById> = Arc::new(connections.collect());
    let mut tally = Tally::default();
    let mut told = 0;
    let (mut place, mut left) = (Place::Orders(None), task.last);
    let mut page = next_page(tenant, &mut place, &mut left, task.last).await?;
    let mut cut_short = None;
    while !page.is_empty() {
        let work = run_page(app, &sides, &connections, page);
        let following = next_page(tenant, &mut place, &mut left, task.last);
        let (compared, following) = tokio::try_join!(work, following)?;
        add(tenant, compared, &mut tally).await?;
        page = following;
        // How many orders and products there are is not known before the end, so that this is at the least.
        let percent = tally.seen * 100 / (u64::from(task.last) * 2).max(1);
        if percent >= told + PERCENT_STEP {
            told = percent;
            let subject = ("shadow_report", task.report.id.to_string());
            let message = format!("shadow run: {} objects compared", tally.seen);
            tell_progress(app, tenant, subject, message, percent).await?;
        }
        cut_short = verdict(&tally, started);
        if cut_short.is_some() {
            break;
        }
    }
    let elapsed = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(tally.finish(elapsed, cut_short))
}

/// Why a run that is not at its end should end, if so.
fn verdict(tally: &Tally, started: Instant) -> Option<String> {
    if tally.fault_count >= FAULTS_MAX {
        return Some(format!("the candidate faulted {} times", tally.fault_count));
    }
    (started.elapsed() >= TIME_MAX)
        .then(|| format!("{} s were over after {} objects", TIME_MAX.as_secs(), tally.seen))
}

/// The shop's currency, as its newest order has it.
async fn currency_of(tenant: &Tenant) -> Result<Currency, Problem> {
    let newest = tenant.recent_orders(1, None).await?;
    let ids: Vec<ExternalId> = newest.into_iter().map(|(_, id)| id).collect();
    let order = tenant.orders_by_id(&ids).await?.into_values().next();
    let usual = CURRENCY.parse().map_err(|_| Problem::not_found("currency"))?;
    Ok(order.map_or(usual, |order| order.currency))
}

/// The next page of orders, or, behind the last, of products.
async fn next_page(
    tenant: &Tenant,
    place: &mut Place,
    left: &mut u32,
    last: u32,
) -> Result<Vec<NewDelivery>, Problem> {
    loop {
        let wanted = (*left).min(PAGE_SIZE);
        let (ids, bodies) = match place {
            Place::Orders(after) => {
                let page = tenant.recent_orders(wanted, *after).await?;
                *after = page.last().copied().or(*after);
                let ids: Vec<ExternalId> = page.into_iter().map(|(_, id)| id).collect();
                let bodies = tenant.order_bodies(&ids).await?;
                (ids, bodies)
            }
            Place::Products(after) => {
                let ids = tenant.recent_products(wanted, *after).await?;
                *after = ids.last().copied().or(*after);
                let bodies = tenant.product_bodies(&ids).await?;
                (ids, bodies)
            }
            Place::End => return Ok(Vec::new()),
        };
        *left -= u32::try_from(ids.len()).unwrap_or(*left).min(*left);
        let at_end = ids.is_empty() || *left == 0;
        if at_end {
            (*place, *left) = match place {
                Place::Orders(_) => (Place::Products(None), last),
                Place::Products(_) | Place::End => (Place::End, 0),
            };
        }
        let mut bodies = bodies;
        let page: Vec<NewDelivery> =
            ids.iter().filter_map(|id| bodies.remove(id)).map(|(delivery, _)| delivery).collect();
        if !page.is_empty() {
            return Ok(page);
        }
    }
}

async fn run_page(
    app: &App,
    sides: &Arc<Sides>,
    connections: &Arc<ConnectionsById>,
    page: Vec<NewDelivery>,
) -> Result<Vec<Compared>, Problem> {
    let (app, sides, connections) = (app.clone(), Arc::clone(sides), Arc::clone(connections));
    blocking(move || on_threads(&page, |delivery| sides.run(&app, &connections, delivery))).await
}

async fn add(tenant: &Tenant, compared: Vec<Compared>, tally: &mut Tally) -> Result<(), Problem> {
    let orders = || {
        compared.iter().filter_map(|one| match one {
            Compared::Order(runs) => Some(&runs.order),
            _ => None,
        })
    };
    let ids: Vec<ExternalId> = orders().map(|order| order.id).collect();
    let variants: HashSet<ExternalId> =
        orders().flat_map(|order| &order.line_items).filter_map(|line| line.variant_id).collect();
    let variants: Vec<ExternalId> = variants.into_iter().collect();
    let (links, recorded) =
        tokio::try_join!(tenant.links(&variants), tenant.recorded_effects(&ids))?;
    let nothing = BTreeMap::new();
    for one in &compared {
        match one {
            Compared::Order(runs) => {
                let recorded = recorded.get(&runs.order.id).unwrap_or(&nothing);
                let posting = |run: &MapRun| -> Posting {
                    let Ok(Answer::Mapped(pos)) = &run.result else { return Posting::default() };
                    let OrderRuns { order, cutover_at, .. } = &**runs;
                    implied_effects(order, Some(pos), &links, recorded, *cutover_at)
                };
                tally.add_order(runs, &posting(&runs.before), &posting(&runs.after));
            }
            Compared::Product { id, before, after } => tally.add_product(*id, before, after),
            Compared::Unreadable => tally.add_unreadable(),
        }
    }
    Ok(())
}
