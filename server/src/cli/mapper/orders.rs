//! Bodies of orders of any length, for measuring.

use serde_json::{Value, json};

/// The topic that the bodies come by.
pub(super) const TOPIC: &str = "orders/create";
/// What one line comes to, in hundredths: two pieces of 19.99 less a discount of 3.98, and 13 % tax on the rest.
pub(super) const NET: u64 = 3_600;
pub(super) const TAX: u64 = 468;
/// What sending costs, in hundredths.
pub(super) const SHIPPING: u64 = 750;

/// The body of a paid order of `lines` lines, with what orders usually have: discounts, taxes, shipping, a customer with
/// addresses, choices of the buyer's.
pub(super) fn body(lines: u64) -> String {
    let items: Vec<_> = (0..lines).map(line).collect();
    let subtotal = NET * lines;
    let tax = TAX * lines;
    json!({
        "id": 5_500_000_000_900_u64,
        "name": "#9001",
        "order_number": 9_001,
        "source_name": "web",
        "created_at": "2026-03-02T09:14:55-05:00",
        "updated_at": "2026-03-02T09:15:01-05:00",
        "processed_at": "2026-03-02T09:14:54-05:00",
        "currency": "CAD",
        "presentment_currency": "CAD",
        "taxes_included": false,
        "subtotal_price": decimal(subtotal),
        "total_discounts": decimal(398 * lines),
        "total_tax": decimal(tax),
        "total_price": decimal(subtotal + tax + SHIPPING),
        "total_outstanding": "0.00",
        "financial_status": "paid",
        "payment_gateway_names": ["shopify_payments"],
        "tags": "online, regular",
        "note": "Leave at the door",
        "customer": {
            "id": 7_700_000_000_009_u64, "first_name": "Robin", "last_name": "Okafor",
            "email": "robin@example.com",
        },
        "email": "robin@example.com",
        "billing_address": address(),
        "shipping_address": address(),
        "discount_applications": [{
            "type": "automatic", "title": "Spring", "value": "10.0", "value_type": "percentage",
            "target_type": "line_item",
        }],
        "line_items": items,
        "shipping_lines": [{
            "id": 4_600_000_000_009_u64, "title": "Parcel", "price": decimal(SHIPPING), "tax_lines": [],
        }],
        "tax_lines": [{ "title": "HST", "rate": 0.13, "price": decimal(tax) }],
        "refunds": [],
    })
    .to_string()
}

fn line(index: u64) -> Value {
    json!({
        "id": 13_100_000_009_000_u64 + index,
        "product_id": 8_800_000_009_000_u64 + index,
        "variant_id": 44_400_000_009_000_u64 + index,
        "sku": format!("SKU-{index}"),
        "title": "Shirt",
        "variant_title": "Medium / Black",
        "quantity": 2,
        "price": "19.99",
        "discount_allocations": [{ "amount": "3.98", "discount_application_index": 0 }],
        "tax_lines": [{ "title": "HST", "rate": 0.13, "price": decimal(TAX) }],
        "properties": [{ "name": "engraving", "value": "For Kit" }],
    })
}

fn address() -> Value {
    json!({
        "first_name": "Robin", "last_name": "Okafor", "address1": "12 Quay Street", "city": "Halifax",
        "province_code": "NS", "country_code": "CA", "zip": "B3J 0A1",
    })
}

/// Hundredths as a decimal.
pub(super) fn decimal(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::mapper::runner::{Runner, STANDARD_FOR_TESTS};

    #[test]
    fn the_orders_add_up() {
        let runner = Runner::start(STANDARD_FOR_TESTS).unwrap();
        for lines in [1, 25] {
            let body = body(lines);
            let order = runner.order(TOPIC, &body).unwrap();
            assert_eq!(order.line_items.len() as u64, lines);
            let run = runner.run_standard(&order, &body);
            assert!(run.result.is_ok(), "{run:?}");
        }
    }
}
