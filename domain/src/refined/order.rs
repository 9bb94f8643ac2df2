//! Orders.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::id::ExternalId;
use crate::money::{Currency, MoneyBag};
use crate::personal::Personal;
use crate::time::Timestamp;

/// An order of the store, with everything a POS may need of it.
///
/// Amounts follow Shopify's meaning: `total` is what the buyer owed before returns, including discounts, taxes,
/// shipping, duties and tips; lines carry the quantity ever sold, refunds and removals stand beside them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Order {
    /// The store's id.
    pub id: ExternalId,
    /// The name shown to people, for instance `#1042`.
    pub name: String,
    /// The running number in the store.
    pub number: i64,
    /// What the buyer was shown when the order was made, for instance `XPAV284CT`: random, not promised to be unique.
    pub confirmation_number: Option<String>,
    /// Where the order was made: `web`, `pos`, a draft, another app.
    pub source_name: Option<String>,
    /// A test order: no money moved.
    pub test: bool,
    /// When the order was made.
    pub created_at: Timestamp,
    /// When the store last changed it.
    pub updated_at: Timestamp,
    /// When it counts for the books; differs from `created_at` for imported orders.
    pub processed_at: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// Why it was cancelled, in the store's word.
    pub cancel_reason: Option<String>,
    /// When it was closed (archived).
    pub closed_at: Option<Timestamp>,

    /// The shop's currency.
    pub currency: Currency,
    /// The currency that the buyer paid in.
    pub presentment_currency: Currency,
    /// Whether line and shipping prices already contain the taxes.
    pub taxes_included: bool,
    /// Lines after discounts, without shipping, duties and tips.
    pub subtotal: MoneyBag,
    /// All discounts.
    pub total_discounts: MoneyBag,
    /// All taxes.
    pub total_tax: MoneyBag,
    /// Shipping before discounts.
    pub total_shipping: MoneyBag,
    /// Import duties, where charged.
    pub total_duties: MoneyBag,
    /// Additional fees, where charged.
    pub total_fees: MoneyBag,
    /// Tips.
    pub total_tip: MoneyBag,
    /// What paying in cash added or took for want of small coins; not part of `total`.
    pub cash_rounding: MoneyBag,
    /// What the buyer owed before returns.
    pub total: MoneyBag,
    /// What remains after edits, returns and refunds of lines.
    pub current_total: MoneyBag,
    /// What is still to be paid.
    pub total_outstanding: MoneyBag,

    /// The store's word for the state of payment: `pending`, `paid`, `partially_refunded`, …
    pub financial_status: String,
    /// The store's word for the state of delivery; none while nothing was sent.
    pub fulfillment_status: Option<String>,
    /// The store location that made the order (POS orders).
    pub location_id: Option<ExternalId>,
    /// The member of staff that made the order.
    pub user_id: Option<ExternalId>,
    /// Labels.
    pub tags: Vec<String>,
    /// The buyer's or the merchant's note.
    pub note: Option<Personal>,
    /// Key and value pairs that the checkout collected.
    pub note_attributes: Vec<Attribute>,
    /// The buyer's language, for instance `fr-CA`.
    pub customer_locale: Option<String>,
    /// Purchase order number of a business buyer.
    pub po_number: Option<String>,

    /// The buyer, if known and if we may see them.
    pub customer: Option<Customer>,
    /// The contact address of this order.
    pub email: Option<Personal>,
    /// The contact phone number of this order.
    pub phone: Option<Personal>,
    /// Where the bill goes.
    pub billing_address: Option<Address>,
    /// Where the goods go.
    pub shipping_address: Option<Address>,

    /// What was bought, including lines that were removed since.
    pub line_items: Vec<LineItem>,
    /// How it is sent, and for how much.
    pub shipping_lines: Vec<ShippingLine>,
    /// Taxes of the whole order, by rate.
    pub tax_lines: Vec<TaxLine>,
    /// The discounts that the allocations refer to by place.
    pub discount_applications: Vec<DiscountApplication>,
    /// Codes that the buyer entered.
    pub discount_codes: Vec<String>,
    /// Names of the ways of payment; all that a delivery tells about payment.
    pub payment_gateways: Vec<String>,
    /// Payments and refunds of money; only the API tells them.
    pub transactions: Vec<Transaction>,
    /// What was sent.
    pub fulfillments: Vec<Fulfillment>,
    /// What was taken back or removed.
    pub refunds: Vec<Refund>,
}

