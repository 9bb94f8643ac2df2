//! The inputs of recorded runs. A run was made for a delivery, whose body is the input; where that delivery only asked
//! for the order to be mapped again, the input is the body of one that brought a version of it.

use std::collections::HashMap;

use domain::delivery::{NewDelivery, Source};
use domain::id::{DeliveryId, ExternalId, RunId};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use storage::{StoredRun, Tenant};

use crate::error::Problem;

/// Deliveries that are read at the same time.
const READS_MAX: usize = 8;
/// Deliveries about one order that are looked through.
const DELIVERIES_MAX: u32 = 1_000;

/// Bodies that may be a run's input, the likeliest first.
pub(super) type Bodies = Vec<NewDelivery>;

/// The bodies for each of these runs.
pub(super) async fn find(
    tenant: &Tenant,
    runs: &[StoredRun],
) -> Result<HashMap<RunId, Bodies>, Problem> {
    let sources: Vec<_> = runs
        .iter()
        .map(|stored| (stored.run.id, stored.run.delivery_id, stored.run.external_id))
        .collect();
    let found =
        stream::iter(sources)
            .map(|(id, delivery, order)| async move {
                Ok((id, bodies_of(tenant, delivery, order).await?))
            })
            .buffer_unordered(READS_MAX);
    found.try_collect::<HashMap<_, _>>().await
}

async fn bodies_of(
    tenant: &Tenant,
    delivery: DeliveryId,
    order: ExternalId,
) -> Result<Bodies, Problem> {
    let delivery = tenant.delivery(delivery).await?;
    match delivery.map(|found| found.delivery) {
        Some(delivery) if delivery.source != Source::Internal => Ok(vec![delivery]),
        _ => versions_of(tenant, order).await,
    }
}

/// Everything that came of an order, the stored version first, then the newest first.
async fn versions_of(tenant: &Tenant, order: ExternalId) -> Result<Bodies, Problem> {
    let mut bodies = Bodies::new();
    if let Some((delivery, _)) = tenant.order_body(order).await? {
        bodies.push(delivery);
    }
    let traces = tenant.deliveries_of_order(order, None, DELIVERIES_MAX).await?;
    for trace in traces.iter().rev().filter(|trace| trace.source != Source::Internal) {
        if bodies.iter().any(|known| known.body_hash == trace.body_hash) {
            continue;
        }
        bodies.extend(tenant.delivery(trace.id).await?.map(|found| found.delivery));
    }
    Ok(bodies)
}
