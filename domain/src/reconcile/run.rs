//! A reconciliation: how far it is, what it found, and whether that is healed unasked.

use super::window::Window;
use crate::delivery::Failure;
use crate::id::{ConnectionId, ExternalId, ReconciliationId};
use crate::refined::ObjectType;
use crate::time::Timestamp;
use crate::words::words;

/// Attempts at one step before a reconciliation fails. Each comes after the store's client has repeated its own calls.
pub const ATTEMPTS_MAX: u32 = 5;
/// Objects that are read again without asking anybody. More than that says that something is wrong which healing hides.
pub const CHANGED_UNASKED_MAX: u64 = 25;
/// Objects that are marked as removed without asking anybody.
pub const REMOVED_UNASKED_MAX: u64 = 5;

words! {
    /// Where a reconciliation stands.
    RunState {
        /// Under way.
        Running = "running",
        /// There is more to heal than is healed unasked: somebody has to agree.
        WaitingForApproval = "waiting",
        /// Finished.
        Done = "done",
        /// Ended without having compared everything.
        Failed = "failed",
        /// Waited for approval until a newer one began.
        Superseded = "superseded",
    }
}

words! {
    /// What a reconciliation does.
    Step {
        /// Compares the store's list with what is held, page by page.
        Scanning = "scanning",
        /// Asks the store by id for what its list was without.
        Confirming = "confirming",
        /// Reads again what is missing or old, and has marked as removed what is gone.
        Healing = "healing",
        /// Looks whether that has mended it.
        Verifying = "verifying",
    }
}

/// How many objects of each sort.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Objects in the store's list so far.
    pub seen: u64,
    /// How many there were when it began, where the store told.
    pub total: Option<u64>,
    /// Those that were not here.
    pub missing: u64,
    /// Those that were here in an older version.
    pub stale: u64,
    /// Those that the store no longer has.
    pub vanished: u64,
    /// Those of all these that were left as they are.
    pub left: u64,
    /// Those that were mended.
    pub healed: u64,
    /// Those that should have been mended and were not.
    pub unhealed: u64,
}

/// A comparison of everything that the store has of a kind with what is held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reconciliation {
    /// Its id.
    pub id: ReconciliationId,
    /// With which store.
    pub connection_id: ConnectionId,
    /// What is compared.
    pub kind: ObjectType,
    /// Where it stands.
    pub state: RunState,
    /// What it does, or did last.
    pub step: Step,
    /// When it began with that.
    pub step_at: Timestamp,
    /// Which objects it is about.
    pub window: Window,
    /// The last id of the store's list that was compared; none before the first page.
    pub after: Option<ExternalId>,
    /// What it has found.
    pub counts: Counts,
    /// Failures in a row.
    pub attempts: u32,
    /// Why the last attempt failed.
    pub failure: Option<Failure>,
    /// How often it was written: whoever writes it must have read it as it stands.
    pub revision: i64,
    /// Who asked for it: the token's subject, or the schedule.
    pub started_by: String,
    /// Who agreed to its healing, where somebody had to.
    pub approved_by: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ended, or began to wait for approval.
    pub finished_at: Option<Timestamp>,
}

