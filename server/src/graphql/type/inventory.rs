//! What the store is told of stock, and what became of it.

use async_graphql::{Enum, ID, SimpleObject};
use domain::push::PushState as State;

use super::ErrorCode;
use crate::graphql::scalar::{DateTime, Long};

/// What a business wants the store to have of its stock.
#[derive(SimpleObject, Debug)]
pub(crate) struct InventoryPolicy {
    /// Who says how many pieces there are.
    ownership: InventoryOwnership,
    /// Which of the POS's pieces a location of the store may sell.
    basis: StockBasis,
    /// Pieces of each item that the store is not told of.
    buffer: u32,
    /// What the store is told where less than nothing is left.
    negative: NegativeStock,
}

impl From<domain::push::InventoryPolicy> for InventoryPolicy {
    fn from(policy: domain::push::InventoryPolicy) -> Self {
        Self {
            ownership: policy.ownership.into(),
            basis: policy.basis.into(),
            buffer: policy.buffer,
            negative: policy.negative.into(),
        }
    }
}

/// Who says how many pieces there are.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::push::Ownership")]
pub(crate) enum InventoryOwnership {
    /// The store: nothing is pushed. So it is until a business decides otherwise.
    Store,
    /// The POS: what it has is pushed, and what is changed in the store by hand is drift.
    Pos,
}

/// Which of the POS's pieces a location of the store may sell.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::push::StockBasis")]
pub(crate) enum StockBasis {
    /// Those that lie there. What lies at `default` counts for the store's primary location.
    Location,
    /// All there are, wherever they lie.
    Everywhere,
}

/// What the store is told where less than nothing is left.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::push::NegativePolicy")]
pub(crate) enum NegativeStock {
    /// That there is nothing.
    Zero,
    /// Nothing at all, until somebody counted or goods came in.
    Hold,
}

/// What is to be sent of one inventory item to one location of the store, and what became of it.
#[derive(SimpleObject, Debug)]
pub(crate) struct StockPush {
    /// To which store.
    connection_id: ID,
    /// The store's inventory item.
    inventory_item_id: ID,
    /// The store's location.
    location_id: ID,
    /// The variant that is linked.
    variant_id: ID,
    /// The POS product behind it.
    pos_product_id: ID,
    /// How it stands.
    state: StockPushState,
    /// Why the store is told nothing, for `HELD`.
    hold: Option<StockHold>,
    /// Why the last attempt failed, for programs.
    failure_code: Option<ErrorCode>,
    /// Why the last attempt failed, for people.
    failure_detail: Option<String>,
    /// Attempts since it was last settled.
    attempts: u32,
    /// When it is due, for `WAITING`.
    due_at: Option<DateTime>,
    /// What the ledger had when it was last decided on, by the policy's basis.
    level: Option<Long>,
    /// What of it was held back.
    buffer: Option<u32>,
    /// What the store was to have: the level less the buffer, and no less than 0.
    target: Option<Long>,
    /// What the store has, as far as is known.
    store_quantity: Option<Long>,
    /// By how much the store has more than it was to have, for `SETTLED`: somebody changed it there. The next movement or
    /// `syncInventory` puts it right.
    drift: Option<Long>,
    /// What was sent last.
    sent: Option<Long>,
    /// When that was.
    sent_at: Option<DateTime>,
    /// When something of this last changed.
    updated_at: DateTime,
}

impl From<domain::push::StockPush> for StockPush {
    fn from(push: domain::push::StockPush) -> Self {
        let drift = push.drift();
        let due_at = matches!(push.state, State::Waiting(_)).then(|| push.due_at.into());
        let (state, hold, failure) = match push.state {
            State::Waiting(failure) => (StockPushState::Waiting, None, failure),
            State::Running => (StockPushState::Running, None, None),
            State::Settled => (StockPushState::Settled, None, None),
            State::Held(hold) => (StockPushState::Held, Some(hold.into()), None),
            State::Failed(failure) => (StockPushState::Failed, None, Some(failure)),
        };
        let (code, detail) = failure.map(|failure| (failure.code, failure.detail)).unzip();
        let (sent, sent_at) = push.sent.unzip();
        Self {
            connection_id: push.key.connection_id.into(),
            inventory_item_id: push.key.inventory_item_id.into(),
            location_id: push.key.location_id.into(),
            variant_id: push.variant_id.into(),
            pos_product_id: push.pos_product_id.into(),
            state,
            hold,
            failure_code: code.map(Into::into),
            failure_detail: detail,
            attempts: push.attempts,
            due_at,
            level: push.level.map(Into::into),
            buffer: push.buffer,
            target: push.target.map(Into::into),
            store_quantity: push.known.map(Into::into),
            drift: drift.map(Into::into),
            sent: sent.map(Into::into),
            sent_at: sent_at.map(Into::into),
            updated_at: push.updated_at.into(),
        }
    }
}

/// How a push stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum StockPushState {
    /// Waits for its time or for a worker.
    Waiting,
    /// A worker is at it.
    Running,
    /// The store has what it is to have.
    Settled,
    /// The store is told nothing.
    Held,
    /// It failed, until stock moves again or `syncInventory` asks for it.
    Failed,
}

/// Why the store is told nothing of an item.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::push::Hold")]
pub(crate) enum StockHold {
    /// The store says how many pieces there are.
    StoreOwns,
    /// Nobody has counted the POS product at a place that matters: `setStock` does.
    NeverCounted,
    /// Less than nothing is left, and the policy is not to say so.
    BelowZero,
    /// The store does not count the item.
    Untracked,
    /// The store no longer has the item or the location.
    Gone,
    /// The connection has ended.
    Disconnected,
}
