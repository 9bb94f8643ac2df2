//! Orders.

use serde_json::{Map, Value, json};

use super::line;
use super::parts::{Amounts, address, gid, maybe_time, pairs, time};
use super::refund;
use crate::change::Edit;
use crate::model::{Customer, Fulfillment, Order, Store};

/// Orders are counted from 1 beside the number in their name.
const BEFORE_FIRST_NUMBER: i64 = 1000;

pub(super) fn order(store: &Store, order: &Order) -> Value {
    let mut body = Map::new();
    for part in [
        identity(order),
        circumstances(order),
        totals(order),
        current_totals(order),
        people(store, order),
        contents(store, order),
    ] {
        if let Value::Object(fields) = part {
            body.extend(fields);
        }
    }
    Value::Object(body)
}

fn identity(order: &Order) -> Value {
    json!({
        "id": order.id,
        "admin_graphql_api_id": gid("Order", order.id),
        "app_id": 580_111,
        "browser_ip": null,
        "buyer_accepts_marketing": false,
        "cancel_reason": order.cancel_reason,
        "cancelled_at": maybe_time(order.cancelled_at),
        "cart_token": null,
        "checkout_id": null,
        "checkout_token": null,
        "client_details": null,
        "closed_at": maybe_time(order.closed_at),
        "confirmation_number": order.confirmation_number(),
        "confirmed": true,
        "created_at": time(order.created_at),
        "currency": order.currency,
        "customer_locale": order.customer_locale,
        "device_id": null,
        "duties_included": false,
        "estimated_taxes": false,
        "financial_status": order.financial_status(),
        "fulfillment_status": order.fulfillment_status(),
        "landing_site": null,
    })
}

fn circumstances(order: &Order) -> Value {
    json!({
        "location_id": order.location_id,
        "merchant_of_record_app_id": null,
        "name": order.name,
        "note": order.note,
        "note_attributes": pairs(&order.note_attributes),
        "number": order.number - BEFORE_FIRST_NUMBER,
        "order_number": order.number,
        "payment_gateway_names": order.gateways(),
        "payment_terms": null,
        "po_number": order.po_number,
        "presentment_currency": order.presentment_currency,
        "processed_at": time(order.processed_at),
        "reference": null,
        "referring_site": null,
        "source_identifier": null,
        "source_name": order.source_name,
        "source_url": null,
        "tags": order.tags.join(", "),
        "tax_exempt": false,
        "taxes_included": order.taxes_included,
        "test": order.test,
        "token": format!("{:032x}", order.id),
        "updated_at": time(order.updated_at),
        "user_id": order.user_id,
    })
}

fn totals(order: &Order) -> Value {
    let amounts = Amounts::of(order);
    json!({
        "original_total_additional_fees_set": amounts.maybe_set(order.fees),
        "original_total_duties_set": amounts.maybe_set(order.total_duties()),
        "subtotal_price": amounts.text(order.subtotal()),
        "subtotal_price_set": amounts.set(order.subtotal()),
        "total_cash_rounding_payment_adjustment_set": amounts.set(order.cash_rounding),
        "total_cash_rounding_refund_adjustment_set": amounts.set(crate::model::Money::ZERO),
        "total_discounts": amounts.text(order.total_discounts()),
        "total_discounts_set": amounts.set(order.total_discounts()),
        "total_line_items_price": amounts.text(order.total_line_items()),
        "total_line_items_price_set": amounts.set(order.total_line_items()),
        "total_outstanding": amounts.text(order.outstanding()),
        "total_price": amounts.text(order.total()),
        "total_price_set": amounts.set(order.total()),
        "total_shipping_price_set": amounts.set(order.total_shipping()),
        "total_tax": amounts.text(order.total_tax()),
        "total_tax_set": amounts.set(order.total_tax()),
        "total_tip_received": amounts.text(order.total_tip()),
        "total_tip_received_set": amounts.set(order.total_tip()),
        "total_weight": order.lines.iter().map(|line| line.grams * line.quantity).sum::<i64>(),
    })
}

