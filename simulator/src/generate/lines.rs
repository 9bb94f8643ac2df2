//! What is bought.

use rand::Rng;
use rand::rngs::SmallRng;
use rust_decimal::Decimal;

use super::{chance, pick};
use crate::model::{LineItem, Money, Order, Product, ProductStatus, Store, Variant};

/// The most lines of an ordinary order.
const ORDINARY_LINES: usize = 4;
/// The lines of a very long order.
const MANY_LINES: usize = 250;
const CUSTOM_TITLES: [&str; 3] = ["Gift wrapping", "Engraving", "Repair"];

impl Store {
    /// A number of lines of goods, gift cards and custom lines.
    pub(super) fn some_lines(&mut self, rng: &mut SmallRng, order: &Order) -> Vec<LineItem> {
        let count = if chance(rng, 4) {
            MANY_LINES
        } else if chance(rng, 60) {
            rng.random_range(5..20)
        } else {
            rng.random_range(1..=ORDINARY_LINES)
        };
        let on_sale: Vec<i64> = self.for_sale();
        (0..count)
            .map(|_| {
                let quantity = if chance(rng, 750) { 1 } else { rng.random_range(2..=5) };
                let chosen = pick(rng, &on_sale).copied();
                match chosen.filter(|_| !chance(rng, 40)) {
                    Some(variant_id) => self
                        .line_of(order, variant_id, quantity)
                        .map(|line| with_properties(rng, line)),
                    None => None,
                }
                .unwrap_or_else(|| self.custom_line(rng, order, quantity))
            })
            .collect()
    }

    /// Variants that can be bought, of all products that are for sale.
    pub(crate) fn for_sale(&self) -> Vec<i64> {
        self.products
            .values()
            .filter(|product| product.status == ProductStatus::Active)
            .flat_map(|product| &product.variants)
            .map(|variant| variant.id)
            .collect()
    }

    /// A line of a variant; none where there is no such variant.
    pub(crate) fn line_of(
        &mut self,
        order: &Order,
        variant_id: i64,
        quantity: i64,
    ) -> Option<LineItem> {
        let (product, variant) = self.variant(variant_id)?;
        let line =
            line_of_variant(order, product, variant, quantity, self.stock_location(order, variant));
        Some(LineItem { id: self.take_id(), ..line })
    }

    /// Where an order takes a variant from: where it was sold, else the first location that has some.
    fn stock_location(&self, order: &Order, variant: &Variant) -> i64 {
        let has_some = |location: &i64| {
            let level = self.levels.get(&(variant.inventory_item_id, *location));
            level.is_some_and(|pieces| *pieces > 0)
        };
        let mut locations = self.locations.iter().map(|location| location.id);
        let first = locations.clone().next().unwrap_or_default();
        order.location_id.or_else(|| locations.find(has_some)).unwrap_or(first)
    }

    fn custom_line(&mut self, rng: &mut SmallRng, order: &Order, quantity: i64) -> LineItem {
        let price = self.any_price(rng);
        let title = pick(rng, &CUSTOM_TITLES).copied().unwrap_or_default();
        LineItem {
            price: order.scales().money(price, order.rate),
            taxable: chance(rng, 900),
            ..self.bare_line(order, title, quantity)
        }
    }

    /// A tip that stands as a line, as checkouts make it: no product, not taxed, not sent.
    pub(super) fn tip_line(&mut self, order: &Order, amount: Money, gateway: &str) -> LineItem {
        LineItem {
            price: amount,
            tip_gateway: Some(gateway.to_owned()),
            ..self.bare_line(order, "Tip", 1)
        }
    }

    /// A line without a product and without a price.
    fn bare_line(&mut self, order: &Order, title: &str, quantity: i64) -> LineItem {
        let first = self.locations.first().map(|location| location.id);
        LineItem {
            id: self.take_id(),
            product_id: None,
            variant_id: None,
            inventory_item_id: None,
            stock_location_id: order.location_id.or(first).unwrap_or_default(),
            title: title.to_owned(),
            variant_title: None,
            sku: None,
            vendor: None,
            quantity,
            removed: 0,
            price: Money::ZERO,
            grams: 0,
            taxable: false,
            requires_shipping: false,
            gift_card: false,
            tip_gateway: None,
            allocations: Vec::new(),
            taxes: Vec::new(),
            duty: None,
            properties: Vec::new(),
        }
    }
}

fn line_of_variant(
    order: &Order,
    product: &Product,
    variant: &Variant,
    quantity: i64,
    stock_location_id: i64,
) -> LineItem {
    LineItem {
        id: 0,
        product_id: Some(product.id),
        variant_id: Some(variant.id),
        inventory_item_id: variant.tracked.then_some(variant.inventory_item_id),
        stock_location_id,
        title: product.title.clone(),
        variant_title: (product.variants.len() > 1).then(|| variant.title.clone()),
        sku: Some(variant.sku.clone()).filter(|sku| !sku.is_empty()),
        vendor: Some(product.vendor.clone()),
        quantity,
        removed: 0,
        price: order.scales().money(variant.price, order.rate),
        grams: variant.grams,
        taxable: variant.taxable,
        requires_shipping: variant.requires_shipping,
        gift_card: product.gift_card,
        tip_gateway: None,
        allocations: Vec::new(),
        taxes: Vec::new(),
        duty: None,
        properties: Vec::new(),
    }
}

fn with_properties(rng: &mut SmallRng, mut line: LineItem) -> LineItem {
    if chance(rng, 40) {
        line.properties = vec![
            ("Engraving".to_owned(), "À bientôt \"friend\"".to_owned()),
            ("_bundle".to_owned(), "7".to_owned()),
        ];
    }
    line
}

/// Import duties on the goods of an order that goes abroad.
pub(super) fn add_duties(rng: &mut SmallRng, order: &mut Order) {
    let scales = order.scales();
    let rate = Decimal::new(rng.random_range(20..180), 3);
    for line in order.lines.iter_mut().filter(|line| line.requires_shipping) {
        line.duty = Some(scales.fraction(line.net(), rate));
    }
}
