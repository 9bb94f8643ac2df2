//! A comparison: what a candidate would do to many orders, as a report of bounded size (F1).
//!
//! Counts are of everything; what is listed beside them is the first so many, in the order in which the orders were
//! added, so that the same orders give the same report.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Difference, DifferenceKind, differences, product_differences};
use crate::code::Code;
use crate::draft::PosProductDraft;
use crate::flow::Posting;
use crate::id::ExternalId;
use crate::money::Currency;
use crate::pos::PosOrder;

/// Orders that a report names.
const ORDERS_MAX: usize = 1_000;
/// Kinds of differences that a report tells apart; those of further kinds are counted.
const GROUPS_MAX: usize = 200;
/// Examples of each kind.
const EXAMPLES_MAX: usize = 5;
/// Stock levels that a report lists.
const LEVELS_MAX: usize = 200;
/// The pattern of a difference in what became of an object, where not both sides have a document.
const OUTCOME: &str = "outcome";

/// What became of an order under one mapping.
#[derive(Clone, Copy, Debug)]
pub enum OrderSide<'a> {
    /// It was mapped; the posting is what the mapped order does to stock.
    Mapped(&'a PosOrder, &'a Posting),
    /// The plugin left it out.
    Skipped,
    /// It was refused, or the plugin faulted.
    Failed(Code),
}

/// What became of a product under one mapping.
#[derive(Clone, Copy, Debug)]
pub enum ProductSide<'a> {
    /// It became these POS products.
    Mapped(&'a [PosProductDraft]),
    /// The plugin left it out.
    Skipped,
    /// It was refused, or the plugin faulted.
    Failed(Code),
}

const MAPPED: &str = "mapped";
const SKIPPED: &str = "skipped";

impl OrderSide<'_> {
    fn outcome(self) -> &'static str {
        match self {
            Self::Mapped(..) => MAPPED,
            Self::Skipped => SKIPPED,
            Self::Failed(code) => code.as_str(),
        }
    }
}

impl ProductSide<'_> {
    fn outcome(self) -> &'static str {
        match self {
            Self::Mapped(_) => MAPPED,
            Self::Skipped => SKIPPED,
            Self::Failed(code) => code.as_str(),
        }
    }
}

/// Two outcomes, where not both sides have a document.
fn of_outcomes(before: &str, after: &str) -> Vec<Difference> {
    if before == after {
        return Vec::new();
    }
    vec![Difference {
        path: OUTCOME.to_owned(),
        pattern: OUTCOME.to_owned(),
        kind: DifferenceKind::Changed,
        before: Some(before.to_owned()),
        after: Some(after.to_owned()),
    }]
}

/// Something before and after.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Pair<T> {
    /// By the mapping that serves now.
    pub before: T,
    /// By the candidate.
    pub after: T,
}

/// What a candidate would change.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Comparison {
    /// Objects compared.
    pub compared: u64,
    /// Objects of which anything differs.
    pub differing: u64,
    /// The first of those.
    pub differing_ids: Vec<ExternalId>,
    /// What differs, by kind, the most frequent first.
    pub groups: Vec<Group>,
    /// Differences of kinds beyond those that are told apart.
    pub further_differences: u64,
    /// Sums over all mapped orders, by currency.
    pub money: Vec<MoneyTotals>,
    /// What the orders do to stock.
    pub stock: StockTotals,
}

/// Differences of one kind.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Group {
    /// The field, for instance `lines[].taxes[].amount`; `outcome` where one side has no document.
    pub pattern: String,
    /// How it differs.
    pub kind: DifferenceKind,
    /// In how many objects.
    pub objects: u64,
    /// How many times.
    pub occurrences: u64,
    /// The first of them.
    pub examples: Vec<Example>,
}

/// One difference.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Example {
    /// The store's id of the object.
    pub id: ExternalId,
    /// The very field, for instance `lines[1071].taxes[GST].amount`.
    pub path: String,
    /// What it says now, where that is a single value; never what it says of a person.
    pub before: Option<String>,
    /// What it would say.
    pub after: Option<String>,
}

/// Sums over the mapped orders of one currency. A sum beyond what a decimal holds stays at the greatest one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MoneyTotals {
    /// The currency.
    pub currency: Currency,
    /// Mapped orders.
    pub orders: Pair<u64>,
    /// What the buyers owed.
    pub total: Pair<Decimal>,
    /// Taxes.
    pub tax_total: Pair<Decimal>,
    /// Discounts.
    pub discount_total: Pair<Decimal>,
    /// What was paid, over all tenders.
    pub tendered: Pair<Decimal>,
    /// What went back.
    pub refunded_total: Pair<Decimal>,
}

/// What the compared orders do to stock: negative where goods leave.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct StockTotals {
    /// Pieces over all products and places.
    pub pieces: Pair<i64>,
    /// Levels that would differ.
    pub differing: u64,
    /// The first of those, by product and place.
    pub levels: Vec<LevelChange>,
}

/// A level that would differ.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LevelChange {
    /// The POS product.
    pub pos_product_id: String,
    /// Where.
    pub location: String,
    /// Pieces that the compared orders move there.
    pub pieces: Pair<i64>,
}

