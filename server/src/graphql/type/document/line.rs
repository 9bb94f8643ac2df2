//! Lines of a POS order and their taxes.

use async_graphql::{Enum, ID, SimpleObject};
use domain::money::Currency;

use crate::graphql::scalar::{Decimal, Long};
use crate::graphql::r#type::Money;

/// A line of a sale.
#[derive(SimpleObject, Debug)]
pub(crate) struct PosLine {
    /// The store order's line.
    id: ID,
    /// What kind of line.
    kind: PosLineKind,
    /// The store's variant; null for a custom line.
    variant_id: Option<ID>,
    /// The seller's own number.
    sku: Option<String>,
    /// The name to print.
    title: String,
    /// Pieces ever sold.
    quantity: Long,
    /// Price of one piece before discounts.
    unit_price: Money,
    /// Discounts on the whole line.
    discount: Money,
    /// The whole line after discounts: quantity × unit price − discount.
    net: Money,
    /// Taxes on the whole line.
    taxes: Vec<PosTax>,
    /// The store location whose stock it takes, where the plugin chose one.
    location_id: Option<ID>,
}

impl PosLine {
    pub(super) fn new(line: &domain::pos::PosLine, currency: Currency) -> Self {
        let money = |amount| Money::new(amount, currency);
        Self {
            id: line.external_id.into(),
            kind: line.kind.into(),
            variant_id: line.variant_id.map(Into::into),
            sku: line.sku.clone(),
            title: line.title.clone(),
            quantity: line.quantity.into(),
            unit_price: money(line.unit_price),
            discount: money(line.discount),
            net: money(line.net),
            taxes: line.taxes.iter().map(|tax| PosTax::new(tax, currency)).collect(),
            location_id: line.location_id.map(Into::into),
        }
    }
}

/// What kind of line it is.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::pos::PosLineKind")]
pub(crate) enum PosLineKind {
    /// Goods from the catalogue.
    Product,
    /// Something sold without a catalogue entry.
    Custom,
    /// A gift card: a debt of the merchant and no revenue yet.
    GiftCard,
}

/// A tax on a line or charge.
#[derive(SimpleObject, Debug)]
pub(crate) struct PosTax {
    /// The tax's name.
    title: String,
    /// The rate as a fraction, for instance `0.13`.
    rate: Decimal,
    /// How much.
    amount: Money,
}

impl PosTax {
    pub(super) fn new(tax: &domain::pos::PosTax, currency: Currency) -> Self {
        Self {
            title: tax.title.clone(),
            rate: tax.rate.into(),
            amount: Money::new(tax.amount, currency),
        }
    }
}
