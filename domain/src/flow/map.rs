//! Map: what of a plugin's answer is believed.

use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::code::Code;
use crate::delivery::Failure;
use crate::id::{ExternalId, PosOrderId};
use crate::mapper::Bound;
use crate::money::{Currency, MoneyBag};
use crate::pos::{PosLine, PosOrder};
use crate::refined::{LineItem, Order};

/// Lines that a POS order may have.
const LINES_MAX: usize = 2_000;
/// Charges, tenders and refunds that a POS order may have, each.
const PARTS_MAX: usize = 500;

/// What is stored of a POS order when its source changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StoredPosOrder {
    /// Its id.
    pub id: PosOrderId,
    /// Its newest version.
    pub version: i64,
    /// The hash of the body that it was mapped from.
    pub source_hash: [u8; 32],
    /// SHA-256 of its document.
    pub document_hash: [u8; 32],
    /// The mapper that made it.
    pub mapper: Bound,
}

/// Stands in the place of the hash of a body for a POS order in which no version of the store order stands: whatever is
/// told of the order next is mapped.
pub const NO_SOURCE: [u8; 32] = [0; 32];

/// Whether the order's version with `source_hash` still has to be mapped.
pub fn needs_mapping(stored: Option<&StoredPosOrder>, source_hash: &[u8; 32]) -> bool {
    stored.is_none_or(|stored| stored.source_hash != *source_hash)
}

/// Whether a repair takes a POS order off the books whose order `refuses` will not map: it does where the POS order is the
/// work of `repaired`, for under the other mapper throughout there would be none. Outside of a repair it stays, since then
/// a refusal says nothing against what was posted before.
pub fn takes_off(stored: &StoredPosOrder, repaired: Option<Bound>, refuses: Bound) -> bool {
    repaired.is_some_and(|repaired| stored.mapper == repaired && refuses != repaired)
}

/// Judges a plugin's answer against the order that it was given: identity, lines, arithmetic, and the store's own
/// total to the last minor unit.
pub fn accept(order: &Order, pos: &PosOrder) -> Result<(), Failure> {
    if pos.external_id != order.id {
        return Err(invalid("external-id", format!("is {}, not {}", pos.external_id, order.id)));
    }
    check_counts(pos)?;
    let side = Side::of(order, pos.currency)?;
    let lines: HashMap<ExternalId, &LineItem> =
        order.line_items.iter().map(|line| (line.id, line)).collect();
    // A line of the order may be split; its parts together sell no more than it does.
    let mut sold: HashMap<ExternalId, i64> = HashMap::with_capacity(lines.len());
    for (index, line) in pos.lines.iter().enumerate() {
        let before = sold.entry(line.external_id).or_default();
        check_line(index, line, *before, &lines)?;
        *before += line.quantity;
    }
    let due = amount_due(pos)
        .ok_or_else(|| invalid("total", "the amounts exceed what a decimal can hold"))?;
    if due != pos.total {
        return Err(invalid("total", format!("is {}, but its parts add up to {due}", pos.total)));
    }
    let expected = side.of_bag(&order.total);
    if pos.total != expected {
        let difference = pos.total - expected;
        return Err(Failure::new(
            Code::TotalMismatch,
            format!(
                "the order's total is {expected} {currency}, the mapped order's is {total}: a difference of {difference}",
                currency = pos.currency,
                total = pos.total,
            ),
        ));
    }
    Ok(())
}

/// Which side of the order's amounts a POS order is in.
#[derive(Clone, Copy)]
enum Side {
    Shop,
    Presentment,
}

impl Side {
    fn of(order: &Order, currency: Currency) -> Result<Self, Failure> {
        if currency == order.currency {
            Ok(Self::Shop)
        } else if currency == order.presentment_currency {
            Ok(Self::Presentment)
        } else {
            Err(invalid("currency", format!("{currency} is neither the shop's nor the buyer's")))
        }
    }

    fn of_bag(self, bag: &MoneyBag) -> Decimal {
        match self {
            Self::Shop => bag.shop,
            Self::Presentment => bag.presentment,
        }
    }
}

fn check_counts(pos: &PosOrder) -> Result<(), Failure> {
    let counts = [
        ("lines", pos.lines.len(), LINES_MAX),
        ("charges", pos.charges.len(), PARTS_MAX),
        ("tenders", pos.tenders.len(), PARTS_MAX),
        ("refunds", pos.refunds.len(), PARTS_MAX),
    ];
    match counts.into_iter().find(|(_, count, max)| count > max) {
        Some((field, count, max)) => {
            Err(invalid(field, format!("has {count} entries, over {max}")))
        }
        None => Ok(()),
    }
}

