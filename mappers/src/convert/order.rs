//! The order, into the contract.

use bumpalo::Bump;
use domain::refined::Order;

use super::arena::{Money, id, list, texts, time};
use super::parts::{
    address, attribute, customer, discount_application, fulfillment, line_item, refund,
    shipping_line, tax_lines, text, transaction,
};
use crate::since_1_1::types;

/// The order, as the plugin gets it.
pub(crate) fn order<'a>(arena: &'a Bump, from: &'a Order) -> types::Order<'a> {
    let money = Money {
        arena,
        shop_places: from.currency.exponent(),
        presentment_places: from.presentment_currency.exponent(),
    };
    types::Order {
        id: id(arena, from.id),
        name: &from.name,
        number: from.number,
        confirmation_number: from.confirmation_number.as_deref(),
        source_name: from.source_name.as_deref(),
        test: from.test,
        created_at: time(arena, from.created_at),
        updated_at: time(arena, from.updated_at),
        processed_at: from.processed_at.map(|at| time(arena, at)),
        cancelled_at: from.cancelled_at.map(|at| time(arena, at)),
        cancel_reason: from.cancel_reason.as_deref(),
        closed_at: from.closed_at.map(|at| time(arena, at)),
        currency: from.currency.code(),
        presentment_currency: from.presentment_currency.code(),
        taxes_included: from.taxes_included,
        subtotal: money.bag(&from.subtotal),
        total_discounts: money.bag(&from.total_discounts),
        total_tax: money.bag(&from.total_tax),
        total_shipping: money.bag(&from.total_shipping),
        total_duties: money.bag(&from.total_duties),
        total_fees: money.bag(&from.total_fees),
        total_tip: money.bag(&from.total_tip),
        cash_rounding: money.bag(&from.cash_rounding),
        total: money.bag(&from.total),
        current_total: money.bag(&from.current_total),
        total_outstanding: money.bag(&from.total_outstanding),
        financial_status: &from.financial_status,
        fulfillment_status: from.fulfillment_status.as_deref(),
        location_id: from.location_id.map(|location| id(arena, location)),
        user_id: from.user_id.map(|user| id(arena, user)),
        app_id: None,
        tags: texts(arena, &from.tags),
        note: text(from.note.as_ref()),
        note_attributes: list(arena, &from.note_attributes, attribute),
        metafields: &[],
        customer_locale: from.customer_locale.as_deref(),
        po_number: from.po_number.as_deref(),
        customer: from.customer.as_ref().map(|buyer| customer(arena, buyer)),
        email: text(from.email.as_ref()),
        phone: text(from.phone.as_ref()),
        billing_address: from.billing_address.as_ref().map(address),
        shipping_address: from.shipping_address.as_ref().map(address),
        line_items: list(arena, &from.line_items, |line| line_item(money, line)),
        shipping_lines: list(arena, &from.shipping_lines, |line| shipping_line(money, line)),
        tax_lines: tax_lines(money, &from.tax_lines),
        discount_applications: list(arena, &from.discount_applications, |application| {
            discount_application(arena, application)
        }),
        discount_codes: texts(arena, &from.discount_codes),
        payment_gateways: texts(arena, &from.payment_gateways),
        transactions: list(arena, &from.transactions, |one| transaction(money, one)),
        fulfillments: list(arena, &from.fulfillments, |one| fulfillment(arena, one)),
        refunds: list(arena, &from.refunds, |one| refund(money, one)),
    }
}
