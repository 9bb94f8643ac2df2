//! A business's mappers: what was uploaded, what serves, what was tried, and what was run.

mod binding;
mod component;
mod config;
mod repair;
mod room;
mod run;
mod sample;
mod shadow;
mod timeline;
mod version;
mod work;

use domain::code::Code;
use domain::delivery::Failure;
use domain::mapper::Bound;

pub use run::{RunEnd, RunFilter, StoredRun, VersionRun};
pub use timeline::DeliveryTrace;
pub use version::NewMapperVersion;

use crate::StoreError;
use crate::row::Of;

/// The mapper of two columns.
pub(crate) fn bound_of(table: Of, version: i64, config: i64) -> Result<Bound, StoreError> {
    let version = table.count("a mapper version", version)?;
    let config = table.count("a mapper config", config)?;
    Ok(Bound { version, config })
}

/// The failure of two columns.
fn failure_of(
    table: Of,
    code: Option<&str>,
    detail: Option<String>,
) -> Result<Option<Failure>, StoreError> {
    let Some(code) = code else { return Ok(None) };
    let code = table.word("failure_code", code, Code::parse)?;
    Ok(Some(Failure::new(code, detail.unwrap_or_default())))
}
