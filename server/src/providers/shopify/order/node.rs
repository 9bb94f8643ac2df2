//! Orders as the API gives them.

mod after;

use domain::delivery::Failure;
use domain::money::MoneyBag;
use domain::refined::{
    Address, Attribute, Customer, DiscountAllocation, DiscountApplication, LineItem, Order,
    ShippingLine, TaxLine,
};
use rust_decimal::Decimal;
use shopify::wire::node as wire;

use after::{fulfillment, refund, transaction};

use super::super::place::Place;
use super::super::product::{external, tags};
use super::money::Currencies;
use super::{attribute, mark_tips, personal, text, word};

/// The whole order.
#[expect(clippy::too_many_lines, reason = "a line per field")]
pub(in super::super) fn of_node(order: wire::Order) -> Result<Order, Failure> {
    let body = Place::Body;
    let currencies = currencies(&order)?;
    let money = |name, bag| currencies.node_or_zero(&body.field(name), bag);
    let time = |name, text: Option<String>| body.field(name).time(text.as_deref());
    let number = order.number.map_or(0, |number| number.0);

    let lines = body.field("lineItems");
    let items = whole(&lines, order.line_items)?;
    let items = lines.field("nodes").each(items, |place, line| line_item(&currencies, place, line));
    let mut line_items = items?;
    let total_tip = money("totalTipReceivedSet", order.total_tip_received_set)?;
    mark_tips(&mut line_items, &total_tip);

    let shipping = body.field("shippingLines");
    let shipping_lines = whole(&shipping, order.shipping_lines)?;
    let discounts = body.field("discountApplications");
    let applications = whole(&discounts, order.discount_applications)?;
    let current = body.field("currentTotalPriceSet");
    let current_total = currencies.node(&current, order.current_total_price_set)?;
    let rounding = order.total_cash_rounding_adjustment.and_then(|rounding| rounding.payment_set);

    Ok(Order {
        id: body.field("id").id(order.id)?,
        name: text(order.name).unwrap_or_else(|| format!("#{number}")),
        number,
        source_name: text(order.source_name),
        test: order.test.unwrap_or(false),
        created_at: body.field("createdAt").required_time(order.created_at.as_deref())?,
        updated_at: body.field("updatedAt").required_time(order.updated_at.as_deref())?,
        processed_at: time("processedAt", order.processed_at)?,
        cancelled_at: time("cancelledAt", order.cancelled_at)?,
        cancel_reason: word(order.cancel_reason),
        closed_at: time("closedAt", order.closed_at)?,
        currency: currencies.shop,
        presentment_currency: currencies.presentment,
        taxes_included: order.taxes_included.unwrap_or(false),
        subtotal: money("subtotalPriceSet", order.subtotal_price_set)?,
        total_discounts: money("totalDiscountsSet", order.total_discounts_set)?,
        total_tax: money("totalTaxSet", order.total_tax_set)?,
        total_shipping: money("totalShippingPriceSet", order.total_shipping_price_set)?,
        total_duties: money("originalTotalDutiesSet", order.original_total_duties_set)?,
        total_fees: money(
            "originalTotalAdditionalFeesSet",
            order.original_total_additional_fees_set,
        )?,
        total_tip,
        cash_rounding: money("totalCashRoundingAdjustment", rounding)?,
        total: currencies.total,
        current_total: current_total.unwrap_or(currencies.total),
        total_outstanding: money("totalOutstandingSet", order.total_outstanding_set)?,
        financial_status: word(order.display_financial_status)
            .unwrap_or_else(|| "unknown".to_owned()),
        fulfillment_status: fulfillment_status(order.display_fulfillment_status.as_deref()),
        location_id: external(order.retail_location.and_then(|location| location.id)),
        // The API tells the member of staff only to apps of the largest plans.
        user_id: None,
        tags: tags(order.tags),
        note: personal(order.note),
        note_attributes: keyed(order.custom_attributes),
        customer_locale: text(order.customer_locale),
        po_number: text(order.po_number.map(|number| number.0)),
        confirmation_number: text(order.confirmation_number),
        customer: order.customer.and_then(customer),
        email: personal(order.email),
        phone: personal(order.phone),
        billing_address: order.billing_address.map(address),
        shipping_address: order.shipping_address.map(address),
        line_items,
        shipping_lines: shipping
            .field("nodes")
            .each(shipping_lines, |place, line| shipping_line(&currencies, place, line))?,
        tax_lines: body
            .field("taxLines")
            .each(order.tax_lines, |place, tax| tax_line(&currencies, place, tax))?,
        discount_applications: discounts.field("nodes").each(applications, application)?,
        discount_codes: order.discount_codes.unwrap_or_default(),
        payment_gateways: order.payment_gateway_names.unwrap_or_default(),
        transactions: body
            .field("transactions")
            .each(order.transactions, |place, it| transaction(&currencies, place, it))?,
        fulfillments: body.field("fulfillments").each(order.fulfillments, fulfillment)?,
        refunds: body
            .field("refunds")
            .each(order.refunds, |place, it| refund(&currencies, place, it))?,
    })
}

