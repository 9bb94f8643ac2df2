//! Refunds and movements of money.

use serde_json::{Value, json};

use super::parts::{Amounts, gid, number, time};
use crate::model::{Adjustment, Order, Refund, RefundLine, RefundShipping, Transaction};

pub(super) fn refund(order: &Order, refund: &Refund) -> Value {
    let amounts = Amounts::of(order);
    let lines: Vec<Value> = refund.lines.iter().map(|line| refund_line(order, line)).collect();
    let shipping: Vec<Value> = refund
        .shipping
        .iter()
        .map(|line| {
            json!({
                "id": line.id,
                "shipping_line_id": line.shipping_line_id,
                "subtotal_amount_set": amounts.set(line.subtotal),
                "tax_amount_set": amounts.set(line.tax),
            })
        })
        .collect();
    let given = refund.shipping.iter().map(|line| shipping_adjustment(order, refund, line));
    let others = refund.adjustments.iter().map(|other| adjustment(order, refund, other));
    let adjustments: Vec<Value> = given.chain(others).collect();
    let transactions: Vec<Value> =
        refund.transactions.iter().map(|moved| transaction(order, moved)).collect();
    json!({
        "id": refund.id,
        "admin_graphql_api_id": gid("Refund", refund.id),
        "order_id": order.id,
        "created_at": time(refund.created_at),
        "processed_at": time(refund.created_at),
        "note": refund.note,
        "user_id": null,
        "restock": refund.lines.iter().any(|line| line.restock.restocks()),
        "return": null,
        "duties": [],
        "total_duties_set": amounts.set(crate::model::Money::ZERO),
        "order_adjustments": adjustments,
        "refund_line_items": lines,
        "refund_shipping_lines": shipping,
        "transactions": transactions,
    })
}

/// A line of a refund. Its two plain amounts are JSON numbers, unlike all others.
fn refund_line(order: &Order, line: &RefundLine) -> Value {
    let amounts = Amounts::of(order);
    json!({
        "id": line.id,
        "line_item_id": line.line_item_id,
        "location_id": line.location_id,
        "quantity": line.quantity,
        "restock_type": line.restock.as_str(),
        "subtotal": number(line.subtotal),
        "subtotal_set": amounts.set(line.subtotal),
        "total_tax": number(line.total_tax),
        "total_tax_set": amounts.set(line.total_tax),
    })
}

/// Shipping that was given back, as older readers know it: negative amounts among the adjustments.
fn shipping_adjustment(order: &Order, refund: &Refund, line: &RefundShipping) -> Value {
    let amounts = Amounts::of(order);
    json!({
        "id": line.id,
        "order_id": order.id,
        "refund_id": refund.id,
        "kind": "shipping_refund",
        "reason": "Shipping refund",
        "amount": amounts.text(-line.subtotal),
        "amount_set": amounts.set(-line.subtotal),
        "tax_amount": amounts.text(-line.tax),
        "tax_amount_set": amounts.set(-line.tax),
    })
}

fn adjustment(order: &Order, refund: &Refund, adjustment: &Adjustment) -> Value {
    let amounts = Amounts::of(order);
    json!({
        "id": adjustment.id,
        "order_id": order.id,
        "refund_id": refund.id,
        "kind": "refund_discrepancy",
        "reason": adjustment.reason,
        "amount": amounts.text(adjustment.amount),
        "amount_set": amounts.set(adjustment.amount),
        "tax_amount": amounts.text(crate::model::Money::ZERO),
        "tax_amount_set": amounts.set(crate::model::Money::ZERO),
    })
}

/// A movement of money. Its amount is in the buyer's currency, and there is no other.
pub(super) fn transaction(order: &Order, moved: &Transaction) -> Value {
    let amounts = Amounts::of(order);
    json!({
        "id": moved.id,
        "admin_graphql_api_id": gid("OrderTransaction", moved.id),
        "order_id": order.id,
        "parent_id": moved.parent_id,
        "kind": moved.kind.as_str(),
        "status": moved.status.as_str(),
        "gateway": moved.gateway,
        "amount": amounts.presentment_text(moved.amount),
        "currency": order.presentment_currency,
        "authorization": null,
        "created_at": time(moved.processed_at),
        "processed_at": time(moved.processed_at),
        "device_id": null,
        "error_code": null,
        "location_id": order.location_id,
        "message": null,
        "payment_id": format!("{}.{}", order.name, moved.id),
        "receipt": {},
        "source_name": order.source_name,
        "test": order.test,
        "user_id": order.user_id,
    })
}