fn current_totals(order: &Order) -> Value {
    let amounts = Amounts::of(order);
    json!({
        "current_subtotal_price": amounts.text(order.current_subtotal()),
        "current_subtotal_price_set": amounts.set(order.current_subtotal()),
        "current_total_additional_fees_set": amounts.maybe_set(order.fees),
        "current_total_discounts": amounts.text(order.current_discounts()),
        "current_total_discounts_set": amounts.set(order.current_discounts()),
        "current_total_duties_set": amounts.maybe_set(order.total_duties()),
        "current_total_price": amounts.text(order.current_total()),
        "current_total_price_set": amounts.set(order.current_total()),
        "current_total_tax": amounts.text(order.current_tax()),
        "current_total_tax_set": amounts.set(order.current_tax()),
    })
}

fn people(store: &Store, order: &Order) -> Value {
    let customer = order.customer_id.and_then(|id| store.customers.get(&id));
    json!({
        "billing_address": address(order.billing_address.as_ref()),
        "contact_email": order.email,
        "customer": customer.map(|customer| self::customer(store, customer)),
        "email": order.email,
        "phone": order.phone,
        "shipping_address": address(order.shipping_address.as_ref()),
    })
}

fn contents(store: &Store, order: &Order) -> Value {
    let amounts = Amounts::of(order);
    let lines: Vec<Value> =
        order.lines.iter().map(|item| line::line_item(store, order, item)).collect();
    let shipping: Vec<Value> =
        order.shipping.iter().map(|item| line::shipping_line(order, item)).collect();
    let applications: Vec<Value> =
        order.applications.iter().map(|discount| line::application(order, discount)).collect();
    let fulfillments: Vec<Value> =
        order.fulfillments.iter().map(|sent| fulfillment(store, order, sent)).collect();
    let refunds: Vec<Value> =
        order.refunds.iter().map(|back| refund::refund(order, back)).collect();
    json!({
        "discount_applications": applications,
        "discount_codes": line::discount_codes(order),
        "fulfillments": fulfillments,
        "line_items": lines,
        "refunds": refunds,
        "shipping_lines": shipping,
        "tax_lines": line::tax_lines(amounts, &order.tax_lines()),
    })
}

fn customer(store: &Store, customer: &Customer) -> Value {
    json!({
        "id": customer.id,
        "admin_graphql_api_id": gid("Customer", customer.id),
        "created_at": time(customer.created_at),
        "updated_at": time(customer.updated_at),
        "currency": store.currency,
        "default_address": address(Some(&customer.address)),
        "email": customer.email,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "note": null,
        "phone": customer.phone,
        "state": "disabled",
        "tags": customer.tags.join(", "),
        "tax_exempt": customer.tax_exempt,
        "tax_exemptions": [],
        "verified_email": true,
    })
}

pub(super) fn fulfillment(store: &Store, order: &Order, sent: &Fulfillment) -> Value {
    let lines: Vec<Value> = sent
        .lines
        .iter()
        .filter_map(|(id, pieces)| {
            let mut body = line::line_item(store, order, order.line(*id)?);
            body["quantity"] = json!(pieces);
            Some(body)
        })
        .collect();
    let place = order.fulfillments.iter().position(|other| other.id == sent.id);
    json!({
        "id": sent.id,
        "admin_graphql_api_id": gid("Fulfillment", sent.id),
        "order_id": order.id,
        "created_at": time(sent.created_at),
        "updated_at": time(sent.created_at),
        "line_items": lines,
        "location_id": sent.location_id,
        "name": format!("{}.{}", order.name, place.unwrap_or_default() + 1),
        "service": "manual",
        "shipment_status": null,
        "status": sent.status,
        "tracking_company": null,
        "tracking_number": null,
        "tracking_numbers": [],
        "tracking_url": null,
        "tracking_urls": [],
    })
}

/// The body of `orders/edited`, which is about the edit and not about the order.
pub(super) fn edit(order_id: i64, edit: &Edit) -> Value {
    let deltas = |lines: &[(i64, i64)]| -> Value {
        lines.iter().map(|(id, delta)| json!({ "id": id, "delta": delta })).collect()
    };
    let shipping: Vec<Value> = edit.removed_shipping.iter().map(|id| json!({ "id": id })).collect();
    json!({
        "order_edit": {
            "id": edit.id,
            "app_id": null,
            "committed_at": time(edit.committed_at),
            "created_at": time(edit.committed_at),
            "discounts": { "line_item": { "additions": [], "removals": [] } },
            "line_items": {
                "additions": deltas(&edit.additions),
                "removals": deltas(&edit.removals),
            },
            "notify_customer": false,
            "order_id": order_id,
            "shipping_lines": { "additions": [], "removals": shipping },
            "staff_note": "",
            "user_id": null,
        },
    })
}
