//! Publish: what the outside learns of a processed delivery.

use crate::activity::{ActivityKind, NewActivity, SyncKind, SyncLogEntry, SyncStatus};
use crate::delivery::{Claimed, Fate, Source};
use crate::id::SyncLogId;
use crate::time::Timestamp;

/// The sync log's entry of a delivery. Polled and imported objects are counted in their poll's or import's entry, and a
/// delivery that will be tried again is told of when it has ended.
pub fn sync_log_of(
    claimed: &Claimed,
    fate: &Fate,
    note: Option<String>,
    id: SyncLogId,
    now: Timestamp,
) -> Option<SyncLogEntry> {
    if claimed.delivery.source != Source::Webhook {
        return None;
    }
    let (status, failed, error_detail) = match fate {
        Fate::Retry { .. } => return None,
        Fate::Done(_) if note.is_some() => (SyncStatus::Partial, 0, note),
        Fate::Done(_) => (SyncStatus::Success, 0, None),
        Fate::Dead(failure) => (SyncStatus::Error, 1, Some(failure.told())),
    };
    Some(SyncLogEntry {
        id,
        connection_id: Some(claimed.delivery.connection_id),
        kind: kind_of_topic(&claimed.delivery.topic),
        status,
        processed: 1 - failed,
        failed,
        error_detail,
        delivery_id: Some(claimed.delivery.id),
        started_at: claimed.delivery.received_at,
        finished_at: Some(now),
    })
}

/// The feed's event of a delivery that died; others are told of by what they changed.
pub fn activity_of(claimed: &Claimed, fate: &Fate, now: Timestamp) -> Option<NewActivity> {
    let Fate::Dead(failure) = fate else {
        return None;
    };
    Some(NewActivity {
        kind: ActivityKind::DeliveryDied,
        subject: Some(("delivery".to_owned(), claimed.delivery.id.to_string())),
        message: format!("{} could not be processed: {}", claimed.delivery.topic, failure.code),
        percent: None,
        at: now,
    })
}

fn kind_of_topic(topic: &str) -> SyncKind {
    match topic.split_once('/').map(|(object, _)| object) {
        Some("orders" | "refunds" | "order_transactions" | "fulfillments") => {
            SyncKind::OrderWebhook
        }
        Some("products") => SyncKind::ProductWebhook,
        _ => SyncKind::OtherWebhook,
    }
}
