//! Orders.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::wire::scalar::{Amount, Id, Loose, Tags, Whole};

/// An amount with its currency.
#[derive(Debug, Clone, Deserialize)]
pub struct Money {
    /// How much.
    pub amount: Option<Amount>,
    /// Of what.
    pub currency_code: Option<String>,
}

/// One amount in both currencies.
#[derive(Debug, Clone, Deserialize)]
pub struct MoneySet {
    /// As the shop keeps its books.
    pub shop_money: Option<Money>,
    /// As the buyer saw it.
    pub presentment_money: Option<Money>,
}

/// An order.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct Order {
    pub id: Option<Id>,
    pub admin_graphql_api_id: Option<Id>,
    pub name: Option<String>,
    pub number: Option<Whole>,
    pub order_number: Option<Whole>,
    pub source_name: Option<String>,
    pub test: Option<bool>,
    pub created_at: Option<String>,
    pub updated_at: Option<String>,
    pub processed_at: Option<String>,
    pub cancelled_at: Option<String>,
    pub cancel_reason: Option<String>,
    pub closed_at: Option<String>,
    pub currency: Option<String>,
    pub presentment_currency: Option<String>,
    pub taxes_included: Option<bool>,
    pub subtotal_price: Option<Amount>,
    pub subtotal_price_set: Option<MoneySet>,
    pub total_discounts: Option<Amount>,
    pub total_discounts_set: Option<MoneySet>,
    pub total_tax: Option<Amount>,
    pub total_tax_set: Option<MoneySet>,
    pub total_shipping_price_set: Option<MoneySet>,
    pub original_total_duties_set: Option<MoneySet>,
    pub original_total_additional_fees_set: Option<MoneySet>,
    pub total_tip_received: Option<Amount>,
    pub total_tip_received_set: Option<MoneySet>,
    pub total_cash_rounding_payment_adjustment_set: Option<MoneySet>,
    pub total_price: Option<Amount>,
    pub total_price_set: Option<MoneySet>,
    pub current_total_price: Option<Amount>,
    pub current_total_price_set: Option<MoneySet>,
    pub total_outstanding: Option<Amount>,
    pub financial_status: Option<String>,
    pub fulfillment_status: Option<String>,
    pub location_id: Option<Id>,
    pub user_id: Option<Id>,
    pub tags: Option<Tags>,
    pub note: Option<String>,
    pub note_attributes: Option<Vec<NameValue>>,
    pub customer_locale: Option<String>,
    pub po_number: Option<Loose>,
    pub confirmation_number: Option<String>,
    pub customer: Option<Customer>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub billing_address: Option<Address>,
    pub shipping_address: Option<Address>,
    pub line_items: Option<Vec<LineItem>>,
    pub shipping_lines: Option<Vec<ShippingLine>>,
    pub tax_lines: Option<Vec<TaxLine>>,
    pub discount_applications: Option<Vec<DiscountApplication>>,
    pub discount_codes: Option<Vec<DiscountCode>>,
    pub payment_gateway_names: Option<Vec<String>>,
    pub fulfillments: Option<Vec<Fulfillment>>,
    pub refunds: Option<Vec<Refund>>,
}

/// A key with a value, as note attributes and line properties are written.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct NameValue {
    pub name: Option<Loose>,
    pub value: Option<Loose>,
}

/// The buyer.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct Customer {
    pub id: Option<Id>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub tax_exempt: Option<bool>,
    pub tags: Option<Tags>,
}

/// A postal address.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct Address {
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub company: Option<String>,
    pub address1: Option<String>,
    pub address2: Option<String>,
    pub city: Option<String>,
    pub province_code: Option<String>,
    pub country_code: Option<String>,
    pub zip: Option<Loose>,
    pub phone: Option<String>,
}

