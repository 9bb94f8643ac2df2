//! What operators and frontends learn: the sync log and the activity feed. Neither holds personal data.

use crate::id::{ConnectionId, DeliveryId, SyncLogId};
use crate::time::Timestamp;

/// A row of the sync log: one piece of work and how it went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyncLogEntry {
    /// Its id.
    pub id: SyncLogId,
    /// The connection that it was for.
    pub connection_id: Option<ConnectionId>,
    /// What kind of work, for instance `order_webhook`.
    pub kind: SyncKind,
    /// How it went.
    pub status: SyncStatus,
    /// How many objects went well.
    pub processed: u32,
    /// How many failed.
    pub failed: u32,
    /// Why, where something failed or was left out.
    pub error_detail: Option<String>,
    /// The delivery, where the work was one.
    pub delivery_id: Option<DeliveryId>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; none while it runs.
    pub finished_at: Option<Timestamp>,
}

macro_rules! names {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $name:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $type {
            $($(#[$variant_doc])* $name,)+
        }

        impl $type {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The name in tables.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// The one of that name.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|item| item.as_str() == text)
            }
        }
    };
}

names! {
    /// What kind of work a sync log entry tells of.
    SyncKind {
        /// An order delivered by the store (S0.25).
        OrderWebhook = "order_webhook",
        /// A poll of orders (S0.30).
        OrderPoll = "order_poll",
        /// A product delivered by the store.
        ProductWebhook = "product_webhook",
        /// A poll of products.
        ProductPoll = "product_poll",
        /// Any other delivery.
        OtherWebhook = "other_webhook",
        /// The first import of orders.
        OrderImport = "order_import",
        /// The first import of products.
        ProductImport = "product_import",
        /// All stock compared with the store's (S1.4).
        StockSync = "stock_sync",
        /// Products of the POS brought to the store (S3.33).
        ProductSync = "product_sync",
        /// Subscriptions that had vanished were made again, and what was missed was read.
        SubscriptionHeal = "subscription_heal",
    }
}

names! {
    /// How a piece of work went.
    SyncStatus {
        /// Not ended yet.
        Running = "running",
        /// All went well.
        Success = "success",
        /// A part failed or was left out.
        Partial = "partial",
        /// Nothing went well.
        Error = "error",
    }
}

names! {
    /// What happened, in the activity feed.
    ActivityKind {
        /// A store was connected.
        Connected = "connected",
        /// A connection works in part.
        Degraded = "degraded",
        /// A connection ended.
        Disconnected = "disconnected",
        /// Subscriptions that had vanished stand again.
        SubscriptionsHealed = "subscriptions_healed",
        /// The store has something else than the gateway, and more of it than is healed unasked.
        DriftFound = "drift_found",
        /// Nothing comes from a store although much should.
        StoreSilent = "store_silent",
        /// A store order became a new version of its POS order.
        OrderPosted = "order_posted",
        /// A store order was refused.
        OrderRefused = "order_refused",
        /// A product changed.
        ProductChanged = "product_changed",
        /// A delivery became a dead letter.
        DeliveryDied = "delivery_died",
        /// A POS order was given up on its way to the business's own POS.
        DispatchDied = "dispatch_died",
        /// The business's own POS wants nothing any more.
        EndpointGone = "endpoint_gone",
        /// An import or poll made a step.
        SyncProgress = "sync_progress",
        /// An import or poll ended.
        SyncFinished = "sync_finished",
        /// Stock was counted.
        StockCounted = "stock_counted",
        /// Stock quantities were sent to a store.
        StockPushed = "stock_pushed",
        /// Stock quantities could not be sent to a store.
        StockPushFailed = "stock_push_failed",
        /// Somebody changed what the store is told of stock.
        InventoryPolicyChanged = "inventory_policy_changed",
        /// A variant was linked to a POS product.
        ProductLinked = "product_linked",
        /// Somebody changed which mapper serves.
        MapperChanged = "mapper_changed",
        /// A mapper kept failing and was taken out of service.
        MapperFellBack = "mapper_fell_back",
        /// A mapper version was uploaded or validated.
        MapperUploaded = "mapper_uploaded",
        /// A shadow run, a repair or a replay of runs made a step.
        MapperProgress = "mapper_progress",
        /// A shadow run, a repair or a replay of runs ended.
        MapperFinished = "mapper_finished",
        /// A recorded run was repeated and gave something else.
        ReplayDiffered = "replay_differed",
        /// The store asked about a person.
        PrivacyRequested = "privacy_requested",
        /// What the store asked for about a person was done.
        PrivacyDone = "privacy_done",
    }
}

/// An event on its way into the feed; the feed numbers it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewActivity {
    /// What happened.
    pub kind: ActivityKind,
    /// The object's kind and id, for instance `order` and `450789469`.
    pub subject: Option<(String, String)>,
    /// One sentence for people.
    pub message: String,
    /// How far, in percent, for [`ActivityKind::SyncProgress`].
    pub percent: Option<u8>,
    /// When.
    pub at: Timestamp,
}

/// An event of the feed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Activity {
    /// Its number in the business, from 1, without gaps, in the order of visibility: who has read up to a number
    /// misses nothing by going on after it.
    pub sequence: i64,
    /// What happened.
    pub event: NewActivity,
}
