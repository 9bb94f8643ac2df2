//! The standard mapper as a function of this program: what an order costs where there is no sandbox around the mapper.

use plugins::types::{
    Address, Attribute, Customer, DiscountAllocation, DiscountApplication, LineItem, MapError,
    MoneyBag, Order, PosOrder, ShippingLine, TaxLine,
};

use super::super::orders::{NET, SHIPPING, TAX, decimal};

/// Maps an order. It is consumed, as the plugin's is.
pub(super) fn map(order: Order) -> Result<PosOrder, MapError> {
    standard::map_order(order, &[])
}

/// The order of `orders::body`, as a plugin gets it.
pub(super) fn order(lines: u64) -> Order {
    let (subtotal, tax) = (NET * lines, TAX * lines);
    Order {
        id: "5500000000900".to_owned(),
        name: "#9001".to_owned(),
        number: 9_001,
        source_name: text("web"),
        test: false,
        created_at: "2026-03-02T14:14:55Z".to_owned(),
        updated_at: "2026-03-02T14:15:01Z".to_owned(),
        processed_at: text("2026-03-02T14:14:54Z"),
        cancelled_at: None,
        cancel_reason: None,
        closed_at: None,
        currency: "CAD".to_owned(),
        presentment_currency: "CAD".to_owned(),
        taxes_included: false,
        subtotal: money(subtotal),
        total_discounts: money(398 * lines),
        total_tax: money(tax),
        total_shipping: money(0),
        total_duties: money(0),
        total_fees: money(0),
        total_tip: money(0),
        cash_rounding: money(0),
        total: money(subtotal + tax + SHIPPING),
        current_total: money(subtotal + tax + SHIPPING),
        total_outstanding: money(0),
        financial_status: "paid".to_owned(),
        fulfillment_status: None,
        location_id: None,
        user_id: None,
        app_id: None,
        tags: vec!["online".to_owned(), "regular".to_owned()],
        note: text("Leave at the door"),
        note_attributes: Vec::new(),
        metafields: Vec::new(),
        customer_locale: None,
        po_number: None,
        customer: Some(customer()),
        email: text("robin@example.com"),
        phone: None,
        billing_address: Some(address()),
        shipping_address: Some(address()),
        line_items: (0..lines).map(line).collect(),
        shipping_lines: vec![shipping()],
        tax_lines: vec![tax_line(tax)],
        discount_applications: vec![discount()],
        discount_codes: Vec::new(),
        payment_gateways: vec!["shopify_payments".to_owned()],
        transactions: Vec::new(),
        fulfillments: Vec::new(),
        refunds: Vec::new(),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the contract's texts may be missing")]
fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn money(hundredths: u64) -> MoneyBag {
    MoneyBag { shop: decimal(hundredths), presentment: decimal(hundredths) }
}

fn line(index: u64) -> LineItem {
    LineItem {
        id: (13_100_000_009_000 + index).to_string(),
        product_id: Some((8_800_000_009_000 + index).to_string()),
        variant_id: Some((44_400_000_009_000 + index).to_string()),
        sku: Some(format!("SKU-{index}")),
        title: "Shirt".to_owned(),
        variant_title: text("Medium / Black"),
        vendor: None,
        quantity: 2,
        current_quantity: 2,
        unit_price: money(1_999),
        grams: 0,
        taxable: true,
        requires_shipping: true,
        gift_card: false,
        tip: false,
        discount_allocations: vec![DiscountAllocation { amount: money(398), application: Some(0) }],
        tax_lines: vec![tax_line(TAX)],
        duties: Vec::new(),
        properties: vec![Attribute { key: "engraving".to_owned(), value: "For Kit".to_owned() }],
        metafields: Vec::new(),
    }
}

fn tax_line(hundredths: u64) -> TaxLine {
    TaxLine { title: "HST".to_owned(), rate: "0.13".to_owned(), price: money(hundredths) }
}

fn shipping() -> ShippingLine {
    ShippingLine {
        id: text("4600000000009"),
        title: "Parcel".to_owned(),
        code: None,
        price: money(SHIPPING),
        discount_allocations: Vec::new(),
        tax_lines: Vec::new(),
        removed: false,
    }
}

fn discount() -> DiscountApplication {
    DiscountApplication {
        kind: "automatic".to_owned(),
        title: text("Spring"),
        code: None,
        value_type: "percentage".to_owned(),
        value: "10".to_owned(),
        target_type: "line_item".to_owned(),
    }
}

fn customer() -> Customer {
    Customer {
        id: "7700000000009".to_owned(),
        first_name: text("Robin"),
        last_name: text("Okafor"),
        email: text("robin@example.com"),
        phone: None,
        tax_exempt: false,
        tags: Vec::new(),
        metafields: Vec::new(),
    }
}

fn address() -> Address {
    Address {
        first_name: text("Robin"),
        last_name: text("Okafor"),
        company: None,
        address1: text("12 Quay Street"),
        address2: None,
        city: text("Halifax"),
        province_code: text("NS"),
        country_code: text("CA"),
        zip: text("B3J 0A1"),
        phone: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::mapper::orders;
    use crate::cli::mapper::runner::{Runner, STANDARD_FOR_TESTS};

    /// The two are one order: what is compared is the sandbox and nothing else.
    #[test]
    fn it_is_the_order_that_the_plugin_gets() {
        let runner = Runner::start(STANDARD_FOR_TESTS).unwrap();
        let body = orders::body(3);
        let run = runner.run_standard(&runner.order("orders/create", &body).unwrap(), &body);
        let document: serde_json::Value = serde_json::from_str(&run.document.unwrap()).unwrap();
        let natively = map(order(3)).unwrap();
        assert_eq!(document["number"], *natively.number);
        assert_eq!(document["total"], *natively.total);
        assert_eq!(document["placed_at"], *natively.placed_at);
        for (line, native) in document["lines"].as_array().unwrap().iter().zip(&natively.lines) {
            assert_eq!(
                (&line["net"], &line["title"]),
                (&native.net.clone().into(), &native.title.clone().into())
            );
        }
        assert_eq!(natively.notes.len(), document["notes"].as_array().unwrap().len());
        assert_eq!(natively.tenders.len(), document["tenders"].as_array().unwrap().len());
    }
}
