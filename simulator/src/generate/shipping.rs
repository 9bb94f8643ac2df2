//! Ways of shipping.

use rand::Rng;
use rand::rngs::SmallRng;
use rust_decimal::Decimal;

use super::{chance, pick};
use crate::model::{
    Allocation, Application, ApplicationKind, DiscountValue, Money, Order, ShippingLine, Store,
    Target, minor_digits,
};

const SERVICES: [(&str, &str); 3] =
    [("Standard", "STANDARD"), ("Express", "EXPRESS"), ("Pick up point", "PUP")];

impl Store {
    /// Gives an order that is sent a way of shipping: most cost something, some are free, some are discounted.
    pub(super) fn add_shipping(&mut self, rng: &mut SmallRng, order: &mut Order) {
        let (title, code) = *pick(rng, &SERVICES).unwrap_or(&SERVICES[0]);
        let free = chance(rng, 150);
        let price = if free {
            Money::ZERO
        } else {
            let digits = minor_digits(&self.currency);
            let cents = rng.random_range(399..2_500);
            let price = Decimal::new(if digits == 3 { cents * 3 + 1 } else { cents }, digits);
            order.scales().money(price, order.rate)
        };
        let mut line = ShippingLine {
            id: self.take_id(),
            title: if free { "Free shipping" } else { title }.to_owned(),
            code: Some(code.to_owned()),
            price,
            allocations: Vec::new(),
            taxes: Vec::new(),
            removed: false,
        };
        if price.is_positive() && chance(rng, 80) {
            discount_shipping(rng, order, &mut line);
        }
        order.shipping.push(line);
    }
}

fn discount_shipping(rng: &mut SmallRng, order: &mut Order, line: &mut ShippingLine) {
    let percent = if chance(rng, 600) {
        Decimal::ONE_HUNDRED
    } else {
        Decimal::from(rng.random_range(10..90))
    };
    let amount = order.scales().fraction(line.price, percent / Decimal::ONE_HUNDRED);
    if !amount.is_positive() {
        return;
    }
    line.allocations.push(Allocation { amount, application: order.applications.len() });
    order.applications.push(Application {
        kind: if chance(rng, 500) { ApplicationKind::Code } else { ApplicationKind::Automatic },
        title: "FREESHIP".to_owned(),
        value: DiscountValue::Percentage(percent),
        target: Target::Shipping,
    });
}
