//! Two mappings of the same objects beside each other.

use async_graphql::{Enum, ID, SimpleObject};
use domain::flow::{self, Pair};
use domain::money::Currency;
use rust_decimal::Decimal;

use crate::graphql::scalar::Long;
use crate::graphql::r#type::Money;

/// What a candidate would change of orders, or of products.
#[derive(SimpleObject, Debug)]
pub(crate) struct MappingComparison {
    /// Objects compared.
    compared: Long,
    /// Objects of which anything differs.
    differing: Long,
    /// The first of those.
    differing_ids: Vec<ID>,
    /// What differs, by kind, the most frequent first.
    groups: Vec<DifferenceGroup>,
    /// Differences of kinds beyond those that are told apart.
    further_differences: Long,
    /// Sums over all mapped orders, by currency.
    money: Vec<MoneyComparison>,
    /// What the orders do to stock.
    stock: StockComparison,
}

impl From<flow::Comparison> for MappingComparison {
    fn from(comparison: flow::Comparison) -> Self {
        let ids = comparison.differing_ids.into_iter();
        let levels = comparison.stock.levels.into_iter().map(|level| StockLevelComparison {
            pos_product_id: level.pos_product_id.into(),
            location: level.location,
            before: level.pieces.before.into(),
            after: level.pieces.after.into(),
        });
        Self {
            compared: count(comparison.compared),
            differing: count(comparison.differing),
            differing_ids: ids.map(Into::into).collect(),
            groups: comparison.groups.into_iter().map(Into::into).collect(),
            further_differences: count(comparison.further_differences),
            money: comparison.money.into_iter().map(Into::into).collect(),
            stock: StockComparison {
                pieces_before: comparison.stock.pieces.before.into(),
                pieces_after: comparison.stock.pieces.after.into(),
                differing_levels: count(comparison.stock.differing),
                levels: levels.collect(),
            },
        }
    }
}

/// Differences of one kind.
#[derive(SimpleObject, Debug)]
pub(crate) struct DifferenceGroup {
    /// The field, for instance `lines[].taxes[].amount`; `outcome` where only one mapper has an answer.
    pattern: String,
    /// How it differs.
    kind: DifferenceKind,
    /// In how many objects.
    objects: Long,
    /// How many times.
    occurrences: Long,
    /// The first of them.
    examples: Vec<DifferenceExample>,
}

impl From<flow::Group> for DifferenceGroup {
    fn from(group: flow::Group) -> Self {
        let examples = group.examples.into_iter().map(|one| DifferenceExample {
            object_id: one.id.into(),
            path: one.path,
            before: one.before,
            after: one.after,
        });
        Self {
            pattern: group.pattern,
            kind: group.kind.into(),
            objects: count(group.objects),
            occurrences: count(group.occurrences),
            examples: examples.collect(),
        }
    }
}

/// How a field differs.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "flow::DifferenceKind")]
pub(crate) enum DifferenceKind {
    /// Only the candidate has it.
    Added,
    /// Only the active mapper has it.
    Removed,
    /// Both have it, and it says something else.
    Changed,
}

/// One difference.
#[derive(SimpleObject, Debug)]
pub(crate) struct DifferenceExample {
    /// The order or product of the store.
    object_id: ID,
    /// The very field, for instance `lines[1071].taxes[GST].amount`.
    path: String,
    /// What it says now, where that is a single value; never what it says of a person.
    before: Option<String>,
    /// What it would say.
    after: Option<String>,
}

/// Sums over the mapped orders of one currency.
#[derive(SimpleObject, Debug)]
pub(crate) struct MoneyComparison {
    /// The currency, by its ISO 4217 code.
    currency: String,
    /// Orders that the active mapper maps.
    orders_before: Long,
    /// Orders that the candidate maps.
    orders_after: Long,
    /// What the buyers owed.
    total: MoneyPair,
    /// Taxes.
    tax_total: MoneyPair,
    /// Discounts.
    discount_total: MoneyPair,
    /// What was paid, over all tenders.
    tendered: MoneyPair,
    /// What went back.
    refunded_total: MoneyPair,
}

impl From<flow::MoneyTotals> for MoneyComparison {
    fn from(totals: flow::MoneyTotals) -> Self {
        let pair = |sums| MoneyPair::new(sums, totals.currency);
        Self {
            currency: totals.currency.to_string(),
            orders_before: count(totals.orders.before),
            orders_after: count(totals.orders.after),
            total: pair(totals.total),
            tax_total: pair(totals.tax_total),
            discount_total: pair(totals.discount_total),
            tendered: pair(totals.tendered),
            refunded_total: pair(totals.refunded_total),
        }
    }
}

/// A sum by either mapper.
#[derive(SimpleObject, Debug)]
pub(crate) struct MoneyPair {
    /// By the active one.
    before: Money,
    /// By the candidate.
    after: Money,
}

impl MoneyPair {
    fn new(sums: Pair<Decimal>, currency: Currency) -> Self {
        let money = |sum| Money::new(sum, currency);
        Self { before: money(sums.before), after: money(sums.after) }
    }
}

/// What the compared orders do to stock: negative where goods leave.
#[derive(SimpleObject, Debug)]
pub(crate) struct StockComparison {
    /// Pieces over all products and places, by the active mapper.
    pieces_before: Long,
    /// The same by the candidate.
    pieces_after: Long,
    /// Levels that would differ.
    differing_levels: Long,
    /// The first of those, by product and place.
    levels: Vec<StockLevelComparison>,
}

/// A level that would differ.
#[derive(SimpleObject, Debug)]
pub(crate) struct StockLevelComparison {
    /// The POS product.
    pos_product_id: ID,
    /// Where.
    location: String,
    /// Pieces that the compared orders move there, by the active mapper.
    before: Long,
    /// The same by the candidate.
    after: Long,
}

/// A count as it goes on the wire.
pub(super) fn count(number: u64) -> Long {
    Long(i64::try_from(number).unwrap_or(i64::MAX))
}
