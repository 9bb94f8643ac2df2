//! The regular poll: webhooks may be lost, so the store is asked what changed (S0.26 to S0.31).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::activity::{SyncKind, SyncLogEntry, SyncStatus};
use domain::connection::Connection;
use domain::delivery::{Failure, NewDelivery, Source};
use domain::flow::{Refinement, is_settled, refine, version_of};
use domain::id::{DeliveryId, ExternalId, SyncLogId};
use domain::refined::ObjectType;
use domain::time::Timestamp;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::providers::{ObjectPage, ProviderError, ReadObject};
use crate::tokens;

/// How far before the last poll a poll looks: the store's index lags behind its changes.
const OVERLAP: Duration = Duration::from_mins(10);

/// Objects that a poll names of those that were news.
const NAMED_MAX: usize = 50;

/// What a poll of one kind of object came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Polled {
    /// Objects that the store listed.
    pub seen: u32,
    /// Objects among them that were news and went into the inbox.
    pub queued: u32,
    /// The first of those that were news.
    pub news: Vec<ExternalId>,
}

/// Polls orders, then products. A kind that fails does not stop the other. `running` is the log's entry of the order
/// poll, where the caller has opened it.
pub(crate) async fn run(
    app: &App,
    connection: &Connection,
    running: Option<SyncLogEntry>,
) -> Vec<Result<(ObjectType, Polled), Failure>> {
    let started = app.now();
    let last = connection.last_synced_at.unwrap_or(connection.connected_at);
    let results = since(app, connection, last, running).await;
    if results.iter().all(Result::is_ok) {
        advance(app, connection, started).await;
    }
    results
}

/// Reads what changed since a time, as a poll does.
pub(crate) async fn since(
    app: &App,
    connection: &Connection,
    since: Timestamp,
    mut running: Option<SyncLogEntry>,
) -> Vec<Result<(ObjectType, Polled), Failure>> {
    let since = since - OVERLAP;
    let mut results = Vec::new();
    for kind in [ObjectType::Order, ObjectType::Product] {
        let polled = match running.take() {
            Some(entry) => logged(app, connection, kind, since, entry).await,
            None => match open_log(app, connection, kind).await {
                Ok(entry) => logged(app, connection, kind, since, entry).await,
                Err(problem) => Err(Failure::new(problem.code, problem.message)),
            },
        };
        results.push(polled.map(|polled| (kind, polled)));
    }
    results
}

/// Opens the log's entry of a poll.
pub(crate) async fn open_log(
    app: &App,
    connection: &Connection,
    kind: ObjectType,
) -> Result<SyncLogEntry, crate::error::Problem> {
    let now = app.now();
    let entry = SyncLogEntry {
        id: SyncLogId::new(now, &app.entropy()),
        connection_id: Some(connection.id),
        kind: match kind {
            ObjectType::Order => SyncKind::OrderPoll,
            ObjectType::Product => SyncKind::ProductPoll,
        },
        status: SyncStatus::Running,
        processed: 0,
        failed: 0,
        error_detail: None,
        delivery_id: None,
        started_at: now,
        finished_at: None,
    };
    app.storage.tenant(connection.business_id).put_sync_log(entry.clone()).await?;
    Ok(entry)
}

async fn logged(
    app: &App,
    connection: &Connection,
    kind: ObjectType,
    since: Timestamp,
    mut entry: SyncLogEntry,
) -> Result<Polled, Failure> {
    let polled = changed_since(app, connection, kind, since).await;
    entry.finished_at = Some(app.now());
    match &polled {
        Ok(polled) => {
            entry.status = SyncStatus::Success;
            entry.processed = polled.seen;
        }
        Err(failure) => {
            tracing::warn!(shop = connection.shop, %failure, "poll failed");
            entry.status = SyncStatus::Error;
            entry.failed = 1;
            entry.error_detail = Some(failure.to_string());
        }
    }
    let tenant = app.storage.tenant(connection.business_id);
    if let Err(error) = tenant.put_sync_log(entry.clone()).await {
        tracing::error!(failure = %Failure::from(&error), "poll could not be logged");
    }
    polled
}

/// Asks for what changed since a time, page by page; each page is in the inbox before the next is asked for.
async fn changed_since(
    app: &App,
    connection: &Connection,
    kind: ObjectType,
    since: Timestamp,
) -> Result<Polled, Failure> {
    let mut polled = Polled::default();
    let mut cursor: Option<String> = None;
    loop {
        let asked_at = app.now();
        let page = read_page(app, connection, kind, Some(since), cursor.as_deref()).await?;
        polled.seen += u32::try_from(page.objects.len()).unwrap_or(u32::MAX);
        let news = only_news(app, connection, kind, page.objects, asked_at).await?;
        let room = NAMED_MAX - polled.news.len();
        polled.news.extend(news.iter().take(room).map(|object| object.id));
        let queued = enqueue(app, connection, (kind, Source::Poll), news, asked_at).await?;
        polled.queued += u32::try_from(queued).unwrap_or(u32::MAX);
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(polled),
        }
    }
}

