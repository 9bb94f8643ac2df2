//! A batch: due product pushes of one business, from the catalogue to what the store shows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::activity::{ActivityKind, NewActivity, SyncLogEntry};
use domain::connection::Connection;
use domain::delivery::{ATTEMPTS_MAX, Failure};
use domain::id::{BusinessId, ConnectionId};
use domain::product_push::{ClaimedProductPush, ProductHold, ProductPushEnd};
use storage::{StoreError, Tenant};

use super::deed::{Interrupted, Store};
use crate::app::App;
use crate::providers::ProviderError;
use crate::tokens;

/// How long the store may take over a batch: less than the lease, so that nobody else is at it at the same time.
const STORE_MAX: Duration = Duration::from_secs(20);
/// The least that a store which asks to wait is left alone.
const THROTTLED_WAIT_MIN: Duration = Duration::from_secs(1);

type Ended = (ClaimedProductPush, ProductPushEnd);

/// Takes products to their stores and writes what became of them. Whatever fails here leaves the rows leased: they come
/// back when the lease ends, with the attempt counted.
pub(super) async fn send(app: &App, business: BusinessId, claimed: Vec<ClaimedProductPush>) {
    let tenant = app.storage.tenant(business);
    let mut by_store: BTreeMap<ConnectionId, Vec<ClaimedProductPush>> = BTreeMap::new();
    for push in claimed {
        by_store.entry(push.key.connection_id).or_default().push(push);
    }
    for (connection, pushes) in by_store {
        if let Err(error) = send_to(app, &tenant, connection, pushes).await {
            tracing::error!(%business, failure = %Failure::from(&error), "product pushes failed");
        }
    }
}

async fn send_to(
    app: &App,
    tenant: &Tenant,
    connection_id: ConnectionId,
    pushes: Vec<ClaimedProductPush>,
) -> Result<(), StoreError> {
    let connection = app.connections.by_id(tenant.business_id(), connection_id).await?;
    let connection = connection.filter(|connection| connection.status.is_live());
    let ended = match connection {
        Some(connection) => bring(app, tenant, &connection, pushes).await?,
        None => pushes
            .into_iter()
            .map(|push| (push, ProductPushEnd::Held(ProductHold::Disconnected)))
            .collect(),
    };
    for (_, end) in &ended {
        app.metrics.note_product_push(end);
    }
    for entry in tenant.finish_product_pushes(ended, app.now()).await? {
        tenant.publish(event_of(app, &entry)).await?;
    }
    Ok(())
}

/// That a request has ended.
fn event_of(app: &App, entry: &SyncLogEntry) -> NewActivity {
    let SyncLogEntry { processed, failed, .. } = entry;
    NewActivity {
        kind: ActivityKind::SyncFinished,
        subject: Some(("push".to_owned(), "product".to_owned())),
        message: format!("products pushed to the store: {processed}; failed: {failed}"),
        percent: Some(100),
        at: app.now(),
    }
}

/// Brings the store to what it is to show, as far as it answers in time.
async fn bring(
    app: &App,
    tenant: &Tenant,
    connection: &Arc<Connection>,
    pushes: Vec<ClaimedProductPush>,
) -> Result<Vec<Ended>, StoreError> {
    let (worn, pushes): (Vec<_>, Vec<_>) =
        pushes.into_iter().partition(|push| push.attempt > ATTEMPTS_MAX);
    let mut ended: Vec<Ended> = worn.into_iter().map(|push| (push, worn_out())).collect();
    let mut left = pushes.into_iter();
    let mut under_way = None;
    let talk = talk(app, tenant, connection, (&mut left, &mut under_way), &mut ended);
    let why = match tokio::time::timeout(STORE_MAX, talk).await {
        Ok(Ok(())) => return Ok(ended),
        Ok(Err(Interrupted::Storage(error))) => return Err(error),
        Ok(Err(why)) => why,
        Err(_elapsed) => {
            let detail = format!("no answer within {} s", STORE_MAX.as_secs());
            Interrupted::Store(ProviderError::Unavailable { detail })
        }
    };
    let rest = under_way.into_iter().chain(left);
    ended.extend(rest.map(|push| interrupted(app, push, &why)));
    Ok(ended)
}

fn worn_out() -> ProductPushEnd {
    let detail = format!("its workers ended {ATTEMPTS_MAX} times without an answer");
    ProductPushEnd::Failed(Failure::new(domain::code::Code::AttemptsExhausted, detail))
}

/// Takes one product after the other to the store. The one that is under way stands in `under_way` until it has an end.
async fn talk(
    app: &App,
    tenant: &Tenant,
    connection: &Connection,
    (left, under_way): (
        &mut std::vec::IntoIter<ClaimedProductPush>,
        &mut Option<ClaimedProductPush>,
    ),
    ended: &mut Vec<Ended>,
) -> Result<(), Interrupted> {
    let ids: Vec<String> = left.as_slice().iter().map(|it| it.key.pos_product_id.clone()).collect();
    let products = tenant.pos_products(&ids).await?;
    let linked = tenant.linked_variants(&ids).await?;
    let provider = app.providers.get(&connection.provider).map_err(Interrupted::Access)?;
    let access = tokens::access(app, connection).await.map_err(Interrupted::Access)?;
    let talked = async {
        let currency = provider.currency(&access).await?;
        let store = Store { app, tenant, provider: &*provider, access: &access, currency };
        for push in left.by_ref() {
            let push = under_way.insert(push);
            let variants = linked.get(&push.key.pos_product_id).map_or(&[][..], Vec::as_slice);
            let end = match products.get(&push.key.pos_product_id) {
                Some(product) => store.bring(push, product, variants).await?,
                None => ProductPushEnd::Held(ProductHold::Removed),
            };
            ended.extend(under_way.take().map(|push| (push, end)));
        }
        Ok(())
    };
    let talked: Result<(), Interrupted> = talked.await;
    if matches!(talked, Err(Interrupted::Store(ProviderError::Unauthorized))) {
        tokens::mark_reauth_required(app, connection, &access.token).await;
    }
    talked
}

/// What becomes of a push whose store gave no answer.
fn interrupted(app: &App, push: ClaimedProductPush, why: &Interrupted) -> Ended {
    let now = app.now();
    let (failure, retryable) = why.told();
    let end = match why {
        // The store says when to come back: that is no failed attempt.
        Interrupted::Store(ProviderError::Throttled { wait }) => ProductPushEnd::Again {
            at: now + (*wait).max(THROTTLED_WAIT_MIN),
            failure,
            attempts: push.attempt.saturating_sub(1),
        },
        _ if !retryable => ProductPushEnd::Failed(failure),
        _ => {
            let jitter = u64::from_le_bytes(app.random_bytes());
            ProductPushEnd::after(failure, push.attempt, now, jitter)
        }
    };
    (push, end)
}
