//! What the standard mapper makes of orders: each case natively and as a component.

use domain::id::ExternalId;
use domain::money::MoneyBag;
use domain::personal::Personal;
use domain::pos::{PosChargeKind, PosLineKind, PosOrder, PosState, PosTenderKind};
use domain::refined::{Order, Refund, RefundLine, RestockType};
use domain::time::Timestamp;
use rust_decimal::Decimal;

use crate::orders::{
    address, allocation, attribute, bag, customer, decimal, line, order, payment, shipping, tax,
};
use crate::{mapped, mapped_with};

/// Lines as quantity × price − discount = net.
fn lines(pos: &PosOrder) -> Vec<String> {
    pos.lines
        .iter()
        .map(|line| {
            format!("{} x {} - {} = {}", line.quantity, line.unit_price, line.discount, line.net)
        })
        .collect()
}

fn charges(pos: &PosOrder) -> Vec<String> {
    pos.charges
        .iter()
        .map(|charge| format!("{:?} {} {}", charge.kind, charge.title, charge.amount))
        .collect()
}

fn tenders(pos: &PosOrder) -> Vec<String> {
    pos.tenders
        .iter()
        .map(|tender| format!("{:?} {} {}", tender.kind, tender.name, tender.amount))
        .collect()
}

fn two_sides(shop: &str, presentment: &str) -> MoneyBag {
    MoneyBag { shop: decimal(shop), presentment: decimal(presentment) }
}

#[test]
fn discounts_on_lines_and_on_the_whole_order_are_those_of_their_lines() {
    let mut one = line(1, 3, "10.00");
    one.discount_allocations = vec![allocation("4.50"), allocation("1.11")];
    let mut two = line(2, 1, "5.00");
    two.discount_allocations = vec![allocation("0.39")];
    let mut order = order(vec![one, two], "29.00");
    order.total_discounts = bag("6.00");
    let pos = mapped(&order).unwrap();
    assert_eq!(lines(&pos), ["3 x 10.00 - 5.61 = 24.39", "1 x 5.00 - 0.39 = 4.61"]);
    assert_eq!(pos.discount_total.to_string(), "6.00");
}

#[test]
fn a_discount_that_no_line_has_is_spread_to_the_cent() {
    let mut order =
        order(vec![line(1, 1, "10.00"), line(2, 1, "10.00"), line(3, 1, "10.01")], "20.01");
    order.total_discounts = bag("10.00");
    let pos = mapped(&order).unwrap();
    assert_eq!(
        lines(&pos),
        ["1 x 10.00 - 3.33 = 6.67", "1 x 10.00 - 3.33 = 6.67", "1 x 10.01 - 3.34 = 6.67"]
    );
}

#[test]
fn taxes_come_on_top_unless_the_prices_contain_them() {
    let mut taxed = line(1, 1, "10.00");
    taxed.tax_lines = vec![tax("1.30"), tax("0.00")];
    let mut added = order(vec![taxed], "11.30");
    added.total_tax = bag("1.30");
    let mut included = added.clone();
    included.taxes_included = true;
    included.total = bag("10.00");
    for order in [&added, &included] {
        let pos = mapped(order).unwrap();
        assert_eq!(pos.tax_total, decimal("1.30"));
        assert_eq!(pos.lines[0].taxes.len(), 1, "a tax of nothing is left out");
        assert_eq!(pos.taxes_included, order.taxes_included);
        assert_eq!(pos.total, order.total.shop);
    }
}

#[test]
fn shipping_counts_after_its_discount_and_unless_removed() {
    let mut reduced = shipping("9.00");
    reduced.discount_allocations = vec![allocation("4.00")];
    reduced.tax_lines = vec![tax("0.65")];
    let mut removed = shipping("20.00");
    removed.removed = true;
    let mut order = order(vec![line(1, 1, "10.00")], "15.65");
    order.shipping_lines = vec![reduced, removed];
    order.total_tax = bag("0.65");
    order.total_discounts = bag("4.00");
    let pos = mapped(&order).unwrap();
    assert_eq!(charges(&pos), ["Shipping Standard 5.00"]);
    assert_eq!(pos.charges[0].taxes[0].amount, decimal("0.65"));
    assert_eq!(pos.discount_total, decimal("4.00"));
}