/// Gathers a [`Comparison`], order by order.
#[derive(Debug, Default)]
pub struct Comparer {
    compared: u64,
    differing: u64,
    differing_ids: Vec<ExternalId>,
    groups: BTreeMap<(String, DifferenceKind), Group>,
    further_differences: u64,
    money: BTreeMap<Currency, MoneyTotals>,
    stock: BTreeMap<(String, String), Pair<i64>>,
}

/// Which of the two mappings.
#[derive(Clone, Copy)]
enum Which {
    Before,
    After,
}

impl<T> Pair<T> {
    fn of(&mut self, which: Which) -> &mut T {
        match which {
            Which::Before => &mut self.before,
            Which::After => &mut self.after,
        }
    }
}

impl Comparer {
    /// Adds an order with what becomes of it by either mapping.
    pub fn add(&mut self, id: ExternalId, before: OrderSide<'_>, after: OrderSide<'_>) {
        self.note_totals(Which::Before, before);
        self.note_totals(Which::After, after);
        let found = match (before, after) {
            (OrderSide::Mapped(one, _), OrderSide::Mapped(other, _)) => differences(one, other),
            _ => of_outcomes(before.outcome(), after.outcome()),
        };
        self.note_differences(id, found);
    }

    /// Adds a product with what becomes of it by either mapping. Products move no money and no stock.
    pub fn add_product(&mut self, id: ExternalId, before: ProductSide<'_>, after: ProductSide<'_>) {
        let found = match (before, after) {
            (ProductSide::Mapped(one), ProductSide::Mapped(other)) => {
                product_differences(one, other)
            }
            _ => of_outcomes(before.outcome(), after.outcome()),
        };
        self.note_differences(id, found);
    }

    /// The report.
    pub fn finish(self) -> Comparison {
        let mut groups: Vec<Group> = self.groups.into_values().collect();
        groups.sort_by(|one, other| {
            let key = |group: &Group| (std::cmp::Reverse(group.objects), group.kind);
            key(one).cmp(&key(other)).then_with(|| one.pattern.cmp(&other.pattern))
        });
        Comparison {
            compared: self.compared,
            differing: self.differing,
            differing_ids: self.differing_ids,
            groups,
            further_differences: self.further_differences,
            money: self.money.into_values().collect(),
            stock: stock_totals(self.stock),
        }
    }

    fn note_totals(&mut self, which: Which, side: OrderSide<'_>) {
        let OrderSide::Mapped(order, posting) = side else { return };
        let money = self.money.entry(order.currency).or_insert_with(|| MoneyTotals {
            currency: order.currency,
            orders: Pair::default(),
            total: Pair::default(),
            tax_total: Pair::default(),
            discount_total: Pair::default(),
            tendered: Pair::default(),
            refunded_total: Pair::default(),
        });
        *money.orders.of(which) += 1;
        let tendered = order
            .tenders
            .iter()
            .fold(Decimal::ZERO, |sum, tender| sum.saturating_add(tender.amount));
        for (sum, amount) in [
            (&mut money.total, order.total),
            (&mut money.tax_total, order.tax_total),
            (&mut money.discount_total, order.discount_total),
            (&mut money.tendered, tendered),
            (&mut money.refunded_total, order.refunded_total),
        ] {
            let sum = sum.of(which);
            *sum = sum.saturating_add(amount);
        }
        for (key, pieces) in &posting.effects {
            let level = (key.pos_product_id.clone(), key.location.as_str().to_owned());
            let level = self.stock.entry(level).or_default().of(which);
            *level = level.saturating_add(*pieces);
        }
    }

    fn note_differences(&mut self, id: ExternalId, found: Vec<Difference>) {
        self.compared += 1;
        if found.is_empty() {
            return;
        }
        self.differing += 1;
        if self.differing_ids.len() < ORDERS_MAX {
            self.differing_ids.push(id);
        }
        let mut counted = BTreeSet::new();
        for Difference { path, pattern, kind, before, after } in found {
            let key = (pattern, kind);
            if self.groups.len() >= GROUPS_MAX && !self.groups.contains_key(&key) {
                self.further_differences += 1;
                continue;
            }
            let group = self.groups.entry(key.clone()).or_insert_with(|| Group {
                pattern: key.0.clone(),
                kind,
                objects: 0,
                occurrences: 0,
                examples: Vec::new(),
            });
            group.occurrences += 1;
            if counted.insert(key) {
                group.objects += 1;
            }
            if group.examples.len() < EXAMPLES_MAX {
                group.examples.push(Example { id, path, before, after });
            }
        }
    }
}

fn stock_totals(levels: BTreeMap<(String, String), Pair<i64>>) -> StockTotals {
    let mut totals = StockTotals::default();
    for ((pos_product_id, location), pieces) in levels {
        totals.pieces.before = totals.pieces.before.saturating_add(pieces.before);
        totals.pieces.after = totals.pieces.after.saturating_add(pieces.after);
        if pieces.before == pieces.after {
            continue;
        }
        totals.differing += 1;
        if totals.levels.len() < LEVELS_MAX {
            totals.levels.push(LevelChange { pos_product_id, location, pieces });
        }
    }
    totals
}
