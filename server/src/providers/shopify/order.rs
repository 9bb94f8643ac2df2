//! Orders: both of the store's shapes into ours.

mod money;
mod node;
mod rest;
#[cfg(test)]
mod tests;

pub(super) use node::of_node;
pub(super) use rest::of_rest;

use domain::money::MoneyBag;
use domain::personal::Personal;
use domain::refined::{Attribute, LineItem};
use rust_decimal::Decimal;
use shopify::wire::Loose;

/// The name of lines that are tips, where the source does not mark them and the shop's language is English.
const TIP_TITLE: &str = "tip";

/// A text, unless it is empty.
pub(in super::super::shopify) fn text(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// A text about a person, unless it is empty.
fn personal(value: Option<String>) -> Option<Personal> {
    text(value).map(Personal::new)
}

/// The store's word in one spelling: the API writes in capitals what deliveries write small.
fn word(value: Option<String>) -> Option<String> {
    text(value).map(|text| text.to_ascii_lowercase())
}

/// A key with its value. Either may be missing: people type these.
fn attribute(key: Option<Loose>, value: Option<Loose>) -> Attribute {
    let or_empty = |text: Option<Loose>| text.map(|text| text.0).unwrap_or_default();
    Attribute { key: or_empty(key), value: Personal::new(or_empty(value)) }
}

/// Marks the lines that are tips where the source has marked none. A tip is a line of nothing: no product, nothing to
/// send, no taxes; it carries the usual name, or is the only one of its sort and as much as the order's tips.
fn mark_tips(lines: &mut [LineItem], total_tip: &MoneyBag) {
    if total_tip.shop <= Decimal::ZERO || lines.iter().any(|line| line.tip) {
        return;
    }
    let is_nothing = |line: &LineItem| {
        let goods = line.product_id.is_some() || line.variant_id.is_some();
        !goods && !line.gift_card && !line.requires_shipping && !line.taxable
    };
    let named = |line: &LineItem| is_nothing(line) && line.title.eq_ignore_ascii_case(TIP_TITLE);
    if lines.iter().any(named) {
        lines.iter_mut().filter(|line| named(line)).for_each(|line| line.tip = true);
        return;
    }
    let mut nothings: Vec<_> = lines.iter_mut().filter(|line| is_nothing(line)).collect();
    if let [only] = nothings.as_mut_slice() {
        only.tip = gross(only).is_some_and(|gross| gross == total_tip.shop);
    }
}

/// The line before discounts, in the shop's currency.
fn gross(line: &LineItem) -> Option<Decimal> {
    Decimal::from(line.quantity).checked_mul(line.unit_price.shop)
}
