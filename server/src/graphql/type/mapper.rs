//! Mappers: versions, configs, runs, reports, repairs.

mod binding;
mod preview;
mod repair;
mod run;
mod shadow;
mod version;

pub(crate) use binding::{MapperBinding, MapperChange, MapperChoice};
pub(crate) use preview::MappingPreview;
pub(crate) use repair::MapperRepair;
pub(crate) use run::{MappingRun, RunOutcome, RunReplay, RunUsage};
pub(crate) use shadow::ShadowReport;
pub(crate) use version::{MapperCapability, MapperConfig, MapperVersion};
