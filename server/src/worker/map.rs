//! Map: each order goes through the mapper that the binding chooses for it.

use std::sync::Arc;
use std::time::Duration;

use domain::code::Code;
use domain::delivery::Failure;
use domain::flow::{Changes, Run};
use domain::id::{DeliveryId, ExternalId, RunId};
use domain::mapper::{Bound, Capability, STANDARD_VERSION, Used};
use mappers::{MapAnswer, MapFailure, MapJob, MapRun, Mappers, Source};
use storage::{StoreError, Tenant};

use super::compute::compute;
use super::decide::Decision;
use super::lanes::Lane;
use super::posting::orders_of;
use super::reading::Reading;
use crate::app::App;
use crate::mapping::Serving;

/// Time that one business's own mappers may take of a batch which others share; more than quick ones need for as many
/// orders as a batch has unless set otherwise. What is not begun by then is tried again aside.
const SHARED_TIME_MAX: Duration = Duration::from_millis(500);

/// What mapping an order came to.
pub(super) struct Mapped {
    /// The mapper that the binding chose.
    pub bound: Bound,
    /// Whether that one could be loaded.
    loaded: bool,
    /// Its run, or why it could not be run.
    pub run: Result<MapRun, Failure>,
}

impl Mapped {
    /// Whether it tells how quick the business's own mapper is: it could be loaded, and had a place to run in.
    fn tells_of_pace(&self) -> bool {
        let busy = matches!(&self.run, Ok(run) if matches!(run.result, Err(MapFailure::Busy(_))));
        self.bound.version != STANDARD_VERSION && self.loaded && !busy
    }

    /// What the run used; none where it was at fault or was not begun in time.
    fn used(&self) -> Option<Used> {
        let run = self.run.as_ref().ok()?;
        match run.result {
            Err(MapFailure::Faulted(_)) => None,
            _ => Some(Used { fuel: run.fuel, time: run.duration }),
        }
    }
}

/// The mappers of a batch: one, and a second one while there is a canary.
type Loaded = Vec<(Bound, Result<Serving, Failure>)>;

/// Maps the batch's orders; of each, in their order, what came of it. Notes in `changes` which binding they were mapped
/// by.
pub(super) async fn map(
    app: &App,
    tenant: &Tenant,
    decided: Vec<(Reading, Decision)>,
    lane: Lane,
    changes: &mut Changes,
) -> Result<(Vec<(Reading, Decision)>, Vec<Mapped>), StoreError> {
    let business = tenant.business_id();
    let binding = app.bindings.of(tenant).await?;
    changes.assumed_binding = Some(binding.revision);
    let chosen: Vec<Bound> =
        orders_of(&decided).map(|(_, order, _)| binding.choose(business, order.id)).collect();
    let mut loaded = Loaded::with_capacity(1);
    for bound in binding.serving().filter(|bound| chosen.contains(bound)) {
        loaded.push((bound, app.bindings.serving(app, tenant, bound).await));
    }
    let mappers = Arc::clone(&app.mappers);
    let mapping = move || {
        let mapped = run_all(&mappers, &decided, &chosen, &loaded, lane);
        (decided, mapped)
    };
    let (decided, mapped) = match lane {
        Lane::Main => compute(app, mapping).await,
        // Bounded by the lane's own turns.
        Lane::Aside => tokio::task::spawn_blocking(mapping).await.unwrap_or_default(),
    };
    if mapped.iter().any(|mapped| !mapped.loaded) {
        app.bindings.note_absent(business, binding.revision);
    }
    let own = || mapped.iter().filter(|mapped| mapped.tells_of_pace());
    if own().next().is_some() {
        let used: Option<Vec<Used>> = own().map(Mapped::used).collect();
        app.bindings.note_pace(business, binding.revision, used.as_deref());
    }
    Ok((decided, mapped))
}

/// Runs the mappers that could be loaded over the orders that they were chosen for.
fn run_all(
    mappers: &Mappers,
    decided: &[(Reading, Decision)],
    chosen: &[Bound],
    loaded: &Loaded,
    lane: Lane,
) -> Vec<Mapped> {
    let orders = decided.iter().filter_map(|(_, decision)| match decision {
        Decision::Order { order, version, body, .. } => Some((order, version, body)),
        _ => None,
    });
    let jobs: Vec<MapJob<'_>> = orders
        .zip(chosen)
        .filter_map(|((order, version, body), bound)| {
            let Serving { plugin, settings } = serving(loaded, *bound).ok()?;
            let source = Source::hashed(body, version.body_hash);
            Some(MapJob { plugin, order, settings, source })
        })
        .collect();
    let runs: Vec<Option<MapRun>> = match lane {
        // The standard mapper is as quick as its limits, and its businesses are most of those that share.
        Lane::Main if chosen.iter().all(|bound| bound.version == STANDARD_VERSION) => {
            mappers.map_orders(&jobs).into_iter().map(Some).collect()
        }
        Lane::Main => mappers.map_orders_within(&jobs, SHARED_TIME_MAX),
        Lane::Aside => mappers.map_orders_aside(&jobs).into_iter().map(Some).collect(),
    };
    let mut runs = runs.into_iter();
    let mapped = chosen.iter().map(|bound| {
        let serving = serving(loaded, *bound);
        let loaded = serving.is_ok();
        let run = match serving {
            Ok(_) => runs.next().unwrap_or_default().ok_or_else(not_run),
            Err(failure) => Err(failure),
        };
        Mapped { bound: *bound, loaded, run }
    });
    mapped.collect()
}

fn serving(loaded: &Loaded, bound: Bound) -> Result<&Serving, Failure> {
    let found = loaded.iter().find(|(one, _)| *one == bound);
    found.map_or_else(|| Err(not_run()), |(_, serving)| serving.as_ref().map_err(Clone::clone))
}

/// The others of the batch took up its time; the order is tried again.
fn not_run() -> Failure {
    Failure::new(Code::Throttled, "the mapper took too long for other orders of the batch")
}

/// The record of a run.
pub(super) fn run_row(
    id: RunId,
    delivery_id: DeliveryId,
    external_id: ExternalId,
    mapper: Bound,
    run: &MapRun,
) -> Run {
    let failure = match &run.result {
        Ok(MapAnswer::Mapped(_)) => None,
        Ok(MapAnswer::Skipped(reason)) => Some(Failure::new(Code::MappingRefused, reason.as_str())),
        Err(failed) => Some(failed.failure().clone()),
    };
    Run {
        id,
        delivery_id,
        capability: Capability::MapOrder,
        external_id,
        mapper,
        contract: run.contract.to_string(),
        host: run.host.to_owned(),
        plugin_digest: run.plugin_digest,
        config_digest: run.config_digest,
        input_digest: run.input_digest,
        output_digest: run.output_digest,
        outcome: run.outcome(),
        failure,
        log: Run::kept_log(&run.log),
        fuel: run.fuel,
        duration_us: u64::try_from(run.duration.as_micros()).unwrap_or(u64::MAX),
    }
}
