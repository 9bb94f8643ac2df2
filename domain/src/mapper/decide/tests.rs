//! The state machine as tables: from a binding, by a change, to a binding or a refusal.

use std::collections::BTreeMap;

use super::*;
use crate::code::Code;
use crate::mapper::ShadowReport;

const V1: Bound = Bound { version: 1, config: 0 };
const V2: Bound = Bound { version: 2, config: 1 };
const V3: Bound = Bound { version: 3, config: 2 };

fn now() -> Timestamp {
    Timestamp::from_millis(77)
}

fn report_id(byte: u8) -> ShadowReportId {
    ShadowReportId::new(now(), &[byte; 10])
}

fn report(candidate: Bound, active: Bound, state: WorkState) -> ShadowReport {
    ShadowReport {
        id: report_id(1),
        candidate,
        active,
        state,
        body: None,
        created_by: "somebody".into(),
        created_at: now(),
        finished_at: None,
    }
}

/// Versions 1 to 3 are validated, 8 is rejected, 9 is retired; configs reach to 2.
fn known(report: Option<ShadowReport>) -> Known {
    let validated = (1..=3).map(|version| (version, MapperVersionState::Validated));
    let others = [(8, MapperVersionState::Rejected), (9, MapperVersionState::Retired)];
    Known { versions: validated.chain(others).collect(), newest_config: 2, report }
}

/// A binding at revision 4.
fn binding(active: Bound, canary: Option<(Bound, u8)>, previous: Option<Bound>) -> Binding {
    let canary = canary.map(|(bound, percent)| Canary { bound, percent });
    Binding { revision: 4, active, canary, previous }
}

fn because() -> Grounds {
    Grounds::Override("because".into())
}

fn activate(bound: Bound) -> BindingChange {
    BindingChange::Activate { bound, grounds: because() }
}

fn canary(bound: Bound, percent: u8) -> BindingChange {
    BindingChange::Canary { bound, percent, grounds: because() }
}

fn rollback() -> BindingChange {
    BindingChange::Rollback { reason: "wrong tax".into() }
}

fn fallback(faulted: Bound) -> BindingChange {
    BindingChange::Fallback { faulted, reason: "PLUGIN_TRAPPED: unreachable".into() }
}

fn retire(version: u32) -> BindingChange {
    BindingChange::Retire { version, reason: None }
}

fn try_change(from: &Binding, change: BindingChange) -> Result<(Binding, MapperChange), Refused> {
    decide(from, &known(None), change, Some("somebody".into()), now())
}

/// Binding before, change, binding after, and what the history says: its kind, from, to.
type Case = (Binding, BindingChange, Binding, (MapperChangeKind, Bound, Bound));

fn check(cases: Vec<Case>) {
    for (before, change, after, (kind, from, to)) in cases {
        let (next, entry) = try_change(&before, change.clone()).unwrap();
        assert_eq!(next, Binding { revision: 5, ..after }, "{change:?}");
        assert_eq!((entry.kind, entry.from, entry.to), (kind, from, to), "{change:?}");
        assert_eq!((entry.revision, entry.at), (5, now()));
        assert_eq!(entry.actor.as_deref(), Some("somebody"));
    }
}

#[test]
fn a_change_leads_from_one_binding_to_the_next() {
    use MapperChangeKind::{Activated, Canaried, Configured};
    let standard = Bound::STANDARD;
    let configured = Bound { config: 2, ..V1 };
    let configure = BindingChange::Configure { config: 2, grounds: because() };
    let cases: Vec<Case> = vec![
        (
            binding(standard, None, None),
            activate(V1),
            binding(V1, None, Some(standard)),
            (Activated, standard, V1),
        ),
        (
            binding(V1, Some((V2, 10)), Some(standard)),
            activate(V2),
            binding(V2, None, Some(V1)),
            (Activated, V1, V2),
        ),
        (
            binding(V1, Some((V2, 10)), None),
            activate(standard),
            binding(standard, None, Some(V1)),
            (Activated, V1, standard),
        ),
        (
            binding(V1, None, None),
            configure,
            binding(configured, None, Some(V1)),
            (Configured, V1, configured),
        ),
        (
            binding(V1, None, Some(standard)),
            canary(V2, 10),
            binding(V1, Some((V2, 10)), Some(standard)),
            (Canaried, V1, V2),
        ),
        (
            binding(V1, Some((V2, 10)), None),
            canary(V2, 50),
            binding(V1, Some((V2, 50)), None),
            (Canaried, V1, V2),
        ),
    ];
    check(cases);
}

