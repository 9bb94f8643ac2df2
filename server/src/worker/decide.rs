//! Deciding: what each delivery of a batch is to become, given what is stored.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use domain::activity::{ActivityKind, NewActivity};
use domain::code::Code;
use domain::connection::{Connection, ConnectionStatus};
use domain::delivery::{Failure, Fate, Outcome, Source};
use domain::flow::{Incoming, SETTLING, Verdict, needs_mapping, settle};
use domain::id::ExternalId;
use domain::mapper::Bound;
use domain::push::Told;
use domain::refined::{ObjectType, Order, Product, Version};
use domain::time::Timestamp;
use storage::{Holding, StoreError, Tenant};

use super::level;
use super::reading::Reading;
use crate::app::App;
use crate::privacy;

/// What a delivery is to become.
#[derive(Debug)]
pub(super) enum Decision {
    /// Nothing but this.
    Fate(Fate),
    /// An order to map and post; `write` where its version is also new to us, which otherwise is the stored one; `repairs`
    /// the mapper whose work a repair does again by it.
    Order {
        order: Box<Order>,
        version: Version,
        write: Option<Replaces>,
        repairs: Option<Bound>,
        body: Vec<u8>,
    },
    /// A product to write.
    Product { product: Box<Product>, version: Version, replaces: Replaces },
    /// A page of the orders to post again, because these variants were linked.
    Repost { variants: Vec<ExternalId>, page: Holding },
    /// A level that the store changed by itself, to be noted.
    Level { told: Told },
    /// The store has to be asked; `told_gone` where it said itself that the object is gone.
    Ask { kind: ObjectType, id: ExternalId, told_gone: bool },
}

/// The version that a new one takes the place of, if any.
pub(super) type Replaces = Option<Version>;

type Versions = HashMap<(ObjectType, ExternalId), Version>;

/// Decides on every delivery of a batch.
pub(super) async fn decide(
    app: &App,
    tenant: &Tenant,
    readings: Vec<Reading>,
) -> Result<Vec<(Reading, Decision)>, StoreError> {
    let stored = load_versions(tenant, &readings).await?;
    let levels = level::load(tenant, &readings).await?;
    let verdicts = judge(&stored, &readings);
    let mut decided = Vec::with_capacity(readings.len());
    for (reading, verdict) in readings.into_iter().zip(verdicts) {
        decided.push(match reading.incoming {
            Ok(Incoming::Level(told)) if !is_over(&reading) => {
                let decision = level::decide(&levels, reading.connection.id, told);
                (reading, decision)
            }
            _ => decide_one(app, tenant, &stored, reading, verdict).await?,
        });
    }
    post_once(&mut decided);
    Ok(decided)
}

/// Leaves one posting for each order: a new version's covers what else asked for one, also a repair.
fn post_once(decided: &mut [(Reading, Decision)]) {
    let mut posting: HashMap<ExternalId, usize> = HashMap::new();
    for at in 0..decided.len() {
        let Decision::Order { order, write, .. } = &decided[at].1 else {
            continue;
        };
        let (kept, redundant) = match posting.entry(order.id) {
            Entry::Vacant(entry) => {
                entry.insert(at);
                continue;
            }
            Entry::Occupied(mut entry) if write.is_some() => (at, entry.insert(at)),
            Entry::Occupied(entry) => (*entry.get(), at),
        };
        let covered = std::mem::replace(&mut decided[redundant].1, done(Outcome::Unchanged));
        if let (Decision::Order { repairs: Some(mapper), .. }, Decision::Order { repairs, .. }) =
            (covered, &mut decided[kept].1)
        {
            *repairs = Some(mapper);
        }
    }
}

/// The stored versions of all objects that the batch speaks of.
async fn load_versions(tenant: &Tenant, readings: &[Reading]) -> Result<Versions, StoreError> {
    let mut stored = Versions::new();
    for kind in [ObjectType::Order, ObjectType::Product] {
        let ids: Vec<ExternalId> =
            readings.iter().filter_map(object_of).filter(|o| o.0 == kind).map(|o| o.1).collect();
        if !ids.is_empty() {
            let versions = tenant.versions(kind, &ids).await?;
            stored.extend(versions.into_iter().map(|(id, version)| ((kind, id), version)));
        }
    }
    Ok(stored)
}

