//! Reading: from a delivery's bytes to what it says.

use std::sync::Arc;

use domain::code::Code;
use domain::connection::{Connection, ConnectionStatus};
use domain::delivery::{Claimed, Failure, Source};
use domain::flow::{Incoming, RawIngest, version_of};
use domain::id::ExternalId;
use domain::privacy::Mark;
use domain::refined::{ObjectType, Version};
use domain::time::Timestamp;
use storage::Tombstones;

use super::canonical::canonical_hash;
use crate::app::App;
use crate::providers::Provider;
use crate::{internal, privacy};

/// A delivery that was read.
#[derive(Debug)]
pub(super) struct Reading {
    pub claimed: Claimed,
    pub connection: Arc<Connection>,
    pub incoming: Result<Incoming, Failure>,
    /// Its row of the raw layer; none for deliveries of our own.
    pub raw: Option<RawIngest>,
    /// Whether an erased person was taken out of its body.
    pub erased: bool,
}

impl Reading {
    /// Reads a delivery by its connection's provider, without the persons that were erased.
    pub(super) fn new(
        app: &App,
        claimed: Claimed,
        connection: Arc<Connection>,
        tombstones: &Tombstones,
    ) -> Self {
        let delivery = &claimed.delivery;
        if delivery.source == Source::Internal {
            let incoming = internal::read(&delivery.topic, &delivery.body);
            return Self { claimed, connection, incoming, raw: None, erased: false };
        }
        let provider = app.providers.get(&connection.provider);
        let incoming = provider.as_ref().map_err(Clone::clone).and_then(|provider| {
            let (topic, shop) = (&delivery.topic, &connection.shop);
            provider.read_delivery(delivery.source, topic, shop, &delivery.body)
        });
        let mut raw = raw_of(&claimed, &connection, &incoming);
        if let (Ok(provider), Err(_)) = (&provider, &incoming)
            && let Some((kind, id)) = provider.object_named(&delivery.topic, &delivery.body)
        {
            (raw.object_type, raw.object_id) = (kind.as_str().to_owned(), Some(id));
        }
        let reading = Self { claimed, connection, incoming, raw: Some(raw), erased: false };
        match provider {
            Ok(provider) if !tombstones.is_empty() => reading.erase(&*provider, tombstones),
            _ => reading,
        }
    }

    /// Takes erased persons out of the body, and reads what is left.
    fn erase(mut self, provider: &dyn Provider, tombstones: &Tombstones) -> Self {
        let delivery = &mut self.claimed.delivery;
        if delivery.body == privacy::EMPTIED {
            self.incoming = Ok(kept(&delivery.topic));
        }
        // What asks for a person keeps their name until it is met.
        if matches!(self.incoming, Ok(Incoming::Privacy(_))) {
            return self;
        }
        let is_over = self.connection.status == ConnectionStatus::Disconnected;
        if is_over && tombstones.name(self.connection.id, &[Mark::shop()], None) {
            return self.empty();
        }
        let body = privacy::take_out(provider, tombstones, delivery, &self.incoming);
        if let Some(body) = body {
            delivery.body = body;
            let (topic, shop) = (&delivery.topic, &self.connection.shop);
            let incoming = provider.read_delivery(delivery.source, topic, shop, &delivery.body);
            // Of a body that is emptied nothing is read; what it was about is known from before.
            if delivery.body != privacy::EMPTIED {
                self.incoming = incoming;
            }
            // A customer's own id goes with them; an order's names nobody.
            for raw in self.raw.iter_mut().filter(|raw| raw.object_type == "customer") {
                raw.object_id = None;
            }
            self.erased = true;
        }
        self
    }

    /// What a shop tells after all that was held of it was erased: nothing.
    fn empty(mut self) -> Self {
        let delivery = &mut self.claimed.delivery;
        delivery.body = privacy::EMPTIED.to_vec();
        self.incoming = Ok(kept(&delivery.topic));
        Self { raw: None, erased: true, ..self }
    }

    /// The object's kind, id and version, for whole objects.
    pub(super) fn version(&self) -> Option<(ObjectType, ExternalId, Version)> {
        let (kind, id, updated_at) = match self.incoming.as_ref().ok()? {
            Incoming::Order(order) => (ObjectType::Order, order.id, order.updated_at),
            Incoming::Product(product) => (ObjectType::Product, product.id, product.updated_at),
            _ => return None,
        };
        Some((kind, id, self.version_at(updated_at)))
    }

    fn version_at(&self, updated_at: Timestamp) -> Version {
        let delivery = &self.claimed.delivery;
        version_of(delivery.source, delivery.received_at, updated_at, delivery.body_hash)
    }
}

/// What a body says of which nothing is left.
fn kept(topic: &str) -> Incoming {
    let object_type = topic.split('/').next().unwrap_or_default().to_owned();
    Incoming::Kept { object_type, id: None }
}

/// The raw layer's row. A body that is no JSON is kept under the hash of its bytes.
fn raw_of(
    claimed: &Claimed,
    connection: &Connection,
    incoming: &Result<Incoming, Failure>,
) -> RawIngest {
    let delivery = &claimed.delivery;
    let (object_type, object_id) = match incoming {
        Ok(Incoming::Order(order)) => ("order", Some(order.id)),
        Ok(Incoming::Product(product)) => ("product", Some(product.id)),
        Ok(Incoming::Hint { kind, id, .. } | Incoming::Removed { kind, id }) => {
            (kind.as_str(), Some(*id))
        }
        Ok(Incoming::Level(told)) => ("inventory_level", Some(told.inventory_item_id)),
        Ok(Incoming::Kept { object_type, id }) => (object_type.as_str(), *id),
        _ => (delivery.topic.split('/').next().unwrap_or_default(), None),
    };
    RawIngest {
        delivery_id: delivery.id,
        connection_id: connection.id,
        object_type: object_type.to_owned(),
        object_id,
        canonical_hash: canonical_hash(&delivery.body).unwrap_or(delivery.body_hash),
        source: delivery.source,
        error: incoming.as_ref().err().map(ToString::to_string),
    }
}

/// What a delivery without a connection comes to.
pub(super) fn orphaned() -> Failure {
    Failure::new(Code::NotFound, "its connection no longer exists")
}