/// A key with a value.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attribute {
    /// The key.
    pub key: String,
    /// The value; buyers write into these.
    pub value: Personal,
}

/// The buyer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Customer {
    /// The store's id.
    pub id: ExternalId,
    /// First name.
    pub first_name: Option<Personal>,
    /// Last name.
    pub last_name: Option<Personal>,
    /// Email address.
    pub email: Option<Personal>,
    /// Phone number.
    pub phone: Option<Personal>,
    /// Whether taxes are not charged.
    pub tax_exempt: bool,
    /// Labels.
    pub tags: Vec<String>,
}

/// A postal address.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Address {
    /// First name.
    pub first_name: Option<Personal>,
    /// Last name.
    pub last_name: Option<Personal>,
    /// Company.
    pub company: Option<String>,
    /// Street and number.
    pub address1: Option<Personal>,
    /// Flat, suite, floor.
    pub address2: Option<Personal>,
    /// City.
    pub city: Option<String>,
    /// Province or state, by its code.
    pub province_code: Option<String>,
    /// Country, by ISO 3166-1 alpha-2.
    pub country_code: Option<String>,
    /// Postal code.
    pub zip: Option<Personal>,
    /// Phone number.
    pub phone: Option<Personal>,
}

/// A line of an order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the store's own marks, each independent of the others"
)]
pub struct LineItem {
    /// The store's id.
    pub id: ExternalId,
    /// The product, unless it is a custom line or was deleted.
    pub product_id: Option<ExternalId>,
    /// The variant, unless it is a custom line or was deleted.
    pub variant_id: Option<ExternalId>,
    /// The seller's own number.
    pub sku: Option<String>,
    /// The product's name when it was bought.
    pub title: String,
    /// The variant's name when it was bought.
    pub variant_title: Option<String>,
    /// The vendor.
    pub vendor: Option<String>,
    /// Pieces ever sold on this line.
    pub quantity: i64,
    /// Pieces left after removals, returns and refunds.
    pub current_quantity: i64,
    /// Price of one piece before discounts.
    pub unit_price: MoneyBag,
    /// Weight of one piece in grams.
    pub grams: i64,
    /// Whether taxes apply.
    pub taxable: bool,
    /// Whether it is sent.
    pub requires_shipping: bool,
    /// Whether the line sells a gift card.
    pub gift_card: bool,
    /// Whether the line is a tip and not goods.
    pub tip: bool,
    /// Discounts on the whole line, order-wide ones included.
    pub discount_allocations: Vec<DiscountAllocation>,
    /// Taxes on the whole line.
    pub tax_lines: Vec<TaxLine>,
    /// Import duties on the whole line.
    pub duties: Vec<MoneyBag>,
    /// What the buyer chose or wrote for this line.
    pub properties: Vec<Attribute>,
}

impl LineItem {
    /// The sum of the line's discounts.
    pub fn discount(&self) -> MoneyBag {
        sum(self.discount_allocations.iter().map(|allocation| allocation.amount))
    }
}

/// The part of a discount that falls on one line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DiscountAllocation {
    /// How much.
    pub amount: MoneyBag,
    /// Which of the order's discount applications, by place; none where the source does not tell.
    pub application: Option<u32>,
}

/// A discount of the order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DiscountApplication {
    /// `discount_code`, `automatic`, `manual` or `script`.
    pub kind: String,
    /// The name shown to the buyer.
    pub title: Option<String>,
    /// The code, for `discount_code`.
    pub code: Option<String>,
    /// `fixed_amount` or `percentage`.
    pub value_type: String,
    /// The amount or the percentage.
    pub value: Decimal,
    /// `line_item` or `shipping_line`.
    pub target_type: String,
}

