//! What became of an order: what was paid, what was sent, and what came back.

use domain::delivery::Failure;
use domain::money::MoneyBag;
use domain::refined::{Fulfillment, Refund, RefundLine, RestockType, Transaction};
use shopify::wire::node as wire;

use super::super::super::place::Place;
use super::super::super::product::external;
use super::super::money::{Currencies, minus, plus};
use super::super::{personal, word};
use super::whole;

pub(super) fn transaction(
    currencies: &Currencies,
    place: &Place<'_>,
    transaction: wire::Transaction,
) -> Result<Transaction, Failure> {
    let amount = place.field("amountSet");
    Ok(Transaction {
        id: place.field("id").id(transaction.id)?,
        kind: word(transaction.kind).unwrap_or_default(),
        status: word(transaction.status).unwrap_or_default(),
        gateway: transaction.gateway.unwrap_or_default(),
        amount: currencies.node_or_zero(&amount, transaction.amount_set)?,
        processed_at: place.field("processedAt").time(transaction.processed_at.as_deref())?,
    })
}

pub(super) fn fulfillment(
    place: &Place<'_>,
    fulfillment: wire::Fulfillment,
) -> Result<Fulfillment, Failure> {
    let connection = place.field("fulfillmentLineItems");
    let lines = whole(&connection, fulfillment.fulfillment_line_items)?;
    let lines = connection.field("nodes").each(lines, |place, line| {
        let id = line.line_item.and_then(|line| line.id);
        let quantity = place.field("quantity").pieces(line.quantity)?;
        Ok((place.field("lineItem").id(id)?, quantity.unwrap_or(0)))
    })?;
    Ok(Fulfillment {
        id: place.field("id").id(fulfillment.id)?,
        status: word(fulfillment.status).unwrap_or_default(),
        location_id: external(fulfillment.location.and_then(|location| location.id)),
        lines,
    })
}

pub(super) fn refund(
    currencies: &Currencies,
    place: &Place<'_>,
    refund: wire::Refund,
) -> Result<Refund, Failure> {
    let sum = |place: &Place<'_>, amount, tax| {
        let amount = currencies.node_or_zero(place, amount)?;
        Ok(plus(amount, currencies.node_or_zero(place, tax)?))
    };
    let connection = place.field("orderAdjustments");
    let adjustments = whole(&connection, refund.order_adjustments)?;
    let adjustments = connection.each(adjustments, |place, adjustment: wire::Adjustment| {
        sum(place, adjustment.amount_set, adjustment.tax_amount_set)
    })?;
    let connection = place.field("refundShippingLines");
    let shipping = whole(&connection, refund.refund_shipping_lines)?;
    let shipping = connection.each(shipping, |place, line: wire::RefundShippingLine| {
        sum(place, line.subtotal_amount_set, line.tax_amount_set)
    })?;
    let connection = place.field("refundLineItems");
    let lines = whole(&connection, refund.refund_line_items)?;
    let created_at = refund.created_at.or(refund.processed_at);
    // Deliveries write shipping that was given back as a negative adjustment.
    let total = |amounts: Vec<MoneyBag>| amounts.into_iter().fold(MoneyBag::default(), plus);
    Ok(Refund {
        id: place.field("id").id(refund.id)?,
        created_at: place.field("createdAt").required_time(created_at.as_deref())?,
        note: personal(refund.note),
        lines: connection
            .field("nodes")
            .each(lines, |place, line| refund_line(currencies, place, line))?,
        adjustments: minus(total(adjustments), total(shipping)),
        refunded: currencies
            .node_or_zero(&place.field("totalRefundedSet"), refund.total_refunded_set)?,
    })
}

fn refund_line(
    currencies: &Currencies,
    place: &Place<'_>,
    line: wire::RefundLine,
) -> Result<RefundLine, Failure> {
    let quantity = place.field("quantity");
    Ok(RefundLine {
        line_item_id: place.field("lineItem").id(line.line_item.and_then(|line| line.id))?,
        quantity: quantity.required(quantity.pieces(line.quantity)?)?,
        restock: RestockType::parse(line.restock_type.as_deref().unwrap_or_default()),
        location_id: external(line.location.and_then(|location| location.id)),
        subtotal: currencies.node_or_zero(&place.field("subtotalSet"), line.subtotal_set)?,
        total_tax: currencies.node_or_zero(&place.field("totalTaxSet"), line.total_tax_set)?,
    })
}
