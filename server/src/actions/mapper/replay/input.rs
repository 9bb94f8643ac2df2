//! The inputs of recorded runs. A run was made for a delivery, whose body is the input; where that delivery only asked
//! for the order to be mapped again, the input is the body of one that brought a version of it. Which one it was is told
//! by the digest that the run recorded, so that no other body is read or run.

use domain::delivery::{NewDelivery, Source};
use domain::flow::Run;
use domain::id::ExternalId;
use storage::Tenant;

use crate::error::Problem;

/// Deliveries about one order that are looked through.
const DELIVERIES_MAX: u32 = 1_000;

/// The delivery whose body was the run's input, by whether a body of that hash would be. Where none is, the one that the
/// input most likely came by, so that its body can be examined: what somebody changed since has another hash too.
pub(super) async fn find(
    tenant: &Tenant,
    run: &Run,
    is_input: impl Fn([u8; 32]) -> bool,
) -> Result<Option<NewDelivery>, Problem> {
    let made_for = tenant.delivery(run.delivery_id).await?.map(|found| found.delivery);
    match made_for {
        Some(delivery) if delivery.source != Source::Internal => Ok(Some(delivery)),
        _ => version_of(tenant, run.external_id, is_input).await,
    }
}

/// The delivery that brought the version of an order that was the input, else the one that brought what stands now.
async fn version_of(
    tenant: &Tenant,
    order: ExternalId,
    is_input: impl Fn([u8; 32]) -> bool,
) -> Result<Option<NewDelivery>, Problem> {
    let traces = tenant.deliveries_of_order(order, None, DELIVERIES_MAX).await?;
    let told = traces.iter().filter(|trace| trace.source != Source::Internal);
    for trace in told.rev().filter(|trace| is_input(trace.body_hash)) {
        if let Some(found) = tenant.delivery(trace.id).await? {
            return Ok(Some(found.delivery));
        }
    }
    Ok(tenant.order_body(order).await?.map(|(delivery, _)| delivery))
}
