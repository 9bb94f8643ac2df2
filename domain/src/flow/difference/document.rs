//! How a mapped order is laid out for comparison.
//!
//! Each record is taken apart by naming all of its fields, so that a field which is added to a type and not here does
//! not compile: a difference that no report shows would be worse than none.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::{Key, Node};
use crate::draft::PosProductDraft;
use crate::id::ExternalId;
use crate::personal::Personal;
use crate::pos::{
    PosCharge, PosChargeKind, PosCustomer, PosLine, PosLineKind, PosOrder, PosRefund,
    PosRefundLine, PosTax, PosTender, PosTenderKind,
};
use crate::refined::Address;

/// The whole of a mapped order.
pub(super) fn order(order: &PosOrder) -> Node {
    let PosOrder {
        external_id,
        number,
        channel,
        placed_at,
        state,
        currency,
        taxes_included,
        customer,
        ship_to,
        lines,
        charges,
        tenders,
        refunds,
        discount_total,
        tax_total,
        total,
        rounding,
        refunded_total,
        notes,
        attributes,
    } = order;
    Node::Record(vec![
        ("external_id", id(*external_id)),
        ("number", text(number)),
        ("channel", text(channel)),
        ("placed_at", Node::Value(placed_at.to_string())),
        ("state", text(state.as_str())),
        ("currency", text(currency.code())),
        ("taxes_included", Node::Value(taxes_included.to_string())),
        ("customer", optional(customer.as_ref(), buyer)),
        ("ship_to", optional(ship_to.as_ref(), address)),
        ("lines", list(lines, |line| line.external_id.to_string(), line_of)),
        ("charges", list(charges, charge_key, charge)),
        ("tenders", list(tenders, tender_key, tender)),
        ("refunds", list(refunds, |refund| refund.external_id.to_string(), refund)),
        ("discount_total", amount(*discount_total)),
        ("tax_total", amount(*tax_total)),
        ("total", amount(*total)),
        ("rounding", amount(*rounding)),
        ("refunded_total", amount(*refunded_total)),
        // Notes have no names; the first is the first.
        ("notes", list(notes, |_| "note".to_owned(), personal)),
        ("attributes", list(attributes, |(key, _)| key.clone(), |(_, value)| personal(value))),
    ])
}

/// The POS products that a product becomes.
pub(super) fn products(drafts: &[PosProductDraft]) -> Node {
    Node::Record(vec![("products", list(drafts, |draft| draft.id.clone(), draft_of))])
}

fn draft_of(draft: &PosProductDraft) -> Node {
    let PosProductDraft {
        id: own_id,
        variant_id,
        sku,
        barcode,
        name,
        department,
        price,
        currency,
        taxable,
        active,
        attributes,
    } = draft;
    let plain = |field: &Option<String>| optional(field.as_ref(), |one| text(one));
    Node::Record(vec![
        ("id", text(own_id)),
        ("variant_id", optional(variant_id.as_ref(), |one| id(*one))),
        ("sku", plain(sku)),
        ("barcode", plain(barcode)),
        ("name", text(name)),
        ("department", plain(department)),
        ("price", amount(*price)),
        ("currency", text(currency.code())),
        ("taxable", Node::Value(taxable.to_string())),
        ("active", Node::Value(active.to_string())),
        ("attributes", list(attributes, |(key, _)| key.clone(), |(_, value)| personal(value))),
    ])
}

fn buyer(customer: &PosCustomer) -> Node {
    let PosCustomer { external_id, name, email, phone } = customer;
    Node::Record(vec![
        ("external_id", optional(external_id.as_ref(), |one| id(*one))),
        ("name", optional(name.as_ref(), personal)),
        ("email", optional(email.as_ref(), personal)),
        ("phone", optional(phone.as_ref(), personal)),
    ])
}

fn address(address: &Address) -> Node {
    let Address {
        first_name,
        last_name,
        company,
        address1,
        address2,
        city,
        province_code,
        country_code,
        zip,
        phone,
    } = address;
    let plain = |field: &Option<String>| optional(field.as_ref(), |one| text(one));
    let private = |field: &Option<Personal>| optional(field.as_ref(), personal);
    Node::Record(vec![
        ("first_name", private(first_name)),
        ("last_name", private(last_name)),
        ("company", plain(company)),
        ("address1", private(address1)),
        ("address2", private(address2)),
        ("city", plain(city)),
        ("province_code", plain(province_code)),
        ("country_code", plain(country_code)),
        ("zip", private(zip)),
        ("phone", private(phone)),
    ])
}

