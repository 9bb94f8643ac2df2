//! What of an order can still be given back.

use rust_decimal::Decimal;

use crate::model::{Money, Order, RefundShipping, Transaction, TransactionKind, TransactionStatus};

/// A part of the shipping that was not given back so far. The ids are set later.
pub(super) fn shipping_left(order: &Order, part: Decimal) -> Vec<RefundShipping> {
    let given: Vec<&RefundShipping> =
        order.refunds.iter().flat_map(|refund| &refund.shipping).collect();
    order
        .live_shipping()
        .filter_map(|line| {
            let earlier = given.iter().filter(|earlier| earlier.shipping_line_id == line.id);
            let all = if order.taxes_included { line.net() - line.tax() } else { line.net() };
            let subtotal = all - earlier.clone().map(|earlier| earlier.subtotal).sum();
            let tax = line.tax() - earlier.map(|earlier| earlier.tax).sum();
            let scales = order.scales();
            let refund = RefundShipping {
                id: 0,
                shipping_line_id: line.id,
                subtotal: scales.fraction(subtotal, part),
                tax: scales.fraction(tax, part),
            };
            (refund.subtotal + refund.tax).is_positive().then_some(refund)
        })
        .collect()
}

/// The money that came in and did not go back.
pub(in crate::change) fn money_left(order: &Order) -> Money {
    paid_ways(order).into_iter().map(|paid| paid.amount).sum()
}

/// The payments, each with what of it did not go back.
pub(super) fn paid_ways(order: &Order) -> Vec<Transaction> {
    let is_payment = |moved: &&Transaction| {
        moved.status == TransactionStatus::Success
            && matches!(moved.kind, TransactionKind::Sale | TransactionKind::Capture)
    };
    let went_back = |id: i64| -> Money {
        let of_it = |moved: &&Transaction| {
            moved.kind == TransactionKind::Refund && moved.parent_id == Some(id)
        };
        order.transactions.iter().filter(of_it).map(|moved| moved.amount).sum()
    };
    order
        .transactions
        .iter()
        .filter(is_payment)
        .map(|paid| Transaction { amount: paid.amount - went_back(paid.id), ..paid.clone() })
        .collect()
}
