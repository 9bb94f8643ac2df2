//! Mappers: versions, configs, runs, reports.

mod preview;
mod run;

pub(crate) use preview::MappingPreview;
pub(crate) use run::{RunOutcome, RunUsage};
