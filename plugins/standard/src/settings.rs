//! The tenant's settings, read and checked once per run.

use plugins::types::{MapError, PosTenderKind, Setting};
use plugins::{invalid, setting};

use crate::money::Side;

/// The beginning of the settings that say what kind of payment a gateway is.
const TENDER: &str = "tender.";

/// The settings that apply to orders.
pub(crate) struct Settings<'a> {
    /// Which side of the amounts is mapped.
    pub(crate) side: Side,
    /// Whether test orders are left out.
    pub(crate) skip_test_orders: bool,
    /// The location whose stock all lines take.
    pub(crate) location: Option<&'a str>,
    all: &'a [Setting],
}

impl<'a> Settings<'a> {
    pub(crate) fn read(all: &'a [Setting]) -> Result<Self, MapError> {
        let side = match setting(all, "currency") {
            None | Some("shop") => Side::Shop,
            Some("presentment") => Side::Presentment,
            Some(_) => return Err(wrong("currency", "shop or presentment")),
        };
        let skip_test_orders = match setting(all, "test_orders") {
            None | Some("map") => false,
            Some("skip") => true,
            Some(_) => return Err(wrong("test_orders", "map or skip")),
        };
        let location = setting(all, "location");
        if location.is_some_and(|id| id.parse::<i64>().is_err()) {
            return Err(wrong("location", "the id of a location"));
        }
        Ok(Self { side, skip_test_orders, location, all })
    }

    /// The kind of payment that the tenant says `gateway` is.
    pub(crate) fn tender(&self, gateway: &str) -> Result<Option<PosTenderKind>, MapError> {
        let chosen =
            self.all.iter().find(|setting| setting.key.strip_prefix(TENDER) == Some(gateway));
        match chosen.map(|setting| setting.value.as_str()) {
            None => Ok(None),
            Some("cash") => Ok(Some(PosTenderKind::Cash)),
            Some("card") => Ok(Some(PosTenderKind::Card)),
            Some("gift_card") => Ok(Some(PosTenderKind::GiftCard)),
            Some("other") => Ok(Some(PosTenderKind::Other)),
            Some(_) => Err(wrong("tender", "cash, card, gift_card or other")),
        }
    }
}

fn wrong(key: &str, wanted: &str) -> MapError {
    invalid(format!("settings.{key}"), format!("is not {wanted}"))
}
