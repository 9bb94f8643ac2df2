//! Which orders a rule speaks of.

use plugins::Patterns;
use plugins::json::{Json, Wrong};
use plugins::types::{Address, Order};

/// What a condition can look at: its name and where it is found.
const FACTS: [(&str, Fact); 9] = [
    ("tag", Fact::Tag),
    ("customer_tag", Fact::CustomerTag),
    ("source", Fact::Source),
    ("financial_status", Fact::FinancialStatus),
    ("gateway", Fact::Gateway),
    ("location", Fact::Location),
    ("country", Fact::Country),
    ("shipping", Fact::Shipping),
    ("currency", Fact::Currency),
];

#[derive(Clone, Copy)]
enum Fact {
    Tag,
    CustomerTag,
    Source,
    FinancialStatus,
    Gateway,
    Location,
    Country,
    Shipping,
    Currency,
}

/// All of several things that an order has to be.
#[derive(Default)]
pub(crate) struct Condition<'a> {
    test: Option<bool>,
    facts: Vec<(Fact, Patterns<'a>)>,
}

impl<'a> Condition<'a> {
    pub(crate) fn read(json: Json<'a>) -> Result<Self, Wrong> {
        let mut fields = json.object()?;
        let mut condition = Self { test: fields.take("test", Json::truth)?, facts: Vec::new() };
        for (name, fact) in FACTS {
            if let Some(patterns) = fields.take(name, Patterns::read)? {
                condition.facts.push((fact, patterns));
            }
        }
        fields.end()?;
        if condition.test.is_none() && condition.facts.is_empty() {
            return Err(Wrong::new("names no condition"));
        }
        Ok(condition)
    }

    pub(crate) fn holds_for(&self, order: &Order) -> bool {
        self.test.is_none_or(|test| test == order.test)
            && self
                .facts
                .iter()
                .all(|(fact, patterns)| any_is(*fact, order, |text| patterns.match_text(text)))
    }
}

/// Whether one of the order's texts of that kind is one that `is` likes.
fn any_is(fact: Fact, order: &Order, is: impl Fn(&str) -> bool) -> bool {
    match fact {
        Fact::Tag => order.tags.iter().any(|tag| is(tag)),
        Fact::CustomerTag => {
            order.customer.iter().flat_map(|customer| &customer.tags).any(|tag| is(tag))
        }
        Fact::Source => order.source_name.as_deref().is_some_and(is),
        Fact::FinancialStatus => is(&order.financial_status),
        Fact::Gateway => {
            let moved = order.transactions.iter().map(|one| &one.gateway);
            order.payment_gateways.iter().chain(moved).any(|gateway| is(gateway))
        }
        Fact::Location => order.location_id.as_deref().is_some_and(is),
        Fact::Country => {
            let country =
                |address: &Option<Address>| address.as_ref().and_then(|a| a.country_code.clone());
            country(&order.shipping_address)
                .or_else(|| country(&order.billing_address))
                .is_some_and(|code| is(&code))
        }
        Fact::Shipping => {
            order.shipping_lines.iter().filter(|line| !line.removed).any(|line| is(&line.title))
        }
        Fact::Currency => is(&order.presentment_currency),
    }
}
