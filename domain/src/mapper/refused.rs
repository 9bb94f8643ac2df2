//! Why a change of the binding is refused.

use super::change::REASON_CHARACTERS_MAX;
use super::{Bound, Canary, MapperVersionState, WorkState};
use crate::code::Code;
use crate::delivery::Failure;

/// Why a change is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    /// There is no such version.
    #[error("there is no mapper version {0}")]
    NoVersion(u32),
    /// There is no such config.
    #[error("there is no mapper config {0}")]
    NoConfig(u32),
    /// The version did not pass validation, or was retired.
    #[error("mapper version {version} is {}", state.as_str())]
    NotValidated {
        /// The version.
        version: u32,
        /// Its state.
        state: MapperVersionState,
    },
    /// It is what serves already.
    #[error("version {} with config {} serves already", .0.version, .0.config)]
    Serves(Bound),
    /// The version serves, so it cannot be retired.
    #[error("mapper version {0} serves; activate another one or end the canary first")]
    InService(u32),
    /// A share outside of its bounds.
    #[error("percent: is {0}, not from 1 to {max}", max = Canary::PERCENT_MAX)]
    Percent(u8),
    /// A reason that says nothing, or too much.
    #[error("reason: must have from 1 to {REASON_CHARACTERS_MAX} characters")]
    Reason,
    /// There is no such report.
    #[error("there is no such shadow report")]
    NoReport,
    /// The shadow run has not ended, or failed.
    #[error("the shadow run is {}", .0.as_str())]
    ReportNotDone(WorkState),
    /// The report is of something else.
    #[error("the shadow report is of version {} with config {}", .0.version, .0.config)]
    ReportOfOther(Bound),
    /// The report compares with what no longer serves.
    #[error(
        "the shadow report compares with version {} and config {}, which no longer serve",
        .0.version, .0.config
    )]
    ReportOutdated(Bound),
    /// There is no canary.
    #[error("there is no canary")]
    NoCanary,
    /// There is nothing to go back to.
    #[error("there is no previous mapper to go back to")]
    NoPrevious,
    /// What failed serves no more; somebody changed the binding meanwhile.
    #[error("version {} with config {} no longer serves", .0.version, .0.config)]
    NotServing(Bound),
    /// The built-in mapper cannot be retired.
    #[error("the standard mapper cannot be retired")]
    Standard,
}

impl Refused {
    /// The catalogue's name of it.
    pub const fn code(self) -> Code {
        match self {
            Self::NoVersion(_) | Self::NoConfig(_) | Self::NoReport => Code::NotFound,
            Self::Percent(_) | Self::Reason | Self::ReportOfOther(_) | Self::Standard => {
                Code::BadUserInput
            }
            Self::NotValidated { .. }
            | Self::Serves(_)
            | Self::InService(_)
            | Self::ReportNotDone(_)
            | Self::ReportOutdated(_)
            | Self::NoCanary
            | Self::NoPrevious
            | Self::NotServing(_) => Code::Conflict,
        }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::new(refused.code(), refused.to_string())
    }
}
