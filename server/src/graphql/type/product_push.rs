//! Products on their way to the store.

use async_graphql::{Enum, ID, SimpleObject};
use domain::product_push::ProductPushState as State;

use super::ErrorCode;
use crate::graphql::scalar::DateTime;

/// A product of the POS that the store is to show, and what became of it.
#[derive(SimpleObject, Debug)]
pub(crate) struct ProductPush {
    /// To which store.
    connection_id: ID,
    /// The POS product.
    pos_product_id: ID,
    /// The request that it was last part of.
    sync_log_id: ID,
    /// How it stands.
    state: ProductPushState,
    /// Why the store is told nothing, for `HELD`.
    hold: Option<ProductHold>,
    /// Why the last attempt failed, for programs.
    failure_code: Option<ErrorCode>,
    /// Why the last attempt failed, for people.
    failure_detail: Option<String>,
    /// Attempts since it was asked for.
    attempts: u32,
    /// The product of the store that was made for it; null where it was linked to one that the store had.
    product_id: Option<ID>,
    /// When the store was last told of it.
    pushed_at: Option<DateTime>,
    /// When something of this last changed.
    updated_at: DateTime,
}

impl From<domain::product_push::ProductPush> for ProductPush {
    fn from(push: domain::product_push::ProductPush) -> Self {
        let (state, hold, failure) = match push.state {
            State::Waiting(failure) => (ProductPushState::Waiting, None, failure),
            State::Running => (ProductPushState::Running, None, None),
            State::Done => (ProductPushState::Done, None, None),
            State::Held(hold) => (ProductPushState::Held, Some(hold.into()), None),
            State::Failed(failure) => (ProductPushState::Failed, None, Some(failure)),
        };
        let (code, detail) = failure.map(|failure| (failure.code, failure.detail)).unzip();
        Self {
            connection_id: push.key.connection_id.into(),
            pos_product_id: push.key.pos_product_id.into(),
            sync_log_id: push.sync_log_id.into(),
            state,
            hold,
            failure_code: code.map(Into::into),
            failure_detail: detail,
            attempts: push.attempts,
            product_id: push.product_id.map(Into::into),
            pushed_at: push.pushed_at.map(Into::into),
            updated_at: push.updated_at.into(),
        }
    }
}

/// How a product on its way to the store stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ProductPushState {
    /// Waits for its time or for a worker.
    Waiting,
    /// A worker is at it.
    Running,
    /// The store shows what it is to show.
    Done,
    /// The store is told nothing.
    Held,
    /// It failed, until `syncProducts` asks for it again.
    Failed,
}

/// Why the store is told nothing of a product.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::product_push::ProductHold")]
pub(crate) enum ProductHold {
    /// It is not on sale in the POS.
    Inactive,
    /// Its price is in another currency than the store's.
    ForeignCurrency,
    /// It is linked to a variant that the store never told of, or no longer has: `linkProduct` links another one.
    UnknownVariant,
    /// It is no longer in the POS's catalogue.
    Removed,
    /// The connection has ended.
    Disconnected,
}
