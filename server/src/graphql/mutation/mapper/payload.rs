//! What mutations of mappers answer with.

use async_graphql::SimpleObject;

use crate::actions::mapper::bind::Changed;
use crate::graphql::error::UserError;
use crate::graphql::r#type::{
    MapperBinding, MapperChange, MapperConfig, MapperRepair, MapperVersion, RunReplay, ShadowReport,
};

/// The answer to `uploadMapper`.
#[derive(SimpleObject, Debug)]
pub(super) struct UploadMapperPayload {
    /// The version. One that may not serve is kept and says why; one that does not even load is not kept.
    pub(super) mapper_version: Option<MapperVersion>,
    /// What the caller has to change.
    pub(super) user_errors: Vec<UserError>,
}

/// The answer to `validateMapper`.
#[derive(SimpleObject, Debug)]
pub(super) struct ValidateMapperPayload {
    /// The version as it stands now.
    pub(super) mapper_version: Option<MapperVersion>,
    /// What the caller has to change.
    pub(super) user_errors: Vec<UserError>,
}

/// The answer to `setMapperConfig`.
#[derive(SimpleObject, Debug)]
pub(super) struct SetMapperConfigPayload {
    /// The config.
    pub(super) mapper_config: Option<MapperConfig>,
    /// What the caller has to change.
    pub(super) user_errors: Vec<UserError>,
}

/// The answer to `shadowMapper`.
#[derive(SimpleObject, Debug)]
pub(super) struct ShadowMapperPayload {
    /// The shadow run, which is still under way.
    pub(super) shadow_report: Option<ShadowReport>,
    /// What the caller has to change.
    pub(super) user_errors: Vec<UserError>,
}

/// Payloads of what changes which mapper serves.
macro_rules! changes {
    ($($(#[$doc:meta])* $name:ident;)+) => {
        $(
            $(#[$doc])*
            #[derive(SimpleObject, Debug)]
            pub(super) struct $name {
                /// Which mapper serves now.
                binding: Option<MapperBinding>,
                /// The change, as it stands in the history.
                change: Option<MapperChange>,
                /// What the caller has to change.
                user_errors: Vec<UserError>,
            }

            impl From<(Option<Changed>, Vec<UserError>)> for $name {
                fn from((changed, user_errors): (Option<Changed>, Vec<UserError>)) -> Self {
                    let (binding, change) = match changed {
                        Some(Changed { binding, change }) => (Some(binding), Some(change)),
                        None => (None, None),
                    };
                    let (binding, change) = (binding.map(Into::into), change.map(Into::into));
                    Self { binding, change, user_errors }
                }
            }
        )+
    };
}

changes! {
    /// The answer to `activateMapper`.
    ActivateMapperPayload;
    /// The answer to `canaryMapper`.
    CanaryMapperPayload;
    /// The answer to `endCanary`.
    EndCanaryPayload;
    /// The answer to `rollbackMapper`.
    RollbackMapperPayload;
    /// The answer to `retireMapper`.
    RetireMapperPayload;
}

/// The answer to `repairMapper`.
#[derive(SimpleObject, Debug)]
pub(super) struct RepairMapperPayload {
    /// The repair, which is still under way.
    pub(super) repair: Option<MapperRepair>,
    /// What the caller has to change.
    pub(super) user_errors: Vec<UserError>,
}

/// The answer to `replayRun`.
#[derive(SimpleObject, Debug)]
pub(super) struct ReplayRunPayload {
    /// What the repetition came to.
    pub(super) replay: Option<RunReplay>,
    /// What the caller has to change.
    pub(super) user_errors: Vec<UserError>,
}
