//! The standard mapper as a plain function of this program: what the component is compared with.
//!
//! The conversions are written a second time, over the guest's types, so that a mistake in the host's would show.

use domain::id::ExternalId;
use domain::money::MoneyBag;
use domain::personal::Personal;
use domain::pos::{
    PosCharge, PosChargeKind, PosCustomer, PosLine, PosLineKind, PosOrder, PosRefund,
    PosRefundLine, PosState, PosTax, PosTender, PosTenderKind,
};
use domain::refined::{
    Address, Attribute, Customer, DiscountAllocation, LineItem, Order, Refund, RestockType,
    ShippingLine, TaxLine,
};
use domain::time::Timestamp;
use plugins::types as guest;
use rust_decimal::Decimal;

/// Maps an order without a sandbox.
pub(crate) fn map_order(
    order: &Order,
    settings: &[(String, String)],
) -> Result<PosOrder, guest::MapError> {
    standard::map_order(to_guest(order), &to_settings(settings)).map(from_guest)
}

/// The settings as the guest gets them.
pub(crate) fn to_settings(pairs: &[(String, String)]) -> Vec<guest::Setting> {
    pairs
        .iter()
        .map(|(key, value)| guest::Setting { key: key.clone(), value: value.clone() })
        .collect()
}

/// Digits of the two currencies.
#[derive(Clone, Copy)]
struct Places(usize, usize);

fn amount(value: Decimal, places: usize) -> String {
    let value = value.normalize();
    format!("{value:.*}", places.max(value.scale() as usize))
}

fn bag(bag: &MoneyBag, places: Places) -> guest::MoneyBag {
    guest::MoneyBag {
        shop: amount(bag.shop, places.0),
        presentment: amount(bag.presentment, places.1),
    }
}

fn text(from: Option<&Personal>) -> Option<String> {
    from.map(|personal| personal.reveal().to_owned())
}

fn id(from: Option<ExternalId>) -> Option<String> {
    from.map(|id| id.to_string())
}

fn time(from: Option<Timestamp>) -> Option<String> {
    from.map(|time| time.to_string())
}

fn attributes(from: &[Attribute]) -> Vec<guest::Attribute> {
    from.iter()
        .map(|attribute| guest::Attribute {
            key: attribute.key.clone(),
            value: attribute.value.reveal().to_owned(),
        })
        .collect()
}

fn address(from: &Address) -> guest::Address {
    guest::Address {
        first_name: text(from.first_name.as_ref()),
        last_name: text(from.last_name.as_ref()),
        company: from.company.clone(),
        address1: text(from.address1.as_ref()),
        address2: text(from.address2.as_ref()),
        city: from.city.clone(),
        province_code: from.province_code.clone(),
        country_code: from.country_code.clone(),
        zip: text(from.zip.as_ref()),
        phone: text(from.phone.as_ref()),
    }
}

fn customer(from: &Customer) -> guest::Customer {
    guest::Customer {
        id: from.id.to_string(),
        first_name: text(from.first_name.as_ref()),
        last_name: text(from.last_name.as_ref()),
        email: text(from.email.as_ref()),
        phone: text(from.phone.as_ref()),
        tax_exempt: from.tax_exempt,
        tags: from.tags.clone(),
        metafields: Vec::new(),
    }
}

fn allocations(from: &[DiscountAllocation], places: Places) -> Vec<guest::DiscountAllocation> {
    from.iter()
        .map(|allocation| guest::DiscountAllocation {
            amount: bag(&allocation.amount, places),
            application: allocation.application,
        })
        .collect()
}

fn taxes(from: &[TaxLine], places: Places) -> Vec<guest::TaxLine> {
    from.iter()
        .map(|tax| guest::TaxLine {
            title: tax.title.clone(),
            rate: amount(tax.rate, 0),
            price: bag(&tax.price, places),
        })
        .collect()
}

fn line_item(from: &LineItem, places: Places) -> guest::LineItem {
    guest::LineItem {
        id: from.id.to_string(),
        product_id: id(from.product_id),
        variant_id: id(from.variant_id),
        sku: from.sku.clone(),
        title: from.title.clone(),
        variant_title: from.variant_title.clone(),
        vendor: from.vendor.clone(),
        quantity: from.quantity,
        current_quantity: from.current_quantity,
        unit_price: bag(&from.unit_price, places),
        grams: from.grams,
        taxable: from.taxable,
        requires_shipping: from.requires_shipping,
        gift_card: from.gift_card,
        tip: from.tip,
        discount_allocations: allocations(&from.discount_allocations, places),
        tax_lines: taxes(&from.tax_lines, places),
        duties: from.duties.iter().map(|duty| bag(duty, places)).collect(),
        properties: attributes(&from.properties),
        metafields: Vec::new(),
    }
}

fn shipping_line(from: &ShippingLine, places: Places) -> guest::ShippingLine {
    guest::ShippingLine {
        id: id(from.id),
        title: from.title.clone(),
        code: from.code.clone(),
        price: bag(&from.price, places),
        discount_allocations: allocations(&from.discount_allocations, places),
        tax_lines: taxes(&from.tax_lines, places),
        removed: from.removed,
    }
}

