//! How orders are paid.

use chrono::{DateTime, Utc};
use rand::Rng;
use rand::rngs::SmallRng;
use rust_decimal::{Decimal, RoundingStrategy};

use super::chance;
use crate::model::{Money, Order, Store, Transaction, TransactionKind, TransactionStatus};

pub(super) const CARD: &str = "shopify_payments";
pub(super) const CASH: &str = "cash";
const GIFT_CARD: &str = "gift_card";
const TRANSFER: &str = "Bank Deposit";

impl Store {
    /// Pays an order as buyers do: most at once and in full, some later, some with gift cards.
    pub(super) fn pay_draft(&mut self, rng: &mut SmallRng, order: &mut Order, now: DateTime<Utc>) {
        if !order.total().is_positive() {
            return;
        }
        if order.location_id.is_some() {
            if chance(rng, 400) && order.presentment_currency == order.currency {
                order.cash_rounding = cash_rounding(order);
                self.pay_rest(order, CASH, now);
            } else {
                self.pay_rest(order, CARD, now);
            }
            return;
        }
        if chance(rng, 20) {
            let refused = self.movement(TransactionKind::Sale, CARD, order.total(), now);
            order.transactions.push(Transaction { status: TransactionStatus::Failure, ..refused });
        }
        match rng.random_range(0..100) {
            0..84 => self.pay_rest(order, CARD, now),
            84..89 => {
                let promised =
                    self.movement(TransactionKind::Authorization, CARD, order.total(), now);
                order.transactions.push(promised);
            }
            89..94 => {
                let awaited = self.movement(TransactionKind::Sale, TRANSFER, order.total(), now);
                order
                    .transactions
                    .push(Transaction { status: TransactionStatus::Pending, ..awaited });
            }
            94..97 => self.pay_rest(order, GIFT_CARD, now),
            _ => {
                let part = Decimal::new(rng.random_range(100..900), 3);
                let card_value = order.scales().fraction(order.total(), part);
                if card_value.is_positive() {
                    let paid = self.movement(TransactionKind::Sale, GIFT_CARD, card_value, now);
                    order.transactions.push(paid);
                }
                self.pay_rest(order, CARD, now);
            }
        }
    }

    /// Pays what is still owed.
    pub(super) fn pay_rest(&mut self, order: &mut Order, gateway: &str, now: DateTime<Utc>) {
        let owed = order.outstanding();
        if owed.is_positive() {
            let paid = self.movement(TransactionKind::Sale, gateway, owed, now);
            order.transactions.push(paid);
        }
    }

    /// A movement of money that happened.
    pub(crate) fn movement(
        &mut self,
        kind: TransactionKind,
        gateway: &str,
        amount: Money,
        now: DateTime<Utc>,
    ) -> Transaction {
        Transaction {
            id: self.take_id(),
            parent_id: None,
            kind,
            status: TransactionStatus::Success,
            gateway: gateway.to_owned(),
            amount,
            processed_at: now,
        }
    }
}

/// What paying in cash adds or takes: there is no coin below five cents or five fils.
fn cash_rounding(order: &Order) -> Money {
    let coin = match order.currency.as_str() {
        "CAD" | "AUD" => Decimal::new(5, 2),
        "KWD" => Decimal::new(5, 3),
        _ => return Money::ZERO,
    };
    let total = order.total();
    let coins =
        (total.shop / coin).round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    let rounding = coins * coin - total.shop;
    // What is owed must not become nothing.
    if coins.is_zero() {
        return Money::ZERO;
    }
    Money { shop: rounding, presentment: rounding }
}
