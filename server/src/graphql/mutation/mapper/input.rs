//! What mutations of mappers take.

use async_graphql::{ID, InputObject};

use crate::actions::mapper::bind::Wanted;
use crate::error::Problem;
use crate::graphql::context::read_id;
use crate::graphql::scalar::{JsonObject, Upload};

/// A component to keep.
#[derive(InputObject, Debug)]
pub(super) struct UploadMapperInput {
    /// The business.
    pub(super) business_id: ID,
    /// The component, at most 24 MiB.
    pub(super) component: Upload,
}

/// Which version to examine.
#[derive(InputObject, Debug)]
pub(super) struct ValidateMapperInput {
    /// The business.
    pub(super) business_id: ID,
    /// The mapper version.
    pub(super) version: u32,
}

/// Which settings to keep.
#[derive(InputObject, Debug)]
pub(super) struct SetMapperConfigInput {
    /// The business.
    pub(super) business_id: ID,
    /// The mapper version that they are for, 0 for the built-in one.
    pub(super) version: u32,
    /// The settings, at most 256 KiB.
    pub(super) settings: JsonObject,
}

/// Which mapper to compare with the active one.
#[derive(InputObject, Debug)]
pub(super) struct ShadowMapperInput {
    /// The business.
    pub(super) business_id: ID,
    /// The mapper version, 0 for the built-in one.
    pub(super) version: u32,
    /// The config, 0 for no settings.
    #[graphql(default)]
    pub(super) config: u32,
    /// Over how many of the last orders, and of the last products: 1 to 10,000, else 1,000.
    pub(super) last: Option<u32>,
}

/// Which mapper is to serve, and on what grounds: one of the two.
#[derive(InputObject, Debug)]
pub(super) struct ActivateMapperInput {
    /// The business.
    pub(super) business_id: ID,
    /// The mapper version, 0 for the built-in one.
    pub(super) version: u32,
    /// The config, 0 for no settings.
    #[graphql(default)]
    pub(super) config: u32,
    /// The report of a finished shadow run of exactly this mapper.
    pub(super) shadow_report_id: Option<ID>,
    /// Why no shadow run is needed: 1 to 500 characters.
    pub(super) override_reason: Option<String>,
}

/// Which mapper is to serve a share of the orders, and on what grounds: one of the two.
#[derive(InputObject, Debug)]
pub(super) struct CanaryMapperInput {
    /// The business.
    pub(super) business_id: ID,
    /// The mapper version, 0 for the built-in one.
    pub(super) version: u32,
    /// The config, 0 for no settings.
    #[graphql(default)]
    pub(super) config: u32,
    /// The share of the orders in percent: 1 to 99.
    pub(super) percent: u8,
    /// The report of a finished shadow run of exactly this mapper.
    pub(super) shadow_report_id: Option<ID>,
    /// Why no shadow run is needed: 1 to 500 characters.
    pub(super) override_reason: Option<String>,
}

/// Whose canary to end.
#[derive(InputObject, Debug)]
pub(super) struct EndCanaryInput {
    /// The business.
    pub(super) business_id: ID,
    /// Why: 1 to 500 characters.
    pub(super) reason: Option<String>,
}

/// Whose mapper to take a step back.
#[derive(InputObject, Debug)]
pub(super) struct RollbackMapperInput {
    /// The business.
    pub(super) business_id: ID,
    /// Why: 1 to 500 characters.
    pub(super) reason: String,
}

/// Which version to take back.
#[derive(InputObject, Debug)]
pub(super) struct RetireMapperInput {
    /// The business.
    pub(super) business_id: ID,
    /// The mapper version.
    pub(super) version: u32,
    /// Why: 1 to 500 characters.
    pub(super) reason: Option<String>,
}

/// Which mapper's work to do again.
#[derive(InputObject, Debug)]
pub(super) struct RepairMapperInput {
    /// The business.
    pub(super) business_id: ID,
    /// The mapper version, 0 for the built-in one.
    pub(super) version: u32,
    /// The config, 0 for no settings.
    #[graphql(default)]
    pub(super) config: u32,
}

/// Which run to repeat.
#[derive(InputObject, Debug)]
pub(super) struct ReplayRunInput {
    /// The business.
    pub(super) business_id: ID,
    /// The run.
    pub(super) run_id: ID,
}

/// On what grounds something is to serve: exactly one is given.
pub(super) fn read_grounds(report: Option<ID>, reason: Option<String>) -> Result<Wanted, Problem> {
    match (report, reason) {
        (Some(report), None) => Ok(Wanted::Report(read_id("input.shadowReportId", &report)?)),
        (None, Some(reason)) => Ok(Wanted::Override(reason)),
        (None, None) => {
            let text = "is missing, and so is overrideReason: one of the two is needed";
            Err(Problem::input("input.shadowReportId", text))
        }
        (Some(_), Some(_)) => {
            Err(Problem::input("input.overrideReason", "shadowReportId is given as well"))
        }
    }
}
