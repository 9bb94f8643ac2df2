//! Refunds.

use serde_json::{Value, json};

use super::{Amounts, gid, reference, time};
use crate::model::{Adjustment, Money, Refund, RefundLine, RefundShipping};

pub(super) fn refund(of: Amounts<'_>, refund: &Refund) -> Value {
    json!({
        "__typename": "Refund",
        "id": gid("Refund", refund.id),
        "createdAt": time(refund.created_at),
        "processedAt": time(refund.created_at),
        "note": refund.note,
        "totalRefundedSet": of.bag(refund.refunded()),
        "refundLineItems": refund.lines.iter().map(|line| refund_line(of, line)).collect::<Vec<_>>(),
        "refundShippingLines": refund.shipping.iter().map(|line| shipping(of, line)).collect::<Vec<_>>(),
        "orderAdjustments": refund.adjustments.iter().map(|one| adjustment(of, one)).collect::<Vec<_>>(),
    })
}

fn refund_line(of: Amounts<'_>, line: &RefundLine) -> Value {
    json!({
        "__typename": "RefundLineItem",
        "id": gid("RefundLineItem", line.id),
        "lineItem": reference("LineItem", line.line_item_id),
        "quantity": line.quantity,
        "restockType": line.restock.as_str().to_uppercase(),
        "location": line.location_id.map(|id| reference("Location", id)),
        "subtotalSet": of.bag(line.subtotal),
        "totalTaxSet": of.bag(line.total_tax),
    })
}

fn shipping(of: Amounts<'_>, line: &RefundShipping) -> Value {
    json!({
        "__typename": "RefundShippingLine",
        "id": gid("RefundShippingLine", line.id),
        "subtotalAmountSet": of.bag(line.subtotal),
        "taxAmountSet": of.bag(line.tax),
    })
}

fn adjustment(of: Amounts<'_>, adjustment: &Adjustment) -> Value {
    json!({
        "__typename": "OrderAdjustment",
        "id": gid("OrderAdjustment", adjustment.id),
        "amountSet": of.bag(adjustment.amount),
        "taxAmountSet": of.bag(Money::ZERO),
    })
}