fn currencies(order: &wire::Order) -> Result<Currencies, Failure> {
    let body = Place::Body;
    let place = body.field("currencyCode");
    let shop = place.required(place.currency(order.currency_code.as_deref())?)?;
    let presentment = order.presentment_currency_code.as_deref();
    let presentment = body.field("presentmentCurrencyCode").currency(presentment)?.unwrap_or(shop);
    let without_rate = Currencies { shop, presentment, total: MoneyBag::default() };
    let place = body.field("totalPriceSet");
    let total = without_rate.node(&place, order.total_price_set.clone())?;
    Ok(Currencies { total: place.required(total)?, ..without_rate })
}

/// The nodes of a connection, which must have been read to its end: half an order would post half of its stock.
fn whole<T>(
    place: &Place<'_>,
    connection: Option<wire::Nodes<T>>,
) -> Result<Option<Vec<T>>, Failure> {
    match connection {
        Some(connection) if connection.is_cut() => Err(place.malformed("was not read to its end")),
        connection => Ok(connection.and_then(|connection| connection.nodes)),
    }
}

/// The word that deliveries have for it; none while nothing was sent.
fn fulfillment_status(displayed: Option<&str>) -> Option<String> {
    let word = match displayed? {
        "FULFILLED" => "fulfilled",
        "PARTIALLY_FULFILLED" => "partial",
        "RESTOCKED" => "restocked",
        _ => return None,
    };
    Some(word.to_owned())
}

fn line_item(
    currencies: &Currencies,
    place: &Place<'_>,
    line: wire::LineItem,
) -> Result<LineItem, Failure> {
    let price = place.field("originalUnitPriceSet");
    let unit_price = currencies.node(&price, line.original_unit_price_set)?;
    let quantity = place.field("quantity");
    let quantity = quantity.required(quantity.pieces(line.quantity)?)?;
    let current = place.field("currentQuantity").pieces(line.current_quantity)?;
    Ok(LineItem {
        id: place.field("id").id(line.id)?,
        product_id: external(line.product.and_then(|product| product.id)),
        variant_id: external(line.variant.and_then(|variant| variant.id)),
        sku: text(line.sku),
        title: line.title.unwrap_or_default(),
        variant_title: text(line.variant_title),
        vendor: text(line.vendor),
        quantity,
        current_quantity: current.unwrap_or(quantity),
        unit_price: price.required(unit_price)?,
        grams: grams(&place.field("weight"), line.weight)?,
        taxable: line.taxable.unwrap_or(true),
        requires_shipping: line.requires_shipping.unwrap_or(true),
        gift_card: line.is_gift_card.unwrap_or(false),
        tip: false,
        discount_allocations: place
            .field("discountAllocations")
            .each(line.discount_allocations, |place, it| allocation(currencies, place, it))?,
        tax_lines: place
            .field("taxLines")
            .each(line.tax_lines, |place, tax| tax_line(currencies, place, tax))?,
        duties: place.field("duties").each(line.duties, |place, duty| {
            let place = place.field("price");
            place.required(currencies.node(&place, duty.price)?)
        })?,
        properties: keyed(line.custom_attributes),
    })
}

/// A weight in whole grams.
fn grams(place: &Place<'_>, weight: Option<wire::Weight>) -> Result<i64, Failure> {
    let Some(weight) = weight else { return Ok(0) };
    let value = place.field("value").amount(weight.value)?.unwrap_or_default();
    let grams_per_unit = match weight.unit.as_deref() {
        Some("KILOGRAMS") => Decimal::ONE_THOUSAND,
        Some("POUNDS") => Decimal::new(45_359_237, 5),
        Some("OUNCES") => Decimal::new(28_349_523_125, 9),
        _ => Decimal::ONE,
    };
    let grams = value.checked_mul(grams_per_unit).map(|grams| grams.round());
    grams
        .and_then(|grams| i64::try_from(grams).ok())
        .ok_or_else(|| place.malformed("is more than anything can weigh"))
}