#[test]
fn a_tip_is_charged_once_wherever_it_is_told() {
    let mut tip = line(2, 1, "2.00");
    tip.tip = true;
    tip.title = "Tip".to_owned();
    tip.variant_id = None;
    let told_by = |with_line: bool, total: &str| {
        let mut items = vec![line(1, 1, "10.00")];
        items.extend(with_line.then(|| tip.clone()));
        let mut order = order(items, "12.00");
        order.total_tip = bag(total);
        order
    };
    for order in [told_by(true, "2.00"), told_by(true, "0.00"), told_by(false, "2.00")] {
        let pos = mapped(&order).unwrap();
        assert_eq!(charges(&pos), ["Tip Tip 2.00"]);
        assert_eq!(pos.lines.len(), 1);
    }
    let mut more = told_by(true, "5.00");
    more.total = bag("15.00");
    assert_eq!(charges(&mapped(&more).unwrap()), ["Tip Tip 2.00", "Tip Tip 3.00"]);
}

#[test]
fn gift_cards_are_sold_as_such_and_pay_as_such() {
    let mut card = line(1, 1, "50.00");
    card.gift_card = true;
    let mut order = order(vec![card, line(2, 1, "30.00")], "80.00");
    order.transactions = vec![
        payment(1, "sale", "gift_card", "25.00"),
        payment(2, "capture", "shopify_payments", "55.00"),
    ];
    let pos = mapped(&order).unwrap();
    assert_eq!(pos.lines[0].kind, PosLineKind::GiftCard);
    assert_eq!(pos.lines[1].kind, PosLineKind::Product);
    assert_eq!(tenders(&pos), ["GiftCard gift_card 25.00", "Card shopify_payments 55.00"]);
}

#[test]
fn cash_is_rounded_beside_the_total_and_change_is_given_back() {
    let mut order = order(vec![line(1, 1, "10.02")], "10.02");
    order.cash_rounding = bag("-0.02");
    order.transactions =
        vec![payment(1, "sale", "cash", "20.00"), payment(2, "change", "cash", "10.00")];
    let pos = mapped(&order).unwrap();
    assert_eq!((pos.total, pos.rounding), (decimal("10.02"), decimal("-0.02")));
    assert_eq!(tenders(&pos), ["Cash cash 10.00"]);
    order.transactions.clear();
    order.payment_gateways = vec!["cash".to_owned()];
    assert_eq!(tenders(&mapped(&order).unwrap()), ["Cash cash 10.00"]);
}

#[test]
fn tenders_come_from_what_moved_money() {
    let mut order = order(vec![line(1, 1, "10.00")], "10.00");
    let mut failed = payment(1, "sale", "shopify_payments", "10.00");
    failed.status = "failure".to_owned();
    order.transactions = vec![
        failed,
        payment(2, "authorization", "shopify_payments", "10.00"),
        payment(3, "capture", "shopify_payments", "6.00"),
        payment(4, "capture", "shopify_payments", "4.00"),
        payment(5, "refund", "shopify_payments", "10.00"),
        payment(6, "void", "shopify_payments", "10.00"),
    ];
    assert_eq!(tenders(&mapped(&order).unwrap()), ["Card shopify_payments 10.00"]);
}

#[test]
fn without_transactions_the_gateways_tell_what_was_paid() {
    let paid_by = |gateways: &[&str], status: &str, outstanding: &str| {
        let mut order = order(vec![line(1, 1, "10.00")], "10.00");
        order.payment_gateways = gateways.iter().map(|name| (*name).to_owned()).collect();
        order.financial_status = status.to_owned();
        order.total_outstanding = bag(outstanding);
        tenders(&mapped(&order).unwrap()).join(", ")
    };
    assert_eq!(paid_by(&["cash"], "paid", "0"), "Cash cash 10.00");
    assert_eq!(paid_by(&["manual"], "partially_paid", "7.50"), "Other manual 2.50");
    assert_eq!(paid_by(&["gift_card", "stripe"], "paid", "0"), "Other gift_card + stripe 10.00");
    assert_eq!(paid_by(&[], "paid", "0"), "Other unknown 10.00");
    assert_eq!(paid_by(&["stripe"], "pending", "10.00"), "");
    assert_eq!(paid_by(&["stripe"], "authorized", "10.00"), "");
}

#[test]
fn the_buyer_s_currency_is_mapped_when_asked_for() {
    let mut item = line(1, 2, "10.00");
    item.unit_price = two_sides("10.00", "1450");
    item.tax_lines = vec![tax("2.00")];
    item.tax_lines[0].price = two_sides("2.00", "290");
    let mut order = order(vec![item], "0");
    order.presentment_currency = "JPY".parse().unwrap();
    order.total_tax = two_sides("2.00", "290");
    order.total = two_sides("22.00", "3190");
    let shop = mapped(&order).unwrap();
    assert_eq!((shop.currency.code(), shop.total.to_string().as_str()), ("CAD", "22.00"));
    let buyer = mapped_with(&order, &[("currency", "presentment")]).unwrap();
    assert_eq!((buyer.currency.code(), buyer.total.to_string().as_str()), ("JPY", "3190"));
    assert_eq!(lines(&buyer), ["2 x 1450 - 0 = 2900"]);
    assert_eq!(buyer.lines[0].taxes[0].amount, decimal("290"));
}

