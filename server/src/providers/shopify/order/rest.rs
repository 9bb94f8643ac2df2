//! Orders as deliveries carry them.

mod after;

use domain::delivery::Failure;
use domain::money::MoneyBag;
use domain::refined::{
    Address, Customer, DiscountAllocation, DiscountApplication, LineItem, Order, ShippingLine,
    TaxLine,
};
use rust_decimal::Decimal;
use shopify::wire::rest as wire;

use after::{fulfillment, refund};

use super::super::place::Place;
use super::super::product::{external, tags};
use super::money::{Currencies, plus};
use super::{attribute, mark_tips, personal, text, word};

/// The whole order.
#[expect(clippy::too_many_lines, reason = "a line per field")]
pub(in super::super) fn of_rest(order: wire::Order) -> Result<Order, Failure> {
    let body = Place::Body;
    let currencies = currencies(&order)?;
    let money = |name, set, plain| {
        currencies.rest(&body.field(name), set, plain).map(Option::unwrap_or_default)
    };
    let time = |name, text: Option<String>| body.field(name).time(text.as_deref());
    let number = order.order_number.or(order.number).map_or(0, |number| number.0);
    let each_tax = |place: &Place<'_>, tax| tax_line(&currencies, place, tax);

    let mut line_items = body
        .field("line_items")
        .each(order.line_items, |place, item| line_item(&currencies, place, item))?;
    let tip_place = body.field("total_tip_received");
    let total_tip = currencies
        .rest(&tip_place, order.total_tip_received_set, order.total_tip_received)?
        .unwrap_or_default();
    mark_tips(&mut line_items, &total_tip);

    Ok(Order {
        id: body.field("id").id(order.id.or(order.admin_graphql_api_id))?,
        name: text(order.name).unwrap_or_else(|| format!("#{number}")),
        number,
        source_name: text(order.source_name),
        test: order.test.unwrap_or(false),
        created_at: body.field("created_at").required_time(order.created_at.as_deref())?,
        updated_at: body.field("updated_at").required_time(order.updated_at.as_deref())?,
        processed_at: time("processed_at", order.processed_at)?,
        cancelled_at: time("cancelled_at", order.cancelled_at)?,
        cancel_reason: word(order.cancel_reason),
        closed_at: time("closed_at", order.closed_at)?,
        currency: currencies.shop,
        presentment_currency: currencies.presentment,
        taxes_included: order.taxes_included.unwrap_or(false),
        subtotal: money("subtotal_price", order.subtotal_price_set, order.subtotal_price)?,
        total_discounts: money(
            "total_discounts",
            order.total_discounts_set,
            order.total_discounts,
        )?,
        total_tax: money("total_tax", order.total_tax_set, order.total_tax)?,
        total_shipping: money("total_shipping_price_set", order.total_shipping_price_set, None)?,
        total_duties: money("original_total_duties_set", order.original_total_duties_set, None)?,
        total_fees: money(
            "original_total_additional_fees_set",
            order.original_total_additional_fees_set,
            None,
        )?,
        total_tip: tip_of_lines(&currencies, &line_items).unwrap_or(total_tip),
        cash_rounding: money(
            "total_cash_rounding_payment_adjustment_set",
            order.total_cash_rounding_payment_adjustment_set,
            None,
        )?,
        total: currencies.total,
        current_total: currencies
            .rest(
                &body.field("current_total_price"),
                order.current_total_price_set,
                order.current_total_price,
            )?
            .unwrap_or(currencies.total),
        total_outstanding: money("total_outstanding", None, order.total_outstanding)?,
        financial_status: word(order.financial_status).unwrap_or_else(|| "unknown".to_owned()),
        fulfillment_status: word(order.fulfillment_status),
        location_id: external(order.location_id),
        user_id: external(order.user_id),
        tags: tags(order.tags),
        note: personal(order.note),
        note_attributes: named(order.note_attributes),
        customer_locale: text(order.customer_locale),
        po_number: text(order.po_number.map(|number| number.0)),
        confirmation_number: text(order.confirmation_number),
        customer: order.customer.and_then(customer),
        email: personal(order.email),
        phone: personal(order.phone),
        billing_address: order.billing_address.map(address),
        shipping_address: order.shipping_address.map(address),
        line_items,
        shipping_lines: body
            .field("shipping_lines")
            .each(order.shipping_lines, |place, line| shipping_line(&currencies, place, line))?,
        tax_lines: body.field("tax_lines").each(order.tax_lines, each_tax)?,
        discount_applications: body
            .field("discount_applications")
            .each(order.discount_applications, discount_application)?,
        discount_codes: order
            .discount_codes
            .unwrap_or_default()
            .into_iter()
            .filter_map(|code| text(code.code))
            .collect(),
        payment_gateways: order.payment_gateway_names.unwrap_or_default(),
        // Deliveries of orders tell of payment by the names of the gateways only.
        transactions: Vec::new(),
        fulfillments: body.field("fulfillments").each(order.fulfillments, fulfillment)?,
        refunds: body
            .field("refunds")
            .each(order.refunds, |place, it| refund(&currencies, place, it))?,
    })
}

/// The currencies, and the total by which amounts of one side are carried to the other.
fn currencies(order: &wire::Order) -> Result<Currencies, Failure> {
    let body = Place::Body;
    let place = body.field("currency");
    let shop = place.required(place.currency(order.currency.as_deref())?)?;
    let presentment = order.presentment_currency.as_deref();
    let presentment = body.field("presentment_currency").currency(presentment)?.unwrap_or(shop);
    let without_rate = Currencies { shop, presentment, total: MoneyBag::default() };
    let place = body.field("total_price");
    let total = without_rate.rest(&place, order.total_price_set.clone(), order.total_price)?;
    Ok(Currencies { total: place.required(total)?, ..without_rate })
}

