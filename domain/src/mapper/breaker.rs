//! When a version that keeps failing is taken out of service.

use crate::code::Code;
use crate::delivery::Failure;
use crate::flow::RunOutcome;
use crate::id::ExternalId;

/// Faults in a row after which a version is taken out of service.
pub const FAULTS_MAX: u32 = 5;

/// A failure that is the plugin's own doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The plugin could not be loaded, whatever the order.
    Load,
    /// The run over an order trapped, ran into a limit, or answered what nobody can take.
    Run(ExternalId),
}

impl Fault {
    /// Whether a plugin that could not be loaded was at fault: where it was refused for what it is. That the machine had no
    /// room to compile it, or that the database did not answer, is nobody's doing who could be replaced.
    pub fn of_load(failure: &Failure) -> Option<Self> {
        (failure.code == Code::PluginRefused).then_some(Self::Load)
    }

    /// Whether a run over `order` that ended so was at fault: a refusal is what a plugin is for, and what the machine
    /// had no room for is not the plugin's doing.
    pub fn of_run(order: ExternalId, outcome: RunOutcome, failure: &Failure) -> Option<Self> {
        let at_fault = match outcome {
            RunOutcome::Faulted => matches!(failure.code, Code::PluginTrapped | Code::PluginLimit),
            RunOutcome::Refused => failure.code == Code::InvalidMapping,
            RunOutcome::Mapped | RunOutcome::Skipped => false,
        };
        at_fault.then_some(Self::Run(order))
    }
}

/// The faults that a version made in a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Streak {
    faults: u32,
    /// The order of the first fault, while all of them were over that one.
    only: Option<ExternalId>,
    /// Whether they were over more than one order.
    several: bool,
}

impl Streak {
    /// No faults.
    pub const NONE: Self = Self { faults: 0, only: None, several: false };

    /// With one more fault.
    #[must_use]
    pub fn with(self, fault: Fault) -> Self {
        let faults = self.faults.saturating_add(1);
        match fault {
            Fault::Load => Self { faults, several: true, ..self },
            Fault::Run(order) if self.faults == 0 => {
                Self { faults, only: Some(order), several: false }
            }
            Fault::Run(order) => {
                Self { faults, several: self.several || self.only != Some(order), ..self }
            }
        }
    }

    /// How many faults.
    pub fn faults(&self) -> u32 {
        self.faults
    }

    /// Whether the version is to be taken out of service: [`FAULTS_MAX`] faults in a row, and not all over one order.
    /// An order that alone defeats a version is tried again and becomes a dead letter; it is no reason to map all
    /// others in another way.
    pub fn trips(&self) -> bool {
        self.faults >= FAULTS_MAX && self.several
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(faults: &[Fault]) -> Streak {
        faults.iter().fold(Streak::NONE, |streak, fault| streak.with(*fault))
    }

    fn run(order: i64) -> Fault {
        Fault::Run(ExternalId(order))
    }

    #[test]
    fn five_in_a_row_over_more_than_one_order_trip() {
        let cases = [
            (vec![], false),
            (vec![run(1), run(2), run(3), run(4)], false),
            (vec![run(1), run(2), run(3), run(4), run(5)], true),
            (vec![run(1), run(1), run(1), run(1), run(2)], true),
            (vec![run(1); 12], false),
            (vec![Fault::Load; 5], true),
            (vec![Fault::Load; 4], false),
            (vec![run(1), run(1), run(1), run(1), Fault::Load], true),
            (vec![Fault::Load, run(1), run(1), run(1), run(1)], true),
        ];
        for (faults, trips) in cases {
            assert_eq!(after(&faults).trips(), trips, "{faults:?}");
        }
        assert_eq!(after(&[run(1), run(1)]).faults(), 2);
    }

    #[test]
    fn only_what_the_plugin_did_is_a_fault() {
        let faults = |outcome| -> Vec<Code> {
            let at_fault = |code: &Code| {
                Fault::of_run(ExternalId(7), outcome, &Failure::new(*code, "")).is_some()
            };
            Code::ALL.iter().copied().filter(at_fault).collect()
        };
        assert_eq!(faults(RunOutcome::Faulted), [Code::PluginTrapped, Code::PluginLimit]);
        assert_eq!(faults(RunOutcome::Refused), [Code::InvalidMapping]);
        assert_eq!(faults(RunOutcome::Skipped), []);
        let unloadable = |code: &&Code| Fault::of_load(&Failure::new(**code, "")).is_some();
        assert_eq!(Code::ALL.iter().filter(unloadable).collect::<Vec<_>>(), [&Code::PluginRefused]);
    }
}
