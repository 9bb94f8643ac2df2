//! Comparisons with the store, and what they found.

use async_graphql::{Enum, ID, SimpleObject};
use domain::reconcile::Cause;

use super::ErrorCode;
use crate::graphql::scalar::{DateTime, Long};

/// A comparison of everything that the store has of a kind with what is held here.
#[derive(SimpleObject, Debug)]
pub(crate) struct Reconciliation {
    /// Its id.
    id: ID,
    /// With which store.
    connection_id: ID,
    /// What is compared.
    resource: Resource,
    /// Where it stands.
    state: ReconciliationState,
    /// What it does, or did last.
    step: ReconciliationStep,
    /// How far it is.
    percent: u8,
    /// How far it is, for people.
    message: String,
    /// Objects made before are not compared: the store does not show them. Null where it shows all.
    compared_from: Option<DateTime>,
    /// Objects changed since are not compared: they may be on their way.
    compared_until: DateTime,
    /// Objects in the store's list so far.
    seen: Long,
    /// How many there were when it began, where the store told.
    total: Option<Long>,
    /// Objects that the store had and the gateway did not.
    missing: Long,
    /// Objects of which the store had a newer version.
    stale: Long,
    /// Objects that the gateway held and the store no longer had: not in its complete list, and none when it was asked for
    /// them by their ids.
    vanished: Long,
    /// Objects among these that were left as they are: a delivery of them waits, or was refused.
    left: Long,
    /// Objects among these that were mended.
    healed: Long,
    /// Objects among these that should have been mended and were not.
    unhealed: Long,
    /// Failures in a row; it goes on from where it was.
    attempts: u32,
    /// The stable name of why the last attempt failed.
    code: Option<ErrorCode>,
    /// Why the last attempt failed.
    detail: Option<String>,
    /// Who asked for it: a token's subject, or `schedule`.
    started_by: String,
    /// Who agreed to its healing, where somebody had to.
    approved_by: Option<String>,
    /// When it began.
    created_at: DateTime,
    /// When it ended, or began to wait for approval.
    finished_at: Option<DateTime>,
}

impl From<domain::reconcile::Reconciliation> for Reconciliation {
    fn from(run: domain::reconcile::Reconciliation) -> Self {
        let (percent, message) = (run.percent(), run.message());
        let (code, detail) = run.failure.map(|failure| (failure.code, failure.detail)).unzip();
        let counts = run.counts;
        Self {
            id: run.id.into(),
            connection_id: run.connection_id.into(),
            resource: run.kind.into(),
            state: run.state.into(),
            step: run.step.into(),
            percent,
            message,
            compared_from: run.window.from.map(Into::into),
            compared_until: run.window.until.into(),
            seen: long(counts.seen),
            total: counts.total.map(long),
            missing: long(counts.missing),
            stale: long(counts.stale),
            vanished: long(counts.vanished),
            left: long(counts.left),
            healed: long(counts.healed),
            unhealed: long(counts.unhealed),
            attempts: run.attempts,
            code: code.map(Into::into),
            detail,
            started_by: run.started_by,
            approved_by: run.approved_by,
            created_at: run.created_at.into(),
            finished_at: run.finished_at.map(Into::into),
        }
    }
}

pub(super) fn long(count: u64) -> Long {
    i64::try_from(count).unwrap_or(i64::MAX).into()
}

/// An object of which the store and the gateway do not have the same.
#[derive(SimpleObject, Debug)]
pub(crate) struct Drift {
    /// The store's id of it.
    object_id: ID,
    /// How they differ.
    kind: DriftKind,
    /// How far it is mended.
    state: DriftState,
    /// Why they differ, as far as that can be told.
    cause: DriftCause,
    /// The delivery that is the cause.
    delivery_id: Option<ID>,
    /// The stable name of why that delivery was refused.
    code: Option<ErrorCode>,
    /// When the object was made.
    created_at: DateTime,
    /// The time of the store's version.
    store_updated_at: Option<DateTime>,
    /// The time of the version that was held.
    held_updated_at: Option<DateTime>,
    /// The delivery that mends it.
    healed_by: Option<ID>,
    /// When it was found.
    found_at: DateTime,
}

impl From<domain::reconcile::Drift> for Drift {
    fn from(drift: domain::reconcile::Drift) -> Self {
        let (cause, delivery_id, code) = match drift.cause {
            Cause::Refused { delivery_id, code } => {
                (DriftCause::Refused, Some(delivery_id), Some(code))
            }
            Cause::InQueue { delivery_id } => (DriftCause::InQueue, Some(delivery_id), None),
            Cause::NeverReceived => (DriftCause::NeverReceived, None, None),
            Cause::Unknown => (DriftCause::Unknown, None, None),
        };
        Self {
            object_id: drift.object_id.into(),
            kind: drift.kind.into(),
            state: drift.state.into(),
            cause,
            delivery_id: delivery_id.map(Into::into),
            code: code.map(Into::into),
            created_at: drift.created_at.into(),
            store_updated_at: drift.store_updated_at.map(Into::into),
            held_updated_at: drift.held_updated_at.map(Into::into),
            healed_by: drift.healed_by.map(Into::into),
            found_at: drift.found_at.into(),
        }
    }
}

/// What is compared with the store.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::refined::ObjectType")]
pub(crate) enum Resource {
    /// Orders.
    #[graphql(name = "ORDERS")]
    Order,
    /// Products.
    #[graphql(name = "PRODUCTS")]
    Product,
}

/// Where a comparison stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::reconcile::RunState")]
pub(crate) enum ReconciliationState {
    /// Under way.
    Running,
    /// There is more to heal than is healed unasked: `healDrift` agrees to it.
    WaitingForApproval,
    /// Finished.
    Done,
    /// Ended without having compared everything.
    Failed,
    /// Waited for approval until a newer one began.
    Superseded,
}

/// What a comparison does.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::reconcile::Step")]
pub(crate) enum ReconciliationStep {
    /// Compares the store's list with what is held, page by page.
    Scanning,
    /// Asks the store by id for what its list was without.
    Confirming,
    /// Reads again what is missing or old, and has marked as removed what is gone.
    Healing,
    /// Looks whether that has mended it.
    Verifying,
}

/// How the store and the gateway differ about an object.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::reconcile::DriftKind")]
pub(crate) enum DriftKind {
    /// It was not in the store's list, and nobody was asked about it yet. Never shown.
    Unseen,
    /// The store has it and the gateway does not.
    Missing,
    /// The store has a newer version.
    Stale,
    /// The gateway holds it and the store no longer has it.
    Vanished,
}

/// How far an object's drift is mended.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::reconcile::DriftState")]
pub(crate) enum DriftState {
    /// Found.
    Open,
    /// What mends it waits in the inbox.
    Healing,
    /// Mended.
    Healed,
    /// Left as it is: a delivery of it waits, or was refused and would be again.
    Left,
    /// What should have mended it did not.
    Unhealed,
}

/// Why an object differs, as far as that can be told.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DriftCause {
    /// A delivery of it became a dead letter: mend what it was refused for, then `replayDelivery`.
    Refused,
    /// A delivery of it waits to be processed again.
    InQueue,
    /// No delivery told of it.
    NeverReceived,
    /// Deliveries wait that nobody has read yet: one of them may be of it.
    Unknown,
}
