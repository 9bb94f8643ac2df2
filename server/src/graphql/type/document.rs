//! The mapped POS order, as the plugin made it.

mod line;
mod party;

use async_graphql::{ComplexObject, Enum, ID, SimpleObject};
use domain::money::Currency;
use domain::pos::PosOrder;

use super::Money;
use crate::graphql::scalar::{DateTime, Long};
use line::{PosLine, PosTax};
pub(crate) use party::Attribute;
use party::{Address, PosCustomer};

/// A POS order as the till gets it. All amounts are in one currency.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct PosDocument {
    #[graphql(skip)]
    lines: Vec<PosLine>,
    /// The number printed on the receipt.
    number: String,
    /// Where the order came from.
    channel: String,
    /// Whether the amounts of lines and charges contain the taxes.
    taxes_included: bool,
    /// The buyer, if any.
    customer: Option<PosCustomer>,
    /// Where the goods go.
    ship_to: Option<Address>,
    /// What was charged beside goods.
    charges: Vec<PosCharge>,
    /// How it was paid.
    tenders: Vec<PosTender>,
    /// What went back.
    refunds: Vec<PosRefund>,
    /// All discounts.
    discount_total: Money,
    /// All taxes.
    tax_total: Money,
    /// What the buyer owed before returns: lines, charges, and the taxes where not included.
    total: Money,
    /// What cash rounding added or took; not part of `total`.
    rounding: Money,
    /// Money that went back.
    refunded_total: Money,
    /// Remarks for the till.
    notes: Vec<String>,
    /// Key and value pairs for the till.
    attributes: Vec<Attribute>,
}

#[ComplexObject]
impl PosDocument {
    /// What was sold.
    #[graphql(complexity = "10 * child_complexity")]
    async fn lines(&self) -> &[PosLine] {
        &self.lines
    }
}

impl From<&PosOrder> for PosDocument {
    fn from(order: &PosOrder) -> Self {
        let currency = order.currency;
        let money = |amount| Money::new(amount, currency);
        Self {
            number: order.number.clone(),
            channel: order.channel.clone(),
            taxes_included: order.taxes_included,
            customer: order.customer.as_ref().map(Into::into),
            ship_to: order.ship_to.as_ref().map(Into::into),
            lines: order.lines.iter().map(|line| PosLine::new(line, currency)).collect(),
            charges: order.charges.iter().map(|charge| PosCharge::new(charge, currency)).collect(),
            tenders: order.tenders.iter().map(|tender| PosTender::new(tender, currency)).collect(),
            refunds: order.refunds.iter().map(|refund| PosRefund::new(refund, currency)).collect(),
            discount_total: money(order.discount_total),
            tax_total: money(order.tax_total),
            total: money(order.total),
            rounding: money(order.rounding),
            refunded_total: money(order.refunded_total),
            notes: order.notes.iter().map(|note| note.reveal().to_owned()).collect(),
            attributes: order.attributes.iter().map(Into::into).collect(),
        }
    }
}

/// Something charged beside goods.
#[derive(SimpleObject, Debug)]
pub(crate) struct PosCharge {
    /// What for.
    kind: PosChargeKind,
    /// The name to print.
    title: String,
    /// How much, after discounts.
    amount: Money,
    /// Taxes on it.
    taxes: Vec<PosTax>,
}

impl PosCharge {
    fn new(charge: &domain::pos::PosCharge, currency: Currency) -> Self {
        Self {
            kind: charge.kind.into(),
            title: charge.title.clone(),
            amount: Money::new(charge.amount, currency),
            taxes: charge.taxes.iter().map(|tax| PosTax::new(tax, currency)).collect(),
        }
    }
}

/// What a charge is for.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::pos::PosChargeKind")]
pub(crate) enum PosChargeKind {
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
#[derive(SimpleObject, Debug)]
pub(crate) struct PosTender {
    /// The kind of payment.
    kind: PosTenderKind,
    /// The store's name for it.
    name: String,
    /// How much.
    amount: Money,
}

impl PosTender {
    fn new(tender: &domain::pos::PosTender, currency: Currency) -> Self {
        Self {
            kind: tender.kind.into(),
            name: tender.name.clone(),
            amount: Money::new(tender.amount, currency),
        }
    }
}

/// The kind of a payment.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::pos::PosTenderKind")]
pub(crate) enum PosTenderKind {
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
#[derive(SimpleObject, Debug)]
pub(crate) struct PosRefund {
    /// The store's id of the refund.
    id: ID,
    /// When.
    refunded_at: DateTime,
    /// Which pieces.
    lines: Vec<PosRefundLine>,
    /// Money that went back.
    amount: Money,
}

impl PosRefund {
    fn new(refund: &domain::pos::PosRefund, currency: Currency) -> Self {
        Self {
            id: refund.external_id.into(),
            refunded_at: refund.refunded_at.into(),
            lines: refund.lines.iter().map(|line| PosRefundLine::new(line, currency)).collect(),
            amount: Money::new(refund.amount, currency),
        }
    }
}

/// Pieces that went back.
#[derive(SimpleObject, Debug)]
pub(crate) struct PosRefundLine {
    /// The line of the order that they are of.
    line_id: ID,
    /// How many pieces.
    quantity: Long,
    /// Whether they can be sold again.
    restocked: bool,
    /// Their share of the line, taxes included.
    amount: Money,
}

impl PosRefundLine {
    fn new(line: &domain::pos::PosRefundLine, currency: Currency) -> Self {
        Self {
            line_id: line.external_id.into(),
            quantity: line.quantity.into(),
            restocked: line.restocked,
            amount: Money::new(line.amount, currency),
        }
    }
}
