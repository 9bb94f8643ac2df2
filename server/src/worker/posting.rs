//! Post: what the mapped orders are, and what they imply, goes to the POS and to the ledger.

mod pos_order;

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::activity::{ActivityKind, NewActivity};
use domain::delivery::{Failure, Fate};
use domain::flow::{
    Changes, LinkWrite, NO_SOURCE, OrderWrite, ProductWrite, StoredPosOrder, implied_effects,
    missing_movements, takes_off,
};
use domain::id::{DeliveryId, ExternalId, MovementId, PosOrderId, RunId};
use domain::link::{LinkOrigin, Links};
use domain::mapper::{Bound, Fault};
use domain::pos::PosOrder;
use domain::refined::{Order, Version};
use domain::stock::{EffectKey, Recorded};
use mappers::{MapAnswer, MapFailure};
use storage::{LINKED_VARIANTS_MAX, StoreError, Tenant};

use super::breaker::Faulted;
use super::decide::Decision;
use super::lanes::Lane;
use super::map::{self, Mapped};
use super::reading::Reading;
use crate::app::App;
use crate::internal;

use pos_order::{Cause, Written, pos_order_write};

/// What posting a delivery came to.
#[derive(Debug, Default)]
pub(super) struct Posted {
    /// Why the order did not become a POS order.
    pub failure: Option<Failure>,
    /// Whether another attempt may go better: a plugin that ran out of time may have been slowed by its neighbours.
    pub retry: bool,
    /// The mapper, where the failure is its own doing.
    pub fault: Option<(Bound, Fault)>,
    /// What an operator should know although it went well.
    pub note: Option<String>,
}

impl Posted {
    /// The mapper that was at fault, if one was.
    pub(super) fn faulted(self) -> Option<Faulted> {
        let (bound, fault) = self.fault?;
        Some((bound, fault, self.failure?))
    }
}

/// What the ledger and the catalogue say about the batch's orders.
struct Known {
    pos_orders: HashMap<ExternalId, StoredPosOrder>,
    recorded: HashMap<ExternalId, BTreeMap<EffectKey, Recorded>>,
    links: Links,
    /// The POS orders of store orders that come off the books: the mapper now leaves them out, or a repair finds that it
    /// refuses what another one mapped.
    taken_off: HashMap<ExternalId, PosOrder>,
}

/// Maps and posts the batch's orders and notes its products, adding to `changes`. Returns the deliveries, each with its
/// end where that is decided already, and what posting the orders came to.
pub(super) async fn post(
    app: &App,
    tenant: &Tenant,
    decided: Vec<(Reading, Decision)>,
    lane: Lane,
    changes: &mut Changes,
) -> Result<(Vec<(Reading, Option<Fate>)>, HashMap<DeliveryId, Posted>), StoreError> {
    note_products(app, tenant, &decided, changes).await?;
    note_reposts(app, &decided, changes);
    if orders_of(&decided).next().is_none() {
        return Ok((note_writes(decided, changes), HashMap::new()));
    }
    let mut known = load(tenant, &decided).await?;
    let (decided, mapped) = map::map(app, tenant, decided, lane, changes).await?;
    known.taken_off = taken_off(tenant, &known, &decided, &mapped).await?;
    let mut posted = HashMap::with_capacity(mapped.len());
    let mut assumed: HashSet<ExternalId> = HashSet::new();
    for ((reading, order, version), mapped) in orders_of(&decided).zip(mapped) {
        let outcome = post_order(app, &known, (reading, order, version), mapped, changes);
        assumed.extend(order.line_items.iter().filter_map(|line| line.variant_id));
        posted.insert(reading.claimed.delivery.id, outcome);
    }
    changes.assumed_links =
        assumed.into_iter().map(|variant| (variant, known.links.get(&variant).cloned())).collect();
    Ok((note_writes(decided, changes), posted))
}

/// The orders that are to be mapped.
pub(super) fn orders_of(
    decided: &[(Reading, Decision)],
) -> impl Iterator<Item = (&Reading, &Order, &Version)> {
    decided.iter().filter_map(|(reading, decision)| match decision {
        Decision::Order { order, version, .. } => Some((reading, &**order, version)),
        _ => None,
    })
}

async fn load(tenant: &Tenant, decided: &[(Reading, Decision)]) -> Result<Known, StoreError> {
    let ids: Vec<ExternalId> = orders_of(decided).map(|(_, order, _)| order.id).collect();
    let variants: HashSet<ExternalId> = orders_of(decided)
        .flat_map(|(_, order, _)| &order.line_items)
        .filter_map(|line| line.variant_id)
        .collect();
    let variants: Vec<ExternalId> = variants.into_iter().collect();
    let (pos_orders, recorded, links) = tokio::try_join!(
        tenant.pos_orders_of(&ids),
        tenant.recorded_effects(&ids),
        tenant.links(&variants),
    )?;
    Ok(Known { pos_orders, recorded, links, taken_off: HashMap::new() })
}

