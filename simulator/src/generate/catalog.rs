//! Locations and products.

use chrono::{DateTime, Utc};
use rand::Rng;
use rand::rngs::SmallRng;
use rust_decimal::Decimal;

use super::{chance, pick};
use crate::model::{Location, Product, ProductStatus, Store, Variant, minor_digits};

const PLACES: [&str; 3] = ["Warehouse", "Main Street Shop", "Harbour Shop"];
const ADJECTIVES: [&str; 10] =
    ["Smoky", "Wild", "Golden", "Quiet", "Northern", "Blue", "Morning", "Crisp", "Old", "Velvet"];
const THINGS: [(&str, &str); 10] = [
    ("Tea", "Tea"),
    ("Mug", "Kitchen"),
    ("Blanket", "Home"),
    ("Notebook", "Paper"),
    ("Candle", "Home"),
    ("Scarf", "Clothes"),
    ("Honey", "Food"),
    ("Print", "Paper"),
    ("Teapot", "Kitchen"),
    ("Soap", "Bath"),
];
const VENDORS: [&str; 4] = ["Cedar & Sons", "Polar Goods", "Atelier Möwe", "山田商店"];
const SIZES: [&str; 4] = ["Small", "Medium", "Large", "Extra Large"];
/// Every so many products one is a gift card, beginning with this many.
const GIFT_CARD_EVERY: usize = 12;
/// The cheapest and the dearest price, in units of about one US cent.
const PRICES: std::ops::Range<i64> = 199..18_999;
const FULLEST_SHELF: i64 = 400;

impl Store {
    pub(super) fn add_locations(&mut self) {
        for name in PLACES {
            let id = self.take_id();
            self.locations.push(Location { id, name: name.to_owned(), active: true });
        }
    }

    /// Adds a product with its stock. Every so many are gift cards.
    pub(crate) fn add_product(
        &mut self,
        rng: &mut SmallRng,
        index: usize,
        now: DateTime<Utc>,
    ) -> i64 {
        let id = self.take_id();
        let gift_card = index % GIFT_CARD_EVERY == GIFT_CARD_EVERY - 1;
        let (thing, product_type) = *pick(rng, &THINGS).unwrap_or(&THINGS[0]);
        let title = if gift_card {
            "Gift Card".to_owned()
        } else {
            let adjective = pick(rng, &ADJECTIVES).copied().unwrap_or_default();
            format!("{adjective} {thing} {}", index + 1)
        };
        let handle = format!("{}-{id}", title.to_lowercase().replace(' ', "-"));
        let mut product = Product {
            id,
            title,
            handle,
            vendor: pick(rng, &VENDORS).copied().unwrap_or_default().to_owned(),
            product_type: if gift_card { "Gift Card" } else { product_type }.to_owned(),
            status: ProductStatus::Active,
            tags: if chance(rng, 300) {
                vec!["new".to_owned(), "featured".to_owned()]
            } else {
                Vec::new()
            },
            gift_card,
            published: true,
            created_at: now,
            updated_at: now,
            variants: Vec::new(),
        };
        let variants = if chance(rng, 600) { 1 } else { rng.random_range(2..=SIZES.len()) };
        for _ in 0..variants {
            let variant = self.new_variant(rng, &product, variants > 1, now);
            product.variants.push(variant);
        }
        self.products.insert(id, product);
        id
    }

    /// A variant to be added to `product`, with stock at the store's locations.
    pub(crate) fn new_variant(
        &mut self,
        rng: &mut SmallRng,
        product: &Product,
        named: bool,
        now: DateTime<Utc>,
    ) -> Variant {
        let id = self.take_id();
        let inventory_item_id = self.take_id();
        let place = product.variants.len();
        let title = match (named, SIZES.get(place)) {
            (false, _) => "Default Title".to_owned(),
            (true, Some(size)) => (*size).to_owned(),
            (true, None) => format!("Size {}", place + 1),
        };
        let tracked = !product.gift_card && !chance(rng, 30);
        if tracked {
            for location in self.locations.iter().map(|location| location.id) {
                self.levels
                    .insert((inventory_item_id, location), rng.random_range(0..=FULLEST_SHELF));
            }
        }
        let price = self.any_price(rng);
        Variant {
            id,
            title,
            sku: if chance(rng, 30) { String::new() } else { format!("SKU-{id}") },
            barcode: chance(rng, 500).then(|| format!("{:013}", id.rem_euclid(10_000_000_000_000))),
            compare_at_price: chance(rng, 150).then(|| price + price),
            price,
            position: i64::try_from(place).unwrap_or_default() + 1,
            taxable: !product.gift_card && !chance(rng, 50),
            requires_shipping: !product.gift_card && !chance(rng, 30),
            grams: if product.gift_card { 0 } else { rng.random_range(20..2_000) },
            inventory_item_id,
            tracked,
            created_at: now,
            updated_at: now,
        }
    }

    /// A price in the shop's currency, to its last minor unit.
    pub(crate) fn any_price(&self, rng: &mut SmallRng) -> Decimal {
        let cents = rng.random_range(PRICES);
        match minor_digits(&self.currency) {
            0 => Decimal::from(cents),
            // Three digits that mean something, and a price that is about as high.
            3 => Decimal::new(cents * 3 + rng.random_range(0..3), 3),
            digits => Decimal::new(cents, digits),
        }
    }
}