fn refund(from: &Refund, places: Places) -> guest::Refund {
    let lines = from.lines.iter().map(|line| guest::RefundLine {
        line_item_id: line.line_item_id.to_string(),
        quantity: line.quantity,
        restock: match line.restock {
            RestockType::Cancel => guest::RestockType::Cancel,
            RestockType::Return => guest::RestockType::Returned,
            RestockType::LegacyRestock => guest::RestockType::LegacyRestock,
            RestockType::NoRestock => guest::RestockType::NoRestock,
        },
        location_id: id(line.location_id),
        subtotal: bag(&line.subtotal, places),
        total_tax: bag(&line.total_tax, places),
    });
    guest::Refund {
        id: from.id.to_string(),
        created_at: from.created_at.to_string(),
        note: text(from.note.as_ref()),
        lines: lines.collect(),
        adjustments: bag(&from.adjustments, places),
        refunded: bag(&from.refunded, places),
    }
}

fn transactions(from: &Order, places: Places) -> Vec<guest::Transaction> {
    from.transactions
        .iter()
        .map(|one| guest::Transaction {
            id: one.id.to_string(),
            parent_id: None,
            kind: one.kind.clone(),
            status: one.status.clone(),
            gateway: one.gateway.clone(),
            amount: bag(&one.amount, places),
            reference: None,
            card_brand: None,
            processed_at: time(one.processed_at),
        })
        .collect()
}

fn fulfillments(from: &Order) -> Vec<guest::Fulfillment> {
    from.fulfillments
        .iter()
        .map(|one| guest::Fulfillment {
            id: one.id.to_string(),
            status: one.status.clone(),
            location_id: id(one.location_id),
            tracking_company: None,
            tracking_numbers: Vec::new(),
            lines: one
                .lines
                .iter()
                .map(|(line, quantity)| guest::FulfillmentLine {
                    line_item_id: line.to_string(),
                    quantity: *quantity,
                })
                .collect(),
        })
        .collect()
}

fn applications(from: &Order) -> Vec<guest::DiscountApplication> {
    from.discount_applications
        .iter()
        .map(|one| guest::DiscountApplication {
            kind: one.kind.clone(),
            title: one.title.clone(),
            code: one.code.clone(),
            value_type: one.value_type.clone(),
            value: amount(one.value, 0),
            target_type: one.target_type.clone(),
        })
        .collect()
}

/// The order as the guest gets it.
pub(crate) fn to_guest(from: &Order) -> guest::Order {
    let places =
        Places(from.currency.exponent() as usize, from.presentment_currency.exponent() as usize);
    let money = |of: &MoneyBag| bag(of, places);
    guest::Order {
        id: from.id.to_string(),
        name: from.name.clone(),
        number: from.number,
        source_name: from.source_name.clone(),
        test: from.test,
        created_at: from.created_at.to_string(),
        updated_at: from.updated_at.to_string(),
        processed_at: time(from.processed_at),
        cancelled_at: time(from.cancelled_at),
        cancel_reason: from.cancel_reason.clone(),
        closed_at: time(from.closed_at),
        currency: from.currency.to_string(),
        presentment_currency: from.presentment_currency.to_string(),
        taxes_included: from.taxes_included,
        subtotal: money(&from.subtotal),
        total_discounts: money(&from.total_discounts),
        total_tax: money(&from.total_tax),
        total_shipping: money(&from.total_shipping),
        total_duties: money(&from.total_duties),
        total_fees: money(&from.total_fees),
        total_tip: money(&from.total_tip),
        cash_rounding: money(&from.cash_rounding),
        total: money(&from.total),
        current_total: money(&from.current_total),
        total_outstanding: money(&from.total_outstanding),
        financial_status: from.financial_status.clone(),
        fulfillment_status: from.fulfillment_status.clone(),
        location_id: id(from.location_id),
        user_id: id(from.user_id),
        app_id: None,
        tags: from.tags.clone(),
        note: text(from.note.as_ref()),
        note_attributes: attributes(&from.note_attributes),
        metafields: Vec::new(),
        customer_locale: from.customer_locale.clone(),
        po_number: from.po_number.clone(),
        customer: from.customer.as_ref().map(customer),
        email: text(from.email.as_ref()),
        phone: text(from.phone.as_ref()),
        billing_address: from.billing_address.as_ref().map(address),
        shipping_address: from.shipping_address.as_ref().map(address),
        line_items: each(&from.line_items, |line| line_item(line, places)),
        shipping_lines: each(&from.shipping_lines, |line| shipping_line(line, places)),
        tax_lines: taxes(&from.tax_lines, places),
        discount_applications: applications(from),
        discount_codes: from.discount_codes.clone(),
        payment_gateways: from.payment_gateways.clone(),
        transactions: transactions(from, places),
        fulfillments: fulfillments(from),
        refunds: each(&from.refunds, |one| refund(one, places)),
    }
}

