//! The sync log, the dead letters, and the activity feed's past.

use domain::activity::{Activity, SyncLogEntry};
use domain::delivery::DeadLetter;
use domain::page::{Page, PageRequest};

use super::Reader;
use crate::error::Problem;

/// A page of the sync log, the newest entry first.
pub(crate) async fn sync_log(
    reader: &Reader,
    request: &PageRequest,
) -> Result<Page<SyncLogEntry>, Problem> {
    Ok(reader.0.sync_log(request).await?)
}

/// A page of dead letters, the newest first.
pub(crate) async fn dead_letters(
    reader: &Reader,
    request: &PageRequest,
) -> Result<Page<DeadLetter>, Problem> {
    Ok(reader.0.dead_letters(request).await?)
}

/// A page of the activity feed, the newest event first.
pub(crate) async fn activity(
    reader: &Reader,
    request: &PageRequest,
) -> Result<Page<Activity>, Problem> {
    Ok(reader.0.activity_page(request).await?)
}
