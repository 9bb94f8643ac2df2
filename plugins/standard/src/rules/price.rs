//! The prices that a product has, and which of them an order was sold at.

use std::borrow::Cow;

use plugins::json::{Json, Wrong};
use plugins::product_types::ProductVariant;
use plugins::types::{Attribute, MapError, Metafield, Order};
use plugins::{Amount, invalid};

use super::condition::Condition;
use crate::settings::Settings;
use plugins::money::{Money, fits};
use plugins::{is_metafield, metafield};

/// Where a price is found that is not the variant's own.
const COMPARE_AT: &str = "compare_at_price";
const METAFIELD: &str = "metafield:";

/// A list of prices.
pub(crate) struct PriceList<'a> {
    name: Cow<'a, str>,
    from: Option<Cow<'a, str>>,
    percent: Option<Amount>,
    when: Option<Condition<'a>>,
}

impl<'a> PriceList<'a> {
    pub(crate) fn read(json: Json<'a>) -> Result<Self, Wrong> {
        let mut fields = json.object()?;
        let list = Self {
            name: fields.need("name", Json::some_text)?,
            from: fields.take("from", source)?,
            percent: fields.take("percent", percent)?,
            when: fields.take("when", Condition::read)?,
        };
        fields.end()?;
        Ok(list)
    }

    /// The price of a variant in this list; the variant's own where the list's source has none.
    fn price(
        &self,
        index: usize,
        variant: &ProductVariant,
        product: &[Metafield],
    ) -> Result<Amount, MapError> {
        let special = match self.from.as_deref() {
            Some(COMPARE_AT) => variant.compare_at_price.as_deref().map(Cow::Borrowed),
            Some(from) => from
                .strip_prefix(METAFIELD)
                .and_then(|name| {
                    metafield(&variant.metafields, name).or_else(|| metafield(product, name))
                })
                .map(amount_of),
            None => None,
        };
        let (field, text) = match special {
            Some(text) => (self.from.as_deref().unwrap_or_default(), text),
            None => ("price", Cow::Borrowed(variant.price.as_str())),
        };
        let exact = Amount::parse(&text).map_err(|problem| {
            invalid(format!("variants[{index}].{field}"), problem.to_string())
        })?;
        let Some(percent) = self.percent else {
            return Ok(exact);
        };
        let hundred = fits(Amount::of_minor(100, 0))?;
        let finest = fits(Amount::of_minor(1, 6))?;
        fits(exact.scaled(percent, hundred, finest, plugins::Rounding::Nearest))
    }
}

/// The amount in a metafield's value, which is a decimal, or an object with an `amount` where its type is `money`.
fn amount_of(value: &str) -> Cow<'_, str> {
    let amount = Json::parse(value)
        .and_then(Json::object)
        .and_then(|mut money| money.need("amount", Json::text));
    amount.unwrap_or(Cow::Borrowed(value))
}

fn source(json: Json<'_>) -> Result<Cow<'_, str>, Wrong> {
    let text = json.text()?;
    let known = text == COMPARE_AT || text == "price";
    if known || text.strip_prefix(METAFIELD).is_some_and(is_metafield) {
        Ok(text)
    } else {
        Err(Wrong::new("is none of: price, compare_at_price, metafield:<namespace>.<key>"))
    }
}

fn percent(json: Json<'_>) -> Result<Amount, Wrong> {
    let percent = json.amount()?;
    if percent.is_negative() { Err(Wrong::new("is less than nothing")) } else { Ok(percent) }
}

impl Settings<'_> {
    /// The price of a variant at the till, which is its price in the first list, and its prices in the others.
    pub(crate) fn prices(
        &self,
        index: usize,
        variant: &mut ProductVariant,
        product: &[Metafield],
        money: Money,
    ) -> Result<(String, Vec<Attribute>), MapError> {
        if self.price_lists.is_empty() && self.rounding.prices.is_none() {
            return Ok((std::mem::take(&mut variant.price), Vec::new()));
        }
        let step = match self.rounding.prices {
            Some(step) => step,
            None => fits(Amount::of_minor(1, money.places))?,
        };
        let write = |list: &PriceList<'_>| {
            let exact = list.price(index, variant, product)?;
            fits(exact.rounded(step, self.rounding.direction)).map(|price| money.write(price))
        };
        let own = PriceList { name: Cow::Borrowed(""), from: None, percent: None, when: None };
        let price = write(self.price_lists.first().unwrap_or(&own))?;
        let others = self.price_lists.iter().skip(1).map(|list| {
            Ok(Attribute { key: ["price.", &list.name].concat(), value: write(list)? })
        });
        Ok((price, others.collect::<Result<_, MapError>>()?))
    }
}

/// The name of the list whose prices an order was sold at: the first whose condition holds, else the first without one.
pub(crate) fn price_list<'l>(lists: &'l [PriceList<'_>], order: &Order) -> Option<&'l str> {
    let holds =
        |list: &&PriceList<'_>| list.when.as_ref().is_some_and(|when| when.holds_for(order));
    let always = |list: &&PriceList<'_>| list.when.is_none();
    lists.iter().find(holds).or_else(|| lists.iter().find(always)).map(|list| list.name.as_ref())
}
