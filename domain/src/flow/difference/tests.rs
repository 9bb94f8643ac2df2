use std::collections::BTreeMap;

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::code::Code;
use crate::flow::sample::{line, order, pos_of};
use crate::flow::{Posting, implied_effects};
use crate::id::ExternalId;
use crate::link::Links;
use crate::pos::{
    PosCharge, PosChargeKind, PosCustomer, PosRefund, PosRefundLine, PosState, PosTax, PosTender,
    PosTenderKind,
};
use crate::time::Timestamp;

/// A mapped order that has something in every field.
fn full() -> PosOrder {
    let mut pos = pos_of(&order(vec![line(1, 71, 3), line(2, 72, 1)]));
    pos.lines[0].taxes = vec![tax("GST", 75), tax("PST", 100)];
    pos.lines[1].taxes = vec![tax("GST", 25)];
    pos.customer = Some(PosCustomer {
        external_id: Some(ExternalId(9)),
        name: Some(Personal::new("Ada Lovelace")),
        email: None,
        phone: None,
    });
    pos.charges = vec![PosCharge {
        kind: PosChargeKind::Shipping,
        title: "Post".to_owned(),
        amount: Decimal::new(500, 2),
        taxes: vec![tax("GST", 25)],
    }];
    pos.tenders = vec![tender("visa", 2_000), tender("visa", 500)];
    pos.refunds = vec![PosRefund {
        external_id: ExternalId(31),
        refunded_at: Timestamp::EPOCH,
        lines: vec![PosRefundLine {
            external_id: ExternalId(1),
            quantity: 1,
            restocked: true,
            amount: Decimal::new(500, 2),
        }],
        amount: Decimal::new(500, 2),
    }];
    pos.notes = vec![Personal::new("ring twice")];
    pos.attributes = vec![("gift".to_owned(), Personal::new("yes"))];
    pos
}

fn tax(title: &str, cents: i64) -> PosTax {
    PosTax { title: title.to_owned(), rate: Decimal::new(5, 2), amount: Decimal::new(cents, 2) }
}

fn tender(name: &str, cents: i64) -> PosTender {
    let name = name.to_owned();
    PosTender { kind: PosTenderKind::Card, name, amount: Decimal::new(cents, 2) }
}

type Change = fn(&mut PosOrder);

/// A change, and the differences that it makes: pattern, path, kind, before, after.
type Case =
    (Change, &'static [(&'static str, &'static str, &'static str, &'static str, &'static str)]);

const CASES: &[Case] = &[
    (|_| (), &[]),
    (|pos| pos.state = PosState::Open, &[("state", "state", "changed", "paid", "open")]),
    (
        |pos| pos.lines[0].taxes[1].amount = Decimal::new(9, 1),
        &[("lines[].taxes[].amount", "lines[1].taxes[PST].amount", "changed", "1.00", "0.9")],
    ),
    // As many digits as the document has.
    (
        |pos| pos.lines[0].discount = Decimal::new(0, 2),
        &[("lines[].discount", "lines[1].discount", "changed", "0", "0.00")],
    ),
    (|pos| drop(pos.lines.remove(0)), &[("lines[]", "lines[1]", "removed", "", "")]),
    (
        |pos| {
            let mut added = pos.lines[0].clone();
            added.external_id = ExternalId(3);
            pos.lines.insert(0, added);
        },
        &[("lines[]", "lines[3]", "added", "", "")],
    ),
    (|pos| pos.lines.reverse(), &[("lines", "lines", "changed", "1, 2", "2, 1")]),
    (
        |pos| pos.lines[1].location_id = Some(ExternalId(5)),
        &[("lines[].location_id", "lines[2].location_id", "added", "", "5")],
    ),
    (
        |pos| pos.tenders[1].amount = Decimal::new(600, 2),
        &[("tenders[].amount", "tenders[visa #2].amount", "changed", "5.00", "6.00")],
    ),
    (
        |pos| pos.refunds[0].lines[0].restocked = false,
        &[(
            "refunds[].lines[].restocked",
            "refunds[31].lines[1].restocked",
            "changed",
            "true",
            "false",
        )],
    ),
    (|pos| pos.customer = None, &[("customer", "customer", "removed", "", "")]),
    (
        |pos| pos.customer.as_mut().unwrap().name = Some(Personal::new("Grace Hopper")),
        &[("customer.name", "customer.name", "changed", "[personal]", "[personal]")],
    ),
    (
        |pos| pos.attributes[0].1 = Personal::new("no"),
        &[("attributes[]", "attributes[gift]", "changed", "[personal]", "[personal]")],
    ),
    (
        |pos| pos.notes.push(Personal::new("or thrice")),
        &[("notes[]", "notes[note #2]", "added", "", "[personal]")],
    ),
    (
        |pos| pos.charges[0].title = "Courier".to_owned(),
        &[
            ("charges[]", "charges[shipping Post]", "removed", "", ""),
            ("charges[]", "charges[shipping Courier]", "added", "", ""),
        ],
    ),
];

