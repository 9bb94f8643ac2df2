//! What an order is made of.

use serde_json::{Value, json};

use super::{Amounts, gid, reference, time};
use crate::model::{
    Address, Allocation, Application, ApplicationKind, DiscountValue, Fulfillment, LineItem,
    ShippingLine, Target, TaxLine, Transaction,
};

pub(super) fn attributes(pairs: &[(String, String)]) -> Vec<Value> {
    let attribute = |(key, value): &(String, String)| json!({ "__typename": "Attribute", "key": key, "value": value });
    pairs.iter().map(attribute).collect()
}

pub(super) fn address(address: &Address) -> Value {
    json!({
        "__typename": "MailingAddress",
        "firstName": address.first_name,
        "lastName": address.last_name,
        "company": address.company,
        "address1": address.address1,
        "address2": address.address2,
        "city": address.city,
        "province": address.province,
        "provinceCode": address.province_code,
        "country": address.country,
        "countryCodeV2": address.country_code,
        "zip": address.zip,
        "phone": address.phone,
    })
}

pub(super) fn tax_lines(of: Amounts<'_>, taxes: &[TaxLine]) -> Vec<Value> {
    let line = |tax: &TaxLine| {
        json!({
            "__typename": "TaxLine",
            "title": tax.title,
            // The real field is a number as well.
            "rate": serde_json::from_str::<Value>(&tax.rate.to_string()).unwrap_or_default(),
            "priceSet": of.bag(tax.price),
        })
    };
    taxes.iter().map(line).collect()
}

fn allocations(of: Amounts<'_>, parts: &[Allocation]) -> Vec<Value> {
    let one = |part: &Allocation| {
        let typename = of.0.applications.get(part.application).map_or("", |one| typename(one.kind));
        json!({
            "__typename": "DiscountAllocation",
            "allocatedAmountSet": of.bag(part.amount),
            "discountApplication": { "__typename": typename, "index": part.application },
        })
    };
    parts.iter().map(one).collect()
}

const fn typename(kind: ApplicationKind) -> &'static str {
    match kind {
        ApplicationKind::Code => "DiscountCodeApplication",
        ApplicationKind::Automatic => "AutomaticDiscountApplication",
        ApplicationKind::Manual => "ManualDiscountApplication",
    }
}

pub(super) fn application(of: Amounts<'_>, index: usize, application: &Application) -> Value {
    let value = match application.value {
        DiscountValue::Percentage(percentage) => json!({
            "__typename": "PricingPercentageValue",
            "percentage": serde_json::from_str::<Value>(&percentage.to_string()).unwrap_or_default(),
        }),
        DiscountValue::Fixed(amount) => of.bag(amount)["presentmentMoney"].take(),
    };
    let target = match application.target {
        Target::Order | Target::Lines => "LINE_ITEM",
        Target::Shipping => "SHIPPING_LINE",
    };
    json!({
        "__typename": typename(application.kind),
        "index": index,
        "targetType": target,
        "value": value,
        "code": application.title,
        "title": application.title,
    })
}

pub(super) fn line_item(of: Amounts<'_>, line: &LineItem) -> Value {
    let duties = line.duty.map(|duty| json!({ "__typename": "Duty", "price": of.bag(duty) }));
    json!({
        "__typename": "LineItem",
        "id": gid("LineItem", line.id),
        "product": line.product_id.map(|id| reference("Product", id)),
        "variant": line.variant_id.map(|id| reference("ProductVariant", id)),
        "sku": line.sku,
        "title": line.title,
        "variantTitle": line.variant_title,
        "vendor": line.vendor,
        "quantity": line.quantity,
        "currentQuantity": of.0.current_quantity(line),
        "originalUnitPriceSet": of.bag(line.price),
        "weight": { "__typename": "Weight", "unit": "GRAMS", "value": line.grams },
        "taxable": line.taxable,
        "requiresShipping": line.requires_shipping,
        "isGiftCard": line.gift_card,
        "discountAllocations": allocations(of, &line.allocations),
        "taxLines": tax_lines(of, &line.taxes),
        "duties": duties.into_iter().collect::<Vec<_>>(),
        "customAttributes": attributes(&line.properties),
    })
}

pub(super) fn shipping_line(of: Amounts<'_>, line: &ShippingLine) -> Value {
    json!({
        "__typename": "ShippingLine",
        "id": gid("ShippingLine", line.id),
        "title": line.title,
        "code": line.code,
        "originalPriceSet": of.bag(line.price),
        "discountAllocations": allocations(of, &line.allocations),
        "taxLines": tax_lines(of, &line.taxes),
        "isRemoved": line.removed,
    })
}

pub(super) fn transaction(of: Amounts<'_>, transaction: &Transaction) -> Value {
    json!({
        "__typename": "OrderTransaction",
        "id": gid("OrderTransaction", transaction.id),
        "kind": transaction.kind.as_str().to_uppercase(),
        "status": transaction.status.as_str().to_uppercase(),
        "gateway": transaction.gateway,
        "amountSet": of.bag(transaction.amount),
        "processedAt": time(transaction.processed_at),
    })
}

pub(super) fn fulfillment(fulfillment: &Fulfillment) -> Value {
    let line = |(id, pieces): &(i64, i64)| {
        json!({
            "__typename": "FulfillmentLineItem",
            "id": gid("FulfillmentLineItem", *id),
            "lineItem": reference("LineItem", *id),
            "quantity": pieces,
        })
    };
    json!({
        "__typename": "Fulfillment",
        "id": gid("Fulfillment", fulfillment.id),
        "status": fulfillment.status.to_uppercase(),
        "location": reference("Location", fulfillment.location_id),
        "fulfillmentLineItems": fulfillment.lines.iter().map(line).collect::<Vec<_>>(),
    })
}
