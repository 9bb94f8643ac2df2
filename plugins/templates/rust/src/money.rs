//! Money, exactly, in the digits that the store uses.

use plugins::types::{MapError, MoneyBag};
use plugins::{Amount, invalid};

/// Reads the shop's side of an amount. `path` names the field where it is none.
pub fn read(money: &MoneyBag, path: &str) -> Result<Amount, MapError> {
    Amount::parse(&money.shop)
        .map_err(|problem| invalid(format!("{path}.shop"), problem.to_string()))
}

/// The result of a computation, or the refusal that it does not fit into an [`Amount`].
pub fn fits(amount: Option<Amount>) -> Result<Amount, MapError> {
    amount
        .ok_or_else(|| MapError::Unsupported("amounts as large as these are not mapped".to_owned()))
}

/// The sum of several amounts.
pub fn sum(amounts: impl IntoIterator<Item = Amount>) -> Result<Amount, MapError> {
    amounts.into_iter().try_fold(Amount::ZERO, |sum, amount| fits(sum.plus(amount)))
}

/// The digits after the point that the store uses: 2 for most currencies, 0 for yen.
pub fn places(text: &str) -> usize {
    text.split_once('.').map_or(0, |(_, fraction)| fraction.len())
}
