//! Pieces, shipping and money are given back.

mod left;

use chrono::{DateTime, Utc};
use rand::Rng;
use rand::rngs::SmallRng;
use rust_decimal::Decimal;

use super::{Change, Effects, Notice, Piece};
use crate::generate::{chance, pick};
use crate::model::{
    Adjustment, LineItem, Money, Order, Refund, RefundLine, RefundShipping, Restock, Store,
    Transaction, TransactionKind, whole_seconds,
};

pub(super) use left::money_left;
use left::{paid_ways, shipping_left};

/// Pieces of a line that go back.
pub(super) struct Back {
    pub(super) line_id: i64,
    pub(super) pieces: i64,
    pub(super) restock: Restock,
    pub(super) location_id: Option<i64>,
}

impl Store {
    /// Some of an order is given back: pieces, shipping, or money only. `restock` says whether pieces go back on the
    /// shelf. None where there is nothing left to give back, or the order is cancelled.
    pub fn refund_order(
        &mut self,
        rng: &mut SmallRng,
        id: i64,
        restock: bool,
        now: DateTime<Utc>,
    ) -> Option<Change> {
        let effects = self.refund(rng, id, restock, now)?;
        Some(self.tell(effects))
    }

    pub(crate) fn refund(
        &mut self,
        rng: &mut SmallRng,
        id: i64,
        restock: bool,
        now: DateTime<Utc>,
    ) -> Option<Effects> {
        let order = self.orders.get(&id)?;
        if order.cancelled_at.is_some() {
            return None;
        }
        let money_only = chance(rng, 80);
        let back = if money_only { Vec::new() } else { self.some_back(rng, order, restock) };
        let with_shipping = !money_only && chance(rng, 250);
        let part = if chance(rng, 300) {
            Decimal::new(rng.random_range(200..900), 3)
        } else {
            Decimal::ONE
        };
        let mut refund = self.refund_of(id, &back, with_shipping.then_some(part), now)?;
        let order = self.orders.get(&id)?;
        let worth = refund.worth(order.taxes_included);
        let left = money_left(order);
        let amount = if money_only {
            let goodwill =
                order.scales().fraction(left, Decimal::new(rng.random_range(20..300), 3));
            goodwill.min(left)
        } else if chance(rng, 70) {
            // The store keeps something for its trouble.
            order.scales().fraction(worth, Decimal::new(9, 1)).min(left)
        } else {
            worth.min(left)
        };
        if refund.lines.is_empty() && refund.shipping.is_empty() && !amount.is_positive() {
            return None;
        }
        if !left.is_zero() {
            self.give_back(id, &mut refund, amount, now);
        }
        self.add_refund(id, refund, now)
    }

    /// Some pieces of some lines: one line mostly, at times all that is left.
    fn some_back(&self, rng: &mut SmallRng, order: &Order, restock: bool) -> Vec<Back> {
        let all = chance(rng, 150);
        let open: Vec<&LineItem> =
            order.goods().filter(|line| order.current_quantity(line) > 0).collect();
        let mut back = Vec::new();
        let mut some = |rng: &mut SmallRng, line: &LineItem, pieces: i64| {
            let restock = match (restock, order.fulfilled_quantity(line.id) > 0) {
                (false, _) => Restock::NoRestock,
                (true, false) => Restock::Cancel,
                (true, true) => Restock::Return,
            };
            let shop = pick(rng, &self.locations).map(|location| location.id);
            let location_id = match restock {
                Restock::NoRestock => None,
                Restock::Cancel => Some(line.stock_location_id),
                Restock::Return => {
                    shop.filter(|_| chance(rng, 300)).or(Some(line.stock_location_id))
                }
            };
            back.push(Back { line_id: line.id, pieces, restock, location_id });
        };
        if all {
            for line in open {
                some(rng, line, order.current_quantity(line));
            }
        } else if let Some(line) = pick(rng, &open) {
            let pieces = rng.random_range(1..=order.current_quantity(line));
            some(rng, line, pieces);
        }
        back
    }

