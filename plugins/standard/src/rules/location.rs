//! Which place an order belongs to.

use std::borrow::Cow;

use plugins::json::{Json, Wrong};
use plugins::types::Order;

use super::condition::Condition;
use crate::settings::location_id;

/// Sends the orders that `when` holds for, or all, to a place.
pub(crate) struct Route<'a> {
    when: Option<Condition<'a>>,
    /// What the POS calls the place.
    pub(crate) pos: Option<Cow<'a, str>>,
    /// The store location whose stock the lines take.
    pub(crate) stock: Option<Cow<'a, str>>,
}

impl<'a> Route<'a> {
    pub(crate) fn read(json: Json<'a>) -> Result<Self, Wrong> {
        let mut fields = json.object()?;
        let route = Self {
            when: fields.take("when", Condition::read)?,
            pos: fields.take("pos", Json::some_text)?,
            stock: fields.take("stock", |json| {
                let id = json.text()?;
                location_id(&id)?;
                Ok(id)
            })?,
        };
        fields.end()?;
        if route.pos.is_none() && route.stock.is_none() {
            return Err(Wrong::new("has neither pos nor stock"));
        }
        Ok(route)
    }

    pub(crate) fn applies_to(&self, order: &Order) -> bool {
        self.when.as_ref().is_none_or(|when| when.holds_for(order))
    }
}
