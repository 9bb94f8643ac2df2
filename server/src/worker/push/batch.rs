//! A batch: due pushes of one business, from what the ledger has to what the store has.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::code::Code;
use domain::connection::Connection;
use domain::delivery::{ATTEMPTS_MAX, Failure};
use domain::id::{BusinessId, ConnectionId};
use domain::push::{ClaimedPush, Hold, PushEnd, Step, Target, next_step, target};
use domain::time::Timestamp;
use storage::{StoreError, Tenant};

use super::feed::events_of;
use super::key::key_of;
use super::open::{Ended, Open};
use super::store::Store;
use crate::app::App;
use crate::providers::{LevelToSet, LevelsSet, ProviderError, WhyRefused};
use crate::tokens;

/// How long the store may take over a batch, all questions and answers together: less than the lease, so that nobody else
/// is at it at the same time.
const STORE_MAX: Duration = Duration::from_secs(20);
/// How long to wait for a call of ours that the store is still working on.
const UNDER_WAY_WAIT: Duration = Duration::from_secs(2);
/// How long to wait before what the store refused is decided anew: the others of its call go first.
const REFUSED_WAIT: Duration = Duration::from_secs(1);
/// The least that a store which asks to wait is left alone.
const THROTTLED_WAIT_MIN: Duration = Duration::from_secs(1);

/// Takes the pushes to their stores and writes what became of them. Whatever fails here leaves the rows leased: they come
/// back when the lease ends, with the attempt counted.
pub(super) async fn send(app: &App, business: BusinessId, claimed: Vec<ClaimedPush>) {
    let tenant = app.storage.tenant(business);
    let mut by_store: BTreeMap<ConnectionId, Vec<ClaimedPush>> = BTreeMap::new();
    for push in claimed {
        by_store.entry(push.key.connection_id).or_default().push(push);
    }
    for (connection, pushes) in by_store {
        if let Err(error) = send_to(app, &tenant, connection, pushes).await {
            tracing::error!(%business, failure = %Failure::from(&error), "pushes failed");
        }
    }
}

async fn send_to(
    app: &App,
    tenant: &Tenant,
    connection_id: ConnectionId,
    pushes: Vec<ClaimedPush>,
) -> Result<(), StoreError> {
    let connection = app.connections.by_id(tenant.business_id(), connection_id).await?;
    let connection = connection.filter(|connection| connection.status.is_live());
    let (mut ended, open) = if connection.is_some() {
        aim(tenant, pushes).await?
    } else {
        let hold = |push| (push, PushEnd::Held(Hold::Disconnected));
        (pushes.into_iter().map(hold).collect(), Vec::new())
    };
    if let Some(connection) = connection.filter(|_| !open.is_empty()) {
        ended.extend(bring(app, tenant, &connection, open).await?);
    }
    let now = app.now();
    let events = events_of(connection_id, &ended, now);
    for (_, end) in &ended {
        app.metrics.note_push(end);
    }
    tenant.finish_pushes(ended, events, now).await
}

/// Decides what the store is to have of each. Those of which it is told nothing end here.
async fn aim(
    tenant: &Tenant,
    pushes: Vec<ClaimedPush>,
) -> Result<(Vec<Ended>, Vec<Open>), StoreError> {
    let policy = tenant.inventory_policy().await?;
    let products: Vec<String> = pushes.iter().map(|push| push.pos_product_id.clone()).collect();
    let levels = tenant.place_levels(&products).await?;
    let (mut ended, mut open) = (Vec::new(), Vec::new());
    for claimed in pushes {
        if claimed.attempt > ATTEMPTS_MAX {
            let detail = format!("its workers ended {ATTEMPTS_MAX} times without an answer");
            let failure = Failure::new(Code::AttemptsExhausted, detail);
            ended.push((claimed, PushEnd::Failed(failure)));
            continue;
        }
        let levels = levels.get(&claimed.pos_product_id).map_or(&[][..], Vec::as_slice);
        match target(&policy, levels, claimed.key.location_id, claimed.primary) {
            Target::Pieces { level, buffer, quantity } => {
                open.push(Open { claimed, level, buffer, quantity });
            }
            Target::Held(hold) => ended.push((claimed, PushEnd::Held(hold))),
        }
    }
    Ok((ended, open))
}

/// Brings the store to what it is to have, as far as it answers in time.
async fn bring(
    app: &App,
    tenant: &Tenant,
    connection: &Arc<Connection>,
    open: Vec<Open>,
) -> Result<Vec<Ended>, StoreError> {
    let all = open.clone();
    let mut ended = Vec::with_capacity(open.len());
    let talk = talk(app, tenant, connection, open, &mut ended);
    let why = match tokio::time::timeout(STORE_MAX, talk).await {
        Ok(Ok(())) => return Ok(ended),
        Ok(Err(Interrupted::Storage(error))) => return Err(error),
        Ok(Err(why)) => why,
        Err(_elapsed) => {
            let detail = format!("no answer within {} s", STORE_MAX.as_secs());
            Interrupted::Store(ProviderError::Unavailable { detail })
        }
    };
    let is_over = |push: &Open| ended.iter().any(|(ended, _)| ended.key == push.claimed.key);
    let left: Vec<Open> = all.into_iter().filter(|push| !is_over(push)).collect();
    ended.extend(left.into_iter().map(|push| interrupted(app, push, &why)));
    Ok(ended)
}

/// What keeps a batch from going on.
enum Interrupted {
    Storage(StoreError),
    Store(ProviderError),
    /// There is no token, or none to be had now.
    Access(Failure),
}

impl From<StoreError> for Interrupted {
    fn from(error: StoreError) -> Self {
        Self::Storage(error)
    }
}