/// A page of the store's list. A store that no longer takes our token has to be connected again.
pub(crate) async fn read_page(
    app: &App,
    connection: &Connection,
    kind: ObjectType,
    since: Option<Timestamp>,
    cursor: Option<&str>,
) -> Result<ObjectPage, Failure> {
    let provider = app.providers.get(&connection.provider)?;
    let access = tokens::access(app, connection).await?;
    let page = provider.read_page(&access, kind, since, cursor).await;
    if matches!(page, Err(ProviderError::Unauthorized)) {
        tokens::mark_reauth_required(app, connection, &access.token).await;
    }
    Ok(page?)
}

/// One object whole, with the time of its version; none where the store has none of that id.
pub(crate) async fn read_one(
    app: &App,
    connection: &Connection,
    kind: ObjectType,
    id: ExternalId,
) -> Result<Option<(Vec<u8>, Timestamp)>, Failure> {
    let provider = app.providers.get(&connection.provider)?;
    let access = tokens::access(app, connection).await?;
    let object = provider.read_object(&access, kind, id).await;
    if matches!(object, Err(ProviderError::Unauthorized)) {
        tokens::mark_reauth_required(app, connection, &access.token).await;
    }
    let Some(body) = object? else { return Ok(None) };
    let topic = read_topic(kind);
    let read = provider.read_delivery(Source::Reread, &topic, &connection.shop, &body);
    // What cannot be read has no time, and becomes a dead letter of its own.
    let updated_at = read.ok().and_then(|read| read.updated_at());
    Ok(Some((body, updated_at.unwrap_or(Timestamp::EPOCH))))
}

/// Leaves out what we have already, by the same rule that the worker judges by.
async fn only_news(
    app: &App,
    connection: &Connection,
    kind: ObjectType,
    objects: Vec<ReadObject>,
    asked_at: Timestamp,
) -> Result<Vec<ReadObject>, Failure> {
    let ids: Vec<_> = objects.iter().map(|object| object.id).collect();
    let tenant = app.storage.tenant(connection.business_id);
    let stored = tenant.versions(kind, &ids).await.map_err(|error| Failure::from(&error))?;
    let is_news = |object: &ReadObject| {
        let hash = Sha256::digest(&object.body).into();
        let version = version_of(Source::Poll, asked_at, object.updated_at, hash);
        let verdict = refine(stored.get(&object.id), &version);
        matches!(verdict, Refinement::Write | Refinement::Reread)
    };
    Ok(objects.into_iter().filter(is_news).collect())
}

/// Puts objects that the store was asked for at `asked_at` into the inbox. The same bytes read twice are one delivery.
pub(crate) async fn enqueue(
    app: &App,
    connection: &Connection,
    what: (ObjectType, Source),
    objects: Vec<ReadObject>,
    asked_at: Timestamp,
) -> Result<u64, Failure> {
    if objects.is_empty() {
        return Ok(0);
    }
    let deliveries = objects
        .into_iter()
        .map(|o| read_delivery(app, connection, what, (o.body, o.updated_at), asked_at))
        .collect();
    let tenant = app.storage.tenant(connection.business_id);
    let stored = tenant.receive_all(deliveries).await.map_err(|error| Failure::from(&error))?;
    app.storage.hints().wake_workers();
    Ok(stored)
}

/// The delivery of an object that was read from the store's API. It counts as received when the store was asked: the
/// answer may have been under way for long.
///
/// A reading that was made too soon to be conclusive ends in a line break. The conclusive one that follows may have the
/// same bytes otherwise, and must not be taken for its repetition.
pub(crate) fn read_delivery(
    app: &App,
    connection: &Connection,
    (kind, source): (ObjectType, Source),
    (mut body, updated_at): (Vec<u8>, Timestamp),
    asked_at: Timestamp,
) -> NewDelivery {
    if !is_settled(asked_at, updated_at) {
        body.push(b'\n');
    }
    let body_hash: [u8; 32] = Sha256::digest(&body).into();
    NewDelivery {
        id: DeliveryId::new(app.now(), &app.entropy()),
        business_id: connection.business_id,
        connection_id: connection.id,
        source,
        topic: read_topic(kind),
        webhook_id: format!("read:{}", URL_SAFE_NO_PAD.encode(body_hash)),
        event_id: None,
        api_version: None,
        triggered_at: None,
        received_at: asked_at,
        body_hash,
        body,
    }
}

/// The topic of objects that were read.
fn read_topic(kind: ObjectType) -> String {
    format!("{}s/read", kind.as_str())
}

/// Notes up to when the store is known.
async fn advance(app: &App, connection: &Connection, synced_at: Timestamp) {
    let tenant = app.storage.tenant(connection.business_id);
    if let Err(error) = tenant.connection_synced(connection.id, synced_at).await {
        tracing::error!(failure = %Failure::from(&error), "poll could not be noted");
    }
    app.connections.forget();
}