fn object_of(reading: &Reading) -> Option<(ObjectType, ExternalId)> {
    match reading.incoming.as_ref().ok()? {
        Incoming::Order(order) => Some((ObjectType::Order, order.id)),
        Incoming::Product(product) => Some((ObjectType::Product, product.id)),
        Incoming::Hint { kind, id, .. } | Incoming::Removed { kind, id } => Some((*kind, *id)),
        _ => None,
    }
}

/// Judges the whole objects of the batch, the versions of each object together.
fn judge(stored: &Versions, readings: &[Reading]) -> Vec<Option<Verdict>> {
    let mut groups: HashMap<(ObjectType, ExternalId), Vec<(usize, Version)>> = HashMap::new();
    for (at, reading) in readings.iter().enumerate() {
        if let Some((kind, id, version)) = reading.version() {
            groups.entry((kind, id)).or_default().push((at, version));
        }
    }
    let mut verdicts = vec![None; readings.len()];
    for (object, group) in groups {
        let versions: Vec<Version> = group.iter().map(|(_, version)| *version).collect();
        for ((at, _), verdict) in group.iter().zip(settle(stored.get(&object), &versions)) {
            verdicts[*at] = Some(verdict);
        }
    }
    verdicts
}

async fn decide_one(
    app: &App,
    tenant: &Tenant,
    stored: &Versions,
    mut reading: Reading,
    verdict: Option<Verdict>,
) -> Result<(Reading, Decision), StoreError> {
    let now = app.now();
    let version = reading.version();
    let incoming = std::mem::replace(&mut reading.incoming, Ok(Incoming::Unsupported));
    let incoming = match incoming {
        Ok(incoming) => incoming,
        Err(failure) => return Ok((reading, Decision::Fate(Fate::Dead(failure)))),
    };
    // What is asked about a person is owed after the end, too.
    if is_over(&reading) && !matches!(incoming, Incoming::Privacy(_)) {
        return Ok((reading, done(Outcome::Ignored)));
    }
    let decision = match (incoming, version, verdict) {
        (Incoming::Order(order), Some((kind, id, version)), Some(verdict)) => {
            let before = stored.get(&(kind, id)).copied();
            let body = std::mem::take(&mut reading.claimed.delivery.body);
            order_decision(app, tenant, order, version, before, verdict, body).await?
        }
        (Incoming::Product(product), Some((kind, id, version)), Some(verdict)) => {
            let replaces = stored.get(&(kind, id)).copied();
            product_decision(product, version, replaces, verdict, now)
        }
        (Incoming::Hint { kind, id, at }, ..) => {
            let known = stored.get(&(kind, id)).map(|version| version.updated_at);
            hint_decision(kind, id, at, known, reading.claimed.delivery.received_at, now)
        }
        (Incoming::Removed { kind, id }, ..) => Decision::Ask { kind, id, told_gone: true },
        (Incoming::Repost { id, repairs }, ..) => {
            repost_decision(app, tenant, &reading, id, repairs).await?
        }
        (Incoming::Relinked { variant_ids: variants, after }, ..) => {
            let page = tenant.orders_with_variants(&variants, after.as_deref()).await?;
            Decision::Repost { variants, page }
        }
        (Incoming::Uninstalled, ..) => uninstall(app, tenant, &reading).await?,
        (Incoming::Privacy(asked), ..) => {
            let is_new = privacy::note(app, tenant, &reading.claimed.delivery, &asked).await?;
            done(if is_new { Outcome::Applied } else { Outcome::Unchanged })
        }
        (Incoming::Kept { .. }, ..) => done(Outcome::Kept),
        // Levels are decided on together, except those of a connection that is over.
        (
            Incoming::Unsupported | Incoming::Order(_) | Incoming::Product(_) | Incoming::Level(_),
            ..,
        ) => done(Outcome::Unsupported),
    };
    Ok((reading, decision))
}

/// Whether the store's word came by a connection that has ended.
fn is_over(reading: &Reading) -> bool {
    reading.claimed.delivery.source == Source::Webhook
        && reading.connection.status == ConnectionStatus::Disconnected
}

