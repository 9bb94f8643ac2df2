//! The order as a whole.

use plugins::types::{Attribute, MapError, Mismatch, Order, PosOrder, PosState, Setting};
use plugins::{Amount, invalid};

use crate::charges::{self, Charges};
use crate::discounts;
use crate::lines::{self, Lines};
use crate::money::{Money, Side, fits};
use crate::people;
use crate::refunds;
use crate::settings::Settings;
use crate::tenders;

/// Maps an order, whatever happened to it so far.
pub fn map_order(mut order: Order, settings: &[Setting]) -> Result<PosOrder, MapError> {
    let settings = Settings::read(settings)?;
    if order.test && settings.skip_test_orders {
        return Err(MapError::Skip("a test order: no money moved".to_owned()));
    }
    let currency = match settings.side {
        Side::Shop => &order.currency,
        Side::Presentment => &order.presentment_currency,
    }
    .clone();
    let money = Money::new(settings.side, &currency);

    let tax_total = money.read(&order.total_tax, || "total-tax")?;
    let total = money.read(&order.total, || "total")?;
    let tenders = tenders::tenders(&order, &settings, money, total)?;
    let refunds = refunds::refunds(std::mem::take(&mut order.refunds), &order, money)?;
    let customer = people::customer(&mut order);
    let state = state(&order)?;
    let mut lines = lines::lines(&mut order, &settings, money)?;
    let charges = charges::charges(&mut order, &lines, money)?;
    discounts::spread_unallocated(&order, &mut lines, &charges, money, tax_total, total)?;
    check_total(due(&lines, &charges, added_tax(&order, tax_total))?, total, money)?;

    let discount_total = fits(lines.discount().and_then(|d| d.plus(charges.discount)))?;
    let mut notes = std::mem::take(&mut lines.notes);
    notes.splice(0..0, order.note.take());
    Ok(PosOrder {
        state,
        external_id: order.id,
        number: order.name,
        channel: order.source_name.unwrap_or_else(|| "unknown".to_owned()),
        placed_at: order.processed_at.unwrap_or(order.created_at),
        taxes_included: order.taxes_included,
        customer,
        ship_to: order.shipping_address,
        tenders,
        refunds: refunds.list,
        discount_total: money.write(discount_total),
        tax_total: money.write(tax_total),
        total: money.write(total),
        rounding: money.take(order.cash_rounding),
        refunded_total: money.write(refunds.total),
        notes,
        attributes: attributes(order.note_attributes, order.po_number, order.cancel_reason),
        lines: lines.into_pos(money)?,
        charges: charges.list,
        currency,
    })
}

/// What the parts come to.
pub(crate) fn due(lines: &Lines, charges: &Charges, added_tax: Amount) -> Result<Amount, MapError> {
    fits(lines.net().and_then(|net| net.plus(charges.total)).and_then(|net| net.plus(added_tax)))
}

/// The taxes that come on top of the prices.
pub(crate) fn added_tax(order: &Order, tax_total: Amount) -> Amount {
    if order.taxes_included { Amount::ZERO } else { tax_total }
}

fn check_total(mapped: Amount, store: Amount, money: Money) -> Result<(), MapError> {
    if mapped == store {
        return Ok(());
    }
    Err(MapError::TotalMismatch(Mismatch {
        store: money.write(store),
        mapped: money.write(mapped),
        difference: money.write(fits(mapped.minus(store))?),
    }))
}

fn state(order: &Order) -> Result<PosState, MapError> {
    if order.cancelled_at.is_some() {
        return Ok(PosState::Voided);
    }
    Ok(match order.financial_status.as_str() {
        "paid" => PosState::Paid,
        "partially_refunded" => PosState::PartiallyRefunded,
        "refunded" => PosState::Refunded,
        "voided" => PosState::Voided,
        "pending" | "authorized" | "partially_paid" | "expired" | "unpaid" => PosState::Open,
        _ => {
            return Err(invalid("financial-status", "is none of the states of payment"));
        }
    })
}

/// What the checkout collected, and what the till should know beside it.
fn attributes(
    mut collected: Vec<Attribute>,
    po_number: Option<String>,
    cancel_reason: Option<String>,
) -> Vec<Attribute> {
    let known = [("po_number", po_number), ("cancel_reason", cancel_reason)];
    collected.extend(
        known
            .into_iter()
            .filter_map(|(key, value)| Some(Attribute { key: key.to_owned(), value: value? })),
    );
    collected
}
