//! How it was paid.

use plugins::Amount;
use plugins::types::{MapError, Order, PosTender, PosTenderKind};

use crate::settings::Settings;
use plugins::money::{Money, fits};

/// Gateways that take cards and wallets, by their names in the store.
const CARD: [&str; 12] = [
    "shopify_payments",
    "stripe",
    "bogus",
    "authorize_net",
    "braintree",
    "adyen",
    "worldpay",
    "cybersource",
    "moneris",
    "square",
    "card",
    "credit_card",
];

/// The order's payments: from its transactions where the source tells them, else from the names of the gateways and
/// the amount that is paid.
pub(crate) fn tenders(
    order: &Order,
    settings: &Settings<'_>,
    money: Money,
    total: Amount,
) -> Result<Vec<PosTender>, MapError> {
    if order.transactions.is_empty() {
        return from_gateways(order, settings, money, total);
    }
    let mut paid: Vec<(&str, Amount)> = Vec::new();
    for (index, transaction) in order.transactions.iter().enumerate() {
        if transaction.status != "success" {
            continue;
        }
        let amount = money.read(&transaction.amount, || format!("transactions[{index}].amount"))?;
        let amount = match transaction.kind.as_str() {
            "sale" | "capture" => amount,
            "change" => fits(Amount::ZERO.minus(amount))?,
            _ => continue,
        };
        let gateway = transaction.gateway.as_str();
        match paid.iter_mut().find(|(name, _)| *name == gateway) {
            Some((_, sum)) => *sum = fits(sum.plus(amount))?,
            None => paid.push((gateway, amount)),
        }
    }
    paid.into_iter()
        .filter(|(_, amount)| !amount.is_zero())
        .map(|(gateway, amount)| tender(gateway, amount, settings, money))
        .collect()
}

/// One tender of what is paid. The names of several gateways do not tell how the amount divides among them, so they
/// stand on one tender together.
fn from_gateways(
    order: &Order,
    settings: &Settings<'_>,
    money: Money,
    total: Amount,
) -> Result<Vec<PosTender>, MapError> {
    let outstanding = money.read(&order.total_outstanding, || "total-outstanding")?;
    let rounding = money.read(&order.cash_rounding, || "cash-rounding")?;
    let took_money = matches!(
        order.financial_status.as_str(),
        "paid" | "partially_paid" | "partially_refunded" | "refunded"
    );
    let paid = fits(total.plus(rounding).and_then(|due| due.minus(outstanding)))?;
    if !took_money || paid <= Amount::ZERO {
        return Ok(Vec::new());
    }
    let amount = money.write(paid);
    match order.payment_gateways.as_slice() {
        [] => {
            Ok(vec![PosTender { kind: PosTenderKind::Other, name: "unknown".to_owned(), amount }])
        }
        [gateway] => Ok(vec![tender(gateway, paid, settings, money)?]),
        several => {
            let names = several.iter().map(|gateway| Ok(settings.tenders.find(gateway)?.1));
            let name = names.collect::<Result<Vec<_>, MapError>>()?.join(" + ");
            Ok(vec![PosTender { kind: PosTenderKind::Other, name, amount }])
        }
    }
}

fn tender(
    gateway: &str,
    amount: Amount,
    settings: &Settings<'_>,
    money: Money,
) -> Result<PosTender, MapError> {
    let (kind, name) = settings.tenders.find(gateway)?;
    let kind = kind.unwrap_or_else(|| kind_of(gateway));
    Ok(PosTender { kind, name: name.to_owned(), amount: money.write(amount) })
}

fn kind_of(gateway: &str) -> PosTenderKind {
    let is = |name: &str| gateway.eq_ignore_ascii_case(name);
    if is("cash") {
        PosTenderKind::Cash
    } else if is("gift_card") {
        PosTenderKind::GiftCard
    } else if CARD.into_iter().any(is) {
        PosTenderKind::Card
    } else {
        PosTenderKind::Other
    }
}