async fn order_decision(
    app: &App,
    tenant: &Tenant,
    order: Box<Order>,
    version: Version,
    before: Option<Version>,
    verdict: Verdict,
    body: Vec<u8>,
) -> Result<Decision, StoreError> {
    Ok(match verdict {
        Verdict::Winner => {
            Decision::Order { order, version, write: Some(before), repairs: None, body }
        }
        Verdict::Stale => done(Outcome::Stale),
        Verdict::Reread => reread(ObjectType::Order, order.id, version, app.now()),
        Verdict::Same => {
            let stored = before.filter(|before| before.body_hash == version.body_hash);
            let mapped = tenant.pos_orders_of(&[order.id]).await?;
            match stored {
                // What failed before the mapping could be stored is made up for, also by a replay.
                Some(version) if needs_mapping(mapped.get(&order.id), &version.body_hash) => {
                    Decision::Order { order, version, write: None, repairs: None, body }
                }
                _ => done(Outcome::Unchanged),
            }
        }
    })
}

fn product_decision(
    product: Box<Product>,
    version: Version,
    replaces: Replaces,
    verdict: Verdict,
    now: Timestamp,
) -> Decision {
    match verdict {
        Verdict::Winner if !product.variants_complete => {
            Decision::Ask { kind: ObjectType::Product, id: product.id, told_gone: false }
        }
        Verdict::Winner => Decision::Product { product, version, replaces },
        Verdict::Stale => done(Outcome::Stale),
        Verdict::Same => done(Outcome::Unchanged),
        Verdict::Reread => reread(ObjectType::Product, product.id, version, now),
    }
}

/// A hint is settled by asking the store, unless what we hold is from after the hint.
fn hint_decision(
    kind: ObjectType,
    id: ExternalId,
    at: Option<Timestamp>,
    known: Option<Timestamp>,
    received_at: Timestamp,
    now: Timestamp,
) -> Decision {
    if at.is_some_and(|at| known.is_some_and(|known| known > at)) {
        return done(Outcome::Unchanged);
    }
    ask_when_settled(kind, id, received_at + SETTLING, now)
}

fn reread(kind: ObjectType, id: ExternalId, version: Version, now: Timestamp) -> Decision {
    ask_when_settled(kind, id, version.updated_at + SETTLING, now)
}

/// Asks once the answer will be conclusive.
fn ask_when_settled(
    kind: ObjectType,
    id: ExternalId,
    settled_at: Timestamp,
    now: Timestamp,
) -> Decision {
    if now >= settled_at {
        return Decision::Ask { kind, id, told_gone: false };
    }
    let failure = Failure::new(Code::Conflict, "waits until the store can tell versions apart");
    Decision::Fate(Fate::Retry { at: settled_at, failure })
}

/// An order that we hold, read again from the delivery that brought its version.
async fn repost_decision(
    app: &App,
    tenant: &Tenant,
    reading: &Reading,
    id: ExternalId,
    repairs: Option<Bound>,
) -> Result<Decision, StoreError> {
    let Some((delivery, version)) = tenant.order_body(id).await? else {
        return Ok(done(Outcome::Ignored));
    };
    let connection: &Connection = &reading.connection;
    let read = app.providers.get(&connection.provider).and_then(|provider| {
        provider.read_delivery(delivery.source, &delivery.topic, &connection.shop, &delivery.body)
    });
    Ok(match read {
        Ok(Incoming::Order(order)) => {
            Decision::Order { order, version, write: None, repairs, body: delivery.body }
        }
        Ok(_) => done(Outcome::Ignored),
        Err(failure) => Decision::Fate(Fate::Dead(failure)),
    })
}

/// The merchant took the app away, unless they connected again since: the notice can be late (S4.33).
async fn uninstall(app: &App, tenant: &Tenant, reading: &Reading) -> Result<Decision, StoreError> {
    let delivery = &reading.claimed.delivery;
    let told_at = delivery.triggered_at.unwrap_or(delivery.received_at);
    // Done again where the process ends before the delivery is finished, it changes nothing.
    let ended = tenant.disconnect(reading.connection.id, told_at, app.now()).await?;
    app.connections.forget();
    if !ended {
        return Ok(done(Outcome::Ignored));
    }
    let message = format!("{} was disconnected: the app was uninstalled", reading.connection.shop);
    let event = NewActivity {
        kind: ActivityKind::Disconnected,
        subject: None,
        message,
        percent: None,
        at: app.now(),
    };
    tenant.publish(event).await?;
    Ok(done(Outcome::Applied))
}

fn done(outcome: Outcome) -> Decision {
    Decision::Fate(Fate::Done(outcome))
}
