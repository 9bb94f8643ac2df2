//! Orders are cancelled.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::refund::{Back, money_left};
use super::{Change, Effects, Notice};
use crate::model::{Order, Restock, Store, Transaction, TransactionKind, whole_seconds};

const REASONS: [&str; 5] = ["customer", "inventory", "fraud", "declined", "other"];

impl Store {
    /// The order is cancelled: all that is left of it goes back, and all money. `restock` says whether pieces go back
    /// on the shelf. None where it is cancelled already, or something was sent.
    pub fn cancel_order(&mut self, id: i64, restock: bool, now: DateTime<Utc>) -> Option<Change> {
        let effects = self.cancel(id, restock, now)?;
        Some(self.tell(effects))
    }

    pub(crate) fn cancel(&mut self, id: i64, restock: bool, now: DateTime<Utc>) -> Option<Effects> {
        let order = self.orders.get(&id)?;
        if order.cancelled_at.is_some() || !order.fulfillments.is_empty() {
            return None;
        }
        let back = all_back(order, restock);
        let money = money_left(order);
        let promise = order
            .transactions
            .iter()
            .find(|moved| moved.kind == TransactionKind::Authorization)
            .filter(|_| order.received().is_zero())
            .cloned();
        let mut effects = Effects::on(id);
        effects.tell(Notice::Order("orders/cancelled"));
        let mut refund = self.refund_of(id, &back, Some(Decimal::ONE), now)?;
        if money.is_positive() {
            self.give_back(id, &mut refund, money, now);
        }
        if !refund.lines.is_empty()
            || !refund.shipping.is_empty()
            || !refund.transactions.is_empty()
        {
            let refunded = self.add_refund(id, refund, now)?;
            effects.notices.extend(refunded.notices);
        }
        let void = promise.map(|promise| {
            let void = self.movement(
                TransactionKind::Void,
                &promise.gateway,
                promise.amount,
                whole_seconds(now),
            );
            Transaction { parent_id: Some(promise.id), ..void }
        });
        let order = self.changed_order(id, now)?;
        if let Some(void) = void {
            effects.tell(Notice::Transaction(order.transactions.len()));
            order.transactions.push(void);
        }
        let reason = usize::try_from(order.number).unwrap_or_default() % REASONS.len();
        order.cancelled_at = Some(whole_seconds(now));
        order.closed_at = Some(whole_seconds(now));
        order.cancel_reason = Some(REASONS[reason].to_owned());
        effects.tell(Notice::Order("orders/updated"));
        Some(effects)
    }
}

/// All pieces that are left, tips aside.
fn all_back(order: &Order, restock: bool) -> Vec<Back> {
    order
        .goods()
        .filter_map(|line| {
            let pieces = order.current_quantity(line);
            (pieces > 0).then(|| Back {
                line_id: line.id,
                pieces,
                restock: if restock { Restock::Cancel } else { Restock::NoRestock },
                location_id: restock.then_some(line.stock_location_id),
            })
        })
        .collect()
}
