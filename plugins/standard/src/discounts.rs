//! Discounts that the source does not allocate to lines.

use plugins::Amount;
use plugins::types::{MapError, Order};

use crate::charges::Charges;
use crate::lines::Lines;
use crate::order::{added_tax, due};
use plugins::money::{Money, fits};

/// Old orders and some apps' orders have a discount in their total and on no line. Where the mapped order is more
/// expensive than the store's by exactly such a discount, it is spread over the lines by what they cost; the minor
/// units that the division leaves go to the most expensive lines first, so that no line falls below nothing.
pub(crate) fn spread_unallocated(
    order: &Order,
    lines: &mut Lines,
    charges: &Charges,
    money: Money,
    tax_total: Amount,
    total: Amount,
) -> Result<(), MapError> {
    let all = money.read(&order.total_discounts, || "total-discounts")?;
    let allocated = fits(lines.discount().and_then(|d| d.plus(charges.discount)))?;
    let missing = fits(all.minus(allocated))?;
    let excess = fits(due(lines, charges, added_tax(order, tax_total))?.minus(total))?;
    let net = fits(lines.net())?;
    if missing <= Amount::ZERO || missing != excess || net < missing {
        return Ok(());
    }
    let mut left = missing;
    for line in &mut lines.sold {
        let share = fits(missing.share(fits(line.net())?, net, money.places))?;
        line.discount = fits(line.discount.plus(share))?;
        left = fits(left.minus(share))?;
    }
    let unit = fits(Amount::of_minor(1, money.places))?;
    let mut by_cost: Vec<usize> = (0..lines.sold.len()).collect();
    by_cost.sort_by_key(|&index| std::cmp::Reverse(lines.sold[index].net()));
    for index in by_cost {
        let step = left.min(unit);
        let line = &mut lines.sold[index];
        line.discount = fits(line.discount.plus(step))?;
        left = fits(left.minus(step))?;
    }
    Ok(())
}
