//! Deliveries that an operator takes in hand.

use domain::access::{Caller, Role};
use domain::id::{BusinessId, DeliveryId};

use crate::app::App;
use crate::error::Problem;

/// Has a finished or dead delivery processed once more, with all its attempts. Effects follow the order's current
/// version, so nothing happens twice.
pub(crate) async fn replay(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    delivery: DeliveryId,
) -> Result<(), Problem> {
    let tenant = app.tenant(caller, business, Role::Operator)?;
    if !tenant.replay(delivery, app.now()).await? {
        return Err(Problem::not_found("finished delivery"));
    }
    tracing::info!(%business, %delivery, subject = caller.subject, "delivery replayed");
    app.storage.hints().wake_workers();
    Ok(())
}
