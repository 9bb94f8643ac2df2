//! What the feed learns of pushes.

use domain::activity::{ActivityKind, NewActivity};
use domain::delivery::Failure;
use domain::id::ConnectionId;
use domain::push::PushEnd;
use domain::time::Timestamp;

use super::open::Ended;

/// That quantities were sent, and that some could not be.
pub(super) fn events_of(
    connection: ConnectionId,
    ended: &[Ended],
    now: Timestamp,
) -> Vec<NewActivity> {
    let sent = ended.iter().filter(|(_, end)| matches!(end, PushEnd::Settled { sent: true, .. }));
    let failed: Vec<&Failure> = ended
        .iter()
        .filter_map(
            |(_, end)| if let PushEnd::Failed(failure) = end { Some(failure) } else { None },
        )
        .collect();
    let event = |kind, message| NewActivity {
        kind,
        subject: Some(("connection".to_owned(), connection.to_string())),
        message,
        percent: None,
        at: now,
    };
    let sent = sent.count();
    let mut events = Vec::new();
    if sent > 0 {
        let message = format!("sent to the store: {}", quantities(sent));
        events.push(event(ActivityKind::StockPushed, message));
    }
    if let Some(first) = failed.first() {
        let message =
            format!("could not be sent to the store: {}: {}", quantities(failed.len()), first.code);
        events.push(event(ActivityKind::StockPushFailed, message));
    }
    events
}

fn quantities(count: usize) -> String {
    if count == 1 { "1 stock quantity".to_owned() } else { format!("{count} stock quantities") }
}