impl Reconciliation {
    /// One that begins.
    pub fn begin(
        id: ReconciliationId,
        (connection_id, kind): (ConnectionId, ObjectType),
        started_by: String,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            connection_id,
            kind,
            state: RunState::Running,
            step: Step::Scanning,
            step_at: now,
            window: Window::at(now, None),
            after: None,
            counts: Counts::default(),
            attempts: 0,
            failure: None,
            revision: 0,
            started_by,
            approved_by: None,
            created_at: now,
            finished_at: None,
        }
    }

    /// The same at its next step.
    pub fn enter(&mut self, step: Step, now: Timestamp) {
        (self.step, self.step_at) = (step, now);
    }

    /// The same at its end.
    pub fn end(&mut self, state: RunState, now: Timestamp) {
        (self.state, self.finished_at) = (state, Some(now));
    }

    /// How far it is, in percent. What was compared makes four fifths; the store's total may be off.
    pub fn percent(&self) -> u8 {
        const SCANNED: u64 = 80;
        match (self.state, self.step) {
            (RunState::Done, _) => 100,
            (_, Step::Scanning) => {
                let total = self.counts.total.unwrap_or(0).max(self.counts.seen).max(1);
                u8::try_from(self.counts.seen * SCANNED / total).unwrap_or(0)
            }
            (_, Step::Confirming) => 80,
            (_, Step::Healing) => 85,
            (_, Step::Verifying) => 95,
        }
    }

    /// How far it is, for people.
    pub fn message(&self) -> String {
        let Counts { seen, total, missing, stale, vanished, left, healed, unhealed } = self.counts;
        let kind = self.kind.as_str();
        let drift = format!("{missing} missing, {stale} old, {vanished} gone from the store");
        match (self.state, self.step) {
            (RunState::Failed, _) => format!("not all {kind}s were compared: {seen} so far"),
            (RunState::Superseded, _) => format!("{drift}; a newer comparison began"),
            (RunState::WaitingForApproval, _) => format!("{drift}; healing waits for approval"),
            (RunState::Done, _) if missing + stale + vanished == 0 => {
                format!("{seen} {kind}s compared: nothing differs")
            }
            (RunState::Done, _) => format!(
                "{seen} {kind}s compared: {drift}; {healed} healed, {left} left, {unhealed} not healed"
            ),
            (RunState::Running, Step::Scanning) => match total {
                Some(total) => format!("{seen} of {} {kind}s compared", total.max(seen)),
                None => format!("{seen} {kind}s compared"),
            },
            (RunState::Running, Step::Confirming) => {
                format!("asking the store for {kind}s that its list was without")
            }
            (RunState::Running, Step::Healing) => format!("{drift}; healing"),
            (RunState::Running, Step::Verifying) => format!("{drift}; looking whether it healed"),
        }
    }
}

/// What there is to heal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// Objects to read again.
    pub to_read: u64,
    /// Objects to mark as removed.
    pub to_remove: u64,
}

/// What follows from what was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// There is nothing to heal.
    Finish,
    /// It is healed.
    Heal,
    /// Somebody has to agree.
    Ask,
}

/// What follows from what was found, before anybody was asked.
pub fn next(found: Found) -> Next {
    match found {
        Found { to_read: 0, to_remove: 0 } => Next::Finish,
        Found { to_read, to_remove }
            if to_read <= CHANGED_UNASKED_MAX && to_remove <= REMOVED_UNASKED_MAX =>
        {
            Next::Heal
        }
        Found { .. } => Next::Ask,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn much_is_healed_only_after_somebody_agreed() {
        let next = |to_read, to_remove| next(Found { to_read, to_remove });
        assert_eq!(next(0, 0), Next::Finish);
        assert_eq!(next(CHANGED_UNASKED_MAX, REMOVED_UNASKED_MAX), Next::Heal);
        assert_eq!(next(CHANGED_UNASKED_MAX + 1, 0), Next::Ask);
        assert_eq!(next(0, REMOVED_UNASKED_MAX + 1), Next::Ask);
    }

    #[test]
    fn a_run_is_done_only_at_a_hundred_percent() {
        let id = ReconciliationId::new(Timestamp::EPOCH, &[0; 10]);
        let connection = ConnectionId::new(Timestamp::EPOCH, &[0; 10]);
        let subject = (connection, ObjectType::Order);
        let mut run = Reconciliation::begin(id, subject, "somebody".into(), Timestamp::EPOCH);
        assert_eq!(run.percent(), 0);
        run.counts.seen = 300;
        run.counts.total = Some(200);
        assert_eq!((run.percent(), run.message().as_str()), (80, "300 of 300 orders compared"));
        run.enter(Step::Verifying, Timestamp::EPOCH);
        assert!(run.percent() < 100);
        run.end(RunState::Done, Timestamp::EPOCH);
        assert_eq!(run.percent(), 100);
        assert_eq!(run.message(), "300 orders compared: nothing differs");
    }
}
