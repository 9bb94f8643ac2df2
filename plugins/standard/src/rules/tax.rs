//! What the POS calls a tax.

use std::borrow::Cow;

use plugins::invalid;
use plugins::json::{Json, Wrong};
use plugins::types::{MapError, PosTax};

use plugins::Patterns;

/// The POS's codes of the store's taxes.
#[derive(Default)]
pub(crate) struct Taxes<'a> {
    pub(crate) rules: Vec<Rule<'a>>,
    /// Whether an order is refused whose tax no rule speaks of.
    pub(crate) refuse_others: bool,
}

/// Gives the taxes with that title and that rate, or any, a code.
pub(crate) struct Rule<'a> {
    title: Option<Patterns<'a>>,
    rate: Option<Cow<'a, str>>,
    code: Cow<'a, str>,
}

impl<'a> Taxes<'a> {
    pub(crate) fn rule(json: Json<'a>) -> Result<Rule<'a>, Wrong> {
        let mut fields = json.object()?;
        let rule = Rule {
            title: fields.take("title", Patterns::read)?,
            rate: fields.take("rate", rate)?,
            code: fields.need("code", Json::some_text)?,
        };
        fields.end()?;
        Ok(rule)
    }

    /// Gives each tax the code of the first rule that speaks of it. `path` names where the taxes stand.
    pub(crate) fn rename(
        &self,
        taxes: &mut [PosTax],
        path: impl FnOnce() -> String,
    ) -> Result<(), MapError> {
        if self.rules.is_empty() && !self.refuse_others {
            return Ok(());
        }
        for tax in taxes {
            match self.rules.iter().find(|rule| rule.speaks_of(tax)) {
                Some(rule) => tax.title = rule.code.clone().into_owned(),
                None if self.refuse_others => {
                    let PosTax { title, rate, .. } = tax;
                    let message = format!("no rule of settings.taxes speaks of {title} at {rate}");
                    return Err(invalid(path(), message));
                }
                None => {}
            }
        }
        Ok(())
    }
}

impl Rule<'_> {
    fn speaks_of(&self, tax: &PosTax) -> bool {
        self.title.as_ref().is_none_or(|titles| titles.match_text(&tax.title))
            && self.rate.as_deref().is_none_or(|rate| digits(rate) == digits(&tax.rate))
    }
}

/// A fraction, as the store writes a rate.
fn rate(json: Json<'_>) -> Result<Cow<'_, str>, Wrong> {
    let text = json.text()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if is_digits(whole) && is_digits(fraction) {
        Ok(text)
    } else {
        Err(Wrong::new("is not a fraction such as 0.13"))
    }
}

/// The digits of a decimal that say something, before and after the point: the same for `0.130` and `0.13`.
fn digits(decimal: &str) -> (&str, &str) {
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    (whole.trim_start_matches('0'), fraction.trim_end_matches('0'))
}
