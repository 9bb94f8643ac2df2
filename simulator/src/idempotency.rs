//! What was answered under which key: a mutation that is sent again does not happen again.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

/// Keys that a shop remembers. The store's own window is not documented; nobody comes back after so many others.
const KEYS_MAX: usize = 100_000;

/// What a key is good for.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Standing {
    /// Nobody has used it.
    New,
    /// The same was asked before, and this was the answer.
    Answered(Value),
    /// The same was asked before and refused.
    Refused,
    /// Something else was asked under it.
    Other,
}

/// The keys of one shop.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    answers: BTreeMap<String, Answer>,
    by_age: VecDeque<String>,
}

#[derive(Debug)]
struct Answer {
    asked: Value,
    /// None where it was refused.
    answered: Option<Value>,
}

impl Keys {
    /// Whether `asked` may happen under `key`.
    pub(crate) fn standing(&self, key: &str, asked: &Value) -> Standing {
        match self.answers.get(key) {
            None => Standing::New,
            Some(answer) if answer.asked != *asked => Standing::Other,
            Some(Answer { answered: Some(answered), .. }) => Standing::Answered(answered.clone()),
            Some(_) => Standing::Refused,
        }
    }

    /// Remembers what `asked` came to; none where it was refused.
    pub(crate) fn remember(&mut self, key: &str, asked: Value, answered: Option<Value>) {
        if self.answers.insert(key.to_owned(), Answer { asked, answered }).is_none() {
            self.by_age.push_back(key.to_owned());
        }
        if self.by_age.len() > KEYS_MAX
            && let Some(oldest) = self.by_age.pop_front()
        {
            self.answers.remove(&oldest);
        }
    }
}
