//! Telling what is held on a person, made when it is asked for: nothing of it is stored.

use std::collections::{BTreeSet, HashSet};

use domain::code::Code;
use domain::connection::Connection;
use domain::delivery::{NewDelivery, Source};
use domain::flow::Incoming;
use domain::id::{DeliveryId, ExternalId, RunId};
use domain::privacy::{Mark, Person, PrivacyTopic};
use serde_json::{Map, Value, json};
use storage::Tenant;

use super::meet::{Unmet, read};
use super::person::marks_of;
use crate::app::App;
use crate::error::Problem;
use crate::providers::Provider;

/// The longest export, in bytes of what it is made of: whoever has more is told so by the store's own export.
const EXPORT_BYTES_MAX: usize = 64 << 20;
/// Rows of one step.
const ROWS_MAX: u32 = 1_000;

/// Everything that is held on the person of a request; none where there is no such request.
pub(crate) async fn export(
    app: &App,
    tenant: &Tenant,
    id: DeliveryId,
) -> Result<Option<Map<String, Value>>, Problem> {
    let found = tenant.privacy_request(id).await?;
    let Some(request) = found.filter(|found| found.topic == PrivacyTopic::DataRequest) else {
        return Ok(None);
    };
    let connection = tenant.connection_by_id(request.connection_id).await?;
    let connection = connection.ok_or_else(|| Problem::not_found("connection"))?;
    let person = match read(app, tenant, &connection, &request).await {
        Ok(person) => person,
        Err(Unmet::Store(error)) => return Err(error.into()),
        Err(Unmet::Unread(failure)) => return Err(failure.into()),
    };
    let provider = app.providers.get(&connection.provider)?;
    let elsewhere = tenant.orders_elsewhere(connection.id, &person.orders).await?;
    let mut held = Held {
        provider: provider.as_ref(),
        connection: &connection,
        marks: person.marks().into_iter().collect(),
        orders: person.orders.iter().copied().filter(|id| !elsewhere.contains(id)).collect(),
        seen: BTreeSet::new(),
        deliveries: Vec::new(),
        bytes: 0,
    };
    if let Some(customer) = person.customer_id {
        held.orders.extend(tenant.orders_of_customer(connection.id, customer).await?);
    }
    held.look_through(tenant).await?;
    let mut orders = Vec::new();
    for order in held.orders.clone() {
        orders.push(held.order(tenant, order).await?);
    }
    let mut data = Map::new();
    data.insert("shop".to_owned(), connection.shop.clone().into());
    data.insert("person".to_owned(), who(&person));
    data.insert("orders".to_owned(), orders.into());
    data.insert("deliveries".to_owned(), held.deliveries.into());
    Ok(Some(data))
}

fn who(person: &Person) -> Value {
    let text =
        |text: &Option<domain::personal::Personal>| text.as_ref().map(|t| t.reveal().to_owned());
    json!({
        "customerId": person.customer_id.map(|id| id.to_string()),
        "email": text(&person.email),
        "phone": text(&person.phone),
    })
}

/// What was found so far.
struct Held<'a> {
    provider: &'a dyn Provider,
    connection: &'a Connection,
    marks: HashSet<Mark>,
    orders: BTreeSet<ExternalId>,
    seen: BTreeSet<DeliveryId>,
    deliveries: Vec<Value>,
    bytes: usize,
}

impl Held<'_> {
    /// Looks through all that came by the connection.
    async fn look_through(&mut self, tenant: &Tenant) -> Result<(), Problem> {
        let mut after = None;
        loop {
            let page = tenant.deliveries_by(self.connection.id, after).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.id);
            for delivery in page {
                if self.is_told_of(&delivery) {
                    self.tell(&delivery)?;
                }
                tokio::task::yield_now().await;
            }
        }
    }

    fn is_told_of(&mut self, delivery: &NewDelivery) -> bool {
        if delivery.source == Source::Internal {
            return false;
        }
        let (topic, shop) = (&delivery.topic, &self.connection.shop);
        let incoming = self.provider.read_delivery(delivery.source, topic, shop, &delivery.body);
        let (marks, _) = marks_of(delivery, &incoming);
        let told = marks.iter().any(|mark| self.marks.contains(mark));
        if let (true, Ok(Incoming::Order(order))) = (told, &incoming) {
            self.orders.insert(order.id);
        }
        told
    }

    fn tell(&mut self, delivery: &NewDelivery) -> Result<(), Problem> {
        if !self.seen.insert(delivery.id) {
            return Ok(());
        }
        self.count(delivery.body.len())?;
        let body = serde_json::from_slice(&delivery.body)
            .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&delivery.body).into_owned()));
        self.deliveries.push(json!({
            "id": delivery.id.to_string(),
            "topic": delivery.topic,
            "source": delivery.source.as_str(),
            "receivedAt": delivery.received_at.to_string(),
            "body": body,
        }));
        Ok(())
    }

    /// What is held of an order beside the bodies that name its buyer.
    async fn order(&mut self, tenant: &Tenant, id: ExternalId) -> Result<Value, Problem> {
        let mut after = None;
        loop {
            let told = tenant.deliveries_of_order(id, after, ROWS_MAX).await?;
            let Some(last) = told.last() else { break };
            after = Some(last.id);
            for trace in told.iter().filter(|trace| trace.source != Source::Internal) {
                if let Some(stored) = tenant.delivery(trace.id).await? {
                    self.tell(&stored.delivery)?;
                }
            }
        }
        let mut sales = Vec::new();
        for version in tenant.pos_order_versions(id).await? {
            let document = serde_json::to_value(&version.document).unwrap_or_default();
            self.count(document.to_string().len())?;
            sales.push(json!({
                "version": version.version,
                "postedAt": version.created_at.to_string(),
                "document": document,
            }));
        }
        let order = tenant.order(id).await?;
        Ok(json!({
            "id": id.to_string(),
            "name": order.as_ref().map(|order| order.name.clone()),
            "customerId": order.and_then(|order| order.customer_id).map(|id| id.to_string()),
            "posOrderVersions": sales,
            "runs": self.runs(tenant, id).await?,
        }))
    }

    /// What plugins said of an order.
    async fn runs(&mut self, tenant: &Tenant, id: ExternalId) -> Result<Vec<Value>, Problem> {
        let (mut runs, mut after): (_, Option<RunId>) = (Vec::new(), None);
        loop {
            let page = tenant.runs_of_order(id, after, ROWS_MAX).await?;
            let Some(last) = page.last() else { return Ok(runs) };
            after = Some(last.run.id);
            for found in page {
                let log = found.run.log.map(domain::personal::Personal::into_inner);
                let failure = found.run.failure.map(|failure| failure.detail);
                if log.is_none() && failure.is_none() {
                    continue;
                }
                self.count(log.as_ref().map_or(0, String::len))?;
                let id = found.run.id.to_string();
                runs.push(json!({ "id": id, "log": log, "failure": failure }));
            }
        }
    }

    fn count(&mut self, bytes: usize) -> Result<(), Problem> {
        self.bytes += bytes;
        if self.bytes > EXPORT_BYTES_MAX {
            let text = format!("more than {EXPORT_BYTES_MAX} bytes are held on the person");
            return Err(Problem::new(Code::QueryTooLarge, text));
        }
        Ok(())
    }
}
