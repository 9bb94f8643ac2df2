//! The tenant's settings, read and checked once per run.

use plugins::json::{self, Json, Wrong};
use plugins::money::Side;
use plugins::types::{MapError, Setting};

use crate::rules::{Filter, Links, PriceList, Rounding, Route, Taxes, Tenders};

/// What becomes of something that no rule speaks of.
const UNMAPPED: [(&str, bool); 2] = [("keep", false), ("refuse", true)];

/// The settings. Without any, everything is as the store tells it.
#[derive(Default)]
pub(crate) struct Settings<'a> {
    /// Which side of the amounts is mapped.
    pub(crate) side: Side,
    /// Whether test orders are left out.
    skip_test_orders: bool,
    /// The location whose stock all lines take, unless a route says another.
    location: Option<&'a str>,
    filters: Vec<Filter<'a>>,
    routes: Vec<Route<'a>>,
    /// What identifies a product.
    pub(crate) links: Links<'a>,
    /// The prices that products have.
    pub(crate) price_lists: Vec<PriceList<'a>>,
    pub(crate) rounding: Rounding,
    pub(crate) taxes: Taxes<'a>,
    pub(crate) tenders: Tenders<'a>,
}

impl<'a> Settings<'a> {
    pub(crate) fn read(all: &'a [Setting]) -> Result<Self, MapError> {
        let mut settings = Self::default();
        for Setting { key, value } in all {
            settings.set(key, value).map_err(|wrong| wrong.in_setting(key))?;
        }
        Ok(settings)
    }

    fn set(&mut self, key: &str, value: &'a str) -> Result<(), Wrong> {
        match key {
            "currency" => {
                let sides = [("shop", Side::Shop), ("presentment", Side::Presentment)];
                self.side = json::one_of(value, &sides)?;
            }
            "test_orders" => {
                self.skip_test_orders = json::one_of(value, &[("map", false), ("skip", true)])?;
            }
            "location" => self.location = Some(location_id(value)?),
            "filters" => self.filters = Json::parse(value)?.each(Filter::read)?,
            "links" => self.links = Links::read(Json::parse(value)?)?,
            "locations" => self.routes = Json::parse(value)?.each(Route::read)?,
            "price_lists" => self.price_lists = Json::parse(value)?.each(PriceList::read)?,
            "rounding" => self.rounding = Rounding::read(Json::parse(value)?)?,
            "taxes" => self.taxes.rules = Json::parse(value)?.each(Taxes::rule)?,
            "tenders" => self.tenders.rules = Json::parse(value)?.each(Tenders::rule)?,
            "unmapped" => self.unmapped(Json::parse(value)?)?,
            _ => return Err(Wrong::new("is not a setting of this plugin")),
        }
        Ok(())
    }

    fn unmapped(&mut self, json: Json<'_>) -> Result<(), Wrong> {
        let mut unmapped = json.object()?;
        let choice = |json: Json<'_>| json.one_of(&UNMAPPED);
        self.taxes.refuse_others = unmapped.take("taxes", choice)?.unwrap_or_default();
        self.tenders.refuse_others = unmapped.take("tenders", choice)?.unwrap_or_default();
        unmapped.end()
    }

    /// Why an order is left out, if it is.
    pub(crate) fn left_out(&self, order: &plugins::types::Order) -> Option<String> {
        if order.test && self.skip_test_orders {
            return Some("a test order: no money moved".to_owned());
        }
        self.filters.iter().enumerate().find_map(|(index, filter)| filter.reason(index, order))
    }

    /// Where an order's goods come from: the location whose stock they take, and what the POS calls the place.
    pub(crate) fn route(&self, order: &plugins::types::Order) -> (Option<&str>, Option<&str>) {
        let route = self.routes.iter().find(|route| route.applies_to(order));
        let stock = route.and_then(|route| route.stock.as_deref()).or(self.location);
        (stock, route.and_then(|route| route.pos.as_deref()))
    }
}

/// The text, if it is the id of a location.
pub(crate) fn location_id(text: &str) -> Result<&str, Wrong> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if digits && text.parse::<i64>().is_ok() {
        Ok(text)
    } else {
        Err(Wrong::new("is not the id of a location"))
    }
}
