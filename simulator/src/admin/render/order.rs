//! Orders.

mod parts;
mod refund;

use serde_json::{Map, Value, json};

use super::{gid, money, reference, time};
use crate::model::{Customer, Money, Order, Store};
use parts::{
    address, application, attributes, fulfillment, line_item, shipping_line, tax_lines, transaction,
};
use refund::refund;

/// Renders amounts in an order's currencies.
#[derive(Clone, Copy)]
struct Amounts<'a>(&'a Order);

impl Amounts<'_> {
    fn bag(self, amount: Money) -> Value {
        money(amount, &self.0.currency, &self.0.presentment_currency)
    }

    /// An amount that the store leaves out where there is none.
    fn some(self, amount: Money) -> Value {
        if amount.is_zero() { Value::Null } else { self.bag(amount) }
    }
}

/// An order with everything in it.
pub(in crate::admin) fn order(store: &Store, order: &Order) -> Value {
    let mut rendered = identity(order);
    rendered.extend(amounts(order));
    rendered.extend(people(store, order));
    rendered.extend(contents(order));
    Value::Object(rendered)
}

fn identity(order: &Order) -> Map<String, Value> {
    let fulfillment = order.fulfillment_status().unwrap_or("unfulfilled");
    let fulfillment = if fulfillment == "partial" { "partially_fulfilled" } else { fulfillment };
    object(json!({
        "__typename": "Order",
        "id": gid("Order", order.id),
        "name": order.name,
        "number": order.number,
        "sourceName": order.source_name,
        "test": order.test,
        "createdAt": time(order.created_at),
        "updatedAt": time(order.updated_at),
        "processedAt": time(order.processed_at),
        "cancelledAt": order.cancelled_at.map(time),
        "cancelReason": order.cancel_reason.as_ref().map(|reason| reason.to_uppercase()),
        "closedAt": order.closed_at.map(time),
        "currencyCode": order.currency,
        "presentmentCurrencyCode": order.presentment_currency,
        "taxesIncluded": order.taxes_included,
        "displayFinancialStatus": order.financial_status().to_uppercase(),
        "displayFulfillmentStatus": fulfillment.to_uppercase(),
        "retailLocation": order.location_id.map(|id| reference("Location", id)),
        "tags": order.tags,
        "note": order.note,
        "customAttributes": attributes(&order.note_attributes),
        "customerLocale": order.customer_locale,
        "poNumber": order.po_number,
        "confirmationNumber": order.confirmation_number(),
        "discountCodes": order.discount_codes().collect::<Vec<_>>(),
        "paymentGatewayNames": order.gateways(),
    }))
}

fn amounts(order: &Order) -> Map<String, Value> {
    let of = Amounts(order);
    object(json!({
        "subtotalPriceSet": of.bag(order.subtotal()),
        "totalDiscountsSet": of.bag(order.total_discounts()),
        "totalTaxSet": of.bag(order.total_tax()),
        "totalShippingPriceSet": of.bag(order.total_shipping()),
        "originalTotalDutiesSet": of.some(order.total_duties()),
        "originalTotalAdditionalFeesSet": of.some(order.fees),
        "totalTipReceivedSet": of.bag(order.total_tip()),
        "totalCashRoundingAdjustment": {
            "__typename": "CashRoundingAdjustment",
            "paymentSet": of.bag(order.cash_rounding),
        },
        "totalPriceSet": of.bag(order.total()),
        "currentTotalPriceSet": of.bag(order.current_total()),
        "totalOutstandingSet": of.bag(order.outstanding()),
    }))
}

fn people(store: &Store, order: &Order) -> Map<String, Value> {
    let buyer = order.customer_id.and_then(|id| store.customers.get(&id));
    object(json!({
        "customer": buyer.map(customer),
        "email": order.email,
        "phone": order.phone,
        "billingAddress": order.billing_address.as_ref().map(address),
        "shippingAddress": order.shipping_address.as_ref().map(address),
    }))
}

fn customer(customer: &Customer) -> Value {
    json!({
        "__typename": "Customer",
        "id": gid("Customer", customer.id),
        "firstName": customer.first_name,
        "lastName": customer.last_name,
        "defaultEmailAddress": customer.email.as_ref().map(|email| {
            json!({ "__typename": "CustomerEmailAddress", "emailAddress": email })
        }),
        "defaultPhoneNumber": customer.phone.as_ref().map(|phone| {
            json!({ "__typename": "CustomerPhoneNumber", "phoneNumber": phone })
        }),
        "taxExempt": customer.tax_exempt,
        "tags": customer.tags,
    })
}

fn contents(order: &Order) -> Map<String, Value> {
    let of = Amounts(order);
    let applications = order.applications.iter().enumerate();
    object(json!({
        "taxLines": tax_lines(of, &order.tax_lines()),
        "discountApplications": applications
            .map(|(index, one)| application(of, index, one))
            .collect::<Vec<_>>(),
        "lineItems": order.lines.iter().map(|line| line_item(of, line)).collect::<Vec<_>>(),
        "shippingLines": order.shipping.iter().map(|line| shipping_line(of, line)).collect::<Vec<_>>(),
        "transactions": order.transactions.iter().map(|one| transaction(of, one)).collect::<Vec<_>>(),
        "fulfillments": order.fulfillments.iter().map(fulfillment).collect::<Vec<_>>(),
        "refunds": order.refunds.iter().map(|one| refund(of, one)).collect::<Vec<_>>(),
    }))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
