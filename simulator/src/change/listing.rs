//! Products are made and changed from outside: by an app.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::{Change, Effects, Notice};
use crate::model::{Product, ProductStatus, Store, Variant, whole_seconds};

/// A product without options, as an app wants it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Wanted {
    pub(crate) handle: String,
    pub(crate) title: String,
    pub(crate) sku: Option<String>,
    pub(crate) price: Decimal,
    pub(crate) tracked: Option<bool>,
}

impl Store {
    /// Makes a product, or brings the one of that handle to what is wanted. Variants that are not wanted are deleted.
    pub(crate) fn set_product(&mut self, wanted: Wanted, now: DateTime<Utc>) -> Change {
        let now = whole_seconds(now);
        let standing = self.products.values().find(|product| product.handle == wanted.handle);
        let (mut product, topic) = match standing {
            Some(product) => (product.clone(), "products/update"),
            None => (self.new_product(&wanted, now), "products/create"),
        };
        let mut variants = std::mem::take(&mut product.variants).into_iter();
        let mut kept = variants.next().unwrap_or_else(|| self.plain_variant(now));
        let mut effects = Effects::on(product.id);
        for gone in variants {
            self.levels.retain(|(item, _), _| *item != gone.inventory_item_id);
            effects.tell(Notice::InventoryItem("inventory_items/delete", gone.inventory_item_id));
        }
        kept.price = wanted.price;
        kept.sku = wanted.sku.unwrap_or(kept.sku);
        kept.tracked = wanted.tracked.unwrap_or(kept.tracked);
        kept.updated_at = kept.updated_at.max(now);
        product.title = wanted.title;
        product.updated_at = product.updated_at.max(now);
        product.variants = vec![kept];
        effects.tell(Notice::Product(topic, product.id));
        self.products.insert(product.id, product);
        self.tell(effects)
    }

    /// Variants of one product get prices, and SKUs where they are given. None where there is no such product.
    pub(crate) fn update_variants(
        &mut self,
        product: i64,
        updates: &[(i64, Decimal, Option<String>)],
        now: DateTime<Utc>,
    ) -> Option<Change> {
        let now = whole_seconds(now);
        let changed = self.products.get_mut(&product)?;
        for (id, price, sku) in updates {
            let Some(variant) = changed.variants.iter_mut().find(|variant| variant.id == *id)
            else {
                continue;
            };
            variant.price = *price;
            if let Some(sku) = sku {
                variant.sku.clone_from(sku);
            }
            variant.updated_at = variant.updated_at.max(now);
        }
        changed.updated_at = changed.updated_at.max(now);
        let mut effects = Effects::on(product);
        effects.tell(Notice::Product("products/update", product));
        Some(self.tell(effects))
    }

    /// Buyers see a product from now on. None where there is no such product, or they see it already.
    pub(crate) fn publish(&mut self, product: i64, now: DateTime<Utc>) -> Option<Change> {
        let published = self.products.get_mut(&product).filter(|product| !product.published)?;
        published.published = true;
        published.updated_at = published.updated_at.max(whole_seconds(now));
        let mut effects = Effects::on(product);
        effects.tell(Notice::Product("products/update", product));
        Some(self.tell(effects))
    }

    /// A product was changed by hand: the store tells of it. None where there is no such product.
    pub fn touch_product(&mut self, product: i64, now: DateTime<Utc>) -> Option<Change> {
        let changed = self.products.get_mut(&product)?;
        changed.updated_at = changed.updated_at.max(whole_seconds(now));
        for variant in &mut changed.variants {
            variant.updated_at = changed.updated_at;
        }
        let mut effects = Effects::on(product);
        effects.tell(Notice::Product("products/update", product));
        Some(self.tell(effects))
    }

    fn new_product(&mut self, wanted: &Wanted, now: DateTime<Utc>) -> Product {
        Product {
            id: self.take_id(),
            title: wanted.title.clone(),
            handle: wanted.handle.clone(),
            vendor: String::new(),
            product_type: String::new(),
            status: ProductStatus::Active,
            tags: Vec::new(),
            gift_card: false,
            published: false,
            created_at: now,
            updated_at: now,
            variants: Vec::new(),
        }
    }

    /// The one variant of a product without options. It was never stocked anywhere.
    fn plain_variant(&mut self, now: DateTime<Utc>) -> Variant {
        Variant {
            id: self.take_id(),
            title: "Default Title".to_owned(),
            sku: String::new(),
            barcode: None,
            price: Decimal::ZERO,
            compare_at_price: None,
            position: 1,
            taxable: true,
            requires_shipping: true,
            grams: 0,
            inventory_item_id: self.take_id(),
            tracked: false,
            created_at: now,
            updated_at: now,
        }
    }
}
