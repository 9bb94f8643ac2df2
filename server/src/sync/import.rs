//! The first import: what the store held before it was connected.
//!
//! It goes page by page. The place in the list is kept in the schedule's row, so that an import that was interrupted
//! goes on where it was; a page that is read again changes nothing. Orders come first, for they are what people wait
//! for (S2.79). Where the merchant has to connect again, it waits for that and goes on then.

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
    /// Whether it waits until the merchant has connected again.
    #[serde(default)]
    waits: bool,
}

impl Progress {
    fn kind(&self) -> ObjectType {
        if self.orders_done { ObjectType::Product } else { ObjectType::Order }
    }

    /// How far the kind under way is, in percent, where that is known.
    fn percent(&self) -> Option<u8> {
        let total = self.total.filter(|total| *total > 0)?;
        u8::try_from(self.read.min(total) * 100 / total).ok()
    }
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
    let kind = progress.kind();
    let asked_at = app.now();
    let page = read_page(app, connection, kind, None, progress.cursor.as_deref()).await?;
    let read = progress.read + page.objects.len() as u64;
    let total = page.total.or(progress.total);
    enqueue(app, connection, (kind, Source::Import), page.objects, asked_at).await?;
    if let Some(next) = page.next {
        let progress = Progress { cursor: Some(next), read, total, waits: false, ..progress };
        let message = format!("{read} {}s imported", kind.as_str());
        tell(app, connection, &progress, message).await?;
        return Ok(Step::Next(progress));
    }
    finish_kind(app, connection, kind, read).await?;
    Ok(match kind {
        ObjectType::Order => Step::Next(Progress { orders_done: true, ..Progress::default() }),
        ObjectType::Product => Step::Finished,
    })
}

/// Has an import wait until the merchant has connected again. That it does is told once, in the sync log and in the
/// feed, however often it is looked at meanwhile.
pub(crate) async fn wait(
    app: &App,
    connection: &Connection,
    progress: Progress,
    cause: &Failure,
) -> Result<Progress, Failure> {
    if progress.waits {
        return Ok(progress);
    }
    let kind = progress.kind();
    let message =
        format!("the import of {}s waits until the store is connected again", kind.as_str());
    let detail = Some(format!("{cause}; {message}"));
    log(app, connection, kind, SyncStatus::Partial, progress.read, detail).await?;
    tell(app, connection, &progress, message).await?;
    Ok(Progress { waits: true, ..progress })
}

async fn tell(
    app: &App,
    connection: &Connection,
    progress: &Progress,
    message: String,
) -> Result<(), Failure> {
    let event = NewActivity {
        kind: ActivityKind::SyncProgress,
        subject: Some(("import".to_owned(), progress.kind().as_str().to_owned())),
        message,
        percent: progress.percent(),
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
    log(app, connection, kind, SyncStatus::Success, read, None).await?;
    let event = NewActivity {
        kind: ActivityKind::SyncFinished,
        subject: Some(("import".to_owned(), kind.as_str().to_owned())),
        message: format!("all {read} {}s were read", kind.as_str()),
        percent: Some(100),
        at: app.now(),
    };
    let tenant = app.storage.tenant(connection.business_id);
    tenant.publish(event).await.map_err(|error| Failure::from(&error))?;
    Ok(())
}

async fn log(
    app: &App,
    connection: &Connection,
    kind: ObjectType,
    status: SyncStatus,
    read: u64,
    error_detail: Option<String>,
) -> Result<(), Failure> {
    let now = app.now();
    let entry = SyncLogEntry {
        id: SyncLogId::new(now, &app.entropy()),
        connection_id: Some(connection.id),
        kind: match kind {
            ObjectType::Order => SyncKind::OrderImport,
            ObjectType::Product => SyncKind::ProductImport,
        },
        status,
        processed: u32::try_from(read).unwrap_or(u32::MAX),
        failed: 0,
        error_detail,
        delivery_id: None,
        started_at: connection.connected_at,
        finished_at: Some(now),
    };
    let tenant = app.storage.tenant(connection.business_id);
    tenant.put_sync_log(entry).await.map_err(|error| Failure::from(&error))
}