/// The tips in both currencies, as their lines tell them. Deliveries tell the order's sum in the shop's currency only.
fn tip_of_lines(currencies: &Currencies, lines: &[LineItem]) -> Option<MoneyBag> {
    if currencies.shop == currencies.presentment {
        return None;
    }
    let amounts = lines.iter().filter(|line| line.tip).map(|line| {
        let pieces = Decimal::from(line.quantity);
        let (shop, presentment) = (line.unit_price.shop, line.unit_price.presentment);
        Some(MoneyBag {
            shop: pieces.checked_mul(shop)?,
            presentment: pieces.checked_mul(presentment)?,
        })
    });
    amounts.reduce(|a, b| Some(plus(a?, b?))).flatten()
}

fn line_item(
    currencies: &Currencies,
    place: &Place<'_>,
    line: wire::LineItem,
) -> Result<LineItem, Failure> {
    let price = place.field("price");
    let unit_price = currencies.rest(&price, line.price_set, line.price)?;
    let quantity = place.field("quantity");
    let quantity = quantity.required(quantity.pieces(line.quantity)?)?;
    let current = place.field("current_quantity").pieces(line.current_quantity)?;
    Ok(LineItem {
        id: place.field("id").id(line.id)?,
        product_id: external(line.product_id),
        variant_id: external(line.variant_id),
        sku: text(line.sku),
        title: text(line.title).or_else(|| text(line.name)).unwrap_or_default(),
        variant_title: text(line.variant_title),
        vendor: text(line.vendor),
        quantity,
        // Older bodies do not tell it.
        current_quantity: current.unwrap_or(quantity),
        unit_price: price.required(unit_price)?,
        grams: line.grams.map_or(0, |grams| grams.0),
        taxable: line.taxable.unwrap_or(true),
        requires_shipping: line.requires_shipping.unwrap_or(true),
        gift_card: line.gift_card.unwrap_or(false),
        tip: line.tip.is_some(),
        discount_allocations: place
            .field("discount_allocations")
            .each(line.discount_allocations, |place, it| allocation(currencies, place, it))?,
        tax_lines: place
            .field("tax_lines")
            .each(line.tax_lines, |place, tax| tax_line(currencies, place, tax))?,
        duties: place.field("duties").each(line.duties, |place, it| duty(currencies, place, it))?,
        properties: named(line.properties),
    })
}

fn named(pairs: Option<Vec<wire::NameValue>>) -> Vec<domain::refined::Attribute> {
    let pairs = pairs.unwrap_or_default().into_iter();
    pairs.map(|pair| attribute(pair.name, pair.value)).collect()
}

fn allocation(
    currencies: &Currencies,
    place: &Place<'_>,
    allocation: wire::DiscountAllocation,
) -> Result<DiscountAllocation, Failure> {
    let place = place.field("amount");
    let amount = currencies.rest(&place, allocation.amount_set, allocation.amount)?;
    Ok(DiscountAllocation {
        amount: place.required(amount)?,
        application: allocation.discount_application_index,
    })
}

fn tax_line(
    currencies: &Currencies,
    place: &Place<'_>,
    tax: wire::TaxLine,
) -> Result<TaxLine, Failure> {
    let price = place.field("price");
    let amount = currencies.rest(&price, tax.price_set, tax.price)?;
    Ok(TaxLine {
        title: tax.title.unwrap_or_default(),
        rate: tax.rate.map(|rate| rate.0).unwrap_or_default(),
        price: price.required(amount)?,
    })
}

fn duty(currencies: &Currencies, place: &Place<'_>, duty: wire::Duty) -> Result<MoneyBag, Failure> {
    let direct =
        wire::MoneySet { shop_money: duty.shop_money, presentment_money: duty.presentment_money };
    let amount = currencies.rest(place, Some(duty.price_set.unwrap_or(direct)), None)?;
    place.required(amount)
}

fn discount_application(
    place: &Place<'_>,
    application: wire::DiscountApplication,
) -> Result<DiscountApplication, Failure> {
    let title = text(application.title).or_else(|| text(application.description));
    Ok(DiscountApplication {
        kind: word(application.r#type).unwrap_or_default(),
        title,
        code: text(application.code),
        value_type: word(application.value_type).unwrap_or_default(),
        value: place.field("value").amount(application.value)?.unwrap_or_default(),
        target_type: word(application.target_type).unwrap_or_default(),
    })
}

fn shipping_line(
    currencies: &Currencies,
    place: &Place<'_>,
    line: wire::ShippingLine,
) -> Result<ShippingLine, Failure> {
    let price = place.field("price");
    let amount = currencies.rest(&price, line.price_set, line.price)?;
    Ok(ShippingLine {
        id: external(line.id),
        title: line.title.unwrap_or_default(),
        code: text(line.code),
        price: price.required(amount)?,
        discount_allocations: place
            .field("discount_allocations")
            .each(line.discount_allocations, |place, it| allocation(currencies, place, it))?,
        tax_lines: place
            .field("tax_lines")
            .each(line.tax_lines, |place, tax| tax_line(currencies, place, tax))?,
        removed: line.is_removed.unwrap_or(false),
    })
}

fn customer(customer: wire::Customer) -> Option<Customer> {
    Some(Customer {
        id: external(customer.id)?,
        first_name: personal(customer.first_name),
        last_name: personal(customer.last_name),
        email: personal(customer.email),
        phone: personal(customer.phone),
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
        country_code: text(address.country_code),
        zip: personal(address.zip.map(|zip| zip.0)),
        phone: personal(address.phone),
    }
}
