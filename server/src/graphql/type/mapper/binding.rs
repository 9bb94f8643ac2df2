//! Which mapper serves, and how that came.

use async_graphql::{Enum, ID, SimpleObject};
use domain::mapper;

use crate::graphql::scalar::{DateTime, Long};

/// A mapper version with a config.
#[derive(SimpleObject, Clone, Copy, Debug)]
pub(crate) struct MapperChoice {
    /// The version; 0 is the built-in mapper.
    version: u32,
    /// The config; 0 stands for no settings.
    config: u32,
}

impl From<mapper::Bound> for MapperChoice {
    fn from(mapper::Bound { version, config }: mapper::Bound) -> Self {
        Self { version, config }
    }
}

/// Which mapper serves a business.
#[derive(SimpleObject, Debug)]
pub(crate) struct MapperBinding {
    /// The number of the last change, from 1; 0 where nothing was ever changed.
    revision: Long,
    /// Serves all orders but the canary's.
    active: MapperChoice,
    /// Serves a share of the orders.
    canary: Option<MapperCanary>,
    /// What served before: where a rollback leads while there is no canary.
    previous: Option<MapperChoice>,
}

impl From<mapper::Binding> for MapperBinding {
    fn from(binding: mapper::Binding) -> Self {
        Self {
            revision: binding.revision.into(),
            active: binding.active.into(),
            canary: binding.canary.map(|canary| MapperCanary {
                mapper: canary.bound.into(),
                percent: canary.percent,
            }),
            previous: binding.previous.map(Into::into),
        }
    }
}

/// A candidate that serves a share of the orders.
#[derive(SimpleObject, Debug)]
pub(crate) struct MapperCanary {
    /// The candidate.
    mapper: MapperChoice,
    /// Its share of the orders in percent, from 1 to 99; an order stays with it while the share grows.
    percent: u8,
}

/// A change of which mapper serves.
#[derive(SimpleObject, Debug)]
pub(crate) struct MapperChange {
    /// Its number in the business, from 1.
    revision: Long,
    /// What happened.
    kind: MapperChangeKind,
    /// What served, lost its share, or was retired.
    from: MapperChoice,
    /// What serves in its place; for a canary, the candidate.
    to: MapperChoice,
    /// The candidate's share in percent, where it is about a canary.
    percent: Option<u8>,
    /// The shadow report that it rests on.
    shadow_report_id: Option<ID>,
    /// Why, in the words of whoever did it.
    reason: Option<String>,
    /// Who did it: the subject of their token; null where the gateway itself did.
    actor: Option<String>,
    /// When.
    at: DateTime,
}

impl From<mapper::MapperChange> for MapperChange {
    fn from(change: mapper::MapperChange) -> Self {
        Self {
            revision: change.revision.into(),
            kind: change.kind.into(),
            from: change.from.into(),
            to: change.to.into(),
            percent: change.percent,
            shadow_report_id: change.report.map(Into::into),
            reason: change.reason,
            actor: change.actor,
            at: change.at.into(),
        }
    }
}

/// What happened to the choice of the mapper that serves.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::mapper::MapperChangeKind")]
pub(crate) enum MapperChangeKind {
    /// Another version serves.
    Activated,
    /// The same version serves with another config.
    Configured,
    /// A candidate serves a share.
    Canaried,
    /// The candidate serves no more.
    CanaryEnded,
    /// Somebody took a step back.
    RolledBack,
    /// The gateway took a step back, because the mapper kept failing.
    FellBack,
    /// A version was taken back.
    Retired,
}