#[test]
fn a_step_back_leads_to_what_was_good() {
    use MapperChangeKind::{CanaryEnded, FellBack, Retired, RolledBack};
    let end = BindingChange::EndCanary { reason: None };
    let cases: Vec<Case> = vec![
        (
            binding(V1, Some((V2, 10)), Some(V3)),
            end,
            binding(V1, None, Some(V3)),
            (CanaryEnded, V2, V1),
        ),
        (binding(V2, None, Some(V1)), rollback(), binding(V1, None, None), (RolledBack, V2, V1)),
        (
            binding(V2, Some((V3, 10)), Some(V1)),
            rollback(),
            binding(V2, None, Some(V1)),
            (RolledBack, V3, V2),
        ),
        (binding(V2, None, Some(V1)), fallback(V2), binding(V1, None, None), (FellBack, V2, V1)),
        (
            binding(V2, Some((V3, 10)), Some(V1)),
            fallback(V3),
            binding(V2, None, Some(V1)),
            (FellBack, V3, V2),
        ),
        (
            binding(V2, Some((V3, 10)), Some(V1)),
            fallback(V2),
            binding(V1, Some((V3, 10)), None),
            (FellBack, V2, V1),
        ),
        (
            binding(V2, Some((V1, 10)), Some(V1)),
            fallback(V2),
            binding(V1, None, None),
            (FellBack, V2, V1),
        ),
        (binding(V2, None, Some(V1)), retire(1), binding(V2, None, None), (Retired, V1, V2)),
        (
            binding(V2, None, Some(V1)),
            retire(8),
            binding(V2, None, Some(V1)),
            (Retired, Bound { version: 8, config: 0 }, V2),
        ),
    ];
    check(cases);
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    let served = binding(V2, Some((V3, 10)), Some(V1));
    let plain = binding(V1, None, None);
    let of = |version, config| Bound { version, config };
    let cases: Vec<(Binding, BindingChange, Code, &str)> = vec![
        (plain, activate(V1), Code::Conflict, "version 1 with config 0 serves already"),
        (plain, activate(of(7, 0)), Code::NotFound, "there is no mapper version 7"),
        (plain, activate(of(2, 3)), Code::NotFound, "there is no mapper config 3"),
        (plain, activate(of(8, 0)), Code::Conflict, "mapper version 8 is rejected"),
        (plain, activate(of(9, 0)), Code::Conflict, "mapper version 9 is retired"),
        (plain, canary(V1, 10), Code::Conflict, "version 1 with config 0 serves already"),
        (served, canary(V3, 10), Code::Conflict, "version 3 with config 2 serves already"),
        (plain, canary(V2, 0), Code::BadUserInput, "percent: is 0, not from 1 to 99"),
        (plain, canary(V2, 100), Code::BadUserInput, "percent: is 100, not from 1 to 99"),
        (plain, canary(of(8, 0), 10), Code::Conflict, "mapper version 8 is rejected"),
        (plain, rollback(), Code::Conflict, "there is no previous mapper to go back to"),
        (plain, fallback(V1), Code::Conflict, "there is no previous mapper to go back to"),
        (plain, fallback(V2), Code::Conflict, "version 2 with config 1 no longer serves"),
        (plain, retire(0), Code::BadUserInput, "the standard mapper cannot be retired"),
        (plain, retire(7), Code::NotFound, "there is no mapper version 7"),
        (plain, retire(9), Code::Conflict, "mapper version 9 is retired"),
        (
            served,
            retire(3),
            Code::Conflict,
            "mapper version 3 serves; activate another one or end the canary first",
        ),
        (plain, BindingChange::EndCanary { reason: None }, Code::Conflict, "there is no canary"),
        (
            plain,
            BindingChange::Rollback { reason: " ".into() },
            Code::Conflict,
            "there is no previous mapper to go back to",
        ),
        (
            served,
            BindingChange::Rollback { reason: " \n".into() },
            Code::BadUserInput,
            "reason: must have from 1 to 500 characters",
        ),
        (
            plain,
            BindingChange::Activate { bound: V2, grounds: Grounds::Override("é".repeat(501)) },
            Code::BadUserInput,
            "reason: must have from 1 to 500 characters",
        ),
    ];
    for (before, change, code, message) in cases {
        let refused = try_change(&before, change.clone()).unwrap_err();
        assert_eq!((refused.code(), refused.to_string().as_str()), (code, message), "{change:?}");
    }
}

