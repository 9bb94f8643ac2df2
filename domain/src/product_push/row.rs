//! The row of a product push: the queue, and what became of it.

use super::Listing;
use crate::code::Code;
use crate::delivery::{Failure, LeaseToken, backoff};
use crate::id::{BusinessId, ConnectionId, ExternalId, SyncLogId};
use crate::time::Timestamp;

/// Which product of the POS is pushed to which store.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ProductPushKey {
    /// The store.
    pub connection_id: ConnectionId,
    /// The POS product.
    pub pos_product_id: String,
}

/// Why the store is told nothing of a product.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProductHold {
    /// It is not on sale in the POS.
    Inactive,
    /// Its price is in another currency than the store's.
    ForeignCurrency,
    /// It is linked to a variant that the store never told of, or no longer has.
    UnknownVariant,
    /// It is no longer in the POS's catalogue.
    Removed,
    /// The connection has ended.
    Disconnected,
}

impl ProductHold {
    /// Every reason.
    pub const ALL: [Self; 5] = [
        Self::Inactive,
        Self::ForeignCurrency,
        Self::UnknownVariant,
        Self::Removed,
        Self::Disconnected,
    ];

    /// The name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::ForeignCurrency => "foreign_currency",
            Self::UnknownVariant => "unknown_variant",
            Self::Removed => "removed",
            Self::Disconnected => "disconnected",
        }
    }

    /// The reason of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hold| hold.as_str() == text)
    }
}

/// A push that a worker holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClaimedProductPush {
    /// Whose.
    pub business_id: BusinessId,
    /// Which.
    pub key: ProductPushKey,
    /// The request that it is part of.
    pub sync_log_id: SyncLogId,
    /// What was pushed last, and when.
    pub pushed: Option<(Listing, Timestamp)>,
    /// Whether the store was asked to make a product for it that buyers may not see yet.
    pub making: bool,
    /// Attempts since it was asked for, this one included.
    pub attempt: u32,
    /// The proof of holding it.
    pub lease: LeaseToken,
}

/// What became of an attempt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProductPushEnd {
    /// The store shows what it is to show.
    Done {
        /// What it is to show.
        listing: Listing,
        /// The product that was made for it, where one was.
        product_id: Option<ExternalId>,
        /// Whether the store was told something.
        sent: bool,
    },
    /// The store is told nothing.
    Held(ProductHold),
    /// It is tried again.
    Again {
        /// When.
        at: Timestamp,
        /// Why.
        failure: Failure,
        /// The attempts that count by now.
        attempts: u32,
    },
    /// It failed, until somebody asks for it again.
    Failed(Failure),
}

impl ProductPushEnd {
    /// Another attempt after a back-off, or the end where `attempt` was the last one. `jitter` is a random number.
    pub fn after(failure: Failure, attempt: u32, now: Timestamp, jitter: u64) -> Self {
        match backoff(attempt, jitter) {
            Some(wait) => Self::Again { at: now + wait, failure, attempts: attempt },
            None => Self::Failed(Failure::new(
                Code::AttemptsExhausted,
                format!("gave up after {attempt} attempts; the last failed with {failure}"),
            )),
        }
    }
}

/// How a push stands, as operators see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProductPushState {
    /// Waits for its time or for a worker; the failure of the last attempt, where it failed.
    Waiting(Option<Failure>),
    /// A worker holds it.
    Running,
    /// The store shows what it is to show.
    Done,
    /// The store is told nothing.
    Held(ProductHold),
    /// It failed.
    Failed(Failure),
}

/// A push and all that is known of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProductPush {
    /// Which.
    pub key: ProductPushKey,
    /// The request that it was last part of.
    pub sync_log_id: SyncLogId,
    /// How it stands.
    pub state: ProductPushState,
    /// Attempts since it was asked for.
    pub attempts: u32,
    /// The product of the store that was made for it, where one was.
    pub product_id: Option<ExternalId>,
    /// When the store was last told of it.
    pub pushed_at: Option<Timestamp>,
    /// When something of it last changed.
    pub updated_at: Timestamp,
}