fn line_of(line: &PosLine) -> Node {
    let PosLine {
        external_id,
        kind,
        variant_id,
        sku,
        title,
        quantity,
        unit_price,
        discount,
        net,
        taxes,
        location_id,
    } = line;
    let kind = match kind {
        PosLineKind::Product => "product",
        PosLineKind::Custom => "custom",
        PosLineKind::GiftCard => "gift_card",
    };
    Node::Record(vec![
        ("external_id", id(*external_id)),
        ("kind", text(kind)),
        ("variant_id", optional(variant_id.as_ref(), |one| id(*one))),
        ("sku", optional(sku.as_ref(), |one| text(one))),
        ("title", text(title)),
        ("quantity", Node::Value(quantity.to_string())),
        ("unit_price", amount(*unit_price)),
        ("discount", amount(*discount)),
        ("net", amount(*net)),
        ("taxes", taxes_of(taxes)),
        ("location_id", optional(location_id.as_ref(), |one| id(*one))),
    ])
}

fn taxes_of(taxes: &[PosTax]) -> Node {
    list(
        taxes,
        |tax| tax.title.clone(),
        |PosTax { title, rate, amount: tax }| {
            Node::Record(vec![
                ("title", text(title)),
                ("rate", amount(*rate)),
                ("amount", amount(*tax)),
            ])
        },
    )
}

fn charge_kind(kind: PosChargeKind) -> &'static str {
    match kind {
        PosChargeKind::Shipping => "shipping",
        PosChargeKind::Duty => "duty",
        PosChargeKind::Fee => "fee",
        PosChargeKind::Tip => "tip",
    }
}

fn charge_key(charge: &PosCharge) -> String {
    format!("{} {}", charge_kind(charge.kind), charge.title)
}

fn charge(charge: &PosCharge) -> Node {
    let PosCharge { kind, title, amount: charged, taxes } = charge;
    Node::Record(vec![
        ("kind", text(charge_kind(*kind))),
        ("title", text(title)),
        ("amount", amount(*charged)),
        ("taxes", taxes_of(taxes)),
    ])
}

fn tender_key(tender: &PosTender) -> String {
    tender.name.clone()
}

fn tender(tender: &PosTender) -> Node {
    let PosTender { kind, name, amount: paid } = tender;
    let kind = match kind {
        PosTenderKind::Cash => "cash",
        PosTenderKind::Card => "card",
        PosTenderKind::GiftCard => "gift_card",
        PosTenderKind::Other => "other",
    };
    Node::Record(vec![("kind", text(kind)), ("name", text(name)), ("amount", amount(*paid))])
}

fn refund(refund: &PosRefund) -> Node {
    let PosRefund { external_id, refunded_at, lines, amount: refunded } = refund;
    Node::Record(vec![
        ("external_id", id(*external_id)),
        ("refunded_at", Node::Value(refunded_at.to_string())),
        ("lines", list(lines, |line| line.external_id.to_string(), refund_line)),
        ("amount", amount(*refunded)),
    ])
}

fn refund_line(line: &PosRefundLine) -> Node {
    let PosRefundLine { external_id, quantity, restocked, amount: refunded } = line;
    Node::Record(vec![
        ("external_id", id(*external_id)),
        ("quantity", Node::Value(quantity.to_string())),
        ("restocked", Node::Value(restocked.to_string())),
        ("amount", amount(*refunded)),
    ])
}

fn text(value: &str) -> Node {
    Node::Value(value.to_owned())
}

fn personal(value: &Personal) -> Node {
    Node::Personal(value.clone())
}

fn id(value: ExternalId) -> Node {
    Node::Value(value.to_string())
}

/// With all of its digits: `1.5` and `1.50` are two texts in the document, and so two versions of it.
fn amount(value: Decimal) -> Node {
    Node::Value(value.to_string())
}

fn optional<T>(value: Option<&T>, lay: impl FnOnce(&T) -> Node) -> Node {
    value.map_or(Node::Absent, lay)
}

/// A list whose entries are known by what `name` says; those with the same name are numbered.
fn list<T>(entries: &[T], name: impl Fn(&T) -> String, lay: impl Fn(&T) -> Node) -> Node {
    let mut seen: HashMap<String, u32> = HashMap::new();
    let entries = entries.iter().map(|entry| {
        let name = name(entry);
        let number = seen.entry(name.clone()).or_default();
        *number += 1;
        (Key { name, number: *number }, lay(entry))
    });
    Node::List(entries.collect())
}
