//! Orders are edited.

use chrono::{DateTime, Utc};
use rand::Rng;
use rand::rngs::SmallRng;

use super::order::taken_by;
use super::refund::{Back, money_left};
use super::{Change, Edit, Effects, Notice, Piece};
use crate::generate::{Tax, chance, pick, tax_line};
use crate::model::{Order, Restock, Store, whole_seconds};

impl Store {
    /// Lines are added to an order or taken off it, or both. None where it is cancelled or nothing fits.
    pub fn edit_order(
        &mut self,
        rng: &mut SmallRng,
        id: i64,
        now: DateTime<Utc>,
    ) -> Option<Change> {
        let effects = self.edit(rng, id, now)?;
        Some(self.tell(effects))
    }

    pub(crate) fn edit(
        &mut self,
        rng: &mut SmallRng,
        id: i64,
        now: DateTime<Utc>,
    ) -> Option<Effects> {
        let order = self.orders.get(&id)?;
        if order.cancelled_at.is_some() {
            return None;
        }
        let was_paid = !order.outstanding().is_positive();
        let mut moved = Vec::new();
        let mut edit = Edit {
            id: self.take_id(),
            committed_at: whole_seconds(now),
            additions: Vec::new(),
            removals: Vec::new(),
            removed_shipping: Vec::new(),
        };
        let (adds, removes) = (chance(rng, 550), chance(rng, 550));
        if adds || !removes {
            self.add_pieces(rng, id, &mut edit, &mut moved)?;
        }
        let mut told = Effects::on(id);
        if removes {
            let give_back = was_paid && edit.additions.is_empty() && chance(rng, 500);
            told = self.remove_pieces(rng, id, give_back, &mut edit, &mut moved, now)?;
        }
        if chance(rng, 100) {
            self.remove_shipping(id, &mut edit);
        }
        if edit.additions.is_empty() && edit.removals.is_empty() && edit.removed_shipping.is_empty()
        {
            return None;
        }
        self.changed_order(id, now)?;
        let mut effects = Effects::on(id);
        effects.tell(Notice::Edit(edit));
        for notice in told.notices {
            effects.tell(notice);
        }
        effects.tell(Notice::Order("orders/updated"));
        self.move_stock(&moved, &mut effects, now);
        Some(effects)
    }

    /// More pieces of a line, or a new line.
    fn add_pieces(
        &mut self,
        rng: &mut SmallRng,
        id: i64,
        edit: &mut Edit,
        moved: &mut Vec<Piece>,
    ) -> Option<()> {
        let pieces = rng.random_range(1..=3);
        let taxes = self.orders.get(&id).map(taxes_of)?;
        let growing = self.orders.get(&id).and_then(growing_line);
        if let Some(place) = growing.filter(|_| chance(rng, 300)) {
            let order = self.orders.get_mut(&id)?;
            let mut line = order.lines.get(place)?.clone();
            line.quantity += pieces;
            tax_line(order, &mut line, &taxes);
            edit.additions.push((line.id, pieces));
            moved.push(taken_by(&line, pieces));
            order.lines[place] = line;
            return Some(());
        }
        let on_sale = self.for_sale();
        let variant_id = *pick(rng, &on_sale)?;
        let order = self.orders.get(&id)?.clone();
        let mut line = self.line_of(&order, variant_id, pieces)?;
        tax_line(&order, &mut line, &taxes);
        edit.additions.push((line.id, pieces));
        moved.push(taken_by(&line, pieces));
        self.orders.get_mut(&id)?.lines.push(line);
        Some(())
    }

    /// Pieces that were not sent are taken off a line. Mostly a refund tells so; at times only the line's quantity.
    fn remove_pieces(
        &mut self,
        rng: &mut SmallRng,
        id: i64,
        give_back: bool,
        edit: &mut Edit,
        moved: &mut Vec<Piece>,
        now: DateTime<Utc>,
    ) -> Option<Effects> {
        let order = self.orders.get(&id)?;
        let new_lines: Vec<i64> = edit.additions.iter().map(|(line, _)| *line).collect();
        let open: Vec<usize> = (0..order.lines.len())
            .filter(|place| !new_lines.contains(&order.lines[*place].id))
            .filter(|place| order.fulfillable_quantity(&order.lines[*place]) > 0)
            .collect();
        let Some(place) = pick(rng, &open).copied() else {
            return Some(Effects::on(id));
        };
        let line = &order.lines[place];
        let (line_id, stock_location_id) = (line.id, line.stock_location_id);
        let pieces = rng.random_range(1..=order.fulfillable_quantity(line));
        edit.removals.push((line_id, pieces));
        if !give_back && chance(rng, 200) {
            moved.push(taken_by(line, -pieces));
            let order = self.orders.get_mut(&id)?;
            order.lines[place].removed += pieces;
            return Some(Effects::on(id));
        }
        let restock = !chance(rng, 150);
        let back = Back {
            line_id,
            pieces,
            restock: if restock { Restock::Cancel } else { Restock::NoRestock },
            location_id: restock.then_some(stock_location_id),
        };
        let mut refund = self.refund_of(id, &[back], None, now)?;
        let order = self.orders.get(&id)?;
        let amount = refund.worth(order.taxes_included).min(money_left(order));
        if give_back && amount.is_positive() {
            self.give_back(id, &mut refund, amount, now);
        }
        self.add_refund(id, refund, now)
    }

    /// Shipping is taken off an order that nothing was paid for.
    fn remove_shipping(&mut self, id: i64, edit: &mut Edit) {
        let Some(order) = self.orders.get_mut(&id) else {
            return;
        };
        let refunded = order.refunds.iter().any(|refund| !refund.shipping.is_empty());
        if refunded || !order.received().is_zero() {
            return;
        }
        for line in order.shipping.iter_mut().filter(|line| !line.removed) {
            line.removed = true;
            edit.removed_shipping.push(line.id);
        }
    }
}

/// The taxes that the order's lines are taxed with.
fn taxes_of(order: &Order) -> Vec<Tax> {
    let taxes = order.tax_lines();
    taxes.into_iter().map(|tax| (tax.title, tax.rate)).collect()
}

/// A line that can get more pieces: of goods, without discounts and duties, of which all pieces are still wanted.
fn growing_line(order: &Order) -> Option<usize> {
    order.lines.iter().position(|line| {
        line.variant_id.is_some()
            && !line.gift_card
            && line.allocations.is_empty()
            && line.duty.is_none()
            && order.fulfillable_quantity(line) == line.quantity
    })
}
