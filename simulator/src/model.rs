//! What a simulated store holds. Plain data: changes are in `change`, the store's JSON in `render`.

mod catalog;
mod line;
mod money;
mod order;
mod people;
mod refund;
mod totals;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

pub use catalog::{Location, Product, ProductStatus, Variant};
pub use line::{
    Allocation, Application, ApplicationKind, DiscountValue, LineItem, ShippingLine, Target,
    TaxLine,
};
pub(crate) use money::round;
pub use money::{Money, Scales, minor_digits};
pub use order::{Fulfillment, Order, Transaction, TransactionKind, TransactionStatus};
pub use people::{Address, Customer};
pub use refund::{Adjustment, Refund, RefundLine, RefundShipping, Restock};

/// The first id of a store with big ids: beyond what a double holds exactly, as real stores' ids may be.
const FIRST_BIG_ID: i64 = 820_982_911_946_154_508;
/// The first id of any other store.
const FIRST_ID: i64 = 1_000_001;
/// The number of a store's first order.
const FIRST_ORDER_NUMBER: i64 = 1001;

/// What a store is made from. Equal settings make equal stores.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoreSettings {
    /// The store's address, for instance `tea.myshopify.com`.
    pub domain: String,
    /// The shop's currency, by ISO 4217.
    pub currency: String,
    /// What all random choices follow from.
    pub seed: u64,
    /// How many products there are at first.
    pub products: usize,
    /// How many orders there are at first.
    pub orders: usize,
    /// Whether ids begin beyond 2^53.
    pub big_ids: bool,
}

/// A store with all that is in it.
#[derive(Clone, PartialEq, Debug)]
pub struct Store {
    /// The store's own id.
    pub id: i64,
    /// Its address, for instance `tea.myshopify.com`.
    pub domain: String,
    /// Its name, as people read it.
    pub name: String,
    /// Its currency.
    pub currency: String,
    /// Its time zone, by IANA name.
    pub time_zone: String,
    /// Whether its prices contain the taxes.
    pub taxes_included: bool,
    /// Where its goods are; the first sends what is sold online.
    pub locations: Vec<Location>,
    /// Its products by id, without those deleted.
    pub products: BTreeMap<i64, Product>,
    /// Its customers by id.
    pub customers: BTreeMap<i64, Customer>,
    /// Its orders by id.
    pub orders: BTreeMap<i64, Order>,
    /// Pieces available by inventory item and location.
    pub levels: BTreeMap<(i64, i64), i64>,
    pub(crate) next_id: i64,
    pub(crate) next_order_number: i64,
}

impl Store {
    /// A store without anything in it. Its first location is added by the generator.
    pub(crate) fn empty(settings: &StoreSettings) -> Self {
        let first = if settings.big_ids { FIRST_BIG_ID } else { FIRST_ID };
        let name = settings.domain.split('.').next().unwrap_or_default();
        Self {
            id: first,
            domain: settings.domain.clone(),
            name: name.to_owned(),
            currency: settings.currency.clone(),
            time_zone: "America/Toronto".to_owned(),
            taxes_included: settings.currency == "JPY",
            locations: Vec::new(),
            products: BTreeMap::new(),
            customers: BTreeMap::new(),
            orders: BTreeMap::new(),
            levels: BTreeMap::new(),
            next_id: first + 1,
            next_order_number: FIRST_ORDER_NUMBER,
        }
    }

    /// A new id; no two objects of the store have the same.
    pub(crate) fn take_id(&mut self) -> i64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    /// A variant with its product, by the variant's id.
    pub fn variant(&self, id: i64) -> Option<(&Product, &Variant)> {
        let find = |product: &'_ Product| product.variants.iter().any(|variant| variant.id == id);
        let product = self.products.values().find(|product| find(product))?;
        let variant = product.variants.iter().find(|variant| variant.id == id)?;
        Some((product, variant))
    }

    /// Pieces of a variant that are available, at all locations together.
    pub fn available(&self, inventory_item_id: i64) -> i64 {
        self.levels
            .range((inventory_item_id, i64::MIN)..=(inventory_item_id, i64::MAX))
            .map(|(_, pieces)| pieces)
            .sum()
    }
}

/// The same instant in whole seconds: the store tells no finer time, so quick changes have equal times.
pub(crate) fn whole_seconds(instant: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(instant.timestamp(), 0).unwrap_or(instant)
}
