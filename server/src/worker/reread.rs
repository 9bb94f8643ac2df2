//! Asking the store about an object. What it answers becomes a delivery of its own.

use std::sync::Arc;
use std::time::Duration;

use domain::code::Code;
use domain::connection::Connection;
use domain::delivery::{Failure, Fate, Outcome, Source};
use domain::flow::{Changes, Removal, activity_of, sync_log_of};
use domain::id::{BusinessId, ExternalId, SyncLogId};
use domain::refined::ObjectType;
use domain::time::Timestamp;
use storage::StoreError;

use super::decide::Decision;
use super::reading::Reading;
use crate::app::App;
use crate::providers::ProviderError;
use crate::sync::poll::{read_delivery, read_one};
use crate::sync::reconcile::window_now;

/// How long the store may take, in seconds: less than a lease, so that nobody else asks at the same time.
const ASK_SECONDS_MAX: u64 = 20;

/// Asks about each delivery in a task of its own; a bounded number asks at the same time.
pub(super) fn ask_later(app: &App, business: BusinessId, asking: Vec<(Reading, Decision)>) {
    for (reading, decision) in asking {
        let Decision::Ask { kind, id, told_gone } = decision else {
            continue;
        };
        let app = app.clone();
        app.tasks.clone().spawn(async move {
            // The semaphore is never closed.
            let Ok(_permit) = Arc::clone(&app.asking).acquire_owned().await else {
                return;
            };
            if let Err(error) = ask(&app, business, reading, (kind, id), told_gone).await {
                tracing::warn!(%business, failure = %Failure::from(&error), "answer not stored");
            }
        });
    }
}

async fn ask(
    app: &App,
    business: BusinessId,
    reading: Reading,
    (kind, id): (ObjectType, ExternalId),
    told_gone: bool,
) -> Result<(), StoreError> {
    let limit = Duration::from_secs(ASK_SECONDS_MAX);
    let asked_at = app.now();
    let question = question(app, &reading.connection, kind, id, told_gone);
    let answer = tokio::time::timeout(limit, question).await;
    let now = app.now();
    let mut changes = Changes::new(business, now);
    let attempt = reading.claimed.attempt;
    let jitter = u64::from_le_bytes(app.random_bytes());
    let fate = match answer {
        Ok(Ok(Answer::Whole(body))) => {
            let what = (kind, Source::Reread);
            let follow_up = read_delivery(app, &reading.connection, what, body, asked_at);
            changes.follow_ups.push(follow_up);
            Fate::Done(Outcome::Reread)
        }
        Ok(Ok(Answer::Gone)) => {
            changes.removals.push(Removal { kind, id });
            Fate::Done(Outcome::Applied)
        }
        Ok(Ok(Answer::Hidden)) => {
            let detail = format!("{} {id} is older than what the store shows", kind.as_str());
            Fate::Dead(Failure::new(Code::MissingScope, detail))
        }
        Ok(Err(failure)) => Fate::after(failure, attempt, now, jitter),
        Err(_elapsed) => {
            let detail = format!("no answer within {ASK_SECONDS_MAX} s");
            let failure = ProviderError::Unavailable { detail }.into();
            Fate::after(failure, attempt, now, jitter)
        }
    };
    let claimed = reading.claimed;
    let log_id = SyncLogId::new(now, &app.entropy());
    changes.sync_log.extend(sync_log_of(&claimed, &fate, None, log_id, now));
    changes.activity.extend(activity_of(&claimed, &fate, now));
    if !matches!(fate, Fate::Retry { .. }) {
        changes.raw.extend(reading.raw);
    }
    changes.deliveries.push((claimed.delivery.id, claimed.lease, fate));
    app.storage.tenant(business).apply(changes).await?;
    app.storage.hints().wake_workers();
    Ok(())
}

/// What the store has of an object.
enum Answer {
    /// All of it, and the time of its version.
    Whole((Vec<u8>, Timestamp)),
    /// Nothing.
    Gone,
    /// Nothing that it would show: the object is older than what the token may see, and may well be there (T8).
    Hidden,
}

async fn question(
    app: &App,
    connection: &Connection,
    kind: ObjectType,
    id: ExternalId,
    told_gone: bool,
) -> Result<Answer, Failure> {
    if let Some(body) = read_one(app, connection, kind, id).await? {
        return Ok(Answer::Whole(body));
    }
    if told_gone {
        return Ok(Answer::Gone);
    }
    let tenant = app.storage.tenant(connection.business_id);
    let held = tenant.held_of(kind, &[id]).await.map_err(|error| Failure::from(&error))?;
    let Some(created_at) = held.get(&id).and_then(|held| held.created_at) else {
        return Ok(Answer::Gone);
    };
    let window = window_now(app, connection, kind).await?;
    Ok(if window.is_shown(created_at) { Answer::Gone } else { Answer::Hidden })
}
