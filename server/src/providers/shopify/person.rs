//! A body without the person that it tells of.
//!
//! What may stay is named, so that a field which comes with a new version goes rather than stays. It is what we read of
//! goods, money and states, in both of the store's shapes; of an address its country and province, which taxes are told
//! by. What was read from a body before is read from it afterwards, but for the person.

use domain::personal::Personal;
use domain::privacy::Telltales;
use serde_json::{Map, Value};

/// Topics of which something is left; of all others nothing is, since nobody reads more than an id from them.
const SALES: [&str; 4] = ["orders/", "refunds/", "fulfillments/", "order_transactions/"];

/// Fields that tell of a person.
const TELLING: [&str; 6] =
    ["email", "contact_email", "emailAddress", "phone", "phoneNumber", "address1"];

/// Fields whose objects are a place.
const PLACES: [&str; 4] =
    ["billing_address", "billingAddress", "shipping_address", "shippingAddress"];

/// What stays of a place.
const OF_PLACE: [&str; 4] = ["country_code", "countryCodeV2", "province_code", "provinceCode"];

/// What stays of everything else.
#[rustfmt::skip]
const KEPT: &[&str] = &[
    // Of the whole.
    "id", "admin_graphql_api_id", "name", "number", "order_number", "confirmation_number",
    "confirmationNumber", "source_name", "sourceName", "test", "created_at", "createdAt",
    "updated_at", "updatedAt", "processed_at", "processedAt", "cancelled_at", "cancelledAt",
    "cancel_reason", "cancelReason", "closed_at", "closedAt", "currency", "currencyCode",
    "presentment_currency", "presentmentCurrencyCode", "taxes_included", "taxesIncluded",
    "financial_status", "displayFinancialStatus", "fulfillment_status",
    "displayFulfillmentStatus", "location_id", "retailLocation", "user_id", "tags",
    "customer_locale", "customerLocale", "order_id", "order_edit", "committed_at",
    // Amounts.
    "subtotal_price", "subtotal_price_set", "subtotalPriceSet", "total_discounts",
    "total_discounts_set", "totalDiscountsSet", "total_tax", "total_tax_set", "totalTaxSet",
    "total_shipping_price_set", "totalShippingPriceSet", "original_total_duties_set",
    "originalTotalDutiesSet", "original_total_additional_fees_set",
    "originalTotalAdditionalFeesSet", "total_tip_received", "total_tip_received_set",
    "totalTipReceivedSet", "total_cash_rounding_payment_adjustment_set",
    "totalCashRoundingAdjustment", "paymentSet", "total_price", "total_price_set",
    "totalPriceSet", "current_total_price", "current_total_price_set", "currentTotalPriceSet",
    "total_outstanding", "totalOutstandingSet", "shop_money", "shopMoney", "presentment_money",
    "presentmentMoney", "amount", "amount_set", "amountSet", "currency_code", "price",
    "price_set", "priceSet", "rate", "tax_amount", "tax_amount_set", "taxAmountSet", "subtotal",
    "subtotal_set", "subtotalSet", "subtotalAmountSet", "totalRefundedSet", "percentage",
    // Lists and their items.
    "line_items", "lineItems", "shipping_lines", "shippingLines", "tax_lines", "taxLines",
    "discount_applications", "discountApplications", "discount_codes", "discountCodes",
    "payment_gateway_names", "paymentGatewayNames", "fulfillments", "fulfillmentLineItems",
    "refunds", "refund_line_items", "refundLineItems", "refundShippingLines",
    "order_adjustments", "orderAdjustments", "transactions", "nodes", "duties",
    "discount_allocations", "discountAllocations", "allocatedAmountSet", "discountApplication",
    "discount_application_index", "index", "product_id", "product", "variant_id", "variant",
    "sku", "title", "variant_title", "variantTitle", "vendor", "quantity", "current_quantity",
    "currentQuantity", "originalUnitPriceSet", "originalPriceSet", "grams", "weight", "unit",
    "taxable", "requires_shipping", "requiresShipping", "gift_card", "isGiftCard", "tip", "type",
    "__typename", "description", "code", "value", "value_type", "target_type", "targetType",
    "is_removed", "isRemoved", "status", "kind", "gateway", "location", "line_item_id",
    "lineItem", "restock_type", "restockType",
];

/// The body without the person. One that is no JSON, and one of a topic from which no more than an id is read, is
/// emptied.
pub(super) fn without_person(topic: &str, body: &[u8]) -> Vec<u8> {
    let is_sale = SALES.iter().any(|prefix| topic.starts_with(prefix));
    let read = if is_sale { serde_json::from_slice(body).ok() } else { None };
    let Some(mut value @ Value::Object(_)) = read else {
        return b"{}".to_vec();
    };
    let mut telltales = Telltales::default();
    collect(&value, &mut telltales);
    keep(&mut value, KEPT, &telltales);
    value.to_string().into_bytes()
}

/// What tells of the person wherever it stands; read from any body, also from one that cannot be used.
pub(super) fn telltales(body: &[u8]) -> Telltales {
    let mut telltales = Telltales::default();
    if let Ok(value) = serde_json::from_slice(body) {
        collect(&value, &mut telltales);
    }
    telltales
}

