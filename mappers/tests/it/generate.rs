//! Orders of every shape, made from a number.

use domain::id::ExternalId;
use domain::money::MoneyBag;
use domain::personal::Personal;
use domain::refined::{
    DiscountAllocation, LineItem, Order, Refund, RefundLine, RestockType, ShippingLine, TaxLine,
};
use domain::time::Timestamp;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use rust_decimal::Decimal;

use crate::orders;

/// Currencies with their rates to the shop's, in hundredths.
const CURRENCIES: [(&str, i64); 5] =
    [("CAD", 100), ("USD", 73), ("JPY", 11_400), ("KWD", 22), ("EUR", 68)];

/// The order of that number. Its total adds up, but for one in ten.
pub(crate) fn order(seed: u64) -> Order {
    Generator::new(seed).order()
}

struct Generator {
    random: SmallRng,
    places: (u32, u32),
    rate: i64,
}

impl Generator {
    fn new(seed: u64) -> Self {
        Self { random: SmallRng::seed_from_u64(seed), places: (2, 2), rate: 100 }
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    /// Up to `max` minor units of both currencies.
    fn money(&mut self, max: i64) -> MoneyBag {
        let units = self.random.random_range(0..=max);
        MoneyBag {
            shop: Decimal::new(units, self.places.0),
            presentment: Decimal::new(units * self.rate / 100, self.places.1),
        }
    }

    /// A part of `of`, on both sides.
    fn part(&mut self, of: MoneyBag) -> MoneyBag {
        let percent = Decimal::from(self.random.random_range(0..=100));
        let cut = |amount: Decimal, places| {
            (amount * percent / Decimal::ONE_HUNDRED).trunc_with_scale(places)
        };
        MoneyBag {
            shop: cut(of.shop, self.places.0),
            presentment: cut(of.presentment, self.places.1),
        }
    }

    fn taxes(&mut self) -> Vec<TaxLine> {
        (0..self.random.random_range(0..3))
            .map(|_| TaxLine {
                title: "VAT".to_owned(),
                rate: Decimal::new(self.random.random_range(0..3_000), 4),
                price: self.money(500),
            })
            .collect()
    }

    fn discounts(&mut self, of: MoneyBag) -> Vec<DiscountAllocation> {
        (0..self.random.random_range(0..3))
            .map(|application| DiscountAllocation {
                amount: {
                    let half = self.part(of);
                    MoneyBag {
                        shop: (half.shop / Decimal::TWO).trunc_with_scale(self.places.0),
                        presentment: (half.presentment / Decimal::TWO)
                            .trunc_with_scale(self.places.1),
                    }
                },
                application: self.chance(50).then_some(application),
            })
            .collect()
    }

    fn line(&mut self, id: i64) -> LineItem {
        let quantity = self.random.random_range(0..5);
        let mut line = orders::line(id, quantity, "0");
        line.unit_price = self.money(20_000);
        line.current_quantity = self.random.random_range(0..=quantity);
        line.discount_allocations = self.discounts(times(line.unit_price, quantity));
        line.tax_lines = self.taxes();
        line.gift_card = self.chance(5);
        line.tip = self.chance(5);
        if self.chance(10) {
            line.variant_id = None;
            line.product_id = None;
        }
        if self.chance(30) {
            line.variant_title = Some("Größe 42 / 青".to_owned());
        }
        if self.chance(20) {
            line.properties = vec![orders::attribute("Text", "für dich 🎁")];
        }
        line
    }

    fn shipping(&mut self) -> ShippingLine {
        let mut line = orders::shipping("0");
        line.price = self.money(2_000);
        line.discount_allocations = self.discounts(line.price);
        line.tax_lines = self.taxes();
        line.removed = self.chance(15);
        line
    }

    fn refund(&mut self, id: i64, line: &LineItem) -> Refund {
        Refund {
            id: ExternalId(id),
            created_at: Timestamp::from_millis(1_795_000_000_000 + id),
            note: None,
            lines: vec![RefundLine {
                line_item_id: line.id,
                quantity: line.quantity - line.current_quantity,
                restock: RestockType::parse(
                    ["cancel", "return", "no_restock"][self.random.random_range(0..3)],
                ),
                location_id: self.chance(50).then_some(ExternalId(3)),
                subtotal: self.money(1_000),
                total_tax: self.money(100),
            }],
            adjustments: self.money(100),
            refunded: self.money(1_000),
        }
    }

    fn order(&mut self) -> Order {
        let (currency, _) = CURRENCIES[self.random.random_range(0..CURRENCIES.len())];
        let (presentment, rate) = if self.chance(50) {
            (currency, 100)
        } else {
            CURRENCIES[self.random.random_range(0..CURRENCIES.len())]
        };
        let count = if self.chance(3) { 250 } else { self.random.random_range(0..8) };
        let mut order = orders::order(Vec::new(), "0");
        order.currency = currency.parse().unwrap();
        order.presentment_currency = presentment.parse().unwrap();
        self.places = (order.currency.exponent(), order.presentment_currency.exponent());
        self.rate = if currency == presentment { 100 } else { rate };
        order.taxes_included = self.chance(40);
        order.line_items =
            (0..count).map(|index| self.line(9_007_199_254_740_993 + index)).collect();
        order.shipping_lines =
            (0..self.random.random_range(0..3)).map(|_| self.shipping()).collect();
        self.circumstances(&mut order);
        self.sum_up(&mut order);
        order
    }

    /// People, payments, refunds.
    fn circumstances(&mut self, order: &mut Order) {
        order.customer = self.chance(60).then(orders::customer);
        order.billing_address = self.chance(60).then(orders::address);
        order.shipping_address = self.chance(60).then(orders::address);
        order.note = self.chance(20).then(|| Personal::new("naïve ☕"));
        order.cancelled_at = self.chance(10).then_some(Timestamp::from_millis(1_795_100_000_000));
        let states = ["paid", "pending", "partially_refunded", "refunded"];
        order.financial_status = String::from(states[self.random.random_range(0..4)]);
        order.cash_rounding = if self.chance(10) { self.money(4) } else { MoneyBag::default() };
        if self.chance(50) {
            let kind = ["sale", "capture", "change", "refund"][self.random.random_range(0..4)];
            let gateway = ["cash", "gift_card", "stripe", "manual"][self.random.random_range(0..4)];
            let mut transaction = orders::payment(1, kind, gateway, "0");
            transaction.amount = self.money(50_000);
            order.transactions = vec![transaction];
        }
        let refunds = order.line_items.iter().filter(|line| line.current_quantity < line.quantity);
        let refunds: Vec<_> = refunds.take(3).cloned().collect();
        order.refunds = (1..).zip(&refunds).map(|(id, line)| self.refund(id, line)).collect();
    }

    /// The store's totals.
    fn sum_up(&mut self, order: &mut Order) {
        let mut total = MoneyBag::default();
        let mut discounts = MoneyBag::default();
        let mut tips = MoneyBag::default();
        for line in &order.line_items {
            let net = minus(times(line.unit_price, line.quantity), line.discount());
            total = plus(total, net);
            discounts = plus(discounts, line.discount());
            if line.tip {
                tips = plus(tips, net);
            }
        }
        for line in order.shipping_lines.iter().filter(|line| !line.removed) {
            total = plus(total, minus(line.price, line.discount()));
            discounts = plus(discounts, line.discount());
        }
        order.total_tax = self.money(2_000);
        order.total_duties = if self.chance(10) { self.money(900) } else { MoneyBag::default() };
        order.total_fees = if self.chance(10) { self.money(90) } else { MoneyBag::default() };
        if !order.taxes_included {
            total = plus(total, order.total_tax);
        }
        total = plus(plus(total, order.total_duties), order.total_fees);
        order.total_tip = if self.chance(50) { tips } else { MoneyBag::default() };
        order.total_discounts = discounts;
        if self.chance(10) {
            total = plus(total, self.money(5));
        }
        if self.chance(10) {
            // A discount that no line has.
            let missing = self.part(total);
            order.total_discounts = plus(discounts, missing);
            total = minus(total, missing);
        }
        order.total = total;
        order.current_total = total;
    }
}

fn plus(one: MoneyBag, other: MoneyBag) -> MoneyBag {
    MoneyBag { shop: one.shop + other.shop, presentment: one.presentment + other.presentment }
}

fn minus(one: MoneyBag, other: MoneyBag) -> MoneyBag {
    MoneyBag { shop: one.shop - other.shop, presentment: one.presentment - other.presentment }
}

fn times(one: MoneyBag, pieces: i64) -> MoneyBag {
    MoneyBag {
        shop: one.shop * Decimal::from(pieces),
        presentment: one.presentment * Decimal::from(pieces),
    }
}
