//! Erasing a person: everything that came by the connection is looked through, and what tells of them is taken out.

use std::collections::{BTreeMap, BTreeSet};

use domain::activity::{ActivityKind, NewActivity};
use domain::connection::Connection;
use domain::delivery::{NewDelivery, Source};
use domain::flow::Incoming;
use domain::id::{DeliveryId, ExternalId};
use domain::privacy::{Person, StoredRequest, Telltales};
use storage::{Erasure, StoreError, Tenant, Tombstones};

use super::meet::{Held, Unmet};
use super::person::marks_of;
use crate::providers::Provider;

/// Deliveries about one order that are looked at, at a time.
const DELIVERIES_OF_ORDER: u32 = 1_000;

/// What was found of a person.
struct Found<'a> {
    provider: &'a dyn Provider,
    connection: &'a Connection,
    tombstones: &'a Tombstones,
    orders: BTreeSet<ExternalId>,
    bodies: BTreeMap<DeliveryId, Vec<u8>>,
    telltales: Telltales,
}

/// Erases a person. Nothing is erased before all of it is found, and then all at once.
pub(super) async fn erase(
    held: &Held<'_>,
    tenant: &Tenant,
    connection: &Connection,
    request: StoredRequest,
    person: Person,
) -> Result<(), Unmet> {
    let provider = held.app.providers.get(&connection.provider)?;
    let tombstones = tenant.tombstones_of_request(request.id).await?;
    let elsewhere = tenant.orders_elsewhere(connection.id, &person.orders).await?;
    let mut found = Found {
        provider: provider.as_ref(),
        connection,
        tombstones: &tombstones,
        orders: person.orders.iter().copied().filter(|id| !elsewhere.contains(id)).collect(),
        bodies: BTreeMap::new(),
        telltales: Telltales::default(),
    };
    person.email.iter().chain(&person.phone).for_each(|text| found.telltales.add(text));
    if let Some(customer) = person.customer_id {
        found.orders.extend(tenant.orders_of_customer(connection.id, customer).await?);
    }
    look_through(held, tenant, &mut found).await?;
    look_at_orders(held, tenant, &mut found).await?;
    let orders: Vec<ExternalId> = found.orders.into_iter().collect();
    let event = NewActivity {
        kind: ActivityKind::PrivacyDone,
        subject: Some(("privacy_request".to_owned(), request.id.to_string())),
        message: format!("a person was erased, with {} orders", orders.len()),
        percent: None,
        at: held.app.now(),
    };
    let erasure = Erasure {
        request,
        customer_id: person.customer_id,
        orders,
        bodies: found.bodies.into_iter().collect(),
        telltales: found.telltales,
        event,
    };
    held.renew().await?;
    tenant.erase_person(erasure, held.app.now()).await?;
    Ok(())
}

/// Looks through all that came by the connection.
async fn look_through(
    held: &Held<'_>,
    tenant: &Tenant,
    found: &mut Found<'_>,
) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let page = tenant.deliveries_by(found.connection.id, after).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id);
        for delivery in page {
            if found.is_told_of(&delivery) {
                found.note(&delivery);
            }
            tokio::task::yield_now().await;
        }
        held.renew().await?;
    }
}

/// Looks at whatever was told of the orders that were found, which need not name the person.
async fn look_at_orders(
    held: &Held<'_>,
    tenant: &Tenant,
    found: &mut Found<'_>,
) -> Result<(), StoreError> {
    for order in found.orders.clone() {
        let mut after = None;
        loop {
            let told = tenant.deliveries_of_order(order, after, DELIVERIES_OF_ORDER).await?;
            let Some(last) = told.last() else { break };
            after = Some(last.id);
            for trace in told {
                if found.bodies.contains_key(&trace.id) {
                    continue;
                }
                if let Some(stored) = tenant.delivery(trace.id).await? {
                    found.note(&stored.delivery);
                }
            }
        }
        held.renew().await?;
    }
    Ok(())
}

impl Found<'_> {
    /// Whether a delivery tells of the person.
    fn is_told_of(&mut self, delivery: &NewDelivery) -> bool {
        if delivery.source == Source::Internal {
            return false;
        }
        let (topic, shop) = (&delivery.topic, &self.connection.shop);
        let incoming = self.provider.read_delivery(delivery.source, topic, shop, &delivery.body);
        let (marks, made_at) = marks_of(delivery, &incoming);
        let told = self.tombstones.name(self.connection.id, &marks, made_at);
        if let (true, Ok(Incoming::Order(order))) = (told, &incoming) {
            self.orders.insert(order.id);
        }
        told
    }

    /// Notes what is to stand in the place of a body that tells of the person.
    fn note(&mut self, delivery: &NewDelivery) {
        if delivery.source == Source::Internal {
            return;
        }
        let telltales = self.provider.telltales(&delivery.body);
        self.telltales.join(telltales);
        let body = self.provider.without_person(&delivery.topic, &delivery.body);
        if body != delivery.body {
            self.bodies.insert(delivery.id, body);
        }
    }
}
