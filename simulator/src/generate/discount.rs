//! Discounts, and how they fall on lines.

use rand::Rng;
use rand::rngs::SmallRng;
use rust_decimal::Decimal;

use super::chance;
use crate::model::{
    Allocation, Application, ApplicationKind, DiscountValue, LineItem, Money, Order, Target,
};

const PERCENTAGES: std::ops::RangeInclusive<i64> = 3..=60;

/// Gives an order the discounts that orders have: mostly none, at times several on top of each other.
pub(super) fn some_discounts(rng: &mut SmallRng, order: &mut Order) {
    if chance(rng, 120) {
        let discount = Application {
            kind: ApplicationKind::Automatic,
            title: "Three for less".to_owned(),
            value: DiscountValue::Percentage(some_percentage(rng)),
            target: Target::Lines,
        };
        let entitled: Vec<bool> = order.lines.iter().map(|_| rng.random()).collect();
        add_to_lines(order, discount, &entitled);
    }
    if chance(rng, 150) {
        let value = if chance(rng, 30) { Decimal::ONE_HUNDRED } else { some_percentage(rng) };
        let discount = Application {
            kind: ApplicationKind::Code,
            title: format!("SAVE{}", value.trunc()),
            value: DiscountValue::Percentage(value),
            target: Target::Order,
        };
        add_to_order(order, discount);
    }
    if chance(rng, 60) {
        let amount =
            order.scales().fraction(order.subtotal(), Decimal::new(rng.random_range(20..400), 3));
        let pos = order.location_id.is_some();
        let discount = Application {
            kind: if pos { ApplicationKind::Manual } else { ApplicationKind::Code },
            title: if pos { "Loyal customer" } else { "WELCOME" }.to_owned(),
            value: DiscountValue::Fixed(amount),
            target: Target::Order,
        };
        add_to_order(order, discount);
    }
}

/// A percentage; some with a fraction, such as 12.5.
fn some_percentage(rng: &mut SmallRng) -> Decimal {
    let whole = Decimal::from(rng.random_range(PERCENTAGES));
    if chance(rng, 100) { whole + Decimal::new(5, 1) } else { whole }
}

/// A discount on each entitled line by itself.
fn add_to_lines(order: &mut Order, discount: Application, entitled: &[bool]) {
    let scales = order.scales();
    let application = order.applications.len();
    let DiscountValue::Percentage(percent) = discount.value else {
        return;
    };
    let mut given = false;
    for (line, entitled) in order.lines.iter_mut().zip(entitled) {
        if !entitled || !can_be_discounted(line) {
            continue;
        }
        let amount = scales.fraction(line.net(), percent / Decimal::ONE_HUNDRED);
        if amount.is_positive() {
            line.allocations.push(Allocation { amount, application });
            given = true;
        }
    }
    if given {
        order.applications.push(discount);
    }
}

/// A discount on all lines together, divided among them by what they cost after earlier discounts.
fn add_to_order(order: &mut Order, discount: Application) {
    let scales = order.scales();
    let application = order.applications.len();
    let weights: Vec<Money> = order
        .lines
        .iter()
        .map(|line| if can_be_discounted(line) { line.net() } else { Money::ZERO })
        .collect();
    let all: Money = weights.iter().copied().sum();
    let amount = match discount.value {
        DiscountValue::Percentage(percent) => scales.fraction(all, percent / Decimal::ONE_HUNDRED),
        DiscountValue::Fixed(amount) => amount.min(all),
    };
    if !amount.is_positive() {
        return;
    }
    let parts = scales.distribute(amount, &weights);
    for (line, amount) in order.lines.iter_mut().zip(parts) {
        if amount.is_positive() {
            line.allocations.push(Allocation { amount, application });
        }
    }
    order.applications.push(discount);
}

const fn can_be_discounted(line: &LineItem) -> bool {
    !line.gift_card && !line.is_tip()
}
