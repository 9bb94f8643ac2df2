//! The life of one order.

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};
use domain::id::DeliveryId;
use domain::refined;

use super::delivery::DeliverySource;
use super::{
    ErrorCode, MapperChange, MappingRun, Money, Order, PosOrder, PosVersion, StockMovement, hex,
};
use crate::graphql::context::app;
use crate::graphql::error::Failed;
use crate::graphql::loader::{OrderOf, PosOrderOf, load};
use crate::graphql::scalar::{DateTime, JsonObject};
use crate::reads::pos_orders;
use crate::reads::timeline::{self, DeliveryTrace, Timeline};

/// Rows that a list of a timeline may have: nobody asks for fewer.
const ROWS: usize = timeline::LISTED_MAX as usize;
/// Versions of a POS order that are listed.
const VERSIONS: usize = 100;
/// What it costs to read and to parse a body, in fields. So much that a whole timeline can be asked for, and not two.
const BODY: usize = 20;

/// Everything that the gateway knows of how an order came to be what it is, each list from the first to the last.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct OrderTimeline {
    #[graphql(skip)]
    timeline: Timeline,
    /// The store's id of the order.
    order_id: ID,
}

impl From<Timeline> for OrderTimeline {
    fn from(timeline: Timeline) -> Self {
        Self { order_id: timeline.order().into(), timeline }
    }
}

#[ComplexObject]
impl OrderTimeline {
    /// The order as it stands; null where no version of it was believed yet.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<Order>, Failed> {
        let reader = self.timeline.reader();
        let row = load(ctx, OrderOf(reader.clone(), self.timeline.order())).await?;
        Ok(row.map(|row| Order::new(row, reader)))
    }

    /// The POS order as it stands; null where it was not posted.
    async fn pos_order(&self, ctx: &Context<'_>) -> Result<Option<PosOrder>, Failed> {
        let reader = self.timeline.reader();
        let head = load(ctx, PosOrderOf(reader.clone(), self.timeline.order())).await?;
        Ok(head.map(|head| PosOrder::new(head, reader)))
    }

    /// What was told of the order and what became of each; of more than 500, the first 500.
    #[graphql(complexity = "ROWS * child_complexity")]
    async fn deliveries(&self) -> Result<Option<Vec<TimelineDelivery>>, Failed> {
        let traces = self.timeline.deliveries().await?;
        let wrap = |trace| TimelineDelivery::new(trace, &self.timeline);
        Ok(Some(traces.into_iter().map(wrap).collect()))
    }

    /// The runs of mappers over the order; of more than 500, the first 500.
    #[graphql(complexity = "ROWS * child_complexity")]
    async fn runs(&self) -> Result<Option<Vec<MappingRun>>, Failed> {
        let runs = self.timeline.runs().await?;
        Ok(Some(runs.into_iter().map(Into::into).collect()))
    }

    /// The versions of the POS order; of more than 100, the newest 100.
    #[graphql(complexity = "VERSIONS * child_complexity")]
    async fn pos_versions(&self) -> Result<Option<Vec<PosVersion>>, Failed> {
        let reader = self.timeline.reader();
        let newest_first = pos_orders::versions(reader, self.timeline.order()).await?;
        Ok(Some(newest_first.into_iter().rev().map(Into::into).collect()))
    }

    /// What the order moved; of more than 500 movements, the first 500.
    #[graphql(complexity = "ROWS * child_complexity")]
    async fn movements(&self) -> Result<Option<Vec<StockMovement>>, Failed> {
        let movements = self.timeline.movements().await?;
        Ok(Some(movements.into_iter().map(Into::into).collect()))
    }

    /// Who let which mapper serve: the change that stood when the order was first told of, and those since; of more than
    /// 500, the newest 500.
    #[graphql(complexity = "ROWS * child_complexity")]
    async fn mapper_changes(&self) -> Result<Option<Vec<MapperChange>>, Failed> {
        let changes = self.timeline.mapper_changes().await?;
        Ok(Some(changes.into_iter().map(Into::into).collect()))
    }
}