fn each<T, U>(from: &[T], convert: impl FnMut(&T) -> U) -> Vec<U> {
    from.iter().map(convert).collect()
}

fn parsed(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn parsed_id(text: &str) -> ExternalId {
    text.parse().unwrap()
}

fn tax_out(from: guest::PosTax) -> PosTax {
    PosTax { title: from.title, rate: parsed(&from.rate), amount: parsed(&from.amount) }
}

fn line_out(from: guest::PosLine) -> PosLine {
    PosLine {
        external_id: parsed_id(&from.external_id),
        kind: match from.kind {
            guest::PosLineKind::Product => PosLineKind::Product,
            guest::PosLineKind::Custom => PosLineKind::Custom,
            guest::PosLineKind::GiftCard => PosLineKind::GiftCard,
        },
        variant_id: from.variant_id.as_deref().map(parsed_id),
        sku: from.sku,
        title: from.title,
        quantity: from.quantity,
        unit_price: parsed(&from.unit_price),
        discount: parsed(&from.discount),
        net: parsed(&from.net),
        taxes: from.taxes.into_iter().map(tax_out).collect(),
        location_id: from.location_id.as_deref().map(parsed_id),
    }
}

fn charge_out(from: guest::PosCharge) -> PosCharge {
    PosCharge {
        kind: match from.kind {
            guest::PosChargeKind::Shipping => PosChargeKind::Shipping,
            guest::PosChargeKind::Duty => PosChargeKind::Duty,
            guest::PosChargeKind::Fee => PosChargeKind::Fee,
            guest::PosChargeKind::Tip => PosChargeKind::Tip,
        },
        title: from.title,
        amount: parsed(&from.amount),
        taxes: from.taxes.into_iter().map(tax_out).collect(),
    }
}

fn tender_out(from: guest::PosTender) -> PosTender {
    PosTender {
        kind: match from.kind {
            guest::PosTenderKind::Cash => PosTenderKind::Cash,
            guest::PosTenderKind::Card => PosTenderKind::Card,
            guest::PosTenderKind::GiftCard => PosTenderKind::GiftCard,
            guest::PosTenderKind::Other => PosTenderKind::Other,
        },
        name: from.name,
        amount: parsed(&from.amount),
    }
}

fn refund_out(from: guest::PosRefund) -> PosRefund {
    let lines = from.lines.into_iter().map(|line| PosRefundLine {
        external_id: parsed_id(&line.external_id),
        quantity: line.quantity,
        restocked: line.restocked,
        amount: parsed(&line.amount),
    });
    PosRefund {
        lines: lines.collect(),
        external_id: parsed_id(&from.external_id),
        refunded_at: Timestamp::parse(&from.refunded_at).unwrap(),
        amount: parsed(&from.amount),
    }
}

fn address_out(from: guest::Address) -> Address {
    Address {
        first_name: from.first_name.map(Personal::new),
        last_name: from.last_name.map(Personal::new),
        company: from.company,
        address1: from.address1.map(Personal::new),
        address2: from.address2.map(Personal::new),
        city: from.city,
        province_code: from.province_code,
        country_code: from.country_code,
        zip: from.zip.map(Personal::new),
        phone: from.phone.map(Personal::new),
    }
}

/// What the guest answered.
pub(crate) fn from_guest(from: guest::PosOrder) -> PosOrder {
    PosOrder {
        external_id: parsed_id(&from.external_id),
        number: from.number,
        channel: from.channel,
        placed_at: Timestamp::parse(&from.placed_at).unwrap(),
        state: match from.state {
            guest::PosState::Open => PosState::Open,
            guest::PosState::Paid => PosState::Paid,
            guest::PosState::PartiallyRefunded => PosState::PartiallyRefunded,
            guest::PosState::Refunded => PosState::Refunded,
            guest::PosState::Voided => PosState::Voided,
        },
        currency: from.currency.parse().unwrap(),
        taxes_included: from.taxes_included,
        customer: from.customer.map(|customer| PosCustomer {
            external_id: customer.external_id.as_deref().map(parsed_id),
            name: customer.name.map(Personal::new),
            email: customer.email.map(Personal::new),
            phone: customer.phone.map(Personal::new),
        }),
        ship_to: from.ship_to.map(address_out),
        lines: from.lines.into_iter().map(line_out).collect(),
        charges: from.charges.into_iter().map(charge_out).collect(),
        tenders: from.tenders.into_iter().map(tender_out).collect(),
        refunds: from.refunds.into_iter().map(refund_out).collect(),
        discount_total: parsed(&from.discount_total),
        tax_total: parsed(&from.tax_total),
        total: parsed(&from.total),
        rounding: parsed(&from.rounding),
        refunded_total: parsed(&from.refunded_total),
        notes: from.notes.into_iter().map(Personal::new).collect(),
        attributes: from
            .attributes
            .into_iter()
            .map(|pair| (pair.key, Personal::new(pair.value)))
            .collect(),
    }
}
