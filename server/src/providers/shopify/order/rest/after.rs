//! What became of an order: what was sent, and what came back.

use domain::delivery::Failure;
use domain::money::MoneyBag;
use domain::refined::{Fulfillment, Refund, RefundLine, RestockType};
use shopify::wire::rest as wire;

use super::super::super::place::Place;
use super::super::super::product::external;
use super::super::money::{Currencies, plus};
use super::super::{personal, word};

pub(super) fn fulfillment(
    place: &Place<'_>,
    fulfillment: wire::Fulfillment,
) -> Result<Fulfillment, Failure> {
    let lines = place.field("line_items").each(fulfillment.line_items, |place, line| {
        let quantity = place.field("quantity").pieces(line.quantity)?;
        Ok((place.field("id").id(line.id)?, quantity.unwrap_or(0)))
    })?;
    Ok(Fulfillment {
        id: place.field("id").id(fulfillment.id)?,
        status: word(fulfillment.status).unwrap_or_default(),
        location_id: external(fulfillment.location_id),
        lines,
    })
}

pub(super) fn refund(
    currencies: &Currencies,
    place: &Place<'_>,
    refund: wire::Refund,
) -> Result<Refund, Failure> {
    let adjustments =
        place.field("order_adjustments").each(refund.order_adjustments, |place, adjustment| {
            let (set, plain) = (adjustment.amount_set, adjustment.amount);
            let amount = currencies.rest(&place.field("amount"), set, plain)?;
            let (set, plain) = (adjustment.tax_amount_set, adjustment.tax_amount);
            let tax = currencies.rest(&place.field("tax_amount"), set, plain)?;
            Ok(plus(amount.unwrap_or_default(), tax.unwrap_or_default()))
        })?;
    let refunded = place
        .field("transactions")
        .each(refund.transactions, |place, it| money_returned(currencies, place, &it))?;
    let created_at = refund.created_at.or(refund.processed_at);
    Ok(Refund {
        id: place.field("id").id(refund.id)?,
        created_at: place.field("created_at").required_time(created_at.as_deref())?,
        note: personal(refund.note),
        lines: place
            .field("refund_line_items")
            .each(refund.refund_line_items, |place, line| refund_line(currencies, place, line))?,
        adjustments: adjustments.into_iter().fold(MoneyBag::default(), plus),
        refunded: refunded.into_iter().fold(MoneyBag::default(), plus),
    })
}

/// What of a refund's transaction went back to the buyer: only refunds that succeeded count.
fn money_returned(
    currencies: &Currencies,
    place: &Place<'_>,
    transaction: &wire::Transaction,
) -> Result<MoneyBag, Failure> {
    let counts = transaction.kind.as_deref() == Some("refund")
        && transaction.status.as_deref().is_none_or(|status| status == "success");
    if !counts {
        return Ok(MoneyBag::default());
    }
    let currency = place.field("currency").currency(transaction.currency.as_deref())?;
    let amount = place.field("amount").amount(transaction.amount)?.unwrap_or_default();
    Ok(if currency == Some(currencies.presentment) && currencies.presentment != currencies.shop {
        currencies.of_presentment(amount)
    } else {
        currencies.of_shop(amount)
    })
}

fn refund_line(
    currencies: &Currencies,
    place: &Place<'_>,
    line: wire::RefundLine,
) -> Result<RefundLine, Failure> {
    let quantity = place.field("quantity");
    let subtotal = currencies.rest(&place.field("subtotal"), line.subtotal_set, line.subtotal)?;
    let tax = currencies.rest(&place.field("total_tax"), line.total_tax_set, line.total_tax)?;
    Ok(RefundLine {
        line_item_id: place.field("line_item_id").id(line.line_item_id)?,
        quantity: quantity.required(quantity.pieces(line.quantity)?)?,
        restock: RestockType::parse(line.restock_type.as_deref().unwrap_or_default()),
        location_id: external(line.location_id),
        subtotal: subtotal.unwrap_or_default(),
        total_tax: tax.unwrap_or_default(),
    })
}