/// The POS orders that come off the books of those orders.
async fn taken_off(
    tenant: &Tenant,
    known: &Known,
    decided: &[(Reading, Decision)],
    mapped: &[Mapped],
) -> Result<HashMap<ExternalId, PosOrder>, StoreError> {
    let repaired = decided.iter().filter_map(|(_, decision)| match decision {
        Decision::Order { repairs, .. } => Some(*repairs),
        _ => None,
    });
    let orders = orders_of(decided).map(|(_, order, _)| order.id);
    let off = orders.zip(repaired).zip(mapped).filter(|((order, repaired), mapped)| {
        let Some(stored) = known.pos_orders.get(order) else { return false };
        match mapped.run.as_ref().map(|run| &run.result) {
            Ok(Ok(MapAnswer::Skipped(_))) => true,
            Ok(Err(MapFailure::Refused(_))) => takes_off(stored, *repaired, mapped.bound),
            _ => false,
        }
    });
    let ids: Vec<ExternalId> = off.map(|((order, _), _)| order).collect();
    let stored = tenant.pos_documents(&ids).await?;
    Ok(stored.into_iter().map(|(id, version)| (id, version.document)).collect())
}

/// Posts one order: its run, its POS order's next version, its missing movements.
fn post_order(
    app: &App,
    known: &Known,
    (reading, order, version): (&Reading, &Order, &Version),
    Mapped { bound, run, .. }: Mapped,
    changes: &mut Changes,
) -> Posted {
    let delivery_id = reading.claimed.delivery.id;
    let run = match run {
        Ok(run) => run,
        Err(failure) => {
            let fault = Fault::of_load(&failure).map(|fault| (bound, fault));
            return Posted { failure: Some(failure), retry: true, fault, note: None };
        }
    };
    let run_id = RunId::new(changes.now, &app.entropy());
    // One that was turned away never began, and there is nothing to record of it.
    if !matches!(run.result, Err(MapFailure::Busy(_))) {
        changes.runs.push(map::run_row(run_id, delivery_id, order.id, bound, &run));
    }
    let outcome = run.outcome();
    let fault = |failure| Some((bound, Fault::of_run(order.id, outcome, failure)?));
    let mut posted = Posted::default();
    let (written, moves_stock) = match run.result {
        Ok(MapAnswer::Mapped(pos)) => {
            let document = run.document.unwrap_or_default();
            let hash = run.output_digest.unwrap_or_default();
            let source_hash = version.body_hash;
            (Some(Written { pos: *pos, document, hash, source_hash }), true)
        }
        Ok(MapAnswer::Skipped(_)) => {
            let off = known.taken_off.get(&order.id);
            (off.and_then(|pos| Written::voided(pos, version.body_hash)), false)
        }
        Err(MapFailure::Faulted(failure) | MapFailure::Busy(failure)) => {
            let fault = fault(&failure);
            return Posted { failure: Some(failure), retry: true, fault, note: None };
        }
        Err(MapFailure::Refused(failure)) => {
            let refused = event(ActivityKind::OrderRefused, order, &failure.told(), changes);
            changes.activity.push(refused);
            let fault = fault(&failure);
            posted = Posted { failure: Some(failure), fault, ..posted };
            let off = known.taken_off.get(&order.id);
            match off.and_then(|pos| Written::voided(pos, NO_SOURCE)) {
                Some(voided) => (Some(voided), false),
                None => return posted,
            }
        }
    };
    let pos = written.as_ref().filter(|_| moves_stock).map(|written| &written.pos);
    let unlinked = add_movements(app, known, (reading, order), pos, changes);
    if let Some(written) = written {
        let stored = known.pos_orders.get(&order.id);
        let id =
            stored.map_or_else(|| PosOrderId::new(changes.now, &app.entropy()), |stored| stored.id);
        let cause = Cause { delivery_id, run_id, mapper: bound };
        let write = pos_order_write(id, stored, &cause, written, unlinked);
        if write.changed {
            let message = format!("became version {} of its POS order", write.version);
            changes.activity.push(event(ActivityKind::OrderPosted, order, &message, changes));
        }
        changes.pos_orders.push(write);
    }
    posted.note = (unlinked > 0)
        .then(|| format!("{unlinked} lines move no stock: their variants are not linked"));
    posted
}

