//! Quantities are set from outside: by an app, or by the merchant.

use chrono::{DateTime, Utc};

use super::{Change, Effects, Notice};
use crate::model::{Store, whole_seconds};

impl Store {
    /// What is available of inventory items at locations becomes what is given, also where an item was never stocked
    /// before; each is (item, location, pieces). Items that the store does not have are passed over.
    pub fn set_available(&mut self, quantities: &[(i64, i64, i64)], now: DateTime<Utc>) -> Change {
        let (mut effects, mut products) = (Effects::on(0), Vec::new());
        for (item, location, pieces) in quantities {
            let Some(product) = self.product_of_item(*item) else {
                continue;
            };
            self.levels.insert((*item, *location), *pieces);
            effects.tell(Notice::Level(*item, *location));
            products.push(product);
        }
        for id in products {
            if let Some(product) = self.products.get_mut(&id) {
                product.updated_at = product.updated_at.max(whole_seconds(now));
                effects.object_id = id;
                effects.tell(Notice::Product("products/update", id));
            }
        }
        self.tell(effects)
    }

    /// The product whose variant has that inventory item.
    pub(crate) fn product_of_item(&self, item: i64) -> Option<i64> {
        let has = |id: &i64| self.products[id].variants.iter().any(|v| v.inventory_item_id == item);
        self.products.keys().copied().find(|id| has(id))
    }
}
