//! Golden tests: what a plugin's author expects of it, in the component itself (F16).
//!
//! They are the JSON array of one custom section, which engines ignore. They are part of the bytes that the plugin's
//! digest is over: a plugin with other expectations is another plugin.

mod section;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use section::{cut, find, push};

/// The section's name.
const SECTION: &str = "tillgate:golden";
/// Tests of one plugin.
const TESTS_MAX: usize = 200;
/// Bytes of the section; of all of them where it is repeated.
const BYTES_MAX: usize = 4 << 20;
/// Bytes of one test, which are parsed together: an order of some hundred lines with what is expected of it.
const TEST_BYTES_MAX: usize = 2 << 20;

/// One input with the answer that is expected.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoldenTest {
    /// What it shows, in a few words.
    pub name: String,
    /// The topic that the body came by, for instance `orders/create`.
    pub topic: String,
    /// The store's raw body.
    pub body: String,
    /// The settings by name.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// What is expected.
    pub expect: Expectation,
}

/// What is expected of a run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Expectation {
    /// The POS order's document.
    PosOrder(serde_json::Value),
    /// A refusal with this code.
    Refused(String),
    /// `true`: the order is left out.
    Skipped(bool),
}

/// Why golden tests cannot be read or written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GoldenError {
    /// The bytes are no component.
    #[error("is no WebAssembly component")]
    Malformed,
    /// The section is not what it should be.
    #[error("the golden tests cannot be read: {0}")]
    Unreadable(String),
    /// Too many of them.
    #[error("has {0} golden tests, over {TESTS_MAX}")]
    TooMany(usize),
    /// Too long.
    #[error("has {0} bytes of golden tests, over {BYTES_MAX}")]
    TooLarge(usize),
    /// One of them is too long.
    #[error("has a golden test of {0} bytes, over {TEST_BYTES_MAX}")]
    TestTooLarge(usize),
}

/// A golden test as it stands in the component.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a>(&'a str);

impl Case<'_> {
    /// The test. Whoever runs tests that somebody uploaded reads one at a time: parsed, JSON takes up many times the
    /// room of its text.
    pub fn read(&self) -> Result<GoldenTest, GoldenError> {
        serde_json::from_str(self.0).map_err(|error| unreadable(&error))
    }
}

/// The golden tests in a component, none of them parsed; none where there is no section.
pub fn cases(component: &[u8]) -> Result<Vec<Case<'_>>, GoldenError> {
    let present = find(component, SECTION).ok_or(GoldenError::Malformed)?;
    // Before any of it is parsed: what fits section by section may still be too much.
    check_size(present.iter().map(|found| found.data.len()).sum())?;
    let mut cases = Vec::new();
    for found in present {
        let more: Vec<&RawValue> =
            serde_json::from_slice(found.data).map_err(|error| unreadable(&error))?;
        cases.extend(more.into_iter().map(|test| Case(test.get())));
        check_count(cases.len())?;
    }
    match cases.iter().map(|case| case.0.len()).find(|bytes| *bytes > TEST_BYTES_MAX) {
        Some(bytes) => Err(GoldenError::TestTooLarge(bytes)),
        None => Ok(cases),
    }
}

/// The golden tests in a component, all of them parsed: for their author.
pub fn read(component: &[u8]) -> Result<Vec<GoldenTest>, GoldenError> {
    cases(component)?.iter().map(Case::read).collect()
}

/// The component with these golden tests in place of those that it has.
pub fn write(component: &[u8], tests: &[GoldenTest]) -> Result<Vec<u8>, GoldenError> {
    check_count(tests.len())?;
    let json = serde_json::to_vec(tests).map_err(|error| unreadable(&error))?;
    check_size(json.len())?;
    let present = find(component, SECTION).ok_or(GoldenError::Malformed)?;
    let mut written = cut(component, &present);
    if !tests.is_empty() {
        push(&mut written, SECTION, &json);
    }
    // What would be refused when it is read is not written.
    cases(&written)?;
    Ok(written)
}

fn unreadable(error: &serde_json::Error) -> GoldenError {
    GoldenError::Unreadable(error.to_string())
}

fn check_count(count: usize) -> Result<(), GoldenError> {
    if count > TESTS_MAX { Err(GoldenError::TooMany(count)) } else { Ok(()) }
}

