//! Orders.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::line::{Application, ApplicationKind, LineItem, ShippingLine};
use super::money::{Money, Scales};
use super::people::Address;
use super::refund::Refund;

/// An order. What it comes to is computed from its parts, see the methods.
#[derive(Clone, PartialEq, Debug)]
pub struct Order {
    /// Its id.
    pub id: i64,
    /// The name shown to people, for instance `#1042`.
    pub name: String,
    /// The running number as the name has it, for instance 1042.
    pub number: i64,
    /// Where it was made: `web`, `pos`, `shopify_draft_order`, an app's number.
    pub source_name: String,
    /// A test order: no money moved.
    pub test: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it counts for the books; before `created_at` for imported orders.
    pub processed_at: DateTime<Utc>,
    /// When it was cancelled.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Why: `customer`, `inventory`, `fraud`, `declined`, `other`.
    pub cancel_reason: Option<String>,
    /// When it was closed: paid and sent.
    pub closed_at: Option<DateTime<Utc>>,
    /// The shop's currency.
    pub currency: String,
    /// The buyer's currency.
    pub presentment_currency: String,
    /// Units of the buyer's currency for one of the shop's.
    pub rate: Decimal,
    /// Whether prices contain the taxes.
    pub taxes_included: bool,
    /// The location that made the order (POS orders).
    pub location_id: Option<i64>,
    /// The member of staff that made the order (POS orders).
    pub user_id: Option<i64>,
    /// Labels.
    pub tags: Vec<String>,
    /// The buyer's or the merchant's note.
    pub note: Option<String>,
    /// What the checkout collected.
    pub note_attributes: Vec<(String, String)>,
    /// The buyer's language.
    pub customer_locale: Option<String>,
    /// Purchase order number of a business buyer.
    pub po_number: Option<String>,
    /// The buyer, where known.
    pub customer_id: Option<i64>,
    /// The contact address of the order.
    pub email: Option<String>,
    /// The contact phone number of the order.
    pub phone: Option<String>,
    /// Where the bill goes.
    pub billing_address: Option<Address>,
    /// Where the goods go.
    pub shipping_address: Option<Address>,
    /// What was bought, with what was removed since, and tips that stand as lines.
    pub lines: Vec<LineItem>,
    /// How it is sent.
    pub shipping: Vec<ShippingLine>,
    /// The discounts that allocations refer to by place.
    pub applications: Vec<Application>,
    /// Additional fees.
    pub fees: Money,
    /// A tip that does not stand as a line.
    pub tip: Money,
    /// What paying in cash added (or took) for want of small coins; not part of the total.
    pub cash_rounding: Money,
    /// Payments and refunds of money, in order.
    pub transactions: Vec<Transaction>,
    /// What was sent.
    pub fulfillments: Vec<Fulfillment>,
    /// What was taken back or removed.
    pub refunds: Vec<Refund>,
}

impl Order {
    /// The digits of the order's currencies.
    pub fn scales(&self) -> Scales {
        Scales::of(&self.currency, &self.presentment_currency)
    }

    /// The line of that id.
    pub fn line(&self, id: i64) -> Option<&LineItem> {
        self.lines.iter().find(|line| line.id == id)
    }

    /// What the buyer was shown when the order was made.
    pub fn confirmation_number(&self) -> String {
        format!("C{}", self.number)
    }

    /// The codes that the buyer entered.
    pub fn discount_codes(&self) -> impl Iterator<Item = &str> {
        self.applications
            .iter()
            .filter(|discount| discount.kind == ApplicationKind::Code)
            .map(|discount| discount.title.as_str())
    }

    /// The gateways through which it was paid, each once.
    pub fn gateways(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for moved in &self.transactions {
            if !names.contains(&moved.gateway.as_str()) {
                names.push(&moved.gateway);
            }
        }
        names
    }

    /// Pieces of a line that were taken back.
    pub fn refunded_quantity(&self, line_id: i64) -> i64 {
        self.refunds
            .iter()
            .flat_map(|refund| &refund.lines)
            .filter(|line| line.line_item_id == line_id)
            .map(|line| line.quantity)
            .sum()
    }

    /// Pieces of a line that are left after edits and refunds.
    pub fn current_quantity(&self, line: &LineItem) -> i64 {
        line.quantity - line.removed - self.refunded_quantity(line.id)
    }

    /// Pieces of a line that were sent.
    pub fn fulfilled_quantity(&self, line_id: i64) -> i64 {
        self.fulfillments
            .iter()
            .flat_map(|sent| &sent.lines)
            .filter(|(id, _)| *id == line_id)
            .map(|(_, pieces)| pieces)
            .sum()
    }

    /// Pieces of a line that are still to be sent.
    pub fn fulfillable_quantity(&self, line: &LineItem) -> i64 {
        if line.is_tip() {
            return 0;
        }
        (self.current_quantity(line) - self.fulfilled_quantity(line.id)).max(0)
    }
}

/// What a movement of money is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TransactionKind {
    /// Paid at once.
    Sale,
    /// Promised by the bank.
    Authorization,
    /// What was promised, taken.
    Capture,
    /// Given back.
    Refund,
    /// A promise given up.
    Void,
}

impl TransactionKind {
    /// The store's word, as REST bodies have it; GraphQL has it in capitals.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Authorization => "authorization",
            Self::Capture => "capture",
            Self::Refund => "refund",
            Self::Void => "void",
        }
    }
}

/// What became of a movement of money.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TransactionStatus {
    /// It happened.
    Success,
    /// It did not.
    Failure,
    /// It is awaited, for instance a bank transfer.
    Pending,
}

impl TransactionStatus {
    /// The store's word, as REST bodies have it; GraphQL has it in capitals.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Pending => "pending",
        }
    }
}

/// A movement of money.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transaction {
    /// Its id.
    pub id: i64,
    /// The movement that it follows from.
    pub parent_id: Option<i64>,
    /// What it is.
    pub kind: TransactionKind,
    /// What became of it.
    pub status: TransactionStatus,
    /// The way of payment.
    pub gateway: String,
    /// How much; never negative.
    pub amount: Money,
    /// When.
    pub processed_at: DateTime<Utc>,
}

/// Something that was sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fulfillment {
    /// Its id.
    pub id: i64,
    /// The store's word: `success`.
    pub status: String,
    /// Where it left from.
    pub location_id: i64,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Pieces by line.
    pub lines: Vec<(i64, i64)>,
}