#[test]
fn a_report_counts_for_what_it_compared() {
    use WorkState::{Done, Failed, Running};
    let from = binding(V1, None, None);
    let by = |stored: ShadowReport| {
        let grounds = Grounds::Report(report_id(1));
        let change = BindingChange::Activate { bound: V2, grounds };
        decide(&from, &known(Some(stored)), change, None, now())
    };
    let (next, entry) = by(report(V2, V1, Done)).unwrap();
    assert_eq!((next.active, entry.report, entry.reason), (V2, Some(report_id(1)), None));

    let mut unknown = report(V2, V1, Done);
    unknown.id = report_id(2);
    let cases = [
        (unknown, Refused::NoReport),
        (report(V3, V1, Done), Refused::ReportOfOther(V3)),
        (report(V2, V1, Running), Refused::ReportNotDone(Running)),
        (report(V2, V1, Failed), Refused::ReportNotDone(Failed)),
        (report(V2, Bound::STANDARD, Done), Refused::ReportOutdated(Bound::STANDARD)),
    ];
    for (stored, refused) in cases {
        assert_eq!(by(stored).unwrap_err(), refused);
    }
}

#[test]
fn what_was_left_as_bad_is_no_way_back() {
    let (mut serving, mut walked) = (binding(V1, None, None), Vec::new());
    for change in [activate(V2), activate(V3), rollback(), rollback()] {
        match try_change(&serving, change) {
            Ok((next, _)) => serving = next,
            Err(refused) => assert_eq!(refused, Refused::NoPrevious),
        }
        walked.push(serving.active);
    }
    assert_eq!(walked, [V2, V3, V2, V2]);
}

#[test]
fn a_reason_is_kept_trimmed_and_the_breakers_is_cut() {
    let from = binding(V2, None, Some(V1));
    let change = BindingChange::Rollback { reason: "  wrong tax\n".into() };
    let (_, entry) = try_change(&from, change).unwrap();
    assert_eq!(entry.reason.as_deref(), Some("wrong tax"));

    let change = BindingChange::Fallback { faulted: V2, reason: "x".repeat(9_000) };
    let (_, entry) = decide(&from, &Known::default(), change, None, now()).unwrap();
    assert_eq!(entry.reason.map(|reason| reason.len()), Some(REASON_CHARACTERS_MAX));
    assert_eq!(entry.actor, None);
}

#[test]
fn nothing_stored_is_needed_to_step_back() {
    let nothing = Known { versions: BTreeMap::new(), newest_config: 0, report: None };
    let from = binding(V2, None, Some(V1));
    assert!(decide(&from, &nothing, rollback(), None, now()).is_ok());
}
