//! Asking the store about an object. What it answers becomes a delivery of its own.

use std::sync::Arc;
use std::time::Duration;

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
use crate::sync::poll::{read_delivery, read_topic};
use crate::tokens;

/// How long the store may take, in seconds: less than a lease, so that nobody else asks at the same time.
const ASK_SECONDS_MAX: u64 = 20;

/// Asks about each delivery in a task of its own; a bounded number asks at the same time.
pub(super) fn ask_later(app: &App, business: BusinessId, asking: Vec<(Reading, Decision)>) {
    for (reading, decision) in asking {
        let Decision::Ask { kind, id } = decision else {
            continue;
        };
        let app = app.clone();
        app.tasks.clone().spawn(async move {
            // The semaphore is never closed.
            let Ok(_permit) = Arc::clone(&app.asking).acquire_owned().await else {
                return;
            };
            if let Err(error) = ask(&app, business, reading, kind, id).await {
                tracing::warn!(%business, failure = %Failure::from(&error), "answer not stored");
            }
        });
    }
}

async fn ask(
    app: &App,
    business: BusinessId,
    reading: Reading,
    kind: ObjectType,
    id: ExternalId,
) -> Result<(), StoreError> {
    let limit = Duration::from_secs(ASK_SECONDS_MAX);
    let asked_at = app.now();
    let answer = tokio::time::timeout(limit, read_object(app, &reading, kind, id)).await;
    let now = app.now();
    let mut changes = Changes::new(business, now);
    let attempt = reading.claimed.attempt;
    let jitter = u64::from_le_bytes(app.random_bytes());
    let fate = match answer {
        Ok(Ok(Some(body))) => {
            let what = (kind, Source::Reread);
            let follow_up = read_delivery(app, &reading.connection, what, body, asked_at);
            changes.follow_ups.push(follow_up);
            Fate::Done(Outcome::Reread)
        }
        Ok(Ok(None)) => {
            changes.removals.push(Removal { kind, id });
            Fate::Done(Outcome::Applied)
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

async fn read_object(
    app: &App,
    reading: &Reading,
    kind: ObjectType,
    id: ExternalId,
) -> Result<Option<(Vec<u8>, Timestamp)>, Failure> {
    let provider = app.providers.get(&reading.connection.provider)?;
    let access = tokens::access(app, &reading.connection).await?;
    match provider.read_object(&access, kind, id).await {
        Ok(None) => Ok(None),
        Ok(Some(body)) => {
            let topic = read_topic(kind);
            let shop = &reading.connection.shop;
            let read = provider.read_delivery(Source::Reread, &topic, shop, &body);
            // What cannot be read has no time, and becomes a dead letter of its own.
            let updated_at = read.ok().and_then(|read| read.updated_at());
            Ok(Some((body, updated_at.unwrap_or(Timestamp::EPOCH))))
        }
        Err(ProviderError::Unauthorized) => {
            tokens::mark_reauth_required(app, &reading.connection, &access.token).await;
            Err(ProviderError::Unauthorized.into())
        }
        Err(error) => Err(error.into()),
    }
}