/// Adds what is missing in the ledger of an order that became `pos`, or nothing. Returns how many of its lines move no
/// stock because their variants are not linked.
fn add_movements(
    app: &App,
    known: &Known,
    (reading, order): (&Reading, &Order),
    pos: Option<&PosOrder>,
    changes: &mut Changes,
) -> usize {
    let nothing = BTreeMap::new();
    let recorded = known.recorded.get(&order.id).unwrap_or(&nothing);
    let cutover_at = reading.connection.cutover_at;
    let implied = implied_effects(order, pos, &known.links, recorded, cutover_at);
    let delivery_id = reading.claimed.delivery.id;
    for movement in missing_movements(&implied.effects, recorded) {
        let id = MovementId::new(changes.now, &app.entropy());
        changes.movements.push((id, delivery_id, movement));
    }
    implied.unlinked.len()
}

fn event(kind: ActivityKind, order: &Order, what: &str, changes: &Changes) -> NewActivity {
    NewActivity {
        kind,
        subject: Some(("order".to_owned(), order.id.to_string())),
        message: format!("order {} {what}", order.name),
        percent: None,
        at: changes.now,
    }
}

/// Takes what is to be written out of the decisions; of each, its own end is left.
fn note_writes(
    decided: Vec<(Reading, Decision)>,
    changes: &mut Changes,
) -> Vec<(Reading, Option<Fate>)> {
    let noted = decided.into_iter().map(|(reading, decision)| {
        let connection_id = reading.connection.id;
        let delivery_id = reading.claimed.delivery.id;
        let fate = match decision {
            Decision::Fate(fate) => Some(fate),
            Decision::Order { order, version, write: Some(replaces), .. } => {
                let order = *order;
                changes.orders.push(OrderWrite {
                    connection_id,
                    delivery_id,
                    order,
                    version,
                    replaces,
                });
                None
            }
            Decision::Product { product, version, replaces } => {
                let product = *product;
                changes.products.push(ProductWrite {
                    connection_id,
                    delivery_id,
                    product,
                    version,
                    replaces,
                });
                None
            }
            Decision::Order { order, version, write: None, .. } => {
                changes.assumed_orders.push((order.id, version));
                None
            }
            Decision::Level { told } => {
                changes.levels.push((connection_id, told));
                None
            }
            Decision::Repost { .. } | Decision::Ask { .. } => None,
        };
        (reading, fate)
    });
    noted.collect()
}

/// Tells of the products, and links their variants to POS products of the same SKU.
async fn note_products(
    app: &App,
    tenant: &Tenant,
    decided: &[(Reading, Decision)],
    changes: &mut Changes,
) -> Result<(), StoreError> {
    for (reading, decision) in decided {
        let Decision::Product { product, .. } = decision else {
            continue;
        };
        link_variants(app, tenant, reading, product, changes).await?;
        changes.activity.push(NewActivity {
            kind: ActivityKind::ProductChanged,
            subject: Some(("product".to_owned(), product.id.to_string())),
            message: format!("product {} changed", product.title),
            percent: None,
            at: changes.now,
        });
    }
    Ok(())
}

async fn link_variants(
    app: &App,
    tenant: &Tenant,
    reading: &Reading,
    product: &domain::refined::Product,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    let skus: Vec<String> = product.variants.iter().filter_map(|v| v.sku.clone()).collect();
    let by_sku = tenant.products_by_sku(&skus).await?;
    if by_sku.is_empty() {
        return Ok(());
    }
    let variants: Vec<ExternalId> = product.variants.iter().map(|variant| variant.id).collect();
    let linked = tenant.links(&variants).await?;
    let mut new = Vec::new();
    for variant in product.variants.iter().filter(|variant| !linked.contains_key(&variant.id)) {
        let Some(pos_product_id) = variant.sku.as_ref().and_then(|sku| by_sku.get(sku)) else {
            continue;
        };
        changes.links.push(LinkWrite {
            variant_id: variant.id,
            pos_product_id: pos_product_id.clone(),
            origin: LinkOrigin::Sku,
        });
        new.push(variant.id);
    }
    let (business, connection) = (reading.connection.business_id, reading.connection.id);
    let told = new.chunks(LINKED_VARIANTS_MAX);
    let told = told.map(|part| internal::relinked(app, business, connection, part, None));
    changes.follow_ups.extend(told);
    Ok(())
}

/// Adds a delivery for each order on a page that new links have posted again, and one for the next page.
fn note_reposts(app: &App, decided: &[(Reading, Decision)], changes: &mut Changes) {
    for (reading, decision) in decided {
        let Decision::Repost { variants, page } = decision else {
            continue;
        };
        let (business, told_by) = (reading.connection.business_id, reading.connection.id);
        let reposts = page.orders.iter().map(|(id, by)| internal::repost(app, business, *by, *id));
        changes.follow_ups.extend(reposts);
        let next = page.next.as_deref();
        let rest = next.map(|at| internal::relinked(app, business, told_by, variants, Some(at)));
        changes.follow_ups.extend(rest);
    }
}
