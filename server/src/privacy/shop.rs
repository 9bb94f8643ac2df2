//! Erasing all that is held of a shop.

use domain::activity::{ActivityKind, NewActivity};
use domain::privacy::StoredRequest;
use storage::{StoreError, Tenant};

use super::meet::Held;

/// Why a shop is left as it is.
const CONNECTED: &str = "the shop is connected: it came back, or its end was never told; disconnect \
    it and have the request sent again where it is to be erased all the same";

/// Erases a shop, unless it is connected: who came back within the days that the store waits is not erased.
pub(super) async fn erase(
    held: &Held<'_>,
    tenant: &Tenant,
    request: StoredRequest,
) -> Result<(), StoreError> {
    match erase_parts(held, tenant, &request).await {
        Err(StoreError::Conflict(_)) => {
            let event = event(held, &request, "the store's data stays: the shop is connected");
            tenant.hold_privacy_request(request.id, CONNECTED, event).await?;
            Ok(())
        }
        done => done,
    }
}

async fn erase_parts(
    held: &Held<'_>,
    tenant: &Tenant,
    request: &StoredRequest,
) -> Result<(), StoreError> {
    while tenant.erase_shop_orders(request, held.app.now()).await? {
        held.renew().await?;
    }
    let mut after = None;
    loop {
        after = tenant.erase_shop_bodies(request, after, held.app.now()).await?;
        if after.is_none() {
            break;
        }
        held.renew().await?;
    }
    let event = event(held, request, "the store's data was erased");
    tenant.erase_shop(request, event, held.app.now()).await?;
    held.app.connections.forget();
    Ok(())
}

fn event(held: &Held<'_>, request: &StoredRequest, message: &str) -> NewActivity {
    NewActivity {
        kind: ActivityKind::PrivacyDone,
        subject: Some(("privacy_request".to_owned(), request.id.to_string())),
        message: message.to_owned(),
        percent: None,
        at: held.app.now(),
    }
}
