//! What was sold.

use plugins::types::{LineItem, MapError, Order, PosLine, PosLineKind, PosTax, TaxLine};
use plugins::{Amount, invalid};

use crate::rules::Taxes;
use crate::settings::Settings;
use plugins::money::{Money, fits};

/// The lines of a sale while their discounts may still change, and the tips that stood among them.
pub(crate) struct Lines {
    pub(crate) sold: Vec<Line>,
    pub(crate) tips: Vec<Tip>,
    /// What buyers wrote for single lines, for the till.
    pub(crate) notes: Vec<String>,
}

/// A line with its amounts computed; `pos` gets them as text at the end.
pub(crate) struct Line {
    pos: PosLine,
    pub(crate) gross: Amount,
    pub(crate) discount: Amount,
}

/// A line that was a tip.
pub(crate) struct Tip {
    pub(crate) title: String,
    pub(crate) amount: Amount,
    pub(crate) discount: Amount,
    pub(crate) taxes: Vec<PosTax>,
}

impl Line {
    pub(crate) fn net(&self) -> Option<Amount> {
        self.gross.minus(self.discount)
    }
}

impl Lines {
    /// All lines after discounts, without tips.
    pub(crate) fn net(&self) -> Option<Amount> {
        self.sold.iter().try_fold(Amount::ZERO, |sum, line| sum.plus(line.net()?))
    }

    /// The discounts of all lines, without tips.
    pub(crate) fn discount(&self) -> Option<Amount> {
        self.sold.iter().try_fold(Amount::ZERO, |sum, line| sum.plus(line.discount))
    }

    pub(crate) fn into_pos(self, money: Money) -> Result<Vec<PosLine>, MapError> {
        self.sold
            .into_iter()
            .map(|line| {
                let net = fits(line.net())?;
                let mut pos = line.pos;
                pos.discount = money.write(line.discount);
                pos.net = money.write(net);
                Ok(pos)
            })
            .collect()
    }
}

/// Takes the order's lines, whose goods come from the location `stock`, if one is chosen. They carry the pieces ever sold: what was removed or refunded since stands beside them and
/// is part of the store's total.
pub(crate) fn lines(
    order: &mut Order,
    settings: &Settings<'_>,
    stock: Option<&str>,
    money: Money,
) -> Result<Lines, MapError> {
    let items = std::mem::take(&mut order.line_items);
    let mut lines =
        Lines { sold: Vec::with_capacity(items.len()), tips: Vec::new(), notes: Vec::new() };
    for (index, mut item) in items.into_iter().enumerate() {
        if item.quantity < 0 {
            return Err(invalid(format!("line-items[{index}].quantity"), "is negative"));
        }
        let unit_price =
            money.read(&item.unit_price, || format!("line-items[{index}].unit-price"))?;
        let discount = money
            .sum(item.discount_allocations.iter().map(|allocation| &allocation.amount), || {
                format!("line-items[{index}].discount-allocations")
            })?;
        let gross = fits(unit_price.times(item.quantity))?;
        let taxes = taxes(std::mem::take(&mut item.tax_lines), &settings.taxes, money, || {
            format!("line-items[{index}].tax-lines")
        })?;
        if item.tip {
            lines.tips.push(Tip {
                title: item.title,
                amount: fits(gross.minus(discount))?,
                discount,
                taxes,
            });
            continue;
        }
        note_properties(&item, &mut lines.notes);
        lines.sold.push(Line {
            pos: pos_line(item, taxes, settings, stock, money),
            gross,
            discount,
        });
    }
    Ok(lines)
}

/// The line without its computed amounts.
fn pos_line(
    mut item: LineItem,
    taxes: Vec<PosTax>,
    settings: &Settings<'_>,
    stock: Option<&str>,
    money: Money,
) -> PosLine {
    PosLine {
        sku: settings.links.line_number(&mut item),
        external_id: item.id,
        kind: if item.gift_card {
            PosLineKind::GiftCard
        } else if item.variant_id.is_some() {
            PosLineKind::Product
        } else {
            PosLineKind::Custom
        },
        variant_id: item.variant_id,
        title: with_variant(item.title, item.variant_title.as_deref()),
        quantity: item.quantity,
        unit_price: money.take(item.unit_price),
        discount: String::new(),
        net: String::new(),
        taxes,
        location_id: stock.map(ToOwned::to_owned),
    }
}

/// The product's name with the variant's, unless that says nothing.
fn with_variant(mut title: String, variant: Option<&str>) -> String {
    if let Some(variant) = variant.filter(|name| !name.is_empty() && *name != "Default Title") {
        title.reserve_exact(variant.len() + 3);
        title.push_str(" - ");
        title.push_str(variant);
    }
    title
}

/// Taxes of a line or charge, those of nothing left out; `path` names where they stand.
pub(crate) fn taxes(
    lines: Vec<TaxLine>,
    rules: &Taxes<'_>,
    money: Money,
    path: impl FnOnce() -> String,
) -> Result<Vec<PosTax>, MapError> {
    let mut taxes: Vec<_> = lines
        .into_iter()
        .filter(|tax| is_something(money.text(&tax.price)))
        .map(|tax| PosTax { title: tax.title, rate: tax.rate, amount: money.take(tax.price) })
        .collect();
    rules.rename(&mut taxes, path)?;
    Ok(taxes)
}

/// Whether a decimal is not nothing, by its digits.
fn is_something(decimal: &str) -> bool {
    decimal.bytes().any(|byte| matches!(byte, b'1'..=b'9'))
}

/// What the buyer chose for a line; keys with an underscore are apps' private ones.
fn note_properties(item: &LineItem, notes: &mut Vec<String>) {
    for property in &item.properties {
        if !property.key.starts_with('_') && !property.value.is_empty() {
            notes.push([&item.title, ": ", &property.key, ": ", &property.value].concat());
        }
    }
}