fn keyed(pairs: Option<Vec<wire::Attribute>>) -> Vec<Attribute> {
    let pairs = pairs.unwrap_or_default().into_iter();
    pairs.map(|pair| attribute(pair.key, pair.value)).collect()
}

fn allocation(
    currencies: &Currencies,
    place: &Place<'_>,
    allocation: wire::Allocation,
) -> Result<DiscountAllocation, Failure> {
    let place = place.field("allocatedAmountSet");
    let amount = currencies.node(&place, allocation.allocated_amount_set)?;
    Ok(DiscountAllocation {
        amount: place.required(amount)?,
        application: allocation.discount_application.and_then(|application| application.index),
    })
}

fn tax_line(
    currencies: &Currencies,
    place: &Place<'_>,
    tax: wire::TaxLine,
) -> Result<TaxLine, Failure> {
    let price = place.field("priceSet");
    let amount = currencies.node(&price, tax.price_set)?;
    Ok(TaxLine {
        title: tax.title.unwrap_or_default(),
        rate: tax.rate.map(|rate| rate.0).unwrap_or_default(),
        price: price.required(amount)?,
    })
}

fn application(
    place: &Place<'_>,
    application: wire::Application,
) -> Result<DiscountApplication, Failure> {
    let kind = match application.typename.as_deref() {
        Some("DiscountCodeApplication") => "discount_code",
        Some("AutomaticDiscountApplication") => "automatic",
        Some("ManualDiscountApplication") => "manual",
        Some("ScriptDiscountApplication") => "script",
        _ => "",
    };
    let place = place.field("value");
    let value = application.value.as_ref();
    let percentage = place.amount(value.and_then(|value| value.percentage))?;
    let amount = place.amount(value.and_then(|value| value.amount))?;
    let (value_type, value) = match (percentage, amount) {
        // The schema speaks of numbers from -100 to 0, deliveries of positive ones.
        (Some(percentage), _) => ("percentage", percentage.abs()),
        (None, amount) => ("fixed_amount", amount.unwrap_or_default()),
    };
    Ok(DiscountApplication {
        kind: kind.to_owned(),
        title: text(application.title),
        code: text(application.code),
        value_type: value_type.to_owned(),
        value,
        target_type: word(application.target_type).unwrap_or_default(),
    })
}

fn shipping_line(
    currencies: &Currencies,
    place: &Place<'_>,
    line: wire::ShippingLine,
) -> Result<ShippingLine, Failure> {
    let price = place.field("originalPriceSet");
    let amount = currencies.node(&price, line.original_price_set)?;
    Ok(ShippingLine {
        id: external(line.id),
        title: line.title.unwrap_or_default(),
        code: text(line.code),
        price: price.required(amount)?,
        discount_allocations: place
            .field("discountAllocations")
            .each(line.discount_allocations, |place, it| allocation(currencies, place, it))?,
        tax_lines: place
            .field("taxLines")
            .each(line.tax_lines, |place, tax| tax_line(currencies, place, tax))?,
        removed: line.is_removed.unwrap_or(false),
    })
}

fn customer(customer: wire::Customer) -> Option<Customer> {
    Some(Customer {
        id: external(customer.id)?,
        first_name: personal(customer.first_name),
        last_name: personal(customer.last_name),
        email: personal(customer.default_email_address.and_then(|email| email.email_address)),
        phone: personal(customer.default_phone_number.and_then(|phone| phone.phone_number)),
        tax_exempt: customer.tax_exempt.unwrap_or(false),
        tags: tags(customer.tags),
    })
}

fn address(address: wire::Address) -> Address {
    Address {
        first_name: personal(address.first_name),
        last_name: personal(address.last_name),
        company: text(address.company),
        address1: personal(address.address1),
        address2: personal(address.address2),
        city: text(address.city),
        province_code: text(address.province_code),
        country_code: text(address.country_code_v2),
        zip: personal(address.zip.map(|zip| zip.0)),
        phone: personal(address.phone),
    }
}
