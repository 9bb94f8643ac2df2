//! Buyers.

use chrono::{DateTime, Utc};
use rand::Rng;
use rand::rngs::SmallRng;

use super::{chance, pick};
use crate::model::{Address, Customer, Store};

const FIRST_NAMES: [&str; 10] =
    ["Ada", "Noor", "Jean-Luc", "Søren", "Mei", "Olu", "Zoë", "Iñigo", "さくら", "Fatima"];
const LAST_NAMES: [&str; 10] = [
    "Tremblay", "O'Neil", "Nakamura", "Al-Sabah", "Müller", "Okafor", "Singh", "García", "Li",
    "Roy",
];
const STREETS: [&str; 5] =
    ["Maple Street", "King Street", "Harbour Road", "Rue du Lac", "Mill Lane"];

/// City, province, its code, country, its code, postal code.
type Place =
    (&'static str, Option<(&'static str, &'static str)>, &'static str, &'static str, &'static str);

const CANADA: [Place; 3] = [
    ("Ottawa", Some(("Ontario", "ON")), "Canada", "CA", "K2H 7A8"),
    ("Montréal", Some(("Quebec", "QC")), "Canada", "CA", "H2X 1Y4"),
    ("Calgary", Some(("Alberta", "AB")), "Canada", "CA", "T2P 1J9"),
];
const JAPAN: [Place; 2] = [
    ("Chiyoda", Some(("Tokyo", "JP-13")), "Japan", "JP", "100-0001"),
    ("Kyoto", Some(("Kyoto", "JP-26")), "Japan", "JP", "600-8216"),
];
const KUWAIT: [Place; 1] = [("Salmiya", None, "Kuwait", "KW", "22000")];
const ABROAD: [Place; 3] = [
    ("Portland", Some(("Oregon", "OR")), "United States", "US", "97201"),
    ("Hamburg", None, "Germany", "DE", "20095"),
    ("Leeds", None, "United Kingdom", "GB", "LS1 4AP"),
];
const FIRST_CUSTOMERS: usize = 20;

impl Store {
    /// A customer who orders: one of those known, or a new one.
    pub(super) fn some_customer(&mut self, rng: &mut SmallRng, now: DateTime<Utc>) -> i64 {
        let known = self.customers.len();
        if known > FIRST_CUSTOMERS && chance(rng, 700) {
            let ids = self.customers.keys();
            if let Some(id) = ids.copied().nth(rng.random_range(0..known)) {
                return id;
            }
        }
        let id = self.take_id();
        let first_name = pick(rng, &FIRST_NAMES).copied().unwrap_or_default().to_owned();
        let last_name = pick(rng, &LAST_NAMES).copied().unwrap_or_default().to_owned();
        let phone = chance(rng, 300).then(|| format!("+1613555{:04}", rng.random_range(0..10_000)));
        let address = self.some_address(rng, &first_name, &last_name, false);
        let customer = Customer {
            id,
            email: chance(rng, 950).then(|| format!("buyer{id}@example.com")),
            phone,
            first_name,
            last_name,
            tax_exempt: chance(rng, 10),
            tags: if chance(rng, 100) { vec!["vip".to_owned()] } else { Vec::new() },
            created_at: now,
            updated_at: now,
            address,
        };
        self.customers.insert(id, customer);
        id
    }

    /// An address in the store's country, or abroad.
    pub(super) fn some_address(
        &self,
        rng: &mut SmallRng,
        first_name: &str,
        last_name: &str,
        abroad: bool,
    ) -> Address {
        let places: &[Place] = match self.currency.as_str() {
            _ if abroad => &ABROAD,
            "JPY" => &JAPAN,
            "KWD" => &KUWAIT,
            _ => &CANADA,
        };
        let (city, province, country, country_code, zip) = *pick(rng, places).unwrap_or(&CANADA[0]);
        let street = pick(rng, &STREETS).copied().unwrap_or_default();
        Address {
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            company: chance(rng, 80).then(|| format!("{last_name} Ltd.")),
            address1: format!("{} {street}", rng.random_range(1..900)),
            address2: chance(rng, 150).then(|| format!("Apt. {}", rng.random_range(1..60))),
            city: city.to_owned(),
            province: province.map(|(name, _)| name.to_owned()),
            province_code: province.map(|(_, code)| code.to_owned()),
            country: country.to_owned(),
            country_code: country_code.to_owned(),
            zip: zip.to_owned(),
            phone: None,
        }
    }
}
