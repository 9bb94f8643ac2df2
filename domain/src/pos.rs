//! What the POS gets.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::id::ExternalId;
use crate::money::Currency;
use crate::personal::Personal;
use crate::refined::Address;
use crate::time::Timestamp;

/// A POS order: what a plugin makes of a store order. Amounts are in [`PosOrder::currency`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PosOrder {
    /// The store order's id; one POS order exists for it, in versions.
    pub external_id: ExternalId,
    /// The number printed on the receipt.
    pub number: String,
    /// Where the order came from.
    pub channel: String,
    /// When the order was placed.
    pub placed_at: Timestamp,
    /// The state of the sale.
    pub state: PosState,
    /// The currency of all amounts.
    pub currency: Currency,
    /// Whether line and charge amounts contain the taxes.
    pub taxes_included: bool,
    /// The buyer, if any.
    pub customer: Option<PosCustomer>,
    /// Where the goods go.
    pub ship_to: Option<Address>,
    /// What was sold.
    pub lines: Vec<PosLine>,
    /// What was charged beside goods.
    pub charges: Vec<PosCharge>,
    /// How it was paid.
    pub tenders: Vec<PosTender>,
    /// What went back.
    pub refunds: Vec<PosRefund>,
    /// All discounts.
    pub discount_total: Decimal,
    /// All taxes.
    pub tax_total: Decimal,
    /// What the buyer owed before returns: lines, charges, and the taxes where not included.
    pub total: Decimal,
    /// What cash rounding added or took; not part of `total`.
    pub rounding: Decimal,
    /// Money that went back.
    pub refunded_total: Decimal,
    /// Remarks for the till.
    pub notes: Vec<Personal>,
    /// Key and value pairs for the till.
    pub attributes: Vec<(String, Personal)>,
}

/// The state of a sale.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PosState {
    /// Not paid in full.
    Open,
    /// Paid.
    Paid,
    /// A part of the money went back.
    PartiallyRefunded,
    /// All of the money went back.
    Refunded,
    /// Cancelled.
    Voided,
}

impl PosState {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::Open, Self::Paid, Self::PartiallyRefunded, Self::Refunded, Self::Voided];

    /// The name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paid => "paid",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Refunded => "refunded",
            Self::Voided => "voided",
        }
    }

    /// The state of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// The buyer as the till knows them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PosCustomer {
    /// The store's id of the buyer, if they have one.
    pub external_id: Option<ExternalId>,
    /// The name to print.
    pub name: Option<Personal>,
    /// Email address.
    pub email: Option<Personal>,
    /// Phone number.
    pub phone: Option<Personal>,
}

/// A line of a sale.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PosLine {
    /// The store order's line.
    pub external_id: ExternalId,
    /// What kind of line.
    pub kind: PosLineKind,
    /// The store's variant, unless it is a custom line.
    pub variant_id: Option<ExternalId>,
    /// The seller's own number.
    pub sku: Option<String>,
    /// The name to print.
    pub title: String,
    /// Pieces ever sold.
    pub quantity: i64,
    /// Price of one piece before discounts.
    pub unit_price: Decimal,
    /// Discounts on the whole line.
    pub discount: Decimal,
    /// The whole line after discounts: quantity × unit price − discount.
    pub net: Decimal,
    /// Taxes on the whole line.
    pub taxes: Vec<PosTax>,
    /// The store location whose stock it takes, where the plugin chose one.
    pub location_id: Option<ExternalId>,
}

/// What kind of line it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PosLineKind {
    /// Goods from the catalogue.
    Product,
    /// Something sold without a catalogue entry.
    Custom,
    /// A gift card: a debt of the merchant and no revenue yet.
    GiftCard,
}

/// A tax on a line or charge.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PosTax {
    /// The tax's name.
    pub title: String,
    /// The rate as a fraction.
    pub rate: Decimal,
    /// How much.
    pub amount: Decimal,
}

/// Something charged beside goods.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PosCharge {
    /// What for.
    pub kind: PosChargeKind,
    /// The name to print.
    pub title: String,
    /// How much, after discounts.
    pub amount: Decimal,
    /// Taxes on it.
    pub taxes: Vec<PosTax>,
}

/// What a charge is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PosChargeKind {
    /// Sending the goods.
    Shipping,
    /// Import duties.
    Duty,
    /// Another fee.
    Fee,
    /// A tip.
    Tip,
}

/// A payment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PosTender {
    /// The kind of payment.
    pub kind: PosTenderKind,
    /// The store's name for it.
    pub name: String,
    /// How much.
    pub amount: Decimal,
}

/// The kind of a payment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PosTenderKind {
    /// Coins and notes.
    Cash,
    /// A card or wallet.
    Card,
    /// A gift card.
    GiftCard,
    /// Anything else.
    Other,
}

/// Something that went back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PosRefund {
    /// The store's id of the refund.
    pub external_id: ExternalId,
    /// When.
    pub refunded_at: Timestamp,
    /// Which pieces.
    pub lines: Vec<PosRefundLine>,
    /// Money that went back.
    pub amount: Decimal,
}

/// Pieces that went back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PosRefundLine {
    /// The store order's line.
    pub external_id: ExternalId,
    /// How many pieces.
    pub quantity: i64,
    /// Whether they can be sold again.
    pub restocked: bool,
    /// Their share of the line, taxes included.
    pub amount: Decimal,
}

/// A product of the POS's catalogue.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PosProduct {
    /// The POS's own id: 1 to [`PosProduct::ID_CHARACTERS_MAX`] printable characters.
    pub id: String,
    /// The seller's own number; links a store variant with the same one.
    pub sku: Option<String>,
    /// The name to print.
    pub name: String,
    /// Price of one piece.
    pub price: Decimal,
    /// The price's currency.
    pub currency: Currency,
    /// Whether it is on sale.
    pub active: bool,
}

impl PosProduct {
    /// Characters that an id may have; the plugin contract promises the same (`mappers/wit/1.1/products.wit`).
    pub const ID_CHARACTERS_MAX: usize = 128;

    /// Whether a product may have this id.
    pub fn is_id(text: &str) -> bool {
        let fits = (1..=Self::ID_CHARACTERS_MAX).contains(&text.chars().count());
        fits && !text.chars().any(char::is_control)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_counted_in_characters_and_holds_none_that_cannot_be_printed() {
        let longest = "é".repeat(PosProduct::ID_CHARACTERS_MAX);
        for good in ["x", "tea 1", longest.as_str()] {
            assert!(PosProduct::is_id(good), "{good}");
        }
        for bad in ["", "a\nb", &format!("{longest}x")] {
            assert!(!PosProduct::is_id(bad), "{bad}");
        }
    }

    #[test]
    fn the_plugin_contract_promises_the_same_length() {
        let contract = include_str!("../../mappers/wit/1.1/products.wit");
        let promise = format!("The POS's own id: 1 to {} printable", PosProduct::ID_CHARACTERS_MAX);
        assert!(contract.contains(&promise));
    }
}
