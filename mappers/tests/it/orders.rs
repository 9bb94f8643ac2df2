//! Orders for tests and benchmarks.

use domain::id::ExternalId;
use domain::money::MoneyBag;
use domain::personal::Personal;
use domain::refined::{
    Address, Attribute, Customer, DiscountAllocation, LineItem, Order, ShippingLine, TaxLine,
    Transaction,
};
use domain::time::Timestamp;
use rust_decimal::Decimal;

/// The decimal of that text.
pub(crate) fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// The same amount on both sides.
pub(crate) fn bag(text: &str) -> MoneyBag {
    MoneyBag::same(decimal(text))
}

/// A line of `quantity` pieces at `price`.
pub(crate) fn line(id: i64, quantity: i64, price: &str) -> LineItem {
    LineItem {
        id: ExternalId(id),
        product_id: Some(ExternalId(id + 1_000)),
        variant_id: Some(ExternalId(id + 2_000)),
        sku: Some(format!("SKU-{id}")),
        title: format!("Thing {id}"),
        variant_title: None,
        vendor: Some("Maker".to_owned()),
        quantity,
        current_quantity: quantity,
        unit_price: bag(price),
        grams: 250,
        taxable: true,
        requires_shipping: true,
        gift_card: false,
        tip: false,
        discount_allocations: Vec::new(),
        tax_lines: Vec::new(),
        duties: Vec::new(),
        properties: Vec::new(),
    }
}

/// A discount on a line.
pub(crate) fn allocation(amount: &str) -> DiscountAllocation {
    DiscountAllocation { amount: bag(amount), application: Some(0) }
}

/// A tax of 13 %.
pub(crate) fn tax(amount: &str) -> TaxLine {
    TaxLine { title: "HST".to_owned(), rate: decimal("0.13"), price: bag(amount) }
}

/// Standard shipping.
pub(crate) fn shipping(price: &str) -> ShippingLine {
    ShippingLine {
        id: Some(ExternalId(9)),
        title: "Standard".to_owned(),
        code: None,
        price: bag(price),
        discount_allocations: Vec::new(),
        tax_lines: Vec::new(),
        removed: false,
    }
}

/// A successful payment.
pub(crate) fn payment(id: i64, kind: &str, gateway: &str, amount: &str) -> Transaction {
    Transaction {
        id: ExternalId(id),
        kind: kind.to_owned(),
        status: "success".to_owned(),
        gateway: gateway.to_owned(),
        amount: bag(amount),
        processed_at: Some(Timestamp::from_millis(1_795_000_000_000)),
    }
}

/// A customer with everything.
pub(crate) fn customer() -> Customer {
    Customer {
        id: ExternalId(77),
        first_name: Some(Personal::new("Ada")),
        last_name: Some(Personal::new("Lovelace")),
        email: Some(Personal::new("ada@example.com")),
        phone: None,
        tax_exempt: false,
        tags: vec!["vip".to_owned()],
    }
}

/// An address with everything.
pub(crate) fn address() -> Address {
    Address {
        first_name: Some(Personal::new("Ada")),
        last_name: Some(Personal::new("Lovelace")),
        company: Some("Engines Ltd".to_owned()),
        address1: Some(Personal::new("1 Main Street")),
        address2: Some(Personal::new("Flat 2")),
        city: Some("Toronto".to_owned()),
        province_code: Some("ON".to_owned()),
        country_code: Some("CA".to_owned()),
        zip: Some(Personal::new("M5V 1A1")),
        phone: Some(Personal::new("+1 416 555 0100")),
    }
}

/// A paid order in Canadian dollars of these lines; `total` is what the store says.
pub(crate) fn order(line_items: Vec<LineItem>, total: &str) -> Order {
    let cad = "CAD".parse().unwrap();
    Order {
        id: ExternalId(450_789_469),
        name: "#1001".to_owned(),
        number: 1001,
        confirmation_number: None,
        source_name: Some("web".to_owned()),
        test: false,
        created_at: Timestamp::from_millis(1_795_000_000_000),
        updated_at: Timestamp::from_millis(1_795_000_100_000),
        processed_at: Some(Timestamp::from_millis(1_795_000_000_500)),
        cancelled_at: None,
        cancel_reason: None,
        closed_at: None,
        currency: cad,
        presentment_currency: cad,
        taxes_included: false,
        subtotal: MoneyBag::default(),
        total_discounts: MoneyBag::default(),
        total_tax: MoneyBag::default(),
        total_shipping: MoneyBag::default(),
        total_duties: MoneyBag::default(),
        total_fees: MoneyBag::default(),
        total_tip: MoneyBag::default(),
        cash_rounding: MoneyBag::default(),
        total: bag(total),
        current_total: bag(total),
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
        payment_gateways: vec!["shopify_payments".to_owned()],
        transactions: Vec::new(),
        fulfillments: Vec::new(),
        refunds: Vec::new(),
    }
}

/// A key with a value.
pub(crate) fn attribute(key: &str, value: &str) -> Attribute {
    Attribute { key: key.to_owned(), value: Personal::new(value) }
}