impl From<ProviderError> for Interrupted {
    fn from(error: ProviderError) -> Self {
        Self::Store(error)
    }
}

/// What becomes of a push whose store gave no answer.
fn interrupted(app: &App, push: Open, why: &Interrupted) -> Ended {
    let Open { claimed, .. } = push;
    let now = app.now();
    let failure = match why {
        Interrupted::Store(error) => Failure::from(error.clone()),
        Interrupted::Storage(error) => Failure::from(error),
        Interrupted::Access(failure) => failure.clone(),
    };
    let end = match why {
        // The store says when to come back: that is no failed attempt.
        Interrupted::Store(ProviderError::Throttled { wait }) => PushEnd::Again {
            at: now + (*wait).max(THROTTLED_WAIT_MIN),
            known: claimed.known,
            failure: Some(failure),
            attempts: claimed.attempt.saturating_sub(1),
        },
        Interrupted::Store(error) if !error.retryable() => PushEnd::Failed(failure),
        _ if failure.code == Code::ReauthRequired => PushEnd::Failed(failure),
        _ => {
            let jitter = u64::from_le_bytes(app.random_bytes());
            PushEnd::after(failure, claimed.known, claimed.attempt, now, jitter)
        }
    };
    (claimed, end)
}

/// Asks where the store's quantity is not known, sets where it is not the right one, and asks once more where the store
/// knows better.
async fn talk(
    app: &App,
    tenant: &Tenant,
    connection: &Connection,
    open: Vec<Open>,
    ended: &mut Vec<Ended>,
) -> Result<(), Interrupted> {
    let provider = app.providers.get(&connection.provider).map_err(Interrupted::Access)?;
    let access = tokens::access(app, connection).await.map_err(Interrupted::Access)?;
    let store = Store { provider: &*provider, access: &access };
    let talked = async {
        let (unknown, mut known): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|push| push.claimed.known.is_none());
        known.extend(store.ask(unknown, app.now(), ended).await?);
        let sending = sort(known, app.now(), ended);
        let stale = set(app, tenant, &store, connection.id, sending, ended).await?;
        // What the store has instead may be what it is to have, or an order that is still under way.
        let seen = store.ask(stale, app.now(), ended).await?;
        let at = app.now() + REFUSED_WAIT;
        for (push, _) in sort(seen, app.now(), ended) {
            let end = push.again(at);
            ended.push((push.claimed, end));
        }
        Ok(())
    };
    let talked: Result<(), Interrupted> = talked.await;
    if matches!(talked, Err(Interrupted::Store(ProviderError::Unauthorized))) {
        tokens::mark_reauth_required(app, connection, &access.token).await;
    }
    talked
}

/// Ends what needs nothing or has to wait. Returns what is to be set.
fn sort(known: Vec<Open>, now: Timestamp, ended: &mut Vec<Ended>) -> Vec<(Open, LevelToSet)> {
    let mut sending = Vec::new();
    for push in known {
        let end = match next_step(push.quantity, push.claimed.known, now) {
            Step::Set { quantity, from } => {
                let level = LevelToSet {
                    inventory_item_id: push.claimed.key.inventory_item_id,
                    location_id: push.claimed.key.location_id,
                    quantity,
                    from,
                };
                sending.push((push, level));
                continue;
            }
            Step::Nothing => push.settled(push.claimed.known.and_then(|known| known.at), false),
            Step::Wait { until } => push.again(until),
            Step::Ask => push.again(now),
        };
        ended.push((push.claimed, end));
    }
    // One order for all, so that a repetition sends the same.
    sending.sort_unstable_by_key(|(push, _)| push.claimed.key);
    sending
}

/// Sets levels, having noted that they are about to be set. Returns those that the store has something else of than was
/// expected.
async fn set(
    app: &App,
    tenant: &Tenant,
    store: &Store<'_>,
    connection: ConnectionId,
    sending: Vec<(Open, LevelToSet)>,
    ended: &mut Vec<Ended>,
) -> Result<Vec<Open>, Interrupted> {
    if sending.is_empty() {
        return Ok(Vec::new());
    }
    let noted: Vec<_> = sending
        .iter()
        .map(|(push, level)| (push.claimed.key, push.claimed.lease, level.quantity))
        .collect();
    tenant.begin_pushes(&noted).await?;
    let of: Vec<_> = sending.iter().map(|(push, level)| (&push.claimed, *level)).collect();
    let key = key_of(connection, &of);
    let levels: Vec<LevelToSet> = sending.iter().map(|(_, level)| *level).collect();
    let refusals = match store.provider.set_levels(store.access, &key, &levels).await? {
        LevelsSet::Done { at } => {
            ended.extend(sending.into_iter().map(|(push, _)| {
                let end = push.settled(at, true);
                (push.claimed, end)
            }));
            return Ok(Vec::new());
        }
        LevelsSet::Refused(refusals) => refusals,
    };
    let now = app.now();
    let mut stale = Vec::new();
    for (place, (mut push, _)) in sending.into_iter().enumerate() {
        let about = |of: Option<usize>| of.is_none_or(|of| of == place);
        let end = match refusals.iter().find(|refusal| about(refusal.place)).map(|it| &it.why) {
            Some(WhyRefused::Stale) => {
                push.claimed.known = None;
                stale.push(push);
                continue;
            }
            Some(WhyRefused::UnderWay) => push.again(now + UNDER_WAY_WAIT),
            Some(WhyRefused::Gone) => PushEnd::Held(Hold::Gone),
            Some(WhyRefused::Other(text)) => {
                PushEnd::Failed(Failure::new(Code::PushRefused, text.clone()))
            }
            // Another one kept it from being set.
            None => push.again(now),
        };
        ended.push((push.claimed, end));
    }
    Ok(stale)
}