/// A line.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct LineItem {
    pub id: Option<Id>,
    pub product_id: Option<Id>,
    pub variant_id: Option<Id>,
    pub sku: Option<String>,
    pub title: Option<String>,
    pub name: Option<String>,
    pub variant_title: Option<String>,
    pub vendor: Option<String>,
    pub quantity: Option<Whole>,
    pub current_quantity: Option<Whole>,
    pub price: Option<Amount>,
    pub price_set: Option<MoneySet>,
    pub grams: Option<Whole>,
    pub taxable: Option<bool>,
    pub requires_shipping: Option<bool>,
    pub gift_card: Option<bool>,
    /// Present on lines that are tips, whatever it holds.
    pub tip: Option<IgnoredAny>,
    pub discount_allocations: Option<Vec<DiscountAllocation>>,
    pub tax_lines: Option<Vec<TaxLine>>,
    pub duties: Option<Vec<Duty>>,
    pub properties: Option<Vec<NameValue>>,
}

/// The part of a discount that falls on a line.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct DiscountAllocation {
    pub amount: Option<Amount>,
    pub amount_set: Option<MoneySet>,
    pub discount_application_index: Option<u32>,
}

/// A discount of the order.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct DiscountApplication {
    pub r#type: Option<String>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub code: Option<String>,
    pub value: Option<Amount>,
    pub value_type: Option<String>,
    pub target_type: Option<String>,
}

/// A code that the buyer entered.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct DiscountCode {
    pub code: Option<String>,
}

/// A tax.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct TaxLine {
    pub title: Option<String>,
    pub rate: Option<Amount>,
    pub price: Option<Amount>,
    pub price_set: Option<MoneySet>,
}

/// Import duties on a line. Their amount stands directly in them.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct Duty {
    pub shop_money: Option<Money>,
    pub presentment_money: Option<Money>,
    pub price_set: Option<MoneySet>,
}

/// A way of shipping.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct ShippingLine {
    pub id: Option<Id>,
    pub title: Option<String>,
    pub code: Option<String>,
    pub price: Option<Amount>,
    pub price_set: Option<MoneySet>,
    pub discount_allocations: Option<Vec<DiscountAllocation>>,
    pub tax_lines: Option<Vec<TaxLine>>,
    pub is_removed: Option<bool>,
}

/// Something that was sent.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct Fulfillment {
    pub id: Option<Id>,
    pub status: Option<String>,
    pub location_id: Option<Id>,
    pub line_items: Option<Vec<FulfillmentLine>>,
}

/// A line of something that was sent.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct FulfillmentLine {
    pub id: Option<Id>,
    pub quantity: Option<Whole>,
}

/// Something that was taken back or removed.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct Refund {
    pub id: Option<Id>,
    pub order_id: Option<Id>,
    pub created_at: Option<String>,
    pub processed_at: Option<String>,
    pub note: Option<String>,
    pub refund_line_items: Option<Vec<RefundLine>>,
    pub order_adjustments: Option<Vec<Adjustment>>,
    pub transactions: Option<Vec<Transaction>>,
}

/// A line of a refund.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct RefundLine {
    pub line_item_id: Option<Id>,
    pub quantity: Option<Whole>,
    pub restock_type: Option<String>,
    pub location_id: Option<Id>,
    pub subtotal: Option<Amount>,
    pub subtotal_set: Option<MoneySet>,
    pub total_tax: Option<Amount>,
    pub total_tax_set: Option<MoneySet>,
}

/// Money given back beside the lines; negative means given to the buyer.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct Adjustment {
    pub amount: Option<Amount>,
    pub amount_set: Option<MoneySet>,
    pub tax_amount: Option<Amount>,
    pub tax_amount_set: Option<MoneySet>,
}

/// A movement of money.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct Transaction {
    pub id: Option<Id>,
    pub kind: Option<String>,
    pub status: Option<String>,
    pub gateway: Option<String>,
    pub amount: Option<Amount>,
    pub currency: Option<String>,
    pub processed_at: Option<String>,
}
