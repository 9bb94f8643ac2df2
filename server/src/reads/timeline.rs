//! The life of one order, from what was told of it to what it moved (F5). Nothing is kept for it beside what the flow
//! keeps anyway: bodies, runs, versions, movements.

use std::sync::Arc;

use domain::delivery::Source;
use domain::id::{DeliveryId, ExternalId};
use domain::mapper::MapperChange;
use domain::page::{Direction, PAGE_SIZE_MAX, PageRequest};
use domain::refined::Order;
use domain::stock::Movement;
use domain::time::Timestamp;

pub(crate) use storage::DeliveryTrace;
use storage::{MovementFilter, StoredRun};
use tokio::sync::Semaphore;

use super::Reader;
use crate::app::App;
use crate::error::Problem;
use crate::mapping::{ConnectionsById, Input, blocking, read_stored};

/// Deliveries, and runs, that a timeline shows, from the first on.
pub(crate) const LISTED_MAX: u32 = 500;
/// Pages of movements, and of changes of mappers, that it shows: as many rows.
const PAGES_MAX: usize = 5;
/// Bodies of one timeline that are read and parsed at the same time.
const READ_TOGETHER_MAX: usize = 4;

/// Reads what belongs to one order.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    reader: Reader,
    order: ExternalId,
    connections: Arc<ConnectionsById>,
    /// Bounds the bodies that are in memory and parsed together.
    reading: Arc<Semaphore>,
}

impl Timeline {
    /// The timeline of an order; none where nothing was ever told of it.
    pub(crate) async fn open(reader: &Reader, order: ExternalId) -> Result<Option<Self>, Problem> {
        let known = reader.0.order(order).await?.is_some();
        if !known && reader.0.deliveries_of_order(order, None, 1).await?.is_empty() {
            return Ok(None);
        }
        let connections = reader.0.connections().await?.into_iter().map(|one| (one.id, one));
        let connections = Arc::new(connections.collect());
        let reading = Arc::new(Semaphore::new(READ_TOGETHER_MAX));
        Ok(Some(Self { reader: reader.clone(), order, connections, reading }))
    }

    /// Whose it is.
    pub(crate) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Which order.
    pub(crate) fn order(&self) -> ExternalId {
        self.order
    }

    /// What was told of the order, the first first.
    pub(crate) async fn deliveries(&self) -> Result<Vec<DeliveryTrace>, Problem> {
        Ok(self.reader.0.deliveries_of_order(self.order, None, LISTED_MAX).await?)
    }

    /// The order as a delivery tells it; none where its body does not hold the order.
    pub(crate) async fn told_by(
        &self,
        app: &App,
        delivery: DeliveryId,
    ) -> Result<Option<Order>, Problem> {
        // The semaphore is never closed.
        let _reading = self.reading.acquire().await;
        let Some(stored) = self.reader.0.delivery(delivery).await? else { return Ok(None) };
        if stored.delivery.source == Source::Internal {
            return Ok(None);
        }
        let (providers, connections) = (Arc::clone(&app.providers), Arc::clone(&self.connections));
        let read = move || read_stored(&providers, &connections, &stored.delivery);
        match blocking(read).await? {
            Ok(Input::Order(order)) if order.id == self.order => Ok(Some(*order)),
            _ => Ok(None),
        }
    }

    /// The runs over the order, the first first.
    pub(crate) async fn runs(&self) -> Result<Vec<StoredRun>, Problem> {
        Ok(self.reader.0.runs_of_order(self.order, None, LISTED_MAX).await?)
    }

    /// What the order moved, the first first.
    pub(crate) async fn movements(&self) -> Result<Vec<Movement>, Problem> {
        let filter = MovementFilter { order_id: Some(self.order), ..MovementFilter::default() };
        let mut movements = Vec::new();
        let mut request = backward();
        for _ in 0..PAGES_MAX {
            let page = self.reader.0.stock_movements(&request, &filter).await?;
            request.cursor = page.rows.first().map(|(cursor, _)| cursor.clone());
            movements.extend(page.rows.into_iter().rev().map(|(_, movement)| movement));
            if !page.has_previous {
                break;
            }
        }
        Ok(movements)
    }

    /// The changes of which mapper serves since the order was first told of, and the one before them, the first first.
    pub(crate) async fn mapper_changes(&self) -> Result<Vec<MapperChange>, Problem> {
        let first = self.reader.0.deliveries_of_order(self.order, None, 1).await?;
        let since = first.first().map_or(Timestamp::EPOCH, |delivery| delivery.received_at);
        let mut changes = Vec::new();
        let mut request = PageRequest { direction: Direction::Forward, ..backward() };
        for _ in 0..PAGES_MAX {
            let page = self.reader.0.mapper_changes(&request).await?;
            request.cursor = page.rows.last().map(|(cursor, _)| cursor.clone());
            for (_, change) in page.rows {
                let before = change.at < since;
                changes.push(change);
                if before {
                    changes.reverse();
                    return Ok(changes);
                }
            }
            if !page.has_next {
                break;
            }
        }
        changes.reverse();
        Ok(changes)
    }
}

/// The whole of a list, from its oldest row on.
fn backward() -> PageRequest {
    PageRequest { limit: PAGE_SIZE_MAX, direction: Direction::Backward, cursor: None }
}
