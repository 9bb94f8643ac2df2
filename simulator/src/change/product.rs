//! Products change.

use chrono::{DateTime, Utc};
use rand::Rng;
use rand::rngs::SmallRng;

use super::{Change, Effects, Notice, Piece};
use crate::generate::pick;
use crate::model::{ProductStatus, Store, whole_seconds};

/// The most pieces that one delivery or one count adds or takes.
const STOCK_STEP: i64 = 40;

impl Store {
    /// A product changes: its price, its name, its stock, its variants, or whether it is for sale. A store without
    /// products gets one.
    pub fn change_product(&mut self, rng: &mut SmallRng, now: DateTime<Utc>) -> Change {
        let ids: Vec<i64> = self.products.keys().copied().collect();
        let effects = pick(rng, &ids).copied().and_then(|id| self.change_one(rng, id, now));
        match effects {
            Some(effects) => self.tell(effects),
            None => self.create_product(rng, now),
        }
    }

    /// A product is added.
    pub fn create_product(&mut self, rng: &mut SmallRng, now: DateTime<Utc>) -> Change {
        let index = self.products.len();
        let id = self.add_product(rng, index, whole_seconds(now));
        let mut effects = Effects::on(id);
        effects.tell(Notice::Product("products/create", id));
        for item in self.items_of(id) {
            effects.tell(Notice::InventoryItem("inventory_items/create", item));
            for (item, location) in self.levels_of(item) {
                effects.tell(Notice::Level(item, location));
            }
        }
        self.tell(effects)
    }

    /// A product is deleted, with its stock. Orders keep their lines. None where there is no such product.
    pub fn delete_product(&mut self, id: i64, _now: DateTime<Utc>) -> Option<Change> {
        let mut effects = Effects::on(id);
        effects.tell(Notice::Deleted(id));
        let items = self.items_of(id);
        self.products.remove(&id)?;
        for item in items {
            for level in self.levels_of(item) {
                self.levels.remove(&level);
            }
            effects.tell(Notice::InventoryItem("inventory_items/delete", item));
        }
        Some(self.tell(effects))
    }

    fn change_one(&mut self, rng: &mut SmallRng, id: i64, now: DateTime<Utc>) -> Option<Effects> {
        let mut effects = Effects::on(id);
        let kind = rng.random_range(0..100);
        let variants = self.products.get(&id)?.variants.len();
        let place = rng.random_range(0..variants.max(1));
        match kind {
            0..35 => {
                let price = self.any_price(rng);
                let variant = self.products.get_mut(&id)?.variants.get_mut(place)?;
                variant.price = price;
                variant.updated_at = variant.updated_at.max(whole_seconds(now));
            }
            35..75 => self.count_stock(rng, id, place, &mut effects, now)?,
            75..85 => {
                let product = self.products.get_mut(&id)?;
                product.title.push('*');
            }
            85..92 => {
                let product = self.products.get(&id)?.clone();
                let variant = self.new_variant(rng, &product, true, whole_seconds(now));
                effects.tell(Notice::InventoryItem(
                    "inventory_items/create",
                    variant.inventory_item_id,
                ));
                self.products.get_mut(&id)?.variants.push(variant);
            }
            92..95 if variants > 1 => {
                let variant = self.products.get_mut(&id)?.variants.pop()?;
                for level in self.levels_of(variant.inventory_item_id) {
                    self.levels.remove(&level);
                }
                effects.tell(Notice::InventoryItem(
                    "inventory_items/delete",
                    variant.inventory_item_id,
                ));
            }
            _ => {
                let product = self.products.get_mut(&id)?;
                product.status = match product.status {
                    ProductStatus::Active => ProductStatus::Archived,
                    ProductStatus::Archived | ProductStatus::Draft => ProductStatus::Active,
                };
            }
        }
        let product = self.products.get_mut(&id)?;
        product.updated_at = product.updated_at.max(whole_seconds(now));
        effects.tell(Notice::Product("products/update", id));
        Some(effects)
    }

    /// Pieces arrive, or a count finds fewer than thought.
    fn count_stock(
        &mut self,
        rng: &mut SmallRng,
        id: i64,
        place: usize,
        effects: &mut Effects,
        now: DateTime<Utc>,
    ) -> Option<()> {
        let variant = self.products.get(&id)?.variants.get(place)?;
        let location = pick(rng, &self.locations)?;
        let moved = Piece {
            product_id: Some(id),
            inventory_item_id: Some(variant.inventory_item_id),
            location_id: location.id,
            pieces: rng.random_range(-STOCK_STEP..=STOCK_STEP),
        };
        self.move_stock(&[moved], effects, now);
        Some(())
    }

    fn items_of(&self, id: i64) -> Vec<i64> {
        let product = self.products.get(&id);
        let variants = product.map(|product| product.variants.as_slice());
        variants.unwrap_or_default().iter().map(|variant| variant.inventory_item_id).collect()
    }

    fn levels_of(&self, item: i64) -> Vec<(i64, i64)> {
        self.levels.range((item, i64::MIN)..=(item, i64::MAX)).map(|(level, _)| *level).collect()
    }
}
