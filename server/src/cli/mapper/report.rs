//! What is told of one test.

use std::fmt::Write;
use std::time::Duration;

use mappers::golden::Expectation;
use mappers::{MapAnswer, MapFailure, MapRun, Usage};

use super::diff::{Difference, differences};
use super::hint::hint;

/// Fields that are shown of a document that differs.
const DIFFERENCES_MAX: usize = 40;
/// Characters that are shown of a value.
const VALUE_MAX: usize = 200;

/// How a run compares with what is expected of it.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Verdict {
    /// It is what is expected.
    Same,
    /// Nothing is expected yet; this came.
    New(Expectation),
    /// Something else came.
    Different {
        /// What came.
        got: Expectation,
        /// In which fields it differs.
        fields: Vec<Difference>,
    },
    /// The plugin trapped or ran into a limit, which nobody can expect.
    Faulted,
}

/// Compares a run with what is expected of it.
pub(super) fn judge(run: &MapRun, expected: Option<&Expectation>) -> Verdict {
    let got = match &run.result {
        Ok(MapAnswer::Mapped(_)) => {
            let document = run.document.as_deref().and_then(|text| serde_json::from_str(text).ok());
            Expectation::PosOrder(document.unwrap_or_default())
        }
        Ok(MapAnswer::Skipped(_)) => Expectation::Skipped(true),
        Err(MapFailure::Refused(failure)) => Expectation::Refused(failure.code.as_str().to_owned()),
        Err(MapFailure::Faulted(_) | MapFailure::Busy(_)) => return Verdict::Faulted,
    };
    match expected {
        None => Verdict::New(got),
        Some(expected) if *expected == got => Verdict::Same,
        Some(Expectation::PosOrder(expected)) if let Expectation::PosOrder(document) = &got => {
            let fields = differences(expected, document);
            Verdict::Different { got, fields }
        }
        Some(expected) => {
            let outcome = Difference {
                path: "outcome".to_owned(),
                expected: Some(outcome(expected)),
                got: Some(outcome(&got)),
            };
            Verdict::Different { got, fields: vec![outcome] }
        }
    }
}

fn outcome(expectation: &Expectation) -> String {
    match expectation {
        Expectation::PosOrder(_) => "mapped".to_owned(),
        Expectation::Refused(code) => format!("refused: {code}"),
        Expectation::Skipped(_) => "skipped".to_owned(),
    }
}

/// What is told of a test: its outcome, what it used, what it logged, what differs, and what to do.
pub(super) fn told(name: &str, run: &MapRun, verdict: &Verdict) -> String {
    let mut text = String::new();
    let mark = match verdict {
        Verdict::Same => "ok   ",
        Verdict::New(_) => "new  ",
        Verdict::Different { .. } | Verdict::Faulted => "FAIL ",
    };
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(text, "{mark} {name}: {}", ended(run));
    let _ = writeln!(text, "      {}", used(&run.usage()));
    for line in run.log.iter().flat_map(|line| line.lines()) {
        let _ = writeln!(text, "      log | {line}");
    }
    if let Verdict::Different { fields, .. } = verdict {
        show(&mut text, fields);
    }
    if let (Err(failure), false) = (&run.result, *verdict == Verdict::Same) {
        let _ = writeln!(text, "      {}", hint(failure, &run.log));
    }
    text
}

fn ended(run: &MapRun) -> String {
    match &run.result {
        Ok(MapAnswer::Mapped(_)) => "mapped".to_owned(),
        Ok(MapAnswer::Skipped(reason)) => format!("skipped: {reason}"),
        Err(MapFailure::Refused(failure)) => format!("refused: {failure}"),
        Err(MapFailure::Faulted(failure) | MapFailure::Busy(failure)) => {
            format!("ended by {failure}")
        }
    }
}

fn show(text: &mut String, fields: &[Difference]) {
    for difference in fields.iter().take(DIFFERENCES_MAX) {
        let value = |value: &Option<String>| value.as_deref().map_or("nothing".to_owned(), shorten);
        let _ = writeln!(
            text,
            "      {}\n        expected {}\n        got      {}",
            difference.path,
            value(&difference.expected),
            value(&difference.got),
        );
    }
    if let Some(more) = fields.len().checked_sub(DIFFERENCES_MAX).filter(|more| *more > 0) {
        let _ = writeln!(text, "      and {more} more");
    }
}

fn shorten(value: &str) -> String {
    if value.chars().count() <= VALUE_MAX {
        return value.to_owned();
    }
    value.chars().take(VALUE_MAX).chain(['…']).collect()
}

/// What a run used of what it may use, limit by limit.
pub(super) fn used(usage: &Usage) -> String {
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    format!(
        "fuel {} of {} ({}), memory {} of {} MiB ({}), time {} of {} ({}), answer {} of {} bytes ({}), log {} of {} lines",
        amount(usage.fuel),
        amount(usage.fuel_max),
        share(usage.fuel, usage.fuel_max),
        mebibytes(usage.memory_bytes),
        mebibytes(usage.memory_bytes_max),
        share(usage.memory_bytes, usage.memory_bytes_max),
        time(usage.duration),
        time(usage.processor_time_max),
        share(micros(usage.duration), micros(usage.processor_time_max)),
        amount(usage.answer_bytes),
        amount(usage.answer_bytes_max),
        share(usage.answer_bytes, usage.answer_bytes_max),
        usage.log_lines,
        usage.log_lines_max,
    )
}

/// A number with its thousands apart.
pub(super) fn amount(number: u64) -> String {
    let digits = number.to_string();
    let mut apart = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            apart.push(',');
        }
        apart.push(digit);
    }
    apart
}

/// A part of a whole in percent, to a tenth.
pub(super) fn share(part: u64, whole: u64) -> String {
    let tenths = u128::from(part) * 1_000 / u128::from(whole.max(1));
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// Bytes in mebibytes, to a tenth.
pub(super) fn mebibytes(bytes: u64) -> String {
    let tenths = u128::from(bytes) * 10 / (1 << 20);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A time in a unit that fits it.
pub(super) fn time(time: Duration) -> String {
    if time < Duration::from_millis(1) {
        return format!("{} us", time.as_micros());
    }
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_for_people() {
        assert_eq!([0, 999, 1_000, 56_000_000].map(amount), ["0", "999", "1,000", "56,000,000"]);
        assert_eq!(
            [(1, 1_000), (1, 3), (5, 5), (1, 0)].map(|(a, b)| share(a, b)),
            ["0.1 %", "33.3 %", "100.0 %", "100.0 %"]
        );
        assert_eq!(mebibytes(4_500_000), "4.2");
        assert_eq!(time(Duration::from_micros(87)), "87 us");
        assert_eq!(time(Duration::from_micros(1_870)), "1.9 ms");
    }
}