#[test]
fn three_decimals_are_kept() {
    let mut item = line(1, 3, "1.255");
    item.discount_allocations = vec![allocation("0.005")];
    let mut order = order(vec![item], "3.76");
    order.currency = "KWD".parse().unwrap();
    order.presentment_currency = order.currency;
    order.total_discounts = bag("0.005");
    let pos = mapped(&order).unwrap();
    assert_eq!(lines(&pos), ["3 x 1.255 - 0.005 = 3.760"]);
    assert_eq!(pos.total.to_string(), "3.760");
}

#[test]
fn the_state_follows_payment_and_cancelling() {
    let state = |status: &str, cancelled: bool| {
        let mut order = order(vec![line(1, 1, "10.00")], "10.00");
        order.financial_status = status.to_owned();
        if cancelled {
            order.cancelled_at = Some(Timestamp::from_millis(1_795_000_200_000));
            order.cancel_reason = Some("customer".to_owned());
        }
        mapped(&order).map(|pos| pos.state)
    };
    assert_eq!(state("paid", false), Ok(PosState::Paid));
    assert_eq!(state("pending", false), Ok(PosState::Open));
    assert_eq!(state("authorized", false), Ok(PosState::Open));
    assert_eq!(state("partially_refunded", false), Ok(PosState::PartiallyRefunded));
    assert_eq!(state("refunded", false), Ok(PosState::Refunded));
    assert_eq!(state("voided", false), Ok(PosState::Voided));
    assert_eq!(state("refunded", true), Ok(PosState::Voided));
    assert_eq!(
        state("bartered", false),
        Err("MAPPING_REFUSED: financial-status: is none of the states of payment".to_owned())
    );
}

/// An order of three things, of which `back` went back.
fn refunded(restock: RestockType, back: i64, money: &str) -> Order {
    let mut item = line(1, 3, "10.00");
    item.current_quantity -= back;
    item.tax_lines = vec![tax("3.90")];
    let mut order = order(vec![item], "33.90");
    order.total_tax = bag("3.90");
    order.refunds = vec![Refund {
        id: ExternalId(5),
        created_at: Timestamp::from_millis(1_795_000_300_000),
        note: None,
        lines: vec![RefundLine {
            line_item_id: ExternalId(1),
            quantity: back,
            restock,
            location_id: None,
            subtotal: bag("10.00"),
            total_tax: bag("1.30"),
        }],
        adjustments: MoneyBag::default(),
        refunded: bag(money),
    }];
    order
}

#[test]
fn refunds_stand_beside_the_sale_with_and_without_restock() {
    for (restock, restocked) in [
        (RestockType::Return, true),
        (RestockType::Cancel, true),
        (RestockType::LegacyRestock, true),
        (RestockType::NoRestock, false),
    ] {
        let pos = mapped(&refunded(restock, 1, "11.30")).unwrap();
        assert_eq!(lines(&pos), ["3 x 10.00 - 0.00 = 30.00"]);
        assert_eq!(pos.refunded_total, decimal("11.30"));
        let line = &pos.refunds[0].lines[0];
        assert_eq!((line.quantity, line.restocked, line.amount), (1, restocked, decimal("11.30")));
    }
    let mut included = refunded(RestockType::Return, 1, "10.00");
    included.taxes_included = true;
    included.total = bag("30.00");
    assert_eq!(mapped(&included).unwrap().refunds[0].lines[0].amount, decimal("10.00"));
}

#[test]
fn a_line_that_an_edit_removed_stays_in_the_sale_and_goes_back_without_money() {
    let pos = mapped(&refunded(RestockType::Cancel, 3, "0")).unwrap();
    assert_eq!(pos.lines[0].quantity, 3);
    assert_eq!((pos.refunded_total, pos.refunds.len()), (Decimal::ZERO, 1));
}

