//! Where a business's POS orders are sent to.

use std::time::Duration;

use domain::access::{Caller, Role};
use domain::id::{BusinessId, ExternalId};
use domain::outbox::PosEndpoint;
use domain::secret::Secret;
use storage::EndpointSecrets;

use crate::app::App;
use crate::error::Problem;
use crate::outbound::{SECRET_BYTES, check_url, secret_text};

/// How long a secret goes on signing beside the one that came in its place.
const PREVIOUS_FOR: Duration = Duration::from_hours(24);

/// An endpoint, with its secret where a new one was made: it is shown this once.
#[derive(Debug)]
pub(crate) struct EndpointSet {
    pub endpoint: PosEndpoint,
    pub secret: Option<Secret>,
}

/// Sets the address that new versions of POS orders are sent to from now on. The first time, and where `new_secret` asks
/// for it, a secret is made.
pub(crate) async fn set(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    url: &str,
    new_secret: bool,
) -> Result<EndpointSet, Problem> {
    let tenant = app.tenant(caller, business, Role::Admin)?;
    let url = check_url(url, app.outbound.is_private())
        .map_err(|invalid| Problem::input("input.url", invalid.to_string()))?;
    if app.storage.system().business(business).await?.is_none() {
        return Err(Problem::not_found("business"));
    }
    let now = app.now();
    let known = tenant.endpoint_secrets().await?;
    let secrets = (new_secret || known.is_none()).then(|| EndpointSecrets {
        current: Secret::new(secret_text(&app.random_bytes::<SECRET_BYTES>())),
        previous: known.map(|known| (known.current, now + PREVIOUS_FOR)),
    });
    let secret = secrets.as_ref().map(|secrets| secrets.current.clone());
    let endpoint = tenant.set_pos_endpoint(url.into(), secrets, now).await?;
    app.storage.hints().wake_workers();
    Ok(EndpointSet { endpoint, secret })
}

/// Sends nothing any more. Returns whether something was sent before.
pub(crate) async fn remove(
    app: &App,
    caller: &Caller,
    business: BusinessId,
) -> Result<bool, Problem> {
    let tenant = app.tenant(caller, business, Role::Admin)?;
    Ok(tenant.remove_pos_endpoint().await?)
}

/// Sends the newest version of a store order's POS order, again if need be.
pub(crate) async fn send(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    order: ExternalId,
) -> Result<(), Problem> {
    let tenant = app.tenant(caller, business, Role::Operator)?;
    tenant.send_again(order, app.now()).await?;
    app.storage.hints().wake_workers();
    Ok(())
}
