//! Lines, shipping, discounts and taxes.

use serde_json::{Value, json};

use super::parts::{Amounts, gid, pairs};
use crate::model::{
    Allocation, Application, ApplicationKind, DiscountValue, LineItem, Order, ShippingLine, Store,
    Target, TaxLine,
};

pub(super) fn line_item(store: &Store, order: &Order, line: &LineItem) -> Value {
    let amounts = Amounts::of(order);
    let exists = line.product_id.is_some_and(|id| store.products.contains_key(&id));
    let name = match &line.variant_title {
        Some(variant) => format!("{} - {variant}", line.title),
        None => line.title.clone(),
    };
    let mut body = json!({
        "id": line.id,
        "admin_graphql_api_id": gid("LineItem", line.id),
        "attributed_staffs": [],
        "current_quantity": order.current_quantity(line),
        "fulfillable_quantity": order.fulfillable_quantity(line),
        "fulfillment_service": "manual",
        "fulfillment_status": fulfillment_status(order, line),
        "gift_card": line.gift_card,
        "grams": line.grams,
        "name": name,
        "price": amounts.text(line.price),
        "price_set": amounts.set(line.price),
        "product_exists": exists,
        "product_id": line.product_id,
        "properties": pairs(&line.properties),
        "quantity": line.quantity,
        "requires_shipping": line.requires_shipping,
        "sku": line.sku,
        "taxable": line.taxable,
        "title": line.title,
        "total_discount": amounts.text(crate::model::Money::ZERO),
        "total_discount_set": amounts.set(crate::model::Money::ZERO),
        "variant_id": line.variant_id,
        "variant_inventory_management": line.inventory_item_id.map(|_| "shopify"),
        "variant_title": line.variant_title,
        "vendor": line.vendor,
        "tax_lines": tax_lines(amounts, &line.taxes),
        "duties": duties(amounts, line),
        "discount_allocations": allocations(amounts, &line.allocations),
    });
    if let Some(gateway) = &line.tip_gateway {
        body["tip"] = json!({ "payment_gateway": gateway, "payment_method": "credit_card" });
    }
    body
}

fn fulfillment_status(order: &Order, line: &LineItem) -> Option<&'static str> {
    match (order.fulfilled_quantity(line.id), order.fulfillable_quantity(line)) {
        (0, _) => None,
        (_, 0) => Some("fulfilled"),
        _ => Some("partial"),
    }
}

fn duties(amounts: Amounts<'_>, line: &LineItem) -> Value {
    let Some(duty) = line.duty else {
        return json!([]);
    };
    let mut body = amounts.set(duty);
    body["id"] = json!(line.id.to_string());
    body["harmonized_system_code"] = json!("520300");
    body["country_code_of_origin"] = json!("CA");
    body["tax_lines"] = json!([]);
    json!([body])
}

pub(super) fn shipping_line(order: &Order, line: &ShippingLine) -> Value {
    let amounts = Amounts::of(order);
    json!({
        "id": line.id,
        "carrier_identifier": null,
        "code": line.code,
        "current_discounted_price_set": amounts.set(line.net()),
        "discounted_price": amounts.text(line.net()),
        "discounted_price_set": amounts.set(line.net()),
        "is_removed": line.removed,
        "phone": null,
        "price": amounts.text(line.price),
        "price_set": amounts.set(line.price),
        "requested_fulfillment_service_id": null,
        "source": "shopify",
        "title": line.title,
        "tax_lines": tax_lines(amounts, &line.taxes),
        "discount_allocations": allocations(amounts, &line.allocations),
    })
}

pub(super) fn tax_lines(amounts: Amounts<'_>, taxes: &[TaxLine]) -> Value {
    taxes
        .iter()
        .map(|tax| {
            let rate = tax.rate.normalize().to_string();
            json!({
                "channel_liable": false,
                "price": amounts.text(tax.price),
                "price_set": amounts.set(tax.price),
                "rate": rate.parse::<serde_json::Number>().ok(),
                "title": tax.title,
            })
        })
        .collect()
}

fn allocations(amounts: Amounts<'_>, parts: &[Allocation]) -> Value {
    parts
        .iter()
        .map(|part| {
            json!({
                "amount": amounts.text(part.amount),
                "amount_set": amounts.set(part.amount),
                "discount_application_index": part.application,
            })
        })
        .collect()
}

pub(super) fn application(order: &Order, discount: &Application) -> Value {
    let amounts = Amounts::of(order);
    let (value_type, value) = match discount.value {
        DiscountValue::Percentage(percent) => ("percentage", percent.normalize().to_string()),
        DiscountValue::Fixed(amount) => ("fixed_amount", amounts.text(amount)),
    };
    let (target_type, target_selection, allocation_method) = match discount.target {
        Target::Order => ("line_item", "all", "across"),
        Target::Lines => ("line_item", "entitled", "each"),
        Target::Shipping => ("shipping_line", "all", "each"),
    };
    let mut body = json!({
        "target_type": target_type,
        "type": kind(discount.kind),
        "value": value,
        "value_type": value_type,
        "allocation_method": allocation_method,
        "target_selection": target_selection,
    });
    match discount.kind {
        ApplicationKind::Code => body["code"] = json!(discount.title),
        ApplicationKind::Automatic => body["title"] = json!(discount.title),
        ApplicationKind::Manual => {
            body["title"] = json!(discount.title);
            body["description"] = json!(discount.title);
        }
    }
    body
}

const fn kind(kind: ApplicationKind) -> &'static str {
    match kind {
        ApplicationKind::Code => "discount_code",
        ApplicationKind::Automatic => "automatic",
        ApplicationKind::Manual => "manual",
    }
}

/// The codes with what each took off.
pub(super) fn discount_codes(order: &Order) -> Value {
    let amounts = Amounts::of(order);
    let lines = order.lines.iter().flat_map(|line| &line.allocations);
    let shipping = order.live_shipping().flat_map(|line| &line.allocations);
    let parts: Vec<&Allocation> = lines.chain(shipping).collect();
    order
        .applications
        .iter()
        .enumerate()
        .filter(|(_, discount)| discount.kind == ApplicationKind::Code)
        .map(|(place, discount)| {
            let of_it = parts.iter().filter(|part| part.application == place);
            let amount = of_it.map(|part| part.amount).sum();
            let kind = match (discount.target, discount.value) {
                (Target::Shipping, _) => "shipping",
                (_, DiscountValue::Percentage(_)) => "percentage",
                (_, DiscountValue::Fixed(_)) => "fixed_amount",
            };
            json!({ "code": discount.title, "amount": amounts.text(amount), "type": kind })
        })
        .collect()
}
