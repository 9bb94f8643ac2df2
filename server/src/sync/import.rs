//! The first import: what the store held before it was connected.
//!
//! It goes page by page. The place in the list is kept in the schedule's row, so that an import that was interrupted
//! goes on where it was; a page that is read again changes nothing. Orders come first, for they are what people wait
//! for (S2.79).

use domain::activity::{ActivityKind, NewActivity, SyncKind, SyncLogEntry, SyncStatus};
use domain::connection::Connection;
use domain::delivery::{Failure, Source};
use domain::id::SyncLogId;
use domain::refined::ObjectType;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::sync::poll::{enqueue, read_page};

/// Where an import stands.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// Whether the orders are done, and products have begun.
    orders_done: bool,
    /// The page to read next; none at a list's beginning.
    cursor: Option<String>,
    /// Objects read so far, of the kind under way.
    read: u64,
    /// How many there are, where the store tells.
    total: Option<u64>,
}

/// What is left of an import after a step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// More pages; go on from here.
    Next(Progress),
    /// Everything was read.
    Finished,
}

/// Reads one page into the inbox.
pub(crate) async fn step(
    app: &App,
    connection: &Connection,
    progress: Progress,
) -> Result<Step, Failure> {
    let kind = if progress.orders_done { ObjectType::Product } else { ObjectType::Order };
    let asked_at = app.now();
    let page = read_page(app, connection, kind, None, progress.cursor.as_deref()).await?;
    let read = progress.read + page.objects.len() as u64;
    let total = page.total.or(progress.total);
    enqueue(app, connection, (kind, Source::Import), page.objects, asked_at).await?;
    if let Some(next) = page.next {
        tell_progress(app, connection, kind, read, total).await?;
        return Ok(Step::Next(Progress { cursor: Some(next), read, total, ..progress }));
    }
    finish_kind(app, connection, kind, read).await?;
    Ok(match kind {
        ObjectType::Order => Step::Next(Progress { orders_done: true, ..Progress::default() }),
        ObjectType::Product => Step::Finished,
    })
}

async fn tell_progress(
    app: &App,
    connection: &Connection,
    kind: ObjectType,
    read: u64,
    total: Option<u64>,
) -> Result<(), Failure> {
    let percent = total.filter(|total| *total > 0).map(|total| read.min(total) * 100 / total);
    let event = NewActivity {
        kind: ActivityKind::SyncProgress,
        subject: Some(("import".to_owned(), kind.as_str().to_owned())),
        message: format!("{read} {}s imported", kind.as_str()),
        percent: percent.and_then(|percent| u8::try_from(percent).ok()),
        at: app.now(),
    };
    let tenant = app.storage.tenant(connection.business_id);
    tenant.publish(event).await.map_err(|error| Failure::from(&error))?;
    Ok(())
}

async fn finish_kind(
    app: &App,
    connection: &Connection,
    kind: ObjectType,
    read: u64,
) -> Result<(), Failure> {
    let now = app.now();
    let tenant = app.storage.tenant(connection.business_id);
    let entry = SyncLogEntry {
        id: SyncLogId::new(now, &app.entropy()),
        connection_id: Some(connection.id),
        kind: match kind {
            ObjectType::Order => SyncKind::OrderImport,
            ObjectType::Product => SyncKind::ProductImport,
        },
        status: SyncStatus::Success,
        processed: u32::try_from(read).unwrap_or(u32::MAX),
        failed: 0,
        error_detail: None,
        delivery_id: None,
        started_at: connection.connected_at,
        finished_at: Some(now),
    };
    tenant.put_sync_log(entry).await.map_err(|error| Failure::from(&error))?;
    let event = NewActivity {
        kind: ActivityKind::SyncFinished,
        subject: Some(("import".to_owned(), kind.as_str().to_owned())),
        message: format!("all {read} {}s were read", kind.as_str()),
        percent: Some(100),
        at: now,
    };
    tenant.publish(event).await.map_err(|error| Failure::from(&error))?;
    Ok(())
}
