//! From the store's order to the till's.
//!
//! The gateway believes nothing blindly. It checks that each line is quantity x unit price - discount, that the parts
//! add up to the total, and that the total is the store's own; otherwise the order is not booked and somebody is told
//! why.

use plugins::types::{
    DiscountAllocation, LineItem, MapError, Mismatch, Order, PosCharge, PosChargeKind, PosLine,
    PosLineKind, PosOrder, PosRefund, PosRefundLine, PosState, PosTax, Refund, RestockType,
    Setting, TaxLine,
};
use plugins::{Amount, setting};

use crate::money::{fits, places, read, sum};
use crate::{people, tenders};

pub fn map_order(order: Order, settings: &[Setting]) -> Result<PosOrder, MapError> {
    if let Some(tag) = setting(settings, "skip_tag")
        && order.tags.iter().any(|of_order| of_order == tag)
    {
        return Err(MapError::Skip(format!("orders tagged {tag} are not for the till")));
    }
    // Every amount comes in the shop's currency and in the buyer's. This mapper books in the shop's.
    let places = places(&order.total.shop);
    let money = |amount: Amount| amount.to_text(places);
    let total = read(&order.total, "total")?;
    let total_tax = read(&order.total_tax, "total-tax")?;

    let lines = priced(&order.line_items)?;
    let (tips, sold): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.item.tip);
    let (charges, shipping_discount) = charges(&order, &tips)?;

    let mut mapped = sum(sold.iter().map(|line| line.net))?;
    mapped = fits(mapped.plus(sum(charges.iter().map(|charge| charge.amount))?))?;
    if !order.taxes_included {
        mapped = fits(mapped.plus(total_tax))?;
    }
    if mapped != total {
        let difference = money(fits(mapped.minus(total))?);
        let (store, mapped) = (money(total), money(mapped));
        return Err(MapError::TotalMismatch(Mismatch { store, mapped, difference }));
    }

    let discounts = fits(sum(lines.iter().map(|line| line.discount))?.plus(shipping_discount))?;
    let (refunds, refunded) = refunds(&order, places)?;
    Ok(PosOrder {
        number: setting(settings, "number_prefix").unwrap_or("").to_owned()
            + order.name.trim_start_matches('#'),
        channel: order.source_name.clone().unwrap_or_else(|| "unknown".to_owned()),
        placed_at: order.processed_at.clone().unwrap_or_else(|| order.created_at.clone()),
        state: state(&order),
        customer: people::customer(&order),
        lines: sold.iter().map(|line| line.to_pos(places)).collect(),
        charges: charges.into_iter().map(|charge| charge.into_pos(places)).collect(),
        tenders: tenders::tenders(&order, total, places)?,
        refunds,
        discount_total: money(discounts),
        tax_total: money(total_tax),
        total: money(total),
        refunded_total: money(refunded),
        notes: notes(&order),
        external_id: order.id,
        currency: order.currency,
        taxes_included: order.taxes_included,
        ship_to: order.shipping_address,
        rounding: order.cash_rounding.shop,
        attributes: order.note_attributes,
    })
}

/// A line with its amounts worked out.
struct Line<'a> {
    item: &'a LineItem,
    unit_price: Amount,
    discount: Amount,
    net: Amount,
}

fn priced(items: &[LineItem]) -> Result<Vec<Line<'_>>, MapError> {
    let line = |(index, item): (usize, &'_ LineItem)| {
        let unit_price = read(&item.unit_price, &format!("line-items[{index}].unit-price"))?;
        let discount = discount(&item.discount_allocations)?;
        let gross = fits(unit_price.times(item.quantity))?;
        Ok((unit_price, discount, fits(gross.minus(discount))?))
    };
    items
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let (unit_price, discount, net) = line((index, item))?;
            Ok(Line { item, unit_price, discount, net })
        })
        .collect()
}

impl Line<'_> {
    fn to_pos(&self, places: usize) -> PosLine {
        let item = self.item;
        PosLine {
            external_id: item.id.clone(),
            kind: match (item.gift_card, &item.variant_id) {
                (true, _) => PosLineKind::GiftCard,
                (false, Some(_)) => PosLineKind::Product,
                (false, None) => PosLineKind::Custom,
            },
            variant_id: item.variant_id.clone(),
            sku: item.sku.clone(),
            title: named(&item.title, item.variant_title.as_deref()),
            quantity: item.quantity,
            unit_price: self.unit_price.to_text(places),
            discount: self.discount.to_text(places),
            net: self.net.to_text(places),
            taxes: taxes(&item.tax_lines),
            location_id: None,
        }
    }
}

/// Something charged beside goods.
struct Charge {
    kind: PosChargeKind,
    title: String,
    amount: Amount,
    taxes: Vec<PosTax>,
}