fn collect(value: &Value, telltales: &mut Telltales) {
    match value {
        Value::Object(fields) => {
            let text = |name: &str| fields.get(name).and_then(Value::as_str).map(Personal::new);
            TELLING.iter().filter_map(|name| text(name)).for_each(|one| telltales.add(&one));
            for (first, last) in [("first_name", "last_name"), ("firstName", "lastName")] {
                if let Some((first, last)) = text(first).zip(text(last)) {
                    telltales.add_name(&first, &last);
                }
            }
            fields.values().for_each(|field| collect(field, telltales));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, telltales)),
        _ => {}
    }
}

fn keep(value: &mut Value, kept: &[&str], telltales: &Telltales) {
    match value {
        Value::Object(fields) => keep_fields(fields, kept, telltales),
        Value::Array(items) => items.iter_mut().for_each(|item| keep(item, kept, telltales)),
        Value::String(text) if telltales.tell(text) => *value = Value::Null,
        _ => {}
    }
}

fn keep_fields(fields: &mut Map<String, Value>, kept: &[&str], telltales: &Telltales) {
    let is_place = |name: &str| kept == KEPT && PLACES.contains(&name);
    fields.retain(|name, _| kept.contains(&name.as_str()) || is_place(name));
    for (name, value) in fields.iter_mut() {
        let kept = if is_place(name) { &OF_PLACE } else { kept };
        keep(value, kept, telltales);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str = r##"{"id":5,"name":"#5","currency":"CAD","total_price":"12.10","email":"jane@example.com",
        "customer":{"id":7,"first_name":"Jane","last_name":"Example","default_address":{"name":"x"}},"note":"ring twice",
        "shipping_address":{"name":"Jane Example","address1":"1 Elm Street","country_code":"CA","zip":"K1A"},
        "line_items":[{"id":1,"title":"Tea","price":5.050,"properties":[{"name":"for","value":"Jim"}]},
            {"id":2,"title":"Mug of JANE EXAMPLE","price":"2.00"}],
        "browser_ip":"10.0.0.1","tags":"gift","new_field":{"email":"x@y.z"},
        "created_at":"2026-11-21T00:00:00Z","updated_at":"2026-11-21T00:00:00Z"}"##;

    #[test]
    fn goods_and_money_stay_and_the_person_goes() {
        let erased = without_person("orders/create", ORDER.as_bytes());
        let expected = serde_json::json!({
            "id": 5, "name": "#5", "currency": "CAD", "total_price": "12.10", "tags": "gift",
            "shipping_address": { "country_code": "CA" },
            "line_items": [
                { "id": 1, "title": "Tea", "price": null },
                { "id": 2, "title": null, "price": "2.00" },
            ],
            "created_at": "2026-11-21T00:00:00Z", "updated_at": "2026-11-21T00:00:00Z",
        });
        let mut said: Value = serde_json::from_slice(&erased).unwrap();
        let price = said["line_items"][0]["price"].take();
        assert_eq!(price.to_string(), "5.050");
        assert_eq!(said, expected);
        assert_eq!(without_person("orders/create", &erased), erased, "nothing is left to take out");
    }

    #[test]
    fn of_what_nobody_reads_nothing_is_left() {
        for (topic, body) in [
            ("customers/update", r#"{"id":7,"email":"a@b.c"}"#),
            ("checkouts/create", r#"{"id":7}"#),
            ("orders/create", "not JSON"),
            ("orders/create", "[1]"),
        ] {
            assert_eq!(without_person(topic, body.as_bytes()), b"{}", "{topic}");
        }
    }

    #[test]
    fn what_is_read_of_goods_and_money_may_stay() {
        let sources = [
            include_str!("../../../../shopify/src/wire/rest/order.rs"),
            include_str!("../../../../shopify/src/wire/node/order.rs"),
        ];
        // The names of the person, what they wrote, and where they live.
        let gone = [
            "note",
            "note_attributes",
            "custom_attributes",
            "po_number",
            "customer",
            "email",
            "phone",
            "first_name",
            "last_name",
            "tax_exempt",
            "default_email_address",
            "default_phone_number",
            "email_address",
            "phone_number",
            "company",
            "address1",
            "address2",
            "city",
            "zip",
            "properties",
            "key",
            "page_info",
        ];
        for source in sources {
            for line in source.lines().filter_map(|line| line.trim().strip_prefix("pub ")) {
                let Some((name, _)) = line.split_once(": Option") else { continue };
                let name = name.trim_start_matches("r#");
                let camel = camel(name);
                let stays = |name: &str| {
                    KEPT.contains(&name) || PLACES.contains(&name) || OF_PLACE.contains(&name)
                };
                let stays = stays(name) || stays(&camel) || name == "typename";
                assert_eq!(stays, !gone.contains(&name), "{name}");
            }
        }
    }

    fn camel(name: &str) -> String {
        let mut words = name.split('_');
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |text, word| {
            let (head, tail) = word.split_at(1);
            text + &head.to_uppercase() + tail
        })
    }
}
