//! Subscriptions to the store's webhooks: made, watched, and made again where the store has removed them, with what was
//! missed meanwhile read at once (F6).

use std::sync::Arc;

use domain::activity::{ActivityKind, NewActivity, SyncKind, SyncLogEntry, SyncStatus};
use domain::connection::{
    Connection, ConnectionStatus, Seen, SubscriptionResult, inspect, silent_since, status_of,
};
use domain::delivery::Failure;
use domain::id::SyncLogId;
use domain::time::Timestamp;

use super::poll;
use crate::app::App;
use crate::providers::{Access, Provider, ProviderError, Subscription};
use crate::tokens;

/// The address that the store delivers a connection's webhooks to.
pub(crate) fn webhook_url(app: &App, connection: &Connection, path_token: &str) -> String {
    let base = app.config.provider.app_base_url.trim_end_matches('/');
    format!("{base}/ecommerce/webhooks/{}/{path_token}", connection.provider)
}

/// Sees to it that each wanted topic is subscribed to once. Each is asked for by itself; one that fails does not stop the
/// others (S2.44). What is `listed` for other addresses is somebody else's and left alone.
pub(crate) async fn subscribe(
    provider: &Arc<dyn Provider>,
    connection: &Connection,
    access: &Access,
    url: &str,
    listed: &[Subscription],
) -> Vec<SubscriptionResult> {
    let wanted = provider.wanted_topics(&connection.granted_scopes);
    let ours = listed.iter().filter(|found| found.url == url);
    let found = inspect(&wanted, ours.map(|found| (found.topic.as_str(), found.id.as_str())));
    for id in &found.surplus {
        if let Err(error) = provider.delete_subscription(access, id).await {
            tracing::warn!(%error, shop = connection.shop, "subscription could not be removed");
        }
    }
    let mut results = Vec::new();
    for topic in wanted {
        let result = match found.standing.get(&topic) {
            Some(id) => Ok(id.clone()),
            None => provider
                .create_subscription(access, &topic, url)
                .await
                .map_err(|error| error.to_string()),
        };
        if let Err(error) = &result {
            tracing::warn!(topic, error, shop = connection.shop, "subscription failed");
        }
        results.push(SubscriptionResult { topic, result });
    }
    results
}

/// Makes a connection's subscriptions stand, and reads what came to pass while one did not. Returns until when each topic
/// is known to be subscribed to. A failure leaves `seen` as it was, so that the next attempt covers the same gap.
pub(crate) async fn heal(app: &App, connection: &Connection, seen: &Seen) -> Result<Seen, Failure> {
    let began = app.now();
    let Some((url, access, listed)) = listed(app, connection).await? else {
        return Ok(seen.clone());
    };
    let provider = app.providers.get(&connection.provider)?;
    let subscriptions = subscribe(&provider, connection, &access, &url, &listed).await;
    let gap =
        silent_since(&connection.subscriptions, &subscriptions, seen, connection.connected_at);
    if let Some((since, topics)) = &gap {
        backfill(app, connection, *since, topics, began).await?;
    }
    note(app, connection, subscriptions.clone()).await?;
    let standing = subscriptions.into_iter().filter(|subscription| subscription.result.is_ok());
    let mut now_seen = seen.clone();
    now_seen.extend(standing.map(|subscription| (subscription.topic, began)));
    Ok(now_seen)
}

/// Our address and what the store lists; none where no address can be told, since its key is no longer at hand.
async fn listed(
    app: &App,
    connection: &Connection,
) -> Result<Option<(String, Access, Vec<Subscription>)>, Failure> {
    let tenant = app.storage.tenant(connection.business_id);
    let token = tenant.path_token(connection.id).await.map_err(|error| Failure::from(&error))?;
    let Some(token) = token else {
        tracing::warn!(
            shop = connection.shop,
            "the webhooks' address has to be made by connecting"
        );
        return Ok(None);
    };
    let provider = app.providers.get(&connection.provider)?;
    let access = tokens::access(app, connection).await?;
    let listed = provider.list_subscriptions(&access).await;
    if matches!(listed, Err(ProviderError::Unauthorized)) {
        tokens::mark_reauth_required(app, connection, &access.token).await;
    }
    Ok(Some((webhook_url(app, connection, &token), access, listed?)))
}

/// Reads what changed since deliveries were missed, and tells of it.
async fn backfill(
    app: &App,
    connection: &Connection,
    since: Timestamp,
    topics: &[String],
    began: Timestamp,
) -> Result<(), Failure> {
    let tenant = app.storage.tenant(connection.business_id);
    let mut entry = SyncLogEntry {
        id: SyncLogId::new(began, &app.entropy()),
        connection_id: Some(connection.id),
        kind: SyncKind::SubscriptionHeal,
        status: SyncStatus::Running,
        processed: 0,
        failed: 0,
        error_detail: None,
        delivery_id: None,
        started_at: began,
        finished_at: None,
    };
    let polled: Result<Vec<_>, Failure> =
        poll::since(app, connection, since, None).await.into_iter().collect();
    entry.finished_at = Some(app.now());
    let missed: u32 = polled.iter().flatten().map(|(_, polled)| polled.queued).sum();
    match &polled {
        Ok(_) => (entry.status, entry.processed) = (SyncStatus::Success, missed),
        Err(failure) => {
            entry.status = SyncStatus::Error;
            entry.failed = 1;
            entry.error_detail = Some(failure.to_string());
        }
    }
    tenant.put_sync_log(entry).await.map_err(|error| Failure::from(&error))?;
    polled?;
    let message = format!(
        "{} stand again; objects that changed unheard since {since}: {missed}",
        topics.join(", ")
    );
    let kind = ActivityKind::SubscriptionsHealed;
    let event = NewActivity { kind, subject: None, message, percent: None, at: app.now() };
    tenant.publish(event).await.map_err(|error| Failure::from(&error))?;
    Ok(())
}

/// Keeps what stands, if that is news and the connection is still the one that was looked at.
async fn note(
    app: &App,
    connection: &Connection,
    subscriptions: Vec<SubscriptionResult>,
) -> Result<(), Failure> {
    let provider = app.providers.get(&connection.provider)?;
    let missing = provider.missing_scopes(&connection.granted_scopes);
    let missing = missing.iter().filter(|requirement| requirement.required).count();
    let status = status_of(&subscriptions, missing);
    if subscriptions == connection.subscriptions && status == connection.status {
        return Ok(());
    }
    let tenant = app.storage.tenant(connection.business_id);
    let noted = tenant.note_subscriptions(connection, &subscriptions, status).await;
    let noted = noted.map_err(|error| Failure::from(&error))?;
    app.connections.forget();
    if noted && status == ConnectionStatus::Degraded && connection.status != status {
        let failing = subscriptions.iter().filter(|subscription| subscription.result.is_err());
        let topics: Vec<_> = failing.map(|subscription| subscription.topic.as_str()).collect();
        let message = format!("not subscribed to {}", topics.join(", "));
        let kind = ActivityKind::Degraded;
        let event = NewActivity { kind, subject: None, message, percent: None, at: app.now() };
        tenant.publish(event).await.map_err(|error| Failure::from(&error))?;
    }
    Ok(())
}
