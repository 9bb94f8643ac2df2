//! The store's own books, to compare with what others made of its deliveries.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::model::{LineItem, Order, Store, minor_digits, round};

/// The place of goods that were sold nowhere in particular.
pub const NO_LOCATION: &str = "default";

/// What a store holds and what moved.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Books {
    /// All orders by id.
    pub orders: BTreeMap<i64, BookedOrder>,
    /// Pieces by variant and location that the orders made since the given time moved: negative where goods left.
    /// Goods of orders without a location leave from [`NO_LOCATION`]; restocked ones come back where they went.
    /// Movements that cancel out are zero and stay listed.
    pub moved: BTreeMap<i64, BTreeMap<String, i64>>,
    /// Pieces available by variant and location, of the variants that the store has.
    pub available: BTreeMap<i64, BTreeMap<String, i64>>,
    /// The location that sends what is sold online.
    pub primary_location: Option<i64>,
    /// The sums.
    pub sums: Sums,
}

/// An order in the books.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BookedOrder {
    /// Its name, for instance `#1042`.
    pub name: String,
    /// What the buyer owed before returns, in the shop's currency.
    pub total: String,
    /// How many lines of goods it has; a tip that stands as a line is none.
    pub lines: usize,
    /// When it was made, in seconds since 1970.
    pub created_at: i64,
}

/// Sums over the books.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Sums {
    /// How many orders there are.
    pub orders: usize,
    /// How many of them were made since the given time.
    pub orders_since: usize,
    /// How many lines of goods all orders have.
    pub lines: usize,
    /// What all orders come to, in the shop's currency.
    pub total: String,
    /// All pieces moved.
    pub pieces: i64,
}

impl Books {
    /// The books of a store. Orders made before `since` are listed and move nothing.
    pub fn of(store: &Store, since: DateTime<Utc>) -> Self {
        let mut books = Self::default();
        let digits = minor_digits(&store.currency);
        let mut total = Decimal::ZERO;
        for (id, order) in &store.orders {
            let owed = order.total().shop;
            total += owed;
            books.sums.lines += order.goods().count();
            books.orders.insert(
                *id,
                BookedOrder {
                    name: order.name.clone(),
                    total: round(owed, digits).to_string(),
                    lines: order.goods().count(),
                    created_at: order.created_at.timestamp(),
                },
            );
            if order.created_at >= since {
                books.sums.orders_since += 1;
                books.post(order);
            }
        }
        books.count(store);
        books.sums.orders = books.orders.len();
        books.sums.total = round(total, digits).to_string();
        books.sums.pieces = books.moved.values().flat_map(BTreeMap::values).sum();
        books
    }

    /// Sold, less what edits took off, and back wherever it was restocked.
    fn post(&mut self, order: &Order) {
        let home = order.location_id.map_or_else(|| NO_LOCATION.to_owned(), |id| id.to_string());
        for line in order.goods().filter(|line| !line.gift_card) {
            let Some(variant_id) = line.variant_id else {
                continue;
            };
            self.move_pieces(variant_id, home.clone(), line.removed - line.quantity);
            self.restock(order, line, variant_id, &home);
        }
    }

    fn restock(&mut self, order: &Order, line: &LineItem, variant_id: i64, home: &str) {
        let back = order
            .refunds
            .iter()
            .flat_map(|refund| &refund.lines)
            .filter(|back| back.line_item_id == line.id && back.restock.restocks());
        for back in back {
            let location = back.location_id.map_or_else(|| home.to_owned(), |id| id.to_string());
            self.move_pieces(variant_id, location, back.quantity);
        }
    }

    /// What is available of each variant, and where.
    fn count(&mut self, store: &Store) {
        self.primary_location = store.locations.first().map(|location| location.id);
        let variants = store.products.values().flat_map(|product| &product.variants);
        let by_item: BTreeMap<i64, i64> =
            variants.map(|variant| (variant.inventory_item_id, variant.id)).collect();
        for ((item, location), pieces) in &store.levels {
            if let Some(variant) = by_item.get(item) {
                let places = self.available.entry(*variant).or_default();
                places.insert(location.to_string(), *pieces);
            }
        }
    }

    fn move_pieces(&mut self, variant_id: i64, location: String, pieces: i64) {
        let places = self.moved.entry(variant_id).or_default();
        *places.entry(location).or_default() += pieces;
    }
}
