//! What went back.

use plugins::Amount;
use plugins::types::{MapError, Order, PosRefund, PosRefundLine, Refund, RefundLine, RestockType};

use plugins::money::{Money, fits};

/// The refunds and what they come to.
pub(crate) struct Refunds {
    pub(crate) list: Vec<PosRefund>,
    pub(crate) total: Amount,
}

/// The order's refunds: of goods, of money, or of both. An edit that took lines off before any money moved is one of
/// goods alone.
pub(crate) fn refunds(all: Vec<Refund>, order: &Order, money: Money) -> Result<Refunds, MapError> {
    let mut refunds = Refunds { list: Vec::with_capacity(all.len()), total: Amount::ZERO };
    for (index, refund) in all.into_iter().enumerate() {
        let amount = money.read(&refund.refunded, || format!("refunds[{index}].refunded"))?;
        refunds.total = fits(refunds.total.plus(amount))?;
        let lines = refund
            .lines
            .into_iter()
            .enumerate()
            .map(|(line_index, line)| {
                let path = |field: &str| format!("refunds[{index}].lines[{line_index}].{field}");
                refund_line(line, order.taxes_included, money, path)
            })
            .collect::<Result<_, _>>()?;
        refunds.list.push(PosRefund {
            external_id: refund.id,
            refunded_at: refund.created_at,
            lines,
            amount: money.take(refund.refunded),
        });
    }
    Ok(refunds)
}

fn refund_line(
    line: RefundLine,
    taxes_included: bool,
    money: Money,
    path: impl Fn(&str) -> String,
) -> Result<PosRefundLine, MapError> {
    let subtotal = money.read(&line.subtotal, || path("subtotal"))?;
    let amount = if taxes_included {
        subtotal
    } else {
        fits(subtotal.plus(money.read(&line.total_tax, || path("total-tax"))?))?
    };
    Ok(PosRefundLine {
        external_id: line.line_item_id,
        quantity: line.quantity,
        restocked: line.restock != RestockType::NoRestock,
        amount: money.write(amount),
    })
}
