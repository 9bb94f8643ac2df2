//! What is owed to whom, as attributes of the POS order.

use std::collections::BTreeMap;
use std::fmt::Write;

use plugins::invalid;
use plugins::money::{Money, Side};
use plugins::types::{Attribute, MapError, PosLine, PosOrder, PosState};

use crate::goods::{Goods, Owner};
use crate::settings::{Markdowns, Settings};
use crate::share::Share;

/// What the keys of the attributes begin with.
const PREFIX: &str = "consignment.";
/// What the keys of single lines begin with.
const LINE: &str = "consignment.line.";

/// A consignor's goods at an event.
type Account<'a> = (&'a str, Option<&'a str>);

/// An attribute for each consignor and event, after one for each consigned line.
pub(crate) fn attributes(
    order: &PosOrder,
    goods: &Goods,
    settings: &Settings<'_>,
) -> Result<Vec<Attribute>, MapError> {
    // Only the digits of the currency are of interest here: the mapped order's amounts are of one side.
    let money = Money::new(Side::Shop, &order.currency);
    let returned = returned(order);
    let mut accounts: BTreeMap<Account<'_>, Share> = BTreeMap::new();
    let mut attributes = Vec::new();
    for line in &order.lines {
        let Some(owner) = goods.owner(&line.external_id) else { continue };
        let back = returned.get(line.external_id.as_str()).copied().unwrap_or(0);
        // Nothing is owed for what was cancelled, whether or not the store tells its pieces as returned.
        let kept = if order.state == PosState::Voided { 0 } else { line.quantity - back };
        let share = share(line, kept, owner, order.taxes_included, settings, money)?;
        let account = (owner.consignor.as_str(), owner.event.as_deref());
        let sum = accounts.entry(account).or_default();
        *sum = sum.plus(share)?;
        if settings.tell_lines {
            let key = [LINE, &line.external_id].concat();
            attributes.push(Attribute { key, value: told(account, share, money) });
        }
    }
    attributes.extend(accounts.into_iter().map(|(account, share)| Attribute {
        key: key_of(account),
        value: told(account, share, money),
    }));
    Ok(attributes)
}

/// Pieces of each line that went back.
fn returned(order: &PosOrder) -> BTreeMap<&str, i64> {
    let mut pieces = BTreeMap::new();
    for line in order.refunds.iter().flat_map(|refund| &refund.lines) {
        let sum: &mut i64 = pieces.entry(line.external_id.as_str()).or_default();
        *sum = sum.saturating_add(line.quantity);
    }
    pieces
}

fn share(
    line: &PosLine,
    kept: i64,
    owner: &Owner,
    taxes_included: bool,
    settings: &Settings<'_>,
    money: Money,
) -> Result<Share, MapError> {
    let Some(rule) = settings.rule(&owner.consignor, owner.event.as_deref()) else {
        let message = format!("has neither a rate nor a rule that speaks of {}", owner.consignor);
        return Err(invalid("settings.consignment", message));
    };
    let house_bears = match settings.markdowns {
        Markdowns::Eligible => !owner.markdown,
        Markdowns::Shared => false,
        Markdowns::House => true,
    };
    Share::of(line, kept, taxes_included, house_bears, rule, money)
}

/// `consignment.<consignor>`, and `.<event>` where there is one.
fn key_of((consignor, event): Account<'_>) -> String {
    match event {
        None => [PREFIX, consignor].concat(),
        Some(event) => [PREFIX, consignor, ".", event].concat(),
    }
}

/// An account as a JSON object whose amounts are text.
fn told((consignor, event): Account<'_>, share: Share, money: Money) -> String {
    let event = event.map_or_else(|| "null".to_owned(), quoted);
    format!(
        r#"{{"consignor":{},"event":{event},"pieces":{},"sold":"{}","commission":"{}","payout":"{}"}}"#,
        quoted(consignor),
        share.pieces,
        money.write(share.sold),
        money.write(share.commission),
        money.write(share.payout),
    )
}

/// A text as JSON has it.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control < ' ' => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
