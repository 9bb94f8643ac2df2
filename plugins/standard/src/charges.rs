//! What was charged beside goods.

use plugins::Amount;
use plugins::types::{MapError, Order, PosCharge, PosChargeKind, PosTax, ShippingLine};

use crate::lines::{Lines, taxes};
use crate::rules::Taxes;
use plugins::money::{Money, fits};

/// The charges, what they come to, and the discounts in them.
pub(crate) struct Charges {
    pub(crate) list: Vec<PosCharge>,
    pub(crate) total: Amount,
    pub(crate) discount: Amount,
    money: Money,
}

impl Charges {
    /// Adds a charge, unless it is of nothing and was nothing before a discount either.
    fn add(
        &mut self,
        kind: PosChargeKind,
        title: String,
        amount: Amount,
        discount: Amount,
        taxes: Vec<PosTax>,
    ) -> Result<(), MapError> {
        if amount.is_zero() && discount.is_zero() && kind != PosChargeKind::Shipping {
            return Ok(());
        }
        self.total = fits(self.total.plus(amount))?;
        self.discount = fits(self.discount.plus(discount))?;
        self.list.push(PosCharge { kind, title, amount: self.money.write(amount), taxes });
        Ok(())
    }
}

/// Takes what the order charges beside goods. `lines` are the order's, already taken, with the tips among them.
pub(crate) fn charges(
    order: &mut Order,
    lines: &Lines,
    rules: &Taxes<'_>,
    money: Money,
) -> Result<Charges, MapError> {
    let mut charges = Charges {
        list: Vec::with_capacity(order.shipping_lines.len()),
        total: Amount::ZERO,
        discount: Amount::ZERO,
        money,
    };
    for (index, line) in std::mem::take(&mut order.shipping_lines).into_iter().enumerate() {
        shipping(&mut charges, index, line, rules)?;
    }
    let duties = money.read(&order.total_duties, || "total-duties")?;
    let fees = money.read(&order.total_fees, || "total-fees")?;
    charges.add(PosChargeKind::Duty, "Duties".to_owned(), duties, Amount::ZERO, Vec::new())?;
    charges.add(PosChargeKind::Fee, "Fees".to_owned(), fees, Amount::ZERO, Vec::new())?;
    tips(&mut charges, order, lines)?;
    Ok(charges)
}

/// A way of shipping, unless an edit took it off the order.
fn shipping(
    charges: &mut Charges,
    index: usize,
    line: ShippingLine,
    rules: &Taxes<'_>,
) -> Result<(), MapError> {
    if line.removed {
        return Ok(());
    }
    let money = charges.money;
    let price = money.read(&line.price, || format!("shipping-lines[{index}].price"))?;
    let discount = money
        .sum(line.discount_allocations.iter().map(|allocation| &allocation.amount), || {
            format!("shipping-lines[{index}].discount-allocations")
        })?;
    charges.add(
        PosChargeKind::Shipping,
        line.title,
        fits(price.minus(discount))?,
        discount,
        taxes(line.tax_lines, rules, money, || format!("shipping-lines[{index}].tax-lines"))?,
    )
}

/// Tips: those that stand among the lines, and what the order's total of tips has beyond them. A source tells one, the
/// other, or both of the same tip.
fn tips(charges: &mut Charges, order: &Order, lines: &Lines) -> Result<(), MapError> {
    let all = charges.money.read(&order.total_tip, || "total-tip")?;
    let mut told = Amount::ZERO;
    for tip in &lines.tips {
        told = fits(told.plus(tip.amount))?;
        charges.add(
            PosChargeKind::Tip,
            tip.title.clone(),
            tip.amount,
            tip.discount,
            tip.taxes.clone(),
        )?;
    }
    let untold = fits(all.minus(told))?;
    if untold > Amount::ZERO {
        charges.add(PosChargeKind::Tip, "Tip".to_owned(), untold, Amount::ZERO, Vec::new())?;
    }
    Ok(())
}