    /// A refund of pieces and of a part of the shipping that is left, with what they are worth and without money.
    pub(super) fn refund_of(
        &mut self,
        id: i64,
        back: &[Back],
        shipping_part: Option<Decimal>,
        now: DateTime<Utc>,
    ) -> Option<Refund> {
        let refund_id = self.take_id();
        let line_ids: Vec<i64> = back.iter().map(|_| self.take_id()).collect();
        let order = self.orders.get(&id)?;
        let lines = back
            .iter()
            .zip(line_ids)
            .filter_map(|(back, id)| {
                let line = order.line(back.line_id)?;
                let gone = line.quantity - order.current_quantity(line);
                let before = order.worth_of_first(line, gone);
                let after = order.worth_of_first(line, gone + back.pieces);
                Some(RefundLine {
                    id,
                    line_item_id: line.id,
                    quantity: back.pieces,
                    restock: back.restock,
                    location_id: back.location_id,
                    subtotal: after.0 - before.0,
                    total_tax: after.1 - before.1,
                })
            })
            .collect();
        let shipping = match shipping_part {
            Some(part) => shipping_left(order, part),
            None => Vec::new(),
        };
        let shipping = shipping
            .into_iter()
            .map(|shipping| RefundShipping { id: self.take_id(), ..shipping })
            .collect();
        Some(Refund {
            id: refund_id,
            created_at: whole_seconds(now),
            note: None,
            lines,
            shipping,
            adjustments: Vec::new(),
            transactions: Vec::new(),
        })
    }

    /// Adds the movements of `amount` to a refund, back the ways it was paid, and what makes the difference between
    /// the money and the worth.
    pub(super) fn give_back(
        &mut self,
        id: i64,
        refund: &mut Refund,
        amount: Money,
        now: DateTime<Utc>,
    ) {
        let Some(order) = self.orders.get(&id) else {
            return;
        };
        let difference = refund.worth(order.taxes_included) - amount;
        let mut wanted = amount;
        let mut ways = Vec::new();
        for paid in paid_ways(order) {
            let part = wanted.min(paid.amount);
            if part.is_positive() {
                wanted = wanted - part;
                ways.push((paid, part));
            }
        }
        for (paid, part) in ways {
            let moved =
                self.movement(TransactionKind::Refund, &paid.gateway, part, whole_seconds(now));
            refund.transactions.push(Transaction { parent_id: Some(paid.id), ..moved });
        }
        if !difference.is_zero() {
            refund.adjustments.push(Adjustment {
                id: self.take_id(),
                reason: "Refund discrepancy".to_owned(),
                amount: difference,
            });
        }
    }

    /// Adds a refund to its order and puts back what is put back.
    pub(super) fn add_refund(
        &mut self,
        id: i64,
        refund: Refund,
        now: DateTime<Utc>,
    ) -> Option<Effects> {
        let mut effects = Effects::on(id);
        let order = self.changed_order(id, now)?;
        let returned = returned_by(order, &refund);
        effects.tell(Notice::Refund(order.refunds.len()));
        for moved in &refund.transactions {
            effects.tell(Notice::Transaction(order.transactions.len()));
            order.transactions.push(moved.clone());
        }
        order.refunds.push(refund);
        effects.tell(Notice::Order("orders/updated"));
        self.move_stock(&returned, &mut effects, now);
        Some(effects)
    }
}

/// What a refund puts back on shelves.
fn returned_by(order: &Order, refund: &Refund) -> Vec<Piece> {
    let back = |back: &RefundLine| {
        let line = order.line(back.line_item_id)?;
        back.restock.restocks().then(|| Piece {
            product_id: line.product_id,
            inventory_item_id: line.inventory_item_id,
            location_id: back.location_id.unwrap_or(line.stock_location_id),
            pieces: back.quantity,
        })
    };
    refund.lines.iter().filter_map(back).collect()
}