fn found(before: &PosOrder, after: &PosOrder) -> Vec<[String; 5]> {
    let text = |value: Option<String>| value.unwrap_or_default();
    let rows = differences(before, after).into_iter().map(|one| {
        let kind = one.kind.as_str().to_owned();
        [one.pattern, one.path, kind, text(one.before), text(one.after)]
    });
    rows.collect()
}

#[test]
fn each_change_is_named_by_its_very_field() {
    for (change, expected) in CASES {
        let mut after = full();
        change(&mut after);
        let expected: Vec<_> =
            expected.iter().map(|&(a, b, c, d, e)| [a, b, c, d, e].map(str::to_owned)).collect();
        assert_eq!(found(&full(), &after), expected);
    }
}

#[test]
fn what_a_plugin_writes_is_shortened_and_printable() {
    let mut after = full();
    after.number = "é\n".repeat(SHOWN_CHARACTERS_MAX);
    let shown = differences(&full(), &after).remove(0).after.unwrap();
    assert_eq!(shown.chars().count(), SHOWN_CHARACTERS_MAX + 1);
    assert!(shown.ends_with('…') && !shown.contains(char::is_control), "{shown}");
}

/// A mapped order drawn from few values, so that two of them often agree in a field.
fn drawn() -> impl Strategy<Value = PosOrder> {
    let amounts = proptest::collection::vec(0..2_i64, 3..6);
    (0..CASES.len(), amounts, 1..3_usize).prop_map(|(change, amounts, titles)| {
        let mut pos = full();
        CASES[change].0(&mut pos);
        let names = ["visa", "visa #2"];
        let name = |at: usize| names[at % titles];
        pos.tenders =
            amounts.iter().enumerate().map(|(at, cents)| tender(name(at), *cents)).collect();
        pos.rounding = Decimal::from(amounts[0]);
        pos.taxes_included = amounts[1] == 1;
        pos
    })
}

proptest! {
    #[test]
    fn differences_are_found_exactly_where_documents_differ(one in drawn(), other in drawn()) {
        // Decimals of one value are equal, and with other digits another text.
        let same = one == other && format!("{one:?}") == format!("{other:?}");
        prop_assert_eq!(differences(&one, &other).is_empty(), same);
    }

    #[test]
    fn the_other_way_round_added_is_removed(one in drawn(), other in drawn()) {
        let count = |found: &[Difference], kind| found.iter().filter(|one| one.kind == kind).count();
        let (there, back) = (differences(&one, &other), differences(&other, &one));
        prop_assert_eq!(count(&there, DifferenceKind::Added), count(&back, DifferenceKind::Removed));
        prop_assert_eq!(count(&there, DifferenceKind::Removed), count(&back, DifferenceKind::Added));
        prop_assert_eq!(count(&there, DifferenceKind::Changed), count(&back, DifferenceKind::Changed));
    }
}

fn posting_of(order: &crate::refined::Order, pos: &PosOrder) -> Posting {
    let links =
        Links::from([(ExternalId(71), "tea".to_owned()), (ExternalId(72), "mug".to_owned())]);
    implied_effects(order, Some(pos), &links, &BTreeMap::new(), Timestamp::EPOCH)
}

