//! The activity feed.

use async_graphql::{Enum, SimpleObject};
use domain::activity::Activity;

use crate::graphql::scalar::{DateTime, Long};

/// An event of a business's activity feed.
#[derive(SimpleObject, Debug)]
pub(crate) struct ActivityEvent {
    /// Its number in the business's feed, from 1 and without gaps. Subscribe after the last one that you have seen to
    /// miss nothing.
    sequence: Long,
    /// What happened.
    kind: ActivityKind,
    /// What it happened to.
    subject: Option<ActivitySubject>,
    /// One sentence for people.
    message: String,
    /// How far, in percent, for `SYNC_PROGRESS` and `MAPPER_PROGRESS`.
    percent: Option<u8>,
    /// When.
    at: DateTime,
}

impl From<Activity> for ActivityEvent {
    fn from(Activity { sequence, event }: Activity) -> Self {
        Self {
            sequence: Long(sequence),
            kind: event.kind.into(),
            subject: event.subject.map(|(kind, id)| ActivitySubject { kind, id }),
            message: event.message,
            percent: event.percent,
            at: event.at.into(),
        }
    }
}

/// What an event happened to.
#[derive(SimpleObject, Debug)]
pub(crate) struct ActivitySubject {
    /// The kind of object, for instance `order`.
    kind: String,
    /// Its id, for instance `450789469`.
    id: String,
}

/// What happened, in the activity feed.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::activity::ActivityKind")]
pub(crate) enum ActivityKind {
    /// A store was connected.
    Connected,
    /// A connection works in part.
    Degraded,
    /// A connection ended.
    Disconnected,
    /// Subscriptions to the store's webhooks that had vanished stand again.
    SubscriptionsHealed,
    /// The store has something else than the gateway, and more of it than is healed unasked: see `reconciliations`.
    DriftFound,
    /// Nothing comes from a store although much should.
    StoreSilent,
    /// A store order became a new version of its POS order.
    OrderPosted,
    /// A store order was refused.
    OrderRefused,
    /// A product changed.
    ProductChanged,
    /// A delivery became a dead letter.
    DeliveryDied,
    /// A POS order was given up on its way to the business's own POS.
    DispatchDied,
    /// The business's own POS said that it is gone; nothing is sent there.
    EndpointGone,
    /// An import or poll made a step.
    SyncProgress,
    /// An import or poll ended.
    SyncFinished,
    /// Stock was counted.
    StockCounted,
    /// Stock quantities were sent to a store.
    StockPushed,
    /// Stock quantities could not be sent to a store.
    StockPushFailed,
    /// Somebody changed what the store is told of stock.
    InventoryPolicyChanged,
    /// A variant was linked to a POS product.
    ProductLinked,
    /// Somebody changed which mapper serves.
    MapperChanged,
    /// A mapper kept failing and was taken out of service.
    MapperFellBack,
    /// A mapper version was uploaded or validated.
    MapperUploaded,
    /// A shadow run, a repair or a replay of runs made a step.
    MapperProgress,
    /// A shadow run, a repair or a replay of runs ended.
    MapperFinished,
    /// A recorded run was repeated and gave something else.
    ReplayDiffered,
    /// The store asked about a person, or for all that is held of it to be erased.
    PrivacyRequested,
    /// What the store asked for about a person was done.
    PrivacyDone,
}