/// A tax.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TaxLine {
    /// The tax's name.
    pub title: String,
    /// The rate as a fraction, for instance 0.13.
    pub rate: Decimal,
    /// How much.
    pub price: MoneyBag,
}

/// A way of shipping.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ShippingLine {
    /// The store's id, where the source tells it.
    pub id: Option<ExternalId>,
    /// The name shown to the buyer.
    pub title: String,
    /// The carrier's code.
    pub code: Option<String>,
    /// Before discounts.
    pub price: MoneyBag,
    /// Discounts on it.
    pub discount_allocations: Vec<DiscountAllocation>,
    /// Taxes on it.
    pub tax_lines: Vec<TaxLine>,
    /// Whether an edit took it off the order.
    pub removed: bool,
}

impl ShippingLine {
    /// The sum of its discounts.
    pub fn discount(&self) -> MoneyBag {
        sum(self.discount_allocations.iter().map(|allocation| allocation.amount))
    }
}

/// A movement of money.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Transaction {
    /// The store's id.
    pub id: ExternalId,
    /// `sale`, `capture`, `authorization`, `refund`, `void`, `change`.
    pub kind: String,
    /// `success`, `failure`, `pending`, `error`.
    pub status: String,
    /// The way of payment.
    pub gateway: String,
    /// How much.
    pub amount: MoneyBag,
    /// When.
    pub processed_at: Option<Timestamp>,
}

/// Something that was sent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fulfillment {
    /// The store's id.
    pub id: ExternalId,
    /// The store's word: `success`, `cancelled`, …
    pub status: String,
    /// Where it left from.
    pub location_id: Option<ExternalId>,
    /// Which pieces of which lines.
    pub lines: Vec<(ExternalId, i64)>,
}

/// Something that was taken back or removed from the order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refund {
    /// The store's id.
    pub id: ExternalId,
    /// When.
    pub created_at: Timestamp,
    /// Why, in somebody's words.
    pub note: Option<Personal>,
    /// Which pieces.
    pub lines: Vec<RefundLine>,
    /// Money given back beside the lines: shipping, goodwill, discrepancies. Negative means given to the buyer.
    pub adjustments: MoneyBag,
    /// Money that went back, all in all.
    pub refunded: MoneyBag,
}

/// Pieces that were taken back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RefundLine {
    /// The order's line.
    pub line_item_id: ExternalId,
    /// How many pieces.
    pub quantity: i64,
    /// What became of the goods.
    pub restock: RestockType,
    /// Where they went back to.
    pub location_id: Option<ExternalId>,
    /// The pieces' share of the line after discounts.
    pub subtotal: MoneyBag,
    /// The pieces' share of the taxes.
    pub total_tax: MoneyBag,
}

/// What became of refunded goods (Shopify's `RefundLineItemRestockType`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestockType {
    /// Back into stock; they had not been sent yet.
    Cancel,
    /// Back into stock; the buyer sent them back.
    Return,
    /// Back into stock, from before the store told the two apart.
    LegacyRestock,
    /// Not back into stock.
    NoRestock,
}

impl RestockType {
    /// The type by its name in either of Shopify's spellings; an unknown one moves no stock.
    pub fn parse(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "cancel" => Self::Cancel,
            "return" => Self::Return,
            "legacy_restock" => Self::LegacyRestock,
            _ => Self::NoRestock,
        }
    }

    /// Whether the pieces can be sold again.
    pub const fn restocks(self) -> bool {
        !matches!(self, Self::NoRestock)
    }
}

fn sum(amounts: impl Iterator<Item = MoneyBag>) -> MoneyBag {
    amounts.fold(MoneyBag::default(), |total, amount| MoneyBag {
        shop: total.shop + amount.shop,
        presentment: total.presentment + amount.presentment,
    })
}