impl Charge {
    fn into_pos(self, places: usize) -> PosCharge {
        let Self { kind, title, amount, taxes } = self;
        PosCharge { kind, title, amount: amount.to_text(places), taxes }
    }
}

/// Shipping, duties, fees and tips, and the discounts on shipping. A tip stands among the lines, or in the order's total
/// of tips, or in both.
fn charges(order: &Order, tips: &[&Line<'_>]) -> Result<(Vec<Charge>, Amount), MapError> {
    let mut charges = Vec::new();
    let mut discounts = Amount::ZERO;
    for (index, line) in order.shipping_lines.iter().enumerate().filter(|(_, line)| !line.removed) {
        let discount = discount(&line.discount_allocations)?;
        let price = read(&line.price, &format!("shipping-lines[{index}].price"))?;
        charges.push(Charge {
            kind: PosChargeKind::Shipping,
            title: line.title.clone(),
            amount: fits(price.minus(discount))?,
            taxes: taxes(&line.tax_lines),
        });
        discounts = fits(discounts.plus(discount))?;
    }
    let told = sum(tips.iter().map(|tip| tip.net))?;
    let untold = fits(read(&order.total_tip, "total-tip")?.minus(told))?;
    let mut others = vec![
        (PosChargeKind::Duty, "Duties", read(&order.total_duties, "total-duties")?),
        (PosChargeKind::Fee, "Fees", read(&order.total_fees, "total-fees")?),
    ];
    others.extend(tips.iter().map(|tip| (PosChargeKind::Tip, tip.item.title.as_str(), tip.net)));
    others.push((PosChargeKind::Tip, "Tip", untold));
    charges.extend(others.into_iter().filter(|(_, _, amount)| *amount > Amount::ZERO).map(
        |(kind, title, amount)| Charge { kind, title: title.to_owned(), amount, taxes: Vec::new() },
    ));
    Ok((charges, discounts))
}

fn discount(allocations: &[DiscountAllocation]) -> Result<Amount, MapError> {
    allocations.iter().try_fold(Amount::ZERO, |sum, allocation| {
        fits(sum.plus(read(&allocation.amount, "discount-allocations.amount")?))
    })
}

fn taxes(lines: &[TaxLine]) -> Vec<PosTax> {
    let tax = |line: &TaxLine| PosTax {
        title: line.title.clone(),
        rate: line.rate.clone(),
        amount: line.price.shop.clone(),
    };
    lines.iter().map(tax).collect()
}

/// The product's name with the variant's, unless that says nothing.
pub fn named(title: &str, variant: Option<&str>) -> String {
    match variant {
        None | Some("" | "Default Title") => title.to_owned(),
        Some(variant) => format!("{title} - {variant}"),
    }
}

fn state(order: &Order) -> PosState {
    match order.financial_status.as_str() {
        _ if order.cancelled_at.is_some() => PosState::Voided,
        "paid" => PosState::Paid,
        "partially_refunded" => PosState::PartiallyRefunded,
        "refunded" => PosState::Refunded,
        "voided" => PosState::Voided,
        _ => PosState::Open,
    }
}

/// What went back, and the money of it.
fn refunds(order: &Order, places: usize) -> Result<(Vec<PosRefund>, Amount), MapError> {
    let mut total = Amount::ZERO;
    let mut list = Vec::new();
    for refund in &order.refunds {
        total = fits(total.plus(read(&refund.refunded, "refunds.refunded")?))?;
        list.push(PosRefund {
            external_id: refund.id.clone(),
            refunded_at: refund.created_at.clone(),
            lines: refund_lines(refund, order.taxes_included, places)?,
            amount: refund.refunded.shop.clone(),
        });
    }
    Ok((list, total))
}

fn refund_lines(
    refund: &Refund,
    taxes_included: bool,
    places: usize,
) -> Result<Vec<PosRefundLine>, MapError> {
    let line = |line: &plugins::types::RefundLine| {
        let mut amount = read(&line.subtotal, "refunds.lines.subtotal")?;
        if !taxes_included {
            amount = fits(amount.plus(read(&line.total_tax, "refunds.lines.total-tax")?))?;
        }
        Ok(PosRefundLine {
            external_id: line.line_item_id.clone(),
            quantity: line.quantity,
            restocked: line.restock != RestockType::NoRestock,
            amount: amount.to_text(places),
        })
    };
    refund.lines.iter().map(line).collect()
}

/// What the till shall read out: the note, and what the buyer chose for single lines. Keys that begin with an underscore
/// are apps' own.
fn notes(order: &Order) -> Vec<String> {
    let mut notes: Vec<_> = order.note.iter().cloned().collect();
    for item in &order.line_items {
        for property in &item.properties {
            if !property.value.is_empty() && !property.key.starts_with('_') {
                notes.push(format!("{}: {}: {}", item.title, property.key, property.value));
            }
        }
    }
    notes
}
