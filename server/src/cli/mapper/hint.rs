//! What an author can do about a run that failed.

use domain::code::Code;
use domain::delivery::Failure;
use mappers::MapFailure;

/// The endings of source files.
const SOURCES: [&str; 3] = [".rs", ".js", ".py"];

/// What to do about a failure, in one or two sentences.
pub(super) fn hint(failure: &MapFailure, log: &[String]) -> String {
    let (refused, it) = match failure {
        MapFailure::Refused(failure) => (true, failure),
        MapFailure::Faulted(failure) | MapFailure::Busy(failure) => (false, failure),
    };
    let text = match it.code {
        Code::PluginTrapped => trapped(log),
        Code::PluginLimit => limit(it).to_owned(),
        Code::InvalidMapping => {
            "wit/types.wit says under `record pos-order` what each field must be; the field is named before the colon."
                .to_owned()
        }
        Code::TotalMismatch => {
            "The POS order must come to the store's total exactly. Look for something that the order charges and the \
             mapper leaves out: shipping, tips, duties, fees, taxes that are not in the prices, discounts."
                .to_owned()
        }
        Code::MappingRefused => "The mapper itself refused the order, with these words.".to_owned(),
        _ if refused => "Nothing is booked of an order that is refused.".to_owned(),
        _ => "This is no fault of the mapper's: run it again.".to_owned(),
    };
    match place(log) {
        Some(place) if !refused => format!("{text} The log names the place: {place}."),
        _ => text,
    }
}

fn trapped(log: &[String]) -> String {
    if log.iter().any(|line| line.starts_with("error")) {
        return "The plugin ended itself, after the error in its log.".to_owned();
    }
    "The plugin ended itself and logged no reason. In Rust a panic does that unless a panic hook logs it; so does \
     anything that needs a clock, randomness (HashMap) or a file."
        .to_owned()
}

fn limit(failure: &Failure) -> &'static str {
    let limits = [
        (
            "fuel",
            "Fuel is counted by instruction: look for a loop inside a loop over the lines, or one without an end.",
        ),
        ("time", "Look for a loop inside a loop over the lines, or one without an end."),
        ("stack", "Look for a function that calls itself without an end."),
        ("memory", "Look for a list that grows without an end, or for copies of the whole order."),
        ("tables", "Look for what makes functions or references without an end."),
        ("log", "Log less: a line for each order and not for each line."),
        ("answer", "Texts must be short, and lists no longer than the order's."),
    ];
    let named = limits.into_iter().find(|(name, _)| failure.detail.starts_with(name));
    named.map_or("The limits stand in docs/mappers.md.", |(_, what)| what)
}

/// The first place in a source file of the author's that a log names, as `order.js:12`.
fn place(log: &[String]) -> Option<String> {
    let error = log.iter().find(|line| line.starts_with("error"))?;
    let mut last = None;
    for line in error.lines() {
        let Some(place) = in_python(line).or_else(|| in_others(line)) else { continue };
        // Python tells the innermost call last, the others tell it first.
        let is_python = place.contains(".py:");
        last = Some(place);
        if !is_python {
            break;
        }
    }
    last
}

/// `File "/0/order.py", line 12, in map_order`
fn in_python(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("File \"")?;
    let (file, rest) = rest.split_once("\", line ")?;
    let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some(format!("{}:{number}", file.rsplit('/').next()?))
}

/// `src/order.rs:12:9` or `at mapOrder (order.js:12:9)`
fn in_others(line: &str) -> Option<String> {
    let words = line.split([' ', '(', ')', '\'', '"']);
    words.filter(|word| !word.contains("sdk/") && !word.contains("library/")).find_map(|word| {
        let ending = SOURCES.into_iter().find(|ending| word.contains(&format!("{ending}:")))?;
        let (file, rest) = word.split_once(&format!("{ending}:"))?;
        let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
        (!number.is_empty()).then(|| format!("{file}{ending}:{number}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(code: Code, detail: &str, log: &[&str]) -> String {
        let log: Vec<_> = log.iter().map(|line| (*line).to_owned()).collect();
        hint(&MapFailure::Faulted(Failure::new(code, detail)), &log)
    }

    #[test]
    fn the_log_tells_the_place_in_each_language() {
        let rust = "error: panicked at src/order.rs:41:9:\nindex out of bounds";
        let javascript =
            "error: TypeError: not a function\n    at priced (order.js:71:22)\n    at map (native)";
        let python = "error: Traceback (most recent call last):\n  File \"/0/mapper.py\", line 66, in logged\n    x\n  \
                      File \"/0/order.py\", line 30, in map_order\nKeyError: 'a'";
        for (log, place) in
            [(rust, "src/order.rs:41"), (javascript, "order.js:71"), (python, "order.py:30")]
        {
            let told = said(Code::PluginTrapped, "unreachable", &["info: fine", log]);
            let expected = format!("The log names the place: {place}.");
            assert!(told.ends_with(&expected), "{told}");
        }
        let silent = said(Code::PluginTrapped, "unreachable", &[]);
        assert!(silent.contains("logged no reason"), "{silent}");
    }

    #[test]
    fn each_limit_says_what_to_look_for() {
        for (detail, word) in [
            ("fuel: all 56000000 used up", "loop"),
            ("time: 103 ms used up", "loop"),
            ("stack: 512 KiB used up", "calls itself"),
            ("memory: more than 32 MiB asked for", "grows"),
            ("log: more than 100 lines or 64 KiB", "Log less"),
            ("answer: more than 2 MiB handed over", "Texts"),
        ] {
            let told = said(Code::PluginLimit, detail, &[]);
            assert!(told.contains(word), "{detail}: {told}");
        }
    }
}
