//! Small orders for the tests of the stages.

use rust_decimal::Decimal;

use crate::id::ExternalId;
use crate::money::MoneyBag;
use crate::pos::{PosLine, PosLineKind, PosOrder, PosState};
use crate::refined::{LineItem, Order, Refund, RefundLine, RestockType};
use crate::time::Timestamp;

/// The price of every piece.
pub(crate) const PRICE: i64 = 5;

/// A line of `quantity` pieces of `variant`.
pub(crate) fn line(id: i64, variant: i64, quantity: i64) -> LineItem {
    LineItem {
        id: ExternalId(id),
        product_id: Some(ExternalId(variant * 10)),
        variant_id: Some(ExternalId(variant)),
        sku: None,
        title: "Tea".to_owned(),
        variant_title: None,
        vendor: None,
        quantity,
        current_quantity: quantity,
        unit_price: MoneyBag::same(Decimal::from(PRICE)),
        grams: 0,
        taxable: false,
        requires_shipping: true,
        gift_card: false,
        tip: false,
        discount_allocations: Vec::new(),
        tax_lines: Vec::new(),
        duties: Vec::new(),
        properties: Vec::new(),
    }
}

/// An order of these lines and nothing else.
pub(crate) fn order(line_items: Vec<LineItem>) -> Order {
    let pieces: i64 = line_items.iter().map(|line| line.quantity).sum();
    let total = MoneyBag::same(Decimal::from(pieces * PRICE));
    Order {
        id: ExternalId(1001),
        name: "#1001".to_owned(),
        number: 1001,
        confirmation_number: None,
        source_name: Some("web".to_owned()),
        test: false,
        created_at: Timestamp::from_millis(1_000),
        updated_at: Timestamp::from_millis(2_000),
        processed_at: None,
        cancelled_at: None,
        cancel_reason: None,
        closed_at: None,
        currency: "CAD".parse().unwrap(),
        presentment_currency: "USD".parse().unwrap(),
        taxes_included: false,
        subtotal: total,
        total_discounts: MoneyBag::default(),
        total_tax: MoneyBag::default(),
        total_shipping: MoneyBag::default(),
        total_duties: MoneyBag::default(),
        total_fees: MoneyBag::default(),
        total_tip: MoneyBag::default(),
        cash_rounding: MoneyBag::default(),
        total,
        current_total: total,
        total_outstanding: MoneyBag::default(),
        financial_status: "paid".to_owned(),
        fulfillment_status: None,
        location_id: None,
        user_id: None,
        tags: Vec::new(),
        note: None,
        note_attributes: Vec::new(),
        customer_locale: None,
        po_number: None,
        customer: None,
        email: None,
        phone: None,
        billing_address: None,
        shipping_address: None,
        line_items,
        shipping_lines: Vec::new(),
        tax_lines: Vec::new(),
        discount_applications: Vec::new(),
        discount_codes: Vec::new(),
        payment_gateways: Vec::new(),
        transactions: Vec::new(),
        fulfillments: Vec::new(),
        refunds: Vec::new(),
    }
}

/// A refund of pieces of one line.
pub(crate) fn refund(
    line: i64,
    quantity: i64,
    restock: RestockType,
    location: Option<i64>,
) -> Refund {
    Refund {
        id: ExternalId(1),
        created_at: Timestamp::EPOCH,
        note: None,
        lines: vec![RefundLine {
            line_item_id: ExternalId(line),
            quantity,
            restock,
            location_id: location.map(ExternalId),
            subtotal: MoneyBag::default(),
            total_tax: MoneyBag::default(),
        }],
        adjustments: MoneyBag::default(),
        refunded: MoneyBag::default(),
    }
}

/// The POS order that says the same as `order`, in the shop's currency.
pub(crate) fn pos_of(order: &Order) -> PosOrder {
    let lines = order.line_items.iter().map(|line| PosLine {
        external_id: line.id,
        kind: PosLineKind::Product,
        variant_id: line.variant_id,
        sku: line.sku.clone(),
        title: line.title.clone(),
        quantity: line.quantity,
        unit_price: line.unit_price.shop,
        discount: Decimal::ZERO,
        net: line.unit_price.shop * Decimal::from(line.quantity),
        taxes: Vec::new(),
        location_id: None,
    });
    PosOrder {
        external_id: order.id,
        number: order.name.clone(),
        channel: "web".to_owned(),
        placed_at: order.created_at,
        state: PosState::Paid,
        currency: order.currency,
        taxes_included: order.taxes_included,
        customer: None,
        ship_to: None,
        lines: lines.collect(),
        charges: Vec::new(),
        tenders: Vec::new(),
        refunds: Vec::new(),
        discount_total: Decimal::ZERO,
        tax_total: Decimal::ZERO,
        total: order.total.shop,
        rounding: Decimal::ZERO,
        refunded_total: Decimal::ZERO,
        notes: Vec::new(),
        attributes: Vec::new(),
    }
}
