//! Orders.

use serde::Deserialize;

use super::{MoneyBag, Nodes, Reference};
use crate::wire::scalar::{Amount, Id, Loose, Tags, Whole};

/// An order.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    pub id: Option<Id>,
    pub name: Option<String>,
    pub number: Option<Whole>,
    pub source_name: Option<String>,
    pub test: Option<bool>,
    pub created_at: Option<String>,
    pub updated_at: Option<String>,
    pub processed_at: Option<String>,
    pub cancelled_at: Option<String>,
    pub cancel_reason: Option<String>,
    pub closed_at: Option<String>,
    pub currency_code: Option<String>,
    pub presentment_currency_code: Option<String>,
    pub taxes_included: Option<bool>,
    pub subtotal_price_set: Option<MoneyBag>,
    pub total_discounts_set: Option<MoneyBag>,
    pub total_tax_set: Option<MoneyBag>,
    pub total_shipping_price_set: Option<MoneyBag>,
    pub original_total_duties_set: Option<MoneyBag>,
    pub original_total_additional_fees_set: Option<MoneyBag>,
    pub total_tip_received_set: Option<MoneyBag>,
    pub total_cash_rounding_adjustment: Option<CashRounding>,
    pub total_price_set: Option<MoneyBag>,
    pub current_total_price_set: Option<MoneyBag>,
    pub total_outstanding_set: Option<MoneyBag>,
    pub display_financial_status: Option<String>,
    pub display_fulfillment_status: Option<String>,
    pub retail_location: Option<Reference>,
    pub tags: Option<Tags>,
    pub note: Option<String>,
    pub custom_attributes: Option<Vec<Attribute>>,
    pub customer_locale: Option<String>,
    pub po_number: Option<Loose>,
    pub confirmation_number: Option<String>,
    pub customer: Option<Customer>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub billing_address: Option<Address>,
    pub shipping_address: Option<Address>,
    pub discount_codes: Option<Vec<String>>,
    pub payment_gateway_names: Option<Vec<String>>,
    pub tax_lines: Option<Vec<TaxLine>>,
    pub discount_applications: Option<Nodes<Application>>,
    pub line_items: Option<Nodes<LineItem>>,
    pub shipping_lines: Option<Nodes<ShippingLine>>,
    pub transactions: Option<Vec<Transaction>>,
    pub fulfillments: Option<Vec<Fulfillment>>,
    pub refunds: Option<Vec<Refund>>,
}

/// What paying in cash added or took.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CashRounding {
    pub payment_set: Option<MoneyBag>,
}

/// A key with a value.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct Attribute {
    pub key: Option<Loose>,
    pub value: Option<Loose>,
}

/// The buyer.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    pub id: Option<Id>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub default_email_address: Option<EmailAddress>,
    pub default_phone_number: Option<PhoneNumber>,
    pub tax_exempt: Option<bool>,
    pub tags: Option<Tags>,
}

/// An email address.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EmailAddress {
    pub email_address: Option<String>,
}

/// A phone number.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PhoneNumber {
    pub phone_number: Option<String>,
}

/// A postal address.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub company: Option<String>,
    pub address1: Option<String>,
    pub address2: Option<String>,
    pub city: Option<String>,
    pub province_code: Option<String>,
    pub country_code_v2: Option<String>,
    pub zip: Option<Loose>,
    pub phone: Option<String>,
}

/// A line.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LineItem {
    pub id: Option<Id>,
    pub product: Option<Reference>,
    pub variant: Option<Reference>,
    pub sku: Option<String>,
    pub title: Option<String>,
    pub variant_title: Option<String>,
    pub vendor: Option<String>,
    pub quantity: Option<Whole>,
    pub current_quantity: Option<Whole>,
    pub original_unit_price_set: Option<MoneyBag>,
    pub weight: Option<Weight>,
    pub taxable: Option<bool>,
    pub requires_shipping: Option<bool>,
    pub is_gift_card: Option<bool>,
    pub discount_allocations: Option<Vec<Allocation>>,
    pub tax_lines: Option<Vec<TaxLine>>,
    pub duties: Option<Vec<Duty>>,
    pub custom_attributes: Option<Vec<Attribute>>,
}

/// A weight.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct Weight {
    pub unit: Option<String>,
    pub value: Option<Amount>,
}

/// The part of a discount that falls on a line.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Allocation {
    pub allocated_amount_set: Option<MoneyBag>,
    pub discount_application: Option<Indexed>,
}

/// A discount by its place.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct Indexed {
    pub index: Option<u32>,
}

/// A discount of the order.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Application {
    #[serde(rename = "__typename")]
    pub typename: Option<String>,
    pub index: Option<u32>,
    pub target_type: Option<String>,
    pub value: Option<ApplicationValue>,
    pub code: Option<String>,
    pub title: Option<String>,
}

/// The value of a discount: one of the two.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct ApplicationValue {
    pub amount: Option<Amount>,
    pub percentage: Option<Amount>,
}

/// A tax.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxLine {
    pub title: Option<String>,
    pub rate: Option<Amount>,
    pub price_set: Option<MoneyBag>,
}

/// Import duties on a line.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct Duty {
    pub price: Option<MoneyBag>,
}

/// A way of shipping.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShippingLine {
    pub id: Option<Id>,
    pub title: Option<String>,
    pub code: Option<String>,
    pub original_price_set: Option<MoneyBag>,
    pub discount_allocations: Option<Vec<Allocation>>,
    pub tax_lines: Option<Vec<TaxLine>>,
    pub is_removed: Option<bool>,
}

/// A movement of money.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transaction {
    pub id: Option<Id>,
    pub kind: Option<String>,
    pub status: Option<String>,
    pub gateway: Option<String>,
    pub amount_set: Option<MoneyBag>,
    pub processed_at: Option<String>,
}

/// Something that was sent.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fulfillment {
    pub id: Option<Id>,
    pub status: Option<String>,
    pub location: Option<Reference>,
    pub fulfillment_line_items: Option<Nodes<FulfillmentLine>>,
}

/// A line of something that was sent.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FulfillmentLine {
    pub line_item: Option<Reference>,
    pub quantity: Option<Whole>,
}

/// Something that was taken back or removed.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refund {
    pub id: Option<Id>,
    pub created_at: Option<String>,
    pub processed_at: Option<String>,
    pub note: Option<String>,
    pub total_refunded_set: Option<MoneyBag>,
    pub refund_line_items: Option<Nodes<RefundLine>>,
    pub refund_shipping_lines: Option<Nodes<RefundShippingLine>>,
    pub order_adjustments: Option<Nodes<Adjustment>>,
}

/// A line of a refund.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefundLine {
    pub line_item: Option<Reference>,
    pub quantity: Option<Whole>,
    pub restock_type: Option<String>,
    pub location: Option<Reference>,
    pub subtotal_set: Option<MoneyBag>,
    pub total_tax_set: Option<MoneyBag>,
}

/// Shipping that was given back.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefundShippingLine {
    pub subtotal_amount_set: Option<MoneyBag>,
    pub tax_amount_set: Option<MoneyBag>,
}

/// Money given back beside lines and shipping; negative means given to the buyer.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Adjustment {
    pub amount_set: Option<MoneyBag>,
    pub tax_amount_set: Option<MoneyBag>,
}