#[test]
fn the_buyer_is_whoever_the_order_tells_of() {
    let known = |change: fn(&mut Order)| {
        let mut order = order(vec![line(1, 1, "10.00")], "10.00");
        change(&mut order);
        mapped(&order).unwrap().customer.map(|buyer| {
            let text = |part: Option<Personal>| part.map_or("-".to_owned(), Personal::into_inner);
            let id = buyer.external_id.map_or(0, |id| id.0);
            format!("{id} {} {}", text(buyer.name), text(buyer.email))
        })
    };
    assert_eq!(known(|_| ()), None);
    assert_eq!(
        known(|order| order.customer = Some(customer())).unwrap(),
        "77 Ada Lovelace ada@example.com"
    );
    assert_eq!(
        known(|order| order.email = Some(Personal::new("b@example.com"))).unwrap(),
        "0 - b@example.com"
    );
    assert_eq!(known(|order| order.billing_address = Some(address())).unwrap(), "0 Ada Lovelace -");
}

#[test]
fn custom_lines_duties_and_fees_are_told_apart() {
    let mut custom = line(1, 1, "10.00");
    custom.variant_id = None;
    custom.product_id = None;
    let mut order = order(vec![custom], "16.50");
    order.total_duties = bag("5.00");
    order.total_fees = bag("1.50");
    let pos = mapped(&order).unwrap();
    assert_eq!(pos.lines[0].kind, PosLineKind::Custom);
    assert_eq!(charges(&pos), ["Duty Duties 5.00", "Fee Fees 1.50"]);
    assert_eq!(pos.charges[0].kind, PosChargeKind::Duty);
}

#[test]
fn remarks_reach_the_till() {
    let mut item = line(1, 1, "10.00");
    item.variant_title = Some("Blue".to_owned());
    item.properties = vec![attribute("Engraving", "For Ada"), attribute("_app", "internal")];
    let mut order = order(vec![item], "10.00");
    order.note = Some(Personal::new("Leave at the door"));
    order.note_attributes = vec![attribute("gift", "yes")];
    order.po_number = Some("PO-7".to_owned());
    order.shipping_address = Some(address());
    let pos = mapped(&order).unwrap();
    let notes: Vec<_> = pos.notes.iter().map(Personal::reveal).collect();
    assert_eq!(notes, ["Leave at the door", "Thing 1: Engraving: For Ada"]);
    let keys: Vec<_> = pos.attributes.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["gift", "po_number"]);
    assert_eq!(pos.lines[0].title, "Thing 1 - Blue");
    assert_eq!(pos.ship_to, Some(address()));
}

#[test]
fn settings_are_obeyed_or_refused_by_name() {
    let mut order = order(vec![line(1, 1, "10.00")], "10.00");
    order.test = true;
    order.payment_gateways = vec!["klarna".to_owned()];
    let with = |key: &str, value: &str| mapped_with(&order, &[(key, value)]);
    assert_eq!(with("test_orders", "skip").unwrap_err(), "skipped: a test order: no money moved");
    let as_card = r#"[{"gateway": "klarna", "kind": "card"}]"#;
    assert_eq!(with("tenders", as_card).unwrap().tenders[0].kind, PosTenderKind::Card);
    assert_eq!(with("location", "42").unwrap().lines[0].location_id, Some(ExternalId(42)));
    for (key, value, named) in [
        ("currency", "dollars", "settings.currency"),
        ("location", "here", "settings.location"),
        ("tender.klarna", "gold", "settings.tender.klarna"),
        ("test_orders", "maybe", "settings.test_orders"),
    ] {
        let said = with(key, value).unwrap_err();
        assert!(said.contains(named), "{said}");
    }
}

#[test]
fn a_total_that_does_not_add_up_is_refused_with_the_difference() {
    assert_eq!(
        mapped(&order(vec![line(1, 2, "5.00")], "10.01")).unwrap_err(),
        "TOTAL_MISMATCH: the order's total is 10.01, the mapped order's is 10.00: a difference of -0.01"
    );
}

#[test]
fn amounts_beyond_reason_are_refused_by_name() {
    let said = mapped(&order(vec![line(1, 1, "0.0000001")], "0.0000001")).unwrap_err();
    assert!(said.contains("total.shop: is not a decimal"), "{said}");
    let said = mapped(&order(vec![line(1, 1_000_000_000, "9999999.00")], "1.00")).unwrap_err();
    assert!(said.contains("beyond 9,000,000,000,000"), "{said}");
}

#[test]
fn it_says_what_it_is() {
    let said = crate::mappers().describe(crate::standard_plugin()).unwrap();
    assert_eq!((said.name.as_str(), said.version.as_str()), ("standard", "0.1.0"));
    let schema: serde_json::Value = serde_json::from_str(&said.settings_schema).unwrap();
    assert_eq!(schema["properties"]["currency"]["default"], "shop");
}