/// Something that was told of an order, and what became of it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct TimelineDelivery {
    #[graphql(skip)]
    timeline: Timeline,
    #[graphql(skip)]
    delivery: DeliveryId,
    /// The delivery.
    id: ID,
    /// The connection that it came by.
    connection_id: ID,
    /// Where it came from.
    source: DeliverySource,
    /// What it was about, in the store's words, for instance `orders/create`; in ours, for what the gateway told itself.
    topic: String,
    /// The sender's id of it.
    webhook_id: String,
    /// The sender's id of the event behind it, which other deliveries may share.
    event_id: Option<String>,
    /// When the store sent it first. Nothing vouches for it.
    triggered_at: Option<DateTime>,
    /// When it came.
    received_at: DateTime,
    /// SHA-256 of its body, in hexadecimal digits.
    body_hash: String,
    /// Where it is.
    state: DeliveryState,
    /// Attempts so far.
    attempts: u32,
    /// What it came to; null until it is done.
    outcome: Option<DeliveryOutcome>,
    /// Why the last attempt failed, for programs; null where none did.
    code: Option<ErrorCode>,
    /// Why the last attempt failed, for people.
    detail: Option<String>,
    /// When it was finished.
    finished_at: Option<DateTime>,
}

impl TimelineDelivery {
    fn new(trace: DeliveryTrace, timeline: &Timeline) -> Self {
        let (code, detail) = match trace.failure {
            Some(failure) => (Some(failure.code.into()), Some(failure.detail)),
            None => (None, None),
        };
        Self {
            timeline: timeline.clone(),
            delivery: trace.id,
            id: trace.id.into(),
            connection_id: trace.connection_id.into(),
            source: trace.source.into(),
            topic: trace.topic,
            webhook_id: trace.webhook_id,
            event_id: trace.event_id,
            triggered_at: trace.triggered_at.map(Into::into),
            received_at: trace.received_at.into(),
            body_hash: hex(&trace.body_hash),
            state: trace.state.into(),
            attempts: trace.attempts,
            outcome: trace.outcome.map(Into::into),
            code,
            detail,
            finished_at: trace.finished_at.map(Into::into),
        }
    }
}

#[ComplexObject]
impl TimelineDelivery {
    /// The order as this delivery tells it, read from its stored body; null where the body does not hold the order.
    #[graphql(complexity = "BODY + child_complexity")]
    async fn refined(&self, ctx: &Context<'_>) -> Result<Option<RefinedVersion>, Failed> {
        let order = self.timeline.told_by(app(ctx)?, self.delivery).await?;
        Ok(order.map(Into::into))
    }
}

/// A version of an order, as a delivery tells it.
#[derive(SimpleObject)]
pub(crate) struct RefinedVersion {
    /// When the store changed the order: the version.
    updated_at: DateTime,
    /// The name shown to people, for instance `#1042`.
    name: String,
    /// The store's word for the state of payment.
    financial_status: String,
    /// The store's word for the state of delivery.
    fulfillment_status: Option<String>,
    /// What the buyer owed before returns.
    total: Money,
    /// What remains after edits, returns and refunds of lines.
    current_total: Money,
    /// When it was cancelled.
    cancelled_at: Option<DateTime>,
    /// The whole order: all that its row is made of, and all that a mapper is given.
    document: JsonObject,
}

impl From<refined::Order> for RefinedVersion {
    fn from(order: refined::Order) -> Self {
        let document = match serde_json::to_value(&order) {
            Ok(serde_json::Value::Object(fields)) => fields,
            _ => serde_json::Map::new(),
        };
        let money = |amount| Money::new(amount, order.currency);
        Self {
            updated_at: order.updated_at.into(),
            total: money(order.total.shop),
            current_total: money(order.current_total.shop),
            name: order.name,
            financial_status: order.financial_status,
            fulfillment_status: order.fulfillment_status,
            cancelled_at: order.cancelled_at.map(Into::into),
            document: JsonObject(document),
        }
    }
}

/// Where a delivery is.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::delivery::DeliveryState")]
pub(crate) enum DeliveryState {
    /// Waits for a worker.
    Ready,
    /// A worker holds it.
    Running,
    /// Finished.
    Done,
    /// A dead letter: it could not be processed, and waits for somebody to replay it.
    Dead,
}

/// What a processed delivery came to.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::delivery::Outcome")]
pub(crate) enum DeliveryOutcome {
    /// It changed what the gateway knows.
    Applied,
    /// It is the version that the gateway had.
    Unchanged,
    /// The gateway had a newer version.
    Stale,
    /// It told too little; the object was read from the store, and that reading is a delivery of its own.
    Reread,
    /// Its topic has no table; the body is kept.
    Kept,
    /// Its topic is unknown; the body is kept.
    Unsupported,
    /// It belongs to a connection that has ended.
    Ignored,
}
