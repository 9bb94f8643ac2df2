//! The one way to change the binding, for people and for the breaker.

use super::change::{Grounds, Known, MapperChange, MapperChangeKind, REASON_CHARACTERS_MAX};
use super::{
    Binding, BindingChange, Bound, Canary, MapperVersionState, NO_CONFIG, Refused,
    STANDARD_VERSION, WorkState,
};
use crate::id::ShadowReportId;
use crate::time::Timestamp;

/// The binding after `change`, with the entry for its history; `actor` is none for the gateway itself.
pub fn decide(
    binding: &Binding,
    known: &Known,
    change: BindingChange,
    actor: Option<String>,
    now: Timestamp,
) -> Result<(Binding, MapperChange), Refused> {
    let step = match change {
        BindingChange::Activate { bound, grounds } => {
            activate(binding, known, bound, grounds, MapperChangeKind::Activated)
        }
        BindingChange::Configure { config, grounds } => {
            let bound = Bound { config, ..binding.active };
            activate(binding, known, bound, grounds, MapperChangeKind::Configured)
        }
        BindingChange::Canary { bound, percent, grounds } => {
            start_canary(binding, known, Canary { bound, percent }, grounds)
        }
        BindingChange::EndCanary { reason } => {
            end_canary(binding, MapperChangeKind::CanaryEnded, reason)
        }
        BindingChange::Rollback { reason } => {
            step_back(binding, binding.canary.is_some(), MapperChangeKind::RolledBack, reason)
        }
        BindingChange::Fallback { faulted, reason } => fall_back(binding, faulted, reason),
        BindingChange::Retire { version, reason } => retire(binding, known, version, reason),
    }?;
    let revision = binding.revision + 1;
    let reason = step.reason.map(checked_reason).transpose()?;
    let Step { kind, from, to, percent, report, .. } = step;
    let entry = MapperChange { revision, kind, from, to, percent, report, reason, actor, at: now };
    Ok((Binding { revision, ..step.binding }, entry))
}

/// A change without what all changes share.
struct Step {
    binding: Binding,
    kind: MapperChangeKind,
    from: Bound,
    to: Bound,
    percent: Option<u8>,
    report: Option<ShadowReportId>,
    reason: Option<String>,
}

fn activate(
    binding: &Binding,
    known: &Known,
    bound: Bound,
    grounds: Grounds,
    kind: MapperChangeKind,
) -> Result<Step, Refused> {
    if bound == binding.active {
        return Err(Refused::Serves(bound));
    }
    let (report, reason) = admit(binding, known, bound, grounds)?;
    let from = binding.active;
    let binding = Binding { active: bound, canary: None, previous: Some(from), ..*binding };
    Ok(Step { binding, kind, from, to: bound, percent: None, report, reason })
}

fn start_canary(
    binding: &Binding,
    known: &Known,
    canary: Canary,
    grounds: Grounds,
) -> Result<Step, Refused> {
    if canary.bound == binding.active || binding.canary == Some(canary) {
        return Err(Refused::Serves(canary.bound));
    }
    if !(1..=Canary::PERCENT_MAX).contains(&canary.percent) {
        return Err(Refused::Percent(canary.percent));
    }
    let (report, reason) = admit(binding, known, canary.bound, grounds)?;
    Ok(Step {
        binding: Binding { canary: Some(canary), ..*binding },
        kind: MapperChangeKind::Canaried,
        from: binding.active,
        to: canary.bound,
        percent: Some(canary.percent),
        report,
        reason,
    })
}

fn end_canary(
    binding: &Binding,
    kind: MapperChangeKind,
    reason: Option<String>,
) -> Result<Step, Refused> {
    let canary = binding.canary.ok_or(Refused::NoCanary)?;
    Ok(Step {
        binding: Binding { canary: None, ..*binding },
        kind,
        from: canary.bound,
        to: binding.active,
        percent: Some(canary.percent),
        report: None,
        reason,
    })
}

/// Ends the canary, or lets the previous one serve. What was left is no way back: it did not do.
fn step_back(
    binding: &Binding,
    from_canary: bool,
    kind: MapperChangeKind,
    reason: String,
) -> Result<Step, Refused> {
    if from_canary {
        return end_canary(binding, kind, Some(reason));
    }
    let previous = binding.previous.ok_or(Refused::NoPrevious)?;
    Ok(Step {
        // A canary stays where what it is compared with was the one at fault.
        binding: Binding { active: previous, previous: None, ..*binding },
        kind,
        from: binding.active,
        to: previous,
        percent: None,
        report: None,
        reason: Some(reason),
    })
}

fn fall_back(binding: &Binding, faulted: Bound, mut reason: String) -> Result<Step, Refused> {
    if !binding.serves(faulted) {
        return Err(Refused::NotServing(faulted));
    }
    // Written by the gateway from what a plugin said: cut rather than refused.
    reason = reason.chars().take(REASON_CHARACTERS_MAX).collect();
    let mut step =
        step_back(binding, faulted != binding.active, MapperChangeKind::FellBack, reason)?;
    if step.binding.canary.is_some_and(|canary| canary.bound == step.binding.active) {
        step.binding.canary = None;
    }
    Ok(step)
}

fn retire(
    binding: &Binding,
    known: &Known,
    version: u32,
    reason: Option<String>,
) -> Result<Step, Refused> {
    if version == STANDARD_VERSION {
        return Err(Refused::Standard);
    }
    match known.versions.get(&version) {
        None => return Err(Refused::NoVersion(version)),
        Some(state @ MapperVersionState::Retired) => {
            return Err(Refused::NotValidated { version, state: *state });
        }
        Some(_) => {}
    }
    if binding.serving().any(|bound| bound.version == version) {
        return Err(Refused::InService(version));
    }
    let previous = binding.previous.filter(|bound| bound.version != version);
    Ok(Step {
        binding: Binding { previous, ..*binding },
        kind: MapperChangeKind::Retired,
        from: Bound { version, config: NO_CONFIG },
        to: binding.active,
        percent: None,
        report: None,
        reason,
    })
}

/// Whether `bound` may serve on these grounds: it is there, it is validated, and somebody looked at what it changes.
fn admit(
    binding: &Binding,
    known: &Known,
    bound: Bound,
    grounds: Grounds,
) -> Result<(Option<ShadowReportId>, Option<String>), Refused> {
    let Bound { version, config } = bound;
    if version != STANDARD_VERSION {
        match known.versions.get(&version) {
            None => return Err(Refused::NoVersion(version)),
            Some(MapperVersionState::Validated) => {}
            Some(state) => return Err(Refused::NotValidated { version, state: *state }),
        }
    }
    if config > known.newest_config {
        return Err(Refused::NoConfig(config));
    }
    let id = match grounds {
        Grounds::Override(reason) => return Ok((None, Some(reason))),
        Grounds::Report(id) => id,
    };
    let report = known.report.as_ref().filter(|report| report.id == id).ok_or(Refused::NoReport)?;
    if report.candidate != bound {
        return Err(Refused::ReportOfOther(report.candidate));
    }
    if report.state != WorkState::Done {
        return Err(Refused::ReportNotDone(report.state));
    }
    if report.active != binding.active {
        return Err(Refused::ReportOutdated(report.active));
    }
    Ok((Some(id), None))
}

fn checked_reason(reason: String) -> Result<String, Refused> {
    let trimmed = reason.trim();
    if trimmed.is_empty() || trimmed.chars().count() > REASON_CHARACTERS_MAX {
        return Err(Refused::Reason);
    }
    Ok(if trimmed.len() == reason.len() { reason } else { trimmed.to_owned() })
}

#[cfg(test)]
mod tests;