fn check_line(
    index: usize,
    line: &PosLine,
    sold_before: i64,
    lines: &HashMap<ExternalId, &LineItem>,
) -> Result<(), Failure> {
    let field = |name: &str| format!("lines[{index}].{name}");
    let Some(source) = lines.get(&line.external_id) else {
        return Err(invalid(&field("external-id"), "names no line of the order"));
    };
    if line.variant_id != source.variant_id {
        return Err(invalid(&field("variant-id"), "is not the variant of the order's line"));
    }
    if line.quantity < 0 || line.quantity > source.quantity - sold_before {
        return Err(invalid(&field("quantity"), format!("is {}", line.quantity)));
    }
    let net = Decimal::from(line.quantity)
        .checked_mul(line.unit_price)
        .and_then(|gross| gross.checked_sub(line.discount));
    if net != Some(line.net) {
        return Err(invalid(&field("net"), "is not quantity × unit-price − discount"));
    }
    Ok(())
}

/// What the parts of a POS order add up to; none where the sum overflows.
fn amount_due(pos: &PosOrder) -> Option<Decimal> {
    let amounts =
        pos.lines.iter().map(|line| line.net).chain(pos.charges.iter().map(|charge| charge.amount));
    let tax = if pos.taxes_included { Decimal::ZERO } else { pos.tax_total };
    amounts.chain([tax]).try_fold(Decimal::ZERO, Decimal::checked_add)
}

fn invalid(field: &str, problem: impl std::fmt::Display) -> Failure {
    Failure::new(Code::InvalidMapping, format!("{field}: {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::sample::{line, order, pos_of};

    type Change = fn(&mut PosOrder);

    /// What `accept` says of an answer that was changed by `change`.
    fn verdict(change: impl Fn(&mut PosOrder)) -> String {
        let order = order(vec![line(1, 71, 3)]);
        let mut pos = pos_of(&order);
        change(&mut pos);
        accept(&order, &pos).map_or_else(|failure| failure.to_string(), |()| "fine".to_owned())
    }

    #[test]
    fn an_answer_is_believed_only_where_it_adds_up() {
        let ten = Decimal::TEN;
        assert_eq!(verdict(|_| ()), "fine");
        let cases: [(&str, Change); 8] = [
            ("external-id: is 5, not 1001", |pos| {
                pos.external_id = ExternalId(5);
            }),
            ("currency: JPY is neither", |pos| {
                pos.currency = "JPY".parse().unwrap();
            }),
            ("lines[0].external-id: names no line", |pos| {
                pos.lines[0].external_id.0 = 5;
            }),
            ("lines[0].variant-id: is not", |pos| {
                pos.lines[0].variant_id = None;
            }),
            ("lines[0].quantity: is 4", |pos| pos.lines[0].quantity = 4),
            ("lines[1].quantity: is 1", |pos| {
                let more = PosLine { quantity: 1, ..pos.lines[0].clone() };
                pos.lines.push(more);
            }),
            ("lines[0].net: is not", |pos| {
                pos.lines[0].discount = Decimal::ONE;
            }),
            ("total: is 15, but its parts add up to 17", |pos| {
                pos.tax_total = Decimal::TWO;
            }),
        ];
        for (expected, change) in cases {
            let said = verdict(change);
            assert!(said.starts_with(&format!("INVALID_MAPPING: {expected}")), "{said}");
        }
        assert_eq!(
            verdict(|pos| {
                pos.tax_total = ten;
                pos.total += ten;
            }),
            "TOTAL_MISMATCH: the order's total is 15 CAD, the mapped order's is 25: a difference of 10"
        );
    }

    #[test]
    fn amounts_that_overflow_are_refused() {
        let said = verdict(|pos| {
            pos.tax_total = Decimal::MAX;
            pos.charges.clear();
        });
        assert!(said.contains("exceed"), "{said}");
    }

    #[test]
    fn a_version_is_mapped_once() {
        let stored = stored_by(Bound::STANDARD);
        assert!(needs_mapping(None, &[1; 32]));
        assert!(needs_mapping(Some(&stored), &[3; 32]));
        assert!(!needs_mapping(Some(&stored), &[1; 32]));
        assert!(needs_mapping(
            Some(&StoredPosOrder { source_hash: NO_SOURCE, ..stored }),
            &[1; 32]
        ));
    }

    #[test]
    fn only_a_repair_takes_off_what_is_refused_and_only_the_work_of_what_it_repairs() {
        let [bad, good, other] = [1, 2, 3].map(|version| Bound { version, config: 0 });
        assert!(takes_off(&stored_by(bad), Some(bad), good));
        for (by, repaired, refuses) in [
            (bad, None, good),
            (good, Some(bad), good),
            (other, Some(bad), good),
            (bad, Some(bad), bad),
        ] {
            assert!(!takes_off(&stored_by(by), repaired, refuses), "{by:?} {repaired:?}");
        }
    }

    fn stored_by(mapper: Bound) -> StoredPosOrder {
        let id = PosOrderId::from_uuid(uuid::Uuid::nil());
        StoredPosOrder { id, version: 1, source_hash: [1; 32], document_hash: [2; 32], mapper }
    }
}
