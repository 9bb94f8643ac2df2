//! The parts of an order, into the contract.

use bumpalo::Bump;
use domain::personal::Personal;
use domain::refined::{
    Address, Attribute, Customer, DiscountAllocation, DiscountApplication, Fulfillment, LineItem,
    Refund, RefundLine, RestockType, ShippingLine, TaxLine, Transaction,
};

use super::arena::{Money, decimal, id, list, texts, time};
use crate::since_1_1::types;

pub(super) fn text(personal: Option<&Personal>) -> Option<&str> {
    personal.map(Personal::reveal)
}

pub(super) fn attribute(from: &Attribute) -> types::AttributeParam<'_> {
    types::AttributeParam { key: &from.key, value: from.value.reveal() }
}

pub(super) fn address(from: &Address) -> types::AddressParam<'_> {
    types::AddressParam {
        first_name: text(from.first_name.as_ref()),
        last_name: text(from.last_name.as_ref()),
        company: from.company.as_deref(),
        address1: text(from.address1.as_ref()),
        address2: text(from.address2.as_ref()),
        city: from.city.as_deref(),
        province_code: from.province_code.as_deref(),
        country_code: from.country_code.as_deref(),
        zip: text(from.zip.as_ref()),
        phone: text(from.phone.as_ref()),
    }
}

pub(super) fn customer<'a>(arena: &'a Bump, from: &'a Customer) -> types::Customer<'a> {
    types::Customer {
        id: id(arena, from.id),
        first_name: text(from.first_name.as_ref()),
        last_name: text(from.last_name.as_ref()),
        email: text(from.email.as_ref()),
        phone: text(from.phone.as_ref()),
        tax_exempt: from.tax_exempt,
        tags: texts(arena, &from.tags),
        metafields: &[],
    }
}

pub(super) fn line_item<'a>(money: Money<'a>, from: &'a LineItem) -> types::LineItem<'a> {
    let arena = money.arena;
    types::LineItem {
        id: id(arena, from.id),
        product_id: from.product_id.map(|product| id(arena, product)),
        variant_id: from.variant_id.map(|variant| id(arena, variant)),
        sku: from.sku.as_deref(),
        title: &from.title,
        variant_title: from.variant_title.as_deref(),
        vendor: from.vendor.as_deref(),
        quantity: from.quantity,
        current_quantity: from.current_quantity,
        unit_price: money.bag(&from.unit_price),
        grams: from.grams,
        taxable: from.taxable,
        requires_shipping: from.requires_shipping,
        gift_card: from.gift_card,
        tip: from.tip,
        discount_allocations: allocations(money, &from.discount_allocations),
        tax_lines: tax_lines(money, &from.tax_lines),
        duties: list(arena, &from.duties, |duty| money.bag(duty)),
        properties: list(arena, &from.properties, attribute),
        metafields: &[],
    }
}

fn allocations<'a>(
    money: Money<'a>,
    from: &'a [DiscountAllocation],
) -> &'a [types::DiscountAllocation<'a>] {
    list(money.arena, from, |allocation| types::DiscountAllocation {
        amount: money.bag(&allocation.amount),
        application: allocation.application,
    })
}

pub(super) fn tax_lines<'a>(money: Money<'a>, from: &'a [TaxLine]) -> &'a [types::TaxLine<'a>] {
    list(money.arena, from, |tax| types::TaxLine {
        title: &tax.title,
        rate: decimal(money.arena, tax.rate),
        price: money.bag(&tax.price),
    })
}

pub(super) fn shipping_line<'a>(
    money: Money<'a>,
    from: &'a ShippingLine,
) -> types::ShippingLine<'a> {
    types::ShippingLine {
        id: from.id.map(|line| id(money.arena, line)),
        title: &from.title,
        code: from.code.as_deref(),
        price: money.bag(&from.price),
        discount_allocations: allocations(money, &from.discount_allocations),
        tax_lines: tax_lines(money, &from.tax_lines),
        removed: from.removed,
    }
}

pub(super) fn discount_application<'a>(
    arena: &'a Bump,
    from: &'a DiscountApplication,
) -> types::DiscountApplication<'a> {
    types::DiscountApplication {
        kind: &from.kind,
        title: from.title.as_deref(),
        code: from.code.as_deref(),
        value_type: &from.value_type,
        value: decimal(arena, from.value),
        target_type: &from.target_type,
    }
}

pub(super) fn transaction<'a>(money: Money<'a>, from: &'a Transaction) -> types::Transaction<'a> {
    types::Transaction {
        id: id(money.arena, from.id),
        parent_id: None,
        kind: &from.kind,
        status: &from.status,
        gateway: &from.gateway,
        amount: money.bag(&from.amount),
        reference: None,
        card_brand: None,
        processed_at: from.processed_at.map(|at| time(money.arena, at)),
    }
}

pub(super) fn fulfillment<'a>(arena: &'a Bump, from: &'a Fulfillment) -> types::Fulfillment<'a> {
    types::Fulfillment {
        id: id(arena, from.id),
        status: &from.status,
        location_id: from.location_id.map(|location| id(arena, location)),
        tracking_company: None,
        tracking_numbers: &[],
        lines: list(arena, &from.lines, |(line, quantity)| types::FulfillmentLine {
            line_item_id: id(arena, *line),
            quantity: *quantity,
        }),
    }
}

pub(super) fn refund<'a>(money: Money<'a>, from: &'a Refund) -> types::Refund<'a> {
    types::Refund {
        id: id(money.arena, from.id),
        created_at: time(money.arena, from.created_at),
        note: text(from.note.as_ref()),
        lines: list(money.arena, &from.lines, |line| refund_line(money, line)),
        adjustments: money.bag(&from.adjustments),
        refunded: money.bag(&from.refunded),
    }
}

fn refund_line<'a>(money: Money<'a>, from: &'a RefundLine) -> types::RefundLine<'a> {
    types::RefundLine {
        line_item_id: id(money.arena, from.line_item_id),
        quantity: from.quantity,
        restock: match from.restock {
            RestockType::Cancel => types::RestockType::Cancel,
            RestockType::Return => types::RestockType::Returned,
            RestockType::LegacyRestock => types::RestockType::LegacyRestock,
            RestockType::NoRestock => types::RestockType::NoRestock,
        },
        location_id: from.location_id.map(|location| id(money.arena, location)),
        subtotal: money.bag(&from.subtotal),
        total_tax: money.bag(&from.total_tax),
    }
}
