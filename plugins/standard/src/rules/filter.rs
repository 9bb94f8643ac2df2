//! Orders that are left out.

use std::borrow::Cow;

use plugins::json::{Json, Wrong};
use plugins::types::Order;

use super::condition::Condition;

/// Leaves out the orders that `when` holds for and `unless` does not.
pub(crate) struct Filter<'a> {
    when: Option<Condition<'a>>,
    unless: Option<Condition<'a>>,
    reason: Option<Cow<'a, str>>,
}

impl<'a> Filter<'a> {
    pub(crate) fn read(json: Json<'a>) -> Result<Self, Wrong> {
        let mut fields = json.object()?;
        let filter = Self {
            when: fields.take("when", Condition::read)?,
            unless: fields.take("unless", Condition::read)?,
            reason: fields.take("reason", Json::some_text)?,
        };
        fields.end()?;
        if filter.when.is_none() && filter.unless.is_none() {
            return Err(Wrong::new("has neither when nor unless, and would leave out every order"));
        }
        Ok(filter)
    }

    /// Why the order is left out, if this filter, which has that place among all, leaves it out.
    pub(crate) fn reason(&self, index: usize, order: &Order) -> Option<String> {
        let when = self.when.as_ref().is_none_or(|when| when.holds_for(order));
        let unless = self.unless.as_ref().is_some_and(|unless| unless.holds_for(order));
        (when && !unless).then(|| match &self.reason {
            Some(reason) => reason.clone().into_owned(),
            None => format!("left out by settings.filters[{index}]"),
        })
    }
}
