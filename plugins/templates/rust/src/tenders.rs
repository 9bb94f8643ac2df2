//! How it was paid.

use plugins::Amount;
use plugins::types::{MapError, Order, PosTender, PosTenderKind};

use crate::money::{fits, read};

/// The payments: from the transactions where the store tells them, else from the names of the gateways.
pub fn tenders(order: &Order, total: Amount, places: usize) -> Result<Vec<PosTender>, MapError> {
    let mut paid: Vec<(String, Amount)> = Vec::new();
    for it in order.transactions.iter().filter(|it| it.status == "success") {
        let amount = read(&it.amount, "transactions.amount")?;
        let amount = match it.kind.as_str() {
            "sale" | "capture" => amount,
            "change" => fits(Amount::ZERO.minus(amount))?,
            _ => continue,
        };
        match paid.iter_mut().find(|(gateway, _)| *gateway == it.gateway) {
            Some((_, sum)) => *sum = fits(sum.plus(amount))?,
            None => paid.push((it.gateway.clone(), amount)),
        }
    }
    if order.transactions.is_empty() && is_settled(order) {
        let rounded = fits(total.plus(read(&order.cash_rounding, "cash-rounding")?))?;
        let outstanding = read(&order.total_outstanding, "total-outstanding")?;
        let names = order.payment_gateways.join(" + ");
        let name = if names.is_empty() { "unknown".to_owned() } else { names };
        paid.push((name, fits(rounded.minus(outstanding))?));
    }
    let tender = |(name, amount): (String, Amount)| {
        (amount > Amount::ZERO).then(|| PosTender {
            kind: kind(&name),
            amount: amount.to_text(places),
            name,
        })
    };
    Ok(paid.into_iter().filter_map(tender).collect())
}

fn is_settled(order: &Order) -> bool {
    matches!(
        order.financial_status.as_str(),
        "paid" | "partially_paid" | "partially_refunded" | "refunded"
    )
}

fn kind(gateway: &str) -> PosTenderKind {
    match gateway {
        "cash" => PosTenderKind::Cash,
        "gift_card" => PosTenderKind::GiftCard,
        "shopify_payments" | "stripe" => PosTenderKind::Card,
        _ => PosTenderKind::Other,
    }
}
