//! What can be changed about the binding, and what is kept of it.

use std::collections::BTreeMap;

use super::{Bound, MapperVersionState, NO_CONFIG, STANDARD_VERSION, ShadowReport};
use crate::activity::{ActivityKind, NewActivity};
use crate::id::ShadowReportId;
use crate::time::Timestamp;
use crate::words::words;

/// Characters that a reason may have.
pub const REASON_CHARACTERS_MAX: usize = 500;

/// On what grounds something new is to serve.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Grounds {
    /// A shadow run showed what would change (F1).
    Report(ShadowReportId),
    /// Somebody answers for it without a shadow run, with a reason that is kept.
    Override(String),
}

/// A wanted change of the binding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BindingChange {
    /// Let `bound` serve everything. A canary ends.
    Activate {
        /// What is to serve.
        bound: Bound,
        /// Why.
        grounds: Grounds,
    },
    /// Let the active version serve with another config. A canary ends.
    Configure {
        /// The config.
        config: u32,
        /// Why.
        grounds: Grounds,
    },
    /// Let `bound` serve a share of the orders, in the place of any other canary.
    Canary {
        /// The candidate.
        bound: Bound,
        /// Its share, from 1 to [`super::Canary::PERCENT_MAX`].
        percent: u8,
        /// Why.
        grounds: Grounds,
    },
    /// End the canary: the active one serves everything.
    EndCanary {
        /// Why.
        reason: Option<String>,
    },
    /// Take the last step back: end the canary, or, without one, let the previous one serve.
    Rollback {
        /// Why.
        reason: String,
    },
    /// Take `faulted` out of service, as the breaker asks (see [`super::Streak`]).
    Fallback {
        /// What keeps failing.
        faulted: Bound,
        /// How it failed last.
        reason: String,
    },
    /// Take a version back that does not serve.
    Retire {
        /// The version.
        version: u32,
        /// Why.
        reason: Option<String>,
    },
}

/// What is stored of what a change may speak of.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Known {
    /// The states of the versions that the change names; [`STANDARD_VERSION`] need not be among them.
    pub versions: BTreeMap<u32, MapperVersionState>,
    /// The newest config's number: there are all up to it.
    pub newest_config: u32,
    /// The report that the change names.
    pub report: Option<ShadowReport>,
}

words! {
    /// What happened to the binding.
    MapperChangeKind {
        /// Something else serves everything.
        Activated = "activated",
        /// The active version serves with another config.
        Configured = "configured",
        /// A candidate serves a share.
        Canaried = "canaried",
        /// The candidate serves no more.
        CanaryEnded = "canary_ended",
        /// Somebody took a step back.
        RolledBack = "rolled_back",
        /// The breaker took a step back.
        FellBack = "fell_back",
        /// A version was taken back.
        Retired = "retired",
    }
}

/// One entry of the binding's history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MapperChange {
    /// The binding's revision from here on.
    pub revision: i64,
    /// What happened.
    pub kind: MapperChangeKind,
    /// What served, lost its share, or was retired.
    pub from: Bound,
    /// What serves in its place; for a canary, the candidate.
    pub to: Bound,
    /// The candidate's share.
    pub percent: Option<u8>,
    /// The shadow report that it rests on.
    pub report: Option<ShadowReportId>,
    /// Why, in the words of whoever did it.
    pub reason: Option<String>,
    /// Who did it: the token's subject; none for the gateway itself.
    pub actor: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl MapperChange {
    /// What the feed tells of it.
    pub fn activity(&self) -> NewActivity {
        let (from, to) = (shown(self.from), shown(self.to));
        let share = self.percent.unwrap_or_default();
        let what = match self.kind {
            MapperChangeKind::Activated => format!("{to} serves in the place of {from}"),
            MapperChangeKind::Configured => {
                format!("{to} serves, no longer config {}", self.from.config)
            }
            MapperChangeKind::Canaried => format!("{to} serves {share} % of the orders"),
            MapperChangeKind::CanaryEnded => {
                format!("{from} no longer serves {share} % of the orders")
            }
            MapperChangeKind::RolledBack => format!("rolled back from {from} to {to}"),
            MapperChangeKind::FellBack => {
                format!("{from} kept failing, so {to} serves in its place")
            }
            MapperChangeKind::Retired => format!("version {} was retired", self.from.version),
        };
        let kind = match self.kind {
            MapperChangeKind::FellBack => ActivityKind::MapperFellBack,
            _ => ActivityKind::MapperChanged,
        };
        let subject = Some(("mapper_change".to_owned(), self.revision.to_string()));
        let message = format!("mapper: {what}");
        NewActivity { kind, subject, message, percent: None, at: self.at }
    }
}

fn shown(bound: Bound) -> String {
    let version = match bound.version {
        STANDARD_VERSION => "the standard mapper".to_owned(),
        version => format!("version {version}"),
    };
    match bound.config {
        NO_CONFIG => version,
        config => format!("{version} with config {config}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_feed_tells_what_serves_in_the_place_of_what() {
        let mut change = MapperChange {
            revision: 3,
            kind: MapperChangeKind::FellBack,
            from: Bound { version: 2, config: 1 },
            to: Bound::STANDARD,
            percent: None,
            report: None,
            reason: None,
            actor: None,
            at: Timestamp::EPOCH,
        };
        let event = change.activity();
        assert_eq!(event.kind, ActivityKind::MapperFellBack);
        let expected = "mapper: version 2 with config 1 kept failing, so the standard mapper serves in its place";
        assert_eq!(event.message, expected);
        change.kind = MapperChangeKind::Canaried;
        (change.to, change.percent) = (Bound { version: 4, config: 0 }, Some(10));
        let event = change.activity();
        assert_eq!(event.kind, ActivityKind::MapperChanged);
        assert_eq!(event.message, "mapper: version 4 serves 10 % of the orders");
        assert_eq!(event.subject, Some(("mapper_change".into(), "3".into())));
    }
}
