//! Amounts that there are coins for.

use plugins::json::{Json, Wrong};
use plugins::types::{MapError, MoneyBag, PosTender, PosTenderKind};
use plugins::{Amount, invalid};

use plugins::money::{Money, fits};

const DIRECTIONS: [(&str, plugins::Rounding); 3] = [
    ("nearest", plugins::Rounding::Nearest),
    ("up", plugins::Rounding::Up),
    ("down", plugins::Rounding::Down),
];

/// To which steps amounts are rounded.
#[derive(Default)]
pub(crate) struct Rounding {
    /// The smallest coin, where cash is rounded to it.
    pub(crate) cash: Option<Amount>,
    /// The step of prices, where they have one.
    pub(crate) prices: Option<Amount>,
    /// In which direction prices are rounded.
    pub(crate) direction: plugins::Rounding,
}

impl Rounding {
    pub(crate) fn read(json: Json<'_>) -> Result<Self, Wrong> {
        let mut fields = json.object()?;
        let rounding = Self {
            cash: fields.take("cash", step)?,
            prices: fields.take("prices", step)?,
            direction: fields
                .take("direction", |json| json.one_of(&DIRECTIONS))?
                .unwrap_or_default(),
        };
        fields.end()?;
        Ok(rounding)
    }
}

fn step(json: Json<'_>) -> Result<Amount, Wrong> {
    let step = json.amount()?;
    if step > Amount::ZERO { Ok(step) } else { Err(Wrong::new("is not more than nothing")) }
}

/// Rounds what was paid in cash, and in cash alone, to the smallest coin. Gives what that added; none where there is
/// nothing to round, above all where the store has rounded already.
pub(crate) fn round_cash(
    tenders: &mut [PosTender],
    by_store: &MoneyBag,
    coin: Option<Amount>,
    money: Money,
) -> Result<Option<String>, MapError> {
    let (Some(coin), [tender]) = (coin, tenders) else {
        return Ok(None);
    };
    if tender.kind != PosTenderKind::Cash || !money.read(by_store, || "cash-rounding")?.is_zero() {
        return Ok(None);
    }
    let exact = Amount::parse(&tender.amount)
        .map_err(|problem| invalid("transactions", problem.to_string()))?;
    let rounded = fits(exact.rounded(coin, plugins::Rounding::Nearest))?;
    tender.amount = money.write(rounded);
    fits(rounded.minus(exact)).map(|added| Some(money.write(added)))
}
