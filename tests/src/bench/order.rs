//! Bodies of `orders/create`, shaped like the store's: three lines, taxes, an address, the money sets.

use serde_json::{Value, json};

use super::seed::{VARIANTS_PER_SHOP, variant_id};

/// The secret that the benchmark's webhooks are signed with.
pub const CLIENT_SECRET: &str = "bench-secret";
/// Lines of an order.
const LINES: u64 = 3;

fn money(name: &str, cents: u64, into: &mut Value) {
    let amount = format!("{}.{:02}", cents / 100, cents % 100);
    let side = json!({ "amount": amount, "currency_code": "CAD" });
    into[name] = Value::String(amount);
    into[format!("{name}_set")] = json!({ "shop_money": side, "presentment_money": side });
}

/// The body of an order of a shop and the pieces that it sells.
pub fn order_body(shop: u64, id: u64) -> (Vec<u8>, u64) {
    let (mut subtotal, mut pieces) = (0, 0);
    let lines: Vec<Value> = (0..LINES)
        .map(|line| {
            let variant = (id.wrapping_mul(31) + line * 67) % VARIANTS_PER_SHOP;
            let quantity = 1 + (id + line) % 3;
            let price = 999 + (variant * 137) % 9_000;
            subtotal += price * quantity;
            pieces += quantity;
            line_item(shop, id * 10 + line, variant, quantity, price)
        })
        .collect();
    let tax = subtotal * 13 / 100;
    let shipping = 1_000;
    let mut order = json!({
        "id": id,
        "admin_graphql_api_id": format!("gid://shopify/Order/{id}"),
        "name": format!("#{}", 1_000 + id % 1_000_000),
        "order_number": 1_000 + id % 1_000_000,
        "number": id % 1_000_000,
        "test": false,
        "confirmed": true,
        "source_name": "web",
        "created_at": "2026-11-21T09:30:00-05:00",
        "updated_at": "2026-11-21T09:30:02-05:00",
        "processed_at": "2026-11-21T09:30:00-05:00",
        "cancelled_at": null,
        "currency": "CAD",
        "presentment_currency": "CAD",
        "taxes_included": false,
        "financial_status": "paid",
        "fulfillment_status": null,
        "email": "amelie.tremblay@example.com",
        "phone": null,
        "tags": "bench, web",
        "note": null,
        "note_attributes": [],
        "payment_gateway_names": ["shopify_payments"],
        "discount_codes": [],
        "discount_applications": [],
        "customer": customer(id),
        "billing_address": address(id),
        "shipping_address": address(id),
        "line_items": lines,
        "shipping_lines": [{
            "id": id + 1,
            "title": "Standard",
            "code": "standard",
            "is_removed": false,
            "discount_allocations": [],
            "tax_lines": []
        }],
        "tax_lines": [{ "title": "HST", "rate": 0.13 }],
        "fulfillments": [],
        "refunds": []
    });
    money("price", shipping, &mut order["shipping_lines"][0]);
    money("price", tax, &mut order["tax_lines"][0]);
    money("subtotal_price", subtotal, &mut order);
    money("total_line_items_price", subtotal, &mut order);
    money("total_tax", tax, &mut order);
    money("total_discounts", 0, &mut order);
    money("total_shipping_price", shipping, &mut order);
    money("total_price", subtotal + tax + shipping, &mut order);
    money("current_total_price", subtotal + tax + shipping, &mut order);
    money("current_subtotal_price", subtotal, &mut order);
    order["total_outstanding"] = json!("0.00");
    (order.to_string().into_bytes(), pieces)
}

fn line_item(shop: u64, id: u64, variant: u64, quantity: u64, price: u64) -> Value {
    let mut line = json!({
        "id": id,
        "admin_graphql_api_id": format!("gid://shopify/LineItem/{id}"),
        "product_id": 8_000_000_000_000_u64 + shop * 1_000 + variant,
        "variant_id": variant_id(shop, variant),
        "title": "Organic Cotton Tee",
        "variant_title": "Medium / Black",
        "name": "Organic Cotton Tee - Medium / Black",
        "sku": format!("SKU-{shop:03}-{variant:04}"),
        "vendor": "Northern Goods",
        "quantity": quantity,
        "current_quantity": quantity,
        "fulfillable_quantity": quantity,
        "grams": 250,
        "taxable": true,
        "requires_shipping": true,
        "gift_card": false,
        "properties": [],
        "discount_allocations": [],
        "duties": [],
        "tax_lines": []
    });
    money("price", price, &mut line);
    money("total_discount", 0, &mut line);
    line
}

fn customer(id: u64) -> Value {
    json!({
        "id": 7_000_000_000_000_u64 + id % 5_000,
        "first_name": "Amélie",
        "last_name": "Tremblay",
        "email": "amelie.tremblay@example.com",
        "tags": "",
        "tax_exempt": false
    })
}

fn address(id: u64) -> Value {
    json!({
        "first_name": "Amélie",
        "last_name": "Tremblay",
        "address1": format!("{} Queen St W", 1 + id % 2_400),
        "address2": null,
        "city": "Toronto",
        "province": "Ontario",
        "province_code": "ON",
        "country": "Canada",
        "country_code": "CA",
        "zip": "M5V 2A1",
        "phone": "+1 416 555 0100",
        "company": null
    })
}
