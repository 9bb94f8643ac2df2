//! What a line's goods fetched, and how that is divided.

use plugins::money::{Money, fits};
use plugins::types::{MapError, PosLine};
use plugins::{Amount, Rounding, invalid};

use crate::settings::Rule;

/// What is divided of a line, and between whom.
#[derive(Clone, Copy, Default)]
pub(crate) struct Share {
    /// Pieces that were sold and did not come back.
    pub(crate) pieces: i64,
    /// What they fetched, without taxes.
    pub(crate) sold: Amount,
    /// What the house keeps of it; less than nothing where it bears more of a discount than it earns.
    pub(crate) commission: Amount,
    /// What the consignor is paid.
    pub(crate) payout: Amount,
}

impl Share {
    /// Divides what the `kept` pieces of a line fetched. Where the house bears discounts, the consignor is paid as if
    /// there had been none.
    pub(crate) fn of(
        line: &PosLine,
        kept: i64,
        taxes_included: bool,
        house_bears_discount: bool,
        rule: &Rule<'_>,
        money: Money,
    ) -> Result<Self, MapError> {
        if kept <= 0 {
            return Ok(Self::default());
        }
        let read = |field: &str, text: &str| {
            Amount::parse(text).map_err(|problem| invalid(field, problem.to_string()))
        };
        let step = fits(Amount::of_minor(1, money.places))?;
        let (net, discount) = (read("net", &line.net)?, read("discount", &line.discount)?);
        let mut tax = Amount::ZERO;
        if taxes_included {
            for one in &line.taxes {
                tax = fits(tax.plus(read("taxes", &one.amount)?))?;
            }
        }
        let untaxed = fits(net.minus(tax))?;
        let part = |amount: Amount| {
            let (kept, all) = (Amount::of_minor(kept, 0), Amount::of_minor(line.quantity, 0));
            fits(amount.scaled(fits(kept)?, fits(all)?, step, Rounding::Nearest))
        };
        let sold = part(untaxed)?;
        // The price before the discount has as much tax in it as the price after; a line that was free tells none.
        let full = fits(net.plus(discount))?;
        let full = if net.is_zero() || tax.is_zero() {
            full
        } else {
            fits(full.scaled(untaxed, net, step, Rounding::Nearest))?
        };
        let basis = if house_bears_discount { part(full)? } else { sold };
        let payout = fits(basis.minus(commission(basis, kept, rule, step)?))?;
        Ok(Self { pieces: kept, sold, commission: fits(sold.minus(payout))?, payout })
    }

    /// The sum of two.
    pub(crate) fn plus(self, other: Self) -> Result<Self, MapError> {
        Ok(Self {
            pieces: self.pieces.saturating_add(other.pieces),
            sold: fits(self.sold.plus(other.sold))?,
            commission: fits(self.commission.plus(other.commission))?,
            payout: fits(self.payout.plus(other.payout))?,
        })
    }
}

/// What the house keeps of `basis`: its percent, its minimum, and never more than there is.
fn commission(
    basis: Amount,
    pieces: i64,
    rule: &Rule<'_>,
    step: Amount,
) -> Result<Amount, MapError> {
    let hundred = fits(Amount::of_minor(100, 0))?;
    let by_rate = fits(basis.scaled(rule.rate, hundred, step, Rounding::Nearest))?;
    let at_least = fits(rule.minimum.times(pieces))?;
    Ok(by_rate.max(at_least).min(basis))
}
