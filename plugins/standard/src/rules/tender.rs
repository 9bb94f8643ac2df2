//! What the POS calls a way of payment.

use std::borrow::Cow;

use plugins::invalid;
use plugins::json::{Json, Wrong};
use plugins::types::{MapError, PosTenderKind};

use plugins::Patterns;

const KINDS: [(&str, PosTenderKind); 4] = [
    ("cash", PosTenderKind::Cash),
    ("card", PosTenderKind::Card),
    ("gift_card", PosTenderKind::GiftCard),
    ("other", PosTenderKind::Other),
];

/// The kinds and names of the store's gateways at the till.
#[derive(Default)]
pub(crate) struct Tenders<'a> {
    pub(crate) rules: Vec<Rule<'a>>,
    /// Whether an order is refused whose gateway no rule speaks of.
    pub(crate) refuse_others: bool,
}

/// Says what the gateways of that name are.
pub(crate) struct Rule<'a> {
    gateway: Patterns<'a>,
    /// The kind of payment, where the rule says one.
    pub(crate) kind: Option<PosTenderKind>,
    name: Option<Cow<'a, str>>,
}

impl<'a> Tenders<'a> {
    pub(crate) fn rule(json: Json<'a>) -> Result<Rule<'a>, Wrong> {
        let mut fields = json.object()?;
        let rule = Rule {
            gateway: fields.need("gateway", Patterns::read)?,
            kind: fields.take("kind", |kind| kind.one_of(&KINDS))?,
            name: fields.take("name", Json::some_text)?,
        };
        fields.end()?;
        if rule.kind.is_none() && rule.name.is_none() {
            return Err(Wrong::new("has neither kind nor name"));
        }
        Ok(rule)
    }

    /// The kind and the name that the settings give a gateway; where they give none, no kind and its own name.
    pub(crate) fn find<'n>(
        &'n self,
        gateway: &'n str,
    ) -> Result<(Option<PosTenderKind>, &'n str), MapError> {
        match self.rules.iter().find(|rule| rule.gateway.match_text(gateway)) {
            Some(rule) => Ok((rule.kind, rule.name.as_deref().unwrap_or(gateway))),
            None if self.refuse_others => Err(invalid(
                "payment-gateways",
                format!("no rule of settings.tenders speaks of {gateway}"),
            )),
            None => Ok((None, gateway)),
        }
    }
}