/// The proof of F1: a mapper that treats one tax otherwise is reported by the orders that carry that tax, and by no
/// other; money moves by what the tax moves by, and stock not at all.
#[test]
fn one_changed_tax_rule_shows_only_the_orders_that_it_touches() {
    let mut comparer = Comparer::default();
    let mut expected = Vec::new();
    for number in 0..100 {
        let mut store = order(vec![line(1, 71, 3), line(2, 72, 1)]);
        store.id = ExternalId(number);
        let mut before = pos_of(&store);
        if number % 10 == 0 {
            expected.push(store.id);
            before.lines[1].taxes = vec![tax("PST", 100)];
            before.tax_total = Decimal::new(100, 2);
        }
        before.lines[0].taxes = vec![tax("GST", 75)];
        let mut after = before.clone();
        for tax in after.lines.iter_mut().flat_map(|line| &mut line.taxes) {
            if tax.title == "PST" {
                tax.amount = Decimal::new(125, 2);
                after.tax_total = Decimal::new(125, 2);
            }
        }
        let (one, other) = (posting_of(&store, &before), posting_of(&store, &after));
        let (one, other) = (OrderSide::Mapped(&before, &one), OrderSide::Mapped(&after, &other));
        comparer.add(store.id, one, other);
    }
    let report = comparer.finish();
    assert_eq!((report.compared, report.differing), (100, 10));
    assert_eq!(report.differing_ids, expected);
    let groups: Vec<_> = report.groups.iter().map(|g| (g.pattern.as_str(), g.objects)).collect();
    assert_eq!(groups, [("lines[].taxes[].amount", 10), ("tax_total", 10)]);
    assert_eq!(report.groups[0].examples.len(), 5);
    assert_eq!(report.groups[0].examples[0].path, "lines[2].taxes[PST].amount");
    let [money] = report.money.as_slice() else { panic!("{:?}", report.money) };
    let cents = |n| Decimal::new(n, 2);
    assert_eq!(money.tax_total, Pair { before: cents(1_000), after: cents(1_250) });
    assert_eq!(money.total.before, money.total.after);
    assert_eq!(report.stock.pieces, Pair { before: -400, after: -400 });
    assert_eq!((report.stock.differing, report.stock.levels), (0, Vec::new()));
}

#[test]
fn what_is_mapped_by_one_side_alone_counts_on_that_side() {
    let store = order(vec![line(1, 71, 3)]);
    let pos = pos_of(&store);
    let posting = posting_of(&store, &pos);
    let mapped = OrderSide::Mapped(&pos, &posting);
    let mut comparer = Comparer::default();
    comparer.add(ExternalId(1), mapped, OrderSide::Skipped);
    comparer.add(ExternalId(2), mapped, OrderSide::Failed(Code::PluginTrapped));
    comparer.add(
        ExternalId(3),
        OrderSide::Failed(Code::PluginTrapped),
        OrderSide::Failed(Code::PluginTrapped),
    );
    let report = comparer.finish();
    assert_eq!((report.compared, report.differing), (3, 2));
    let said: Vec<_> =
        report.groups[0].examples.iter().map(|one| one.after.clone().unwrap()).collect();
    assert_eq!((report.groups.len(), said), (1, vec!["skipped".into(), "PLUGIN_TRAPPED".into()]));
    assert_eq!(report.money[0].orders, Pair { before: 2, after: 0 });
    let tea = &report.stock.levels[0];
    assert_eq!((tea.pos_product_id.as_str(), tea.pieces), ("tea", Pair { before: -6, after: 0 }));
}

#[test]
fn a_report_stays_small_however_much_differs() {
    let mut comparer = Comparer::default();
    for number in 0..5_000 {
        let mut store = order(vec![line(1, 71, 1)]);
        store.id = ExternalId(number);
        let before = pos_of(&store);
        let mut after = before.clone();
        after.number = format!("{number}!");
        let posting = Posting::default();
        let (one, other) =
            (OrderSide::Mapped(&before, &posting), OrderSide::Mapped(&after, &posting));
        comparer.add(store.id, one, other);
    }
    let report = comparer.finish();
    assert_eq!((report.differing, report.differing_ids.len()), (5_000, 1_000));
    assert_eq!((report.groups[0].occurrences, report.groups[0].examples.len()), (5_000, 5));
}

#[test]
fn products_are_compared_by_their_own_ids() {
    let draft = |id: &str, cents: i64| PosProductDraft {
        id: id.to_owned(),
        variant_id: Some(ExternalId(71)),
        sku: None,
        barcode: None,
        name: "Tea".to_owned(),
        department: None,
        price: Decimal::new(cents, 2),
        currency: "CAD".parse().unwrap(),
        taxable: true,
        active: true,
        attributes: Vec::new(),
    };
    let (before, after) = (vec![draft("a", 500), draft("b", 600)], vec![draft("b", 650)]);
    let mut comparer = Comparer::default();
    comparer.add_product(ExternalId(7), ProductSide::Mapped(&before), ProductSide::Mapped(&after));
    comparer.add_product(ExternalId(8), ProductSide::Skipped, ProductSide::Mapped(&after));
    comparer.add_product(ExternalId(9), ProductSide::Skipped, ProductSide::Skipped);
    let report = comparer.finish();
    assert_eq!((report.compared, report.differing), (3, 2));
    let groups: Vec<_> = report
        .groups
        .iter()
        .map(|g| (g.pattern.as_str(), g.kind, g.examples[0].path.as_str()))
        .collect();
    let expected = [
        ("products[]", DifferenceKind::Removed, "products[a]"),
        ("outcome", DifferenceKind::Changed, "outcome"),
        ("products[].price", DifferenceKind::Changed, "products[b].price"),
    ];
    assert_eq!(groups, expected);
}
