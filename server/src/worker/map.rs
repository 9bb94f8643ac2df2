//! Map: each order goes through the mapper that the binding chooses for it.

use std::sync::Arc;
use std::time::Duration;

use domain::code::Code;
use domain::delivery::Failure;
use domain::flow::{Changes, Run};
use domain::id::{DeliveryId, ExternalId, RunId};
use domain::mapper::{Bound, Capability, STANDARD_VERSION};
use mappers::{MapAnswer, MapFailure, MapJob, MapRun, Mappers, Source};
use storage::{StoreError, Tenant};

use super::compute::compute;
use super::decide::Decision;
use super::lanes::Lane;
use super::posting::orders_of;
use super::reading::Reading;
use crate::app::App;
use crate::mapping::Serving;

/// Fuel that a quick mapper uses for an order, on average: some milliseconds of a processor.
const QUICK_FUEL_MAX: u64 = 10_000_000;
/// How long a quick mapper takes for an order, on average, where the machine is busy with others too.
const QUICK_TIME_MAX: Duration = Duration::from_millis(50);

/// What mapping an order came to.
pub(super) struct Mapped {
    /// The mapper that the binding chose.
    pub bound: Bound,
    /// Its run, or why it could not be run.
    pub run: Result<MapRun, Failure>,
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
    if let Some(quick) = were_quick(&mapped) {
        app.bindings.note_pace(business, binding.revision, quick);
    }
    Ok((decided, mapped))
}

/// Whether the business's own mappers were quick; none where none was run.
fn were_quick(mapped: &[Mapped]) -> Option<bool> {
    let (mut runs, mut fuel, mut time) = (0_u32, 0_u64, Duration::ZERO);
    for Mapped { bound, run } in mapped {
        if bound.version == STANDARD_VERSION {
            continue;
        }
        match run {
            Ok(run) if !matches!(run.result, Err(MapFailure::Faulted(_))) => {
                runs += 1;
                fuel += run.fuel;
                time += run.duration;
            }
            _ => return Some(false),
        }
    }
    let is_quick = fuel <= QUICK_FUEL_MAX * u64::from(runs) && time <= QUICK_TIME_MAX * runs;
    (runs > 0).then_some(is_quick)
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
    let runs = match lane {
        Lane::Main => mappers.map_orders(&jobs),
        Lane::Aside => mappers.map_orders_aside(&jobs),
    };
    let mut runs = runs.into_iter();
    let mapped = chosen.iter().map(|bound| {
        let run = match serving(loaded, *bound) {
            Ok(_) => runs.next().ok_or_else(not_run),
            Err(failure) => Err(failure),
        };
        Mapped { bound: *bound, run }
    });
    mapped.collect()
}

fn serving(loaded: &Loaded, bound: Bound) -> Result<&Serving, Failure> {
    let found = loaded.iter().find(|(one, _)| *one == bound);
    found.map_or_else(|| Err(not_run()), |(_, serving)| serving.as_ref().map_err(Clone::clone))
}

/// Every order that was chosen for has a mapper, and every job a run; were it not so, the order is tried again.
fn not_run() -> Failure {
    Failure::new(Code::Internal, "the mapper was not run")
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
