//! The order as a whole.

use plugins::types::{Attribute, MapError, Mismatch, Order, PosOrder, PosState, Setting};
use plugins::{Amount, invalid};

use crate::charges::{self, Charges};
use crate::discounts;
use crate::lines::{self, Lines};
use crate::people;
use crate::refunds;
use crate::rules::{price_list, round_cash};
use crate::settings::Settings;
use crate::tenders;
use plugins::money::{Money, Side, fits};

/// Maps an order, whatever happened to it so far.
pub fn map_order(mut order: Order, settings: &[Setting]) -> Result<PosOrder, MapError> {
    let settings = Settings::read(settings)?;
    if let Some(reason) = settings.left_out(&order) {
        return Err(MapError::Skip(reason));
    }
    let (stock, pos_location) = settings.route(&order);
    let price_list = price_list(&settings.price_lists, &order);
    let currency = match settings.side {
        Side::Shop => &order.currency,
        Side::Presentment => &order.presentment_currency,
    }
    .clone();
    let money = Money::new(settings.side, &currency);

    let tax_total = money.read(&order.total_tax, || "total-tax")?;
    let total = money.read(&order.total, || "total")?;
    let mut tenders = tenders::tenders(&order, &settings, money, total)?;
    let rounding = round_cash(&mut tenders, &order.cash_rounding, settings.rounding.cash, money)?;
    let refunds = refunds::refunds(std::mem::take(&mut order.refunds), &order, money)?;
    let customer = people::customer(&mut order);
    let state = state(&order)?;
    let mut lines = lines::lines(&mut order, &settings, stock, money)?;
    let charges = charges::charges(&mut order, &lines, &settings.taxes, money)?;
    discounts::spread_unallocated(&order, &mut lines, &charges, money, tax_total, total)?;
    check_total(due(&lines, &charges, added_tax(&order, tax_total))?, total, money)?;

    let discount_total = fits(lines.discount().and_then(|d| d.plus(charges.discount)))?;
    let mut attributes = order.note_attributes;
    tell(&mut attributes, "po_number", order.po_number.as_deref());
    tell(&mut attributes, "cancel_reason", order.cancel_reason.as_deref());
    tell(&mut attributes, "pos_location", pos_location);
    tell(&mut attributes, "price_list", price_list);
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
        rounding: rounding.unwrap_or_else(|| money.take(order.cash_rounding)),
        refunded_total: money.write(refunds.total),
        notes,
        attributes,
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

/// Adds what the till should know beside what the checkout collected, if there is something.
fn tell(attributes: &mut Vec<Attribute>, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        attributes.push(Attribute { key: key.to_owned(), value: value.to_owned() });
    }
}
