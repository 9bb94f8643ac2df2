//! The setting `consignment`, and the others, which are the standard mapper's.

use plugins::json::{Json, Object, Wrong};
use plugins::types::{MapError, Setting};
use plugins::{Amount, Patterns};

use crate::place::Places;

/// The setting that this plugin adds.
const KEY: &str = "consignment";
/// The fields that name whose goods they are, at which event, and whether their markdowns are the consignor's.
pub(crate) const CONSIGNOR: &str = "consignor_id";
pub(crate) const EVENT: &str = "event_id";
pub(crate) const MARKDOWN: &str = "markdown_eligible";

/// Who bears discounts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Markdowns {
    /// Both by their shares where the goods are eligible for markdown, else the house.
    Eligible,
    /// Both by their shares.
    Shared,
    /// The house.
    House,
}

/// What the house keeps of whose goods.
pub(crate) struct Rule<'a> {
    consignor: Option<Patterns<'a>>,
    event: Option<Patterns<'a>>,
    /// In percent.
    pub(crate) rate: Amount,
    /// Of each piece, at least.
    pub(crate) minimum: Amount,
}

/// The setting, read.
pub(crate) struct Settings<'a> {
    pub(crate) consignor: Places,
    pub(crate) event: Places,
    pub(crate) markdown: Places,
    rules: Vec<Rule<'a>>,
    pub(crate) markdowns: Markdowns,
    /// Whether an order is refused whose goods name no consignor.
    pub(crate) refuse_unknown: bool,
    /// Whether a product is refused that lacks one of the fields.
    pub(crate) refuse_products: bool,
    /// Whether each line is told.
    pub(crate) tell_lines: bool,
}

/// This plugin's own setting, and the standard mapper's.
pub(crate) fn split(all: &[Setting]) -> (Option<&str>, Vec<Setting>) {
    let own = plugins::setting(all, KEY);
    (own, all.iter().filter(|setting| setting.key != KEY).cloned().collect())
}

impl<'a> Settings<'a> {
    pub(crate) fn read(own: Option<&'a str>) -> Result<Self, MapError> {
        let parsed = Json::parse(own.unwrap_or("{}")).and_then(Json::object);
        parsed.and_then(Self::of).map_err(|wrong| wrong.in_setting(KEY))
    }

    fn of(mut fields: Object<'a>) -> Result<Self, Wrong> {
        let place = |found: Option<Places>, usual| found.unwrap_or_else(|| Places::usual(usual));
        let mut rules = fields.take("rules", |list| list.each(Rule::read))?.unwrap_or_default();
        if let Some(rate) = fields.take("rate", percent)? {
            rules.push(Rule { consignor: None, event: None, rate, minimum: Amount::ZERO });
        }
        let markdowns = [
            ("eligible", Markdowns::Eligible),
            ("shared", Markdowns::Shared),
            ("house", Markdowns::House),
        ];
        let (unknown, products, lines) = (
            [("house", false), ("refuse", true)],
            [("keep", false), ("refuse", true)],
            [("sums", false), ("tell", true)],
        );
        let settings = Self {
            consignor: place(fields.take("consignor", Places::read)?, CONSIGNOR),
            event: place(fields.take("event", Places::read)?, EVENT),
            markdown: place(fields.take("markdown", Places::read)?, MARKDOWN),
            rules,
            markdowns: fields
                .take("markdowns", |json| json.one_of(&markdowns))?
                .unwrap_or(Markdowns::Eligible),
            refuse_unknown: fields.take("unknown", |json| json.one_of(&unknown))?.unwrap_or(false),
            refuse_products: fields
                .take("products", |json| json.one_of(&products))?
                .unwrap_or(false),
            tell_lines: fields.take("lines", |json| json.one_of(&lines))?.unwrap_or(true),
        };
        fields.end()?;
        Ok(settings)
    }

    /// The first rule that speaks of a consignor's goods at an event.
    pub(crate) fn rule(&self, consignor: &str, event: Option<&str>) -> Option<&Rule<'a>> {
        self.rules.iter().find(|rule| rule.speaks_of(consignor, event))
    }
}

impl<'a> Rule<'a> {
    fn read(json: Json<'a>) -> Result<Self, Wrong> {
        let mut fields = json.object()?;
        let rule = Self {
            consignor: fields.take("consignor", Patterns::read)?,
            event: fields.take("event", Patterns::read)?,
            rate: fields.need("rate", percent)?,
            minimum: fields.take("minimum", not_negative)?.unwrap_or(Amount::ZERO),
        };
        fields.end()?;
        Ok(rule)
    }

    fn speaks_of(&self, consignor: &str, event: Option<&str>) -> bool {
        let whose = self.consignor.as_ref().is_none_or(|one| one.match_text(consignor));
        let when = |one: &Patterns<'_>| event.is_some_and(|event| one.match_text(event));
        whose && self.event.as_ref().is_none_or(when)
    }
}

fn not_negative(json: Json<'_>) -> Result<Amount, Wrong> {
    let amount = json.amount()?;
    if amount.is_negative() { Err(Wrong::new("is less than nothing")) } else { Ok(amount) }
}

fn percent(json: Json<'_>) -> Result<Amount, Wrong> {
    let percent = not_negative(json)?;
    let fits = Amount::of_minor(100, 0).is_some_and(|all| percent <= all);
    if fits { Ok(percent) } else { Err(Wrong::new("is more than 100")) }
}
