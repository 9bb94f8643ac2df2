//! A business's mappers: what was uploaded, what serves, what was compared, what ran.

use domain::id::{MapperRepairId, RunId, ShadowReportId};
use domain::mapper::{
    Binding, MapperChange, MapperConfig, MapperRepair, MapperVersion, ShadowReport,
};
use domain::page::{Page, PageRequest};
use domain::time::Timestamp;

pub(crate) use storage::{RunFilter, StoredRun};

use super::Reader;
use crate::error::Problem;

/// A page of versions, the one uploaded last first.
pub(crate) async fn versions(
    reader: &Reader,
    request: &PageRequest,
) -> Result<Page<MapperVersion>, Problem> {
    Ok(reader.0.mapper_versions(request).await?)
}

/// A page of configs, the one made last first.
pub(crate) async fn configs(
    reader: &Reader,
    request: &PageRequest,
) -> Result<Page<MapperConfig>, Problem> {
    Ok(reader.0.mapper_configs(request).await?)
}

/// Which mapper serves.
pub(crate) async fn binding(reader: &Reader) -> Result<Binding, Problem> {
    Ok(reader.0.binding().await?)
}

/// A page of the changes of which mapper serves, the newest first.
pub(crate) async fn changes(
    reader: &Reader,
    request: &PageRequest,
) -> Result<Page<MapperChange>, Problem> {
    Ok(reader.0.mapper_changes(request).await?)
}

/// A shadow run as it is now.
pub(crate) async fn shadow_report(
    reader: &Reader,
    id: ShadowReportId,
    now: Timestamp,
) -> Result<Option<ShadowReport>, Problem> {
    Ok(reader.0.shadow_report(id, now).await?)
}

/// A page of shadow runs as they are now, the newest first.
pub(crate) async fn shadow_reports(
    reader: &Reader,
    request: &PageRequest,
    now: Timestamp,
) -> Result<Page<ShadowReport>, Problem> {
    Ok(reader.0.shadow_reports(request, now).await?)
}

/// A repair as it is now.
pub(crate) async fn repair(
    reader: &Reader,
    id: MapperRepairId,
    now: Timestamp,
) -> Result<Option<MapperRepair>, Problem> {
    Ok(reader.0.mapper_repair(id, now).await?)
}

/// A page of repairs as they are now, the newest first.
pub(crate) async fn repairs(
    reader: &Reader,
    request: &PageRequest,
    now: Timestamp,
) -> Result<Page<MapperRepair>, Problem> {
    Ok(reader.0.mapper_repairs(request, now).await?)
}

/// A run of a plugin.
pub(crate) async fn run(reader: &Reader, id: RunId) -> Result<Option<StoredRun>, Problem> {
    Ok(reader.0.run(id).await?)
}

/// A page of runs, the newest first.
pub(crate) async fn runs(
    reader: &Reader,
    filter: &RunFilter,
    request: &PageRequest,
) -> Result<Page<StoredRun>, Problem> {
    Ok(reader.0.runs(request, filter).await?)
}
