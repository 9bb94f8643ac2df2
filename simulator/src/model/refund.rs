//! What was taken back.

use chrono::{DateTime, Utc};

use super::money::Money;
use super::order::Transaction;

/// What becomes of pieces that were taken back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Restock {
    /// Back into stock; they had not been sent.
    Cancel,
    /// Back into stock; the buyer sent them back.
    Return,
    /// Not back into stock.
    NoRestock,
}

impl Restock {
    /// The store's word, as REST bodies have it; GraphQL has it in capitals.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Return => "return",
            Self::NoRestock => "no_restock",
        }
    }

    /// Whether the pieces can be sold again.
    pub const fn restocks(self) -> bool {
        !matches!(self, Self::NoRestock)
    }
}

/// Something that was taken back, or removed by an edit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refund {
    /// Its id.
    pub id: i64,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Why, in somebody's words.
    pub note: Option<String>,
    /// Which pieces.
    pub lines: Vec<RefundLine>,
    /// Shipping given back.
    pub shipping: Vec<RefundShipping>,
    /// What makes the difference between the above and the money that went back.
    pub adjustments: Vec<Adjustment>,
    /// The movements of money; none where no money moved.
    pub transactions: Vec<Transaction>,
}

impl Refund {
    /// What the pieces and the shipping are worth, with taxes.
    pub fn worth(&self, taxes_included: bool) -> Money {
        let with_tax = |net: Money, tax: Money| if taxes_included { net } else { net + tax };
        let lines = self.lines.iter().map(|line| with_tax(line.subtotal, line.total_tax));
        let shipping = self.shipping.iter().map(|line| line.subtotal + line.tax);
        lines.chain(shipping).sum()
    }

    /// The money that went back.
    pub fn refunded(&self) -> Money {
        self.transactions.iter().map(|moved| moved.amount).sum()
    }
}

/// Pieces that were taken back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefundLine {
    /// Its id.
    pub id: i64,
    /// The order's line.
    pub line_item_id: i64,
    /// How many pieces.
    pub quantity: i64,
    /// What became of them.
    pub restock: Restock,
    /// Where they went back to; none where they did not.
    pub location_id: Option<i64>,
    /// Their share of the line after discounts.
    pub subtotal: Money,
    /// Their share of the taxes.
    pub total_tax: Money,
}

/// Shipping that was given back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefundShipping {
    /// Its id.
    pub id: i64,
    /// The order's shipping line.
    pub shipping_line_id: i64,
    /// How much, without taxes even where prices contain them.
    pub subtotal: Money,
    /// The taxes.
    pub tax: Money,
}

/// A difference between what was taken back and the money that moved. REST bodies tell shipping in the same list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Adjustment {
    /// Its id.
    pub id: i64,
    /// Why, in the store's words.
    pub reason: String,
    /// Negative means given to the buyer beyond the goods; positive means kept.
    pub amount: Money,
}