fn check_size(bytes: usize) -> Result<(), GoldenError> {
    if bytes > BYTES_MAX { Err(GoldenError::TooLarge(bytes)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::STANDARD;

    fn test(name: &str, expect: Expectation) -> GoldenTest {
        GoldenTest {
            name: name.to_owned(),
            topic: "orders/create".to_owned(),
            body: "{\"id\":1}".to_owned(),
            settings: [("currency".to_owned(), "shop".to_owned())].into(),
            expect,
        }
    }

    #[test]
    fn what_is_written_is_read_and_replaced() {
        let tests = vec![
            test("mapped", Expectation::PosOrder(serde_json::json!({"total": "12.50"}))),
            test("refused", Expectation::Refused("TOTAL_MISMATCH".to_owned())),
            test("left out", Expectation::Skipped(true)),
        ];
        assert_eq!(read(STANDARD).unwrap(), []);
        let with = write(STANDARD, &tests).unwrap();
        assert!(with.len() > STANDARD.len());
        assert_eq!(read(&with).unwrap(), tests);
        let fewer = write(&with, &tests[..1]).unwrap();
        assert_eq!(read(&fewer).unwrap(), tests[..1]);
        assert_eq!(write(&fewer, &[]).unwrap(), STANDARD, "nothing else is changed");
    }

    #[test]
    fn the_format_is_what_the_guide_says() {
        let json = r#"[{"name":"a","topic":"orders/create","body":"{}","expect":{"posOrder":{"total":"1.00"}}},
            {"name":"b","topic":"orders/create","body":"{}","settings":{"k":"v"},"expect":{"refused":"MAPPING_REFUSED"}},
            {"name":"c","topic":"orders/create","body":"{}","expect":{"skipped":true}}]"#;
        let mut component = STANDARD.to_vec();
        push(&mut component, SECTION, json.as_bytes());
        let names: Vec<_> = read(&component).unwrap().into_iter().map(|test| test.name).collect();
        assert_eq!(names, ["a", "b", "c"]);
    }

    #[test]
    fn what_is_out_of_bounds_is_refused() {
        let one = test("a", Expectation::Skipped(true));
        assert_eq!(write(STANDARD, &vec![one.clone(); 201]), Err(GoldenError::TooMany(201)));
        let long = GoldenTest { body: "x".repeat(BYTES_MAX), ..one };
        assert!(matches!(write(STANDARD, &[long]), Err(GoldenError::TooLarge(_))));
        assert_eq!(read(b"MZ"), Err(GoldenError::Malformed));
        let mut broken = STANDARD.to_vec();
        push(&mut broken, SECTION, b"[{}]");
        assert!(matches!(read(&broken), Err(GoldenError::Unreadable(_))));
    }

    #[test]
    fn tests_are_parsed_one_at_a_time() {
        let mut component = STANDARD.to_vec();
        // What stands behind a test is not looked at before that test was run.
        let good = serde_json::to_string(&test("good", Expectation::Skipped(true))).unwrap();
        push(&mut component, SECTION, format!("[{good}, {{\"no\": [1, 2]}}]").as_bytes());
        let cases = cases(&component).unwrap();
        assert_eq!(cases.len(), 2);
        assert_eq!(cases[0].read().unwrap().name, "good");
        assert!(matches!(cases[1].read(), Err(GoldenError::Unreadable(_))));
        assert!(matches!(read(&component), Err(GoldenError::Unreadable(_))));

        let mut component = STANDARD.to_vec();
        push(&mut component, SECTION, format!("[\"{}\"]", "x".repeat(TEST_BYTES_MAX)).as_bytes());
        assert_eq!(read(&component), Err(GoldenError::TestTooLarge(TEST_BYTES_MAX + 2)));
    }

    #[test]
    fn repeated_sections_share_one_bound() {
        let third = BYTES_MAX / 3;
        let blank = format!("[{}]", " ".repeat(third - 2));
        let mut component = STANDARD.to_vec();
        for _ in 0..3 {
            push(&mut component, SECTION, blank.as_bytes());
        }
        assert_eq!(read(&component), Ok(Vec::new()), "just within the bound");
        push(&mut component, SECTION, b"[]");
        assert_eq!(read(&component), Err(GoldenError::TooLarge(3 * third + 2)));
    }
}
