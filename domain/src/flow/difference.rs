//! Difference: what another mapping of the same objects would change (F1), field by field.
//!
//! A document is laid out as a tree of named fields whose list entries are known by what they are about (a line by its
//! order line, a tax by its title) and not by their position, so that one inserted line does not make all lines after
//! it differ. What differs has a *path*, which names the very field, and a *pattern*, which is the path without the
//! names of list entries: differences with the same pattern are of one kind.

mod comparison;
mod document;

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::draft::PosProductDraft;
use crate::personal::Personal;
use crate::pos::PosOrder;

pub use comparison::{
    Comparer, Comparison, Example, Group, LevelChange, MoneyTotals, OrderSide, Pair, ProductSide,
    StockTotals,
};

/// Characters of a value or a list entry's name that a report shows.
const SHOWN_CHARACTERS_MAX: usize = 120;
/// What a report shows where a value is about a person: that it differs, and not what it says.
const PERSONAL: &str = "[personal]";

/// How a field differs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// It is only in the second document.
    Added,
    /// It is only in the first document.
    Removed,
    /// It is in both and says something else.
    Changed,
}

impl DifferenceKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Added, Self::Removed, Self::Changed];

    /// The name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// One field in which two documents differ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// Which field, for instance `lines[1071].taxes[GST].amount`.
    pub path: String,
    /// The path without the names of list entries, for instance `lines[].taxes[].amount`.
    pub pattern: String,
    /// How it differs.
    pub kind: DifferenceKind,
    /// What the first document says, shortened, for single values that are not about a person.
    pub before: Option<String>,
    /// What the second document says.
    pub after: Option<String>,
}

/// Every field in which two mappings of an order differ, in the order of the document; none exactly where the
/// documents are the same text.
pub fn differences(before: &PosOrder, after: &PosOrder) -> Vec<Difference> {
    between(&document::order(before), &document::order(after))
}

/// Every field in which two mappings of a product differ.
pub fn product_differences(
    before: &[PosProductDraft],
    after: &[PosProductDraft],
) -> Vec<Difference> {
    between(&document::products(before), &document::products(after))
}

/// A document, laid out.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Node {
    /// Nothing is said.
    Absent,
    /// A value as the document writes it.
    Value(String),
    /// A value about a person.
    Personal(Personal),
    /// Fields by name, always the same ones for the same kind of record.
    Record(Vec<(&'static str, Node)>),
    /// Entries, each with what it is about.
    List(Vec<(Key, Node)>),
}

/// What a list entry is about; no two entries of a list have the same.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Key {
    name: String,
    /// Which one of those with this name, from 1.
    number: u32,
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&shorten(&self.name))?;
        if self.number > 1 { write!(f, " #{}", self.number) } else { Ok(()) }
    }
}

fn between(before: &Node, after: &Node) -> Vec<Difference> {
    let mut walk = Walk::default();
    walk.compare(before, after);
    walk.found
}

/// Where a comparison stands, and what it has found.
#[derive(Default)]
struct Walk {
    path: String,
    pattern: String,
    found: Vec<Difference>,
}

impl Walk {
    fn compare(&mut self, before: &Node, after: &Node) {
        match (before, after) {
            (Node::Absent, Node::Absent) => {}
            (Node::Absent, _) => self.note(DifferenceKind::Added, None, shown(after)),
            (_, Node::Absent) => self.note(DifferenceKind::Removed, shown(before), None),
            (Node::Record(one), Node::Record(other)) => {
                for ((name, before), (_, after)) in one.iter().zip(other) {
                    self.at_field(name, |walk| walk.compare(before, after));
                }
            }
            (Node::List(one), Node::List(other)) => self.compare_lists(one, other),
            _ if before == after => {}
            _ => self.note(DifferenceKind::Changed, shown(before), shown(after)),
        }
    }

    fn compare_lists(&mut self, before: &[(Key, Node)], after: &[(Key, Node)]) {
        let others: HashMap<&Key, &Node> = after.iter().map(|(key, node)| (key, node)).collect();
        let ours: HashSet<&Key> = before.iter().map(|(key, _)| key).collect();
        for (key, node) in before {
            let other = others.get(key).copied().unwrap_or(&Node::Absent);
            self.at_entry(key, |walk| walk.compare(node, other));
        }
        for (key, node) in after.iter().filter(|(key, _)| !ours.contains(key)) {
            self.at_entry(key, |walk| walk.compare(&Node::Absent, node));
        }
        // Entries that are in both and stand in another order are another document as well.
        let kept = before.iter().map(|(key, _)| key).filter(|key| others.contains_key(key));
        let kept_after = after.iter().map(|(key, _)| key).filter(|key| ours.contains(key));
        if !kept.clone().eq(kept_after.clone()) {
            let (before, after) = (listed(kept), listed(kept_after));
            self.note(DifferenceKind::Changed, Some(before), Some(after));
        }
    }

    fn at_field(&mut self, name: &str, work: impl FnOnce(&mut Self)) {
        let (path, pattern) = (self.path.len(), self.pattern.len());
        for text in [&mut self.path, &mut self.pattern] {
            if !text.is_empty() {
                text.push('.');
            }
            text.push_str(name);
        }
        work(self);
        self.path.truncate(path);
        self.pattern.truncate(pattern);
    }

    fn at_entry(&mut self, key: &Key, work: impl FnOnce(&mut Self)) {
        let (path, pattern) = (self.path.len(), self.pattern.len());
        // Writing to a string cannot fail.
        let _ = write!(self.path, "[{key}]");
        self.pattern.push_str("[]");
        work(self);
        self.path.truncate(path);
        self.pattern.truncate(pattern);
    }

    fn note(&mut self, kind: DifferenceKind, before: Option<String>, after: Option<String>) {
        let (path, pattern) = (self.path.clone(), self.pattern.clone());
        self.found.push(Difference { path, pattern, kind, before, after });
    }
}

/// Names of list entries as a report shows them.
fn listed<'a>(keys: impl Iterator<Item = &'a Key>) -> String {
    let names: Vec<_> = keys.map(ToString::to_string).collect();
    shorten(&names.join(", "))
}

/// What a report shows of a node.
fn shown(node: &Node) -> Option<String> {
    match node {
        Node::Value(text) => Some(shorten(text)),
        Node::Personal(_) => Some(PERSONAL.to_owned()),
        Node::Absent | Node::Record(_) | Node::List(_) => None,
    }
}

/// At most [`SHOWN_CHARACTERS_MAX`] characters that can be printed: the text is a plugin's.
fn shorten(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let mut short: String = text.chars().take(SHOWN_CHARACTERS_MAX).map(plain).collect();
    if text.chars().nth(SHOWN_CHARACTERS_MAX).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests;
