//! The POS order, out of the contract. Everything here was written by a plugin.

use std::fmt;
use std::str::FromStr;

use domain::draft::PosProductDraft;
use domain::id::ExternalId;
use domain::money::Currency;
use domain::personal::Personal;
use domain::pos::{
    PosCharge, PosChargeKind, PosCustomer, PosLine, PosLineKind, PosOrder, PosRefund,
    PosRefundLine, PosState, PosTax, PosTender, PosTenderKind,
};
use domain::refined::Address;
use domain::time::Timestamp;
use rust_decimal::Decimal;

use crate::since_1_1::{product_types, types};

/// A POS product as a plugin writes it.
pub(crate) type PosProductRecord = product_types::PosProductResult;

/// The longest text that a plugin may put into a field.
const TEXT_BYTES_MAX: usize = 4 << 10;
/// Entries of the lists that the later check of the whole order does not count.
const ENTRIES_MAX: usize = 500;

/// A field that is not what the contract says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Which field, from the innermost outwards while it is on its way up.
    path: String,
    problem: &'static str,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.problem)
    }
}

impl Problem {
    fn new(field: &str, problem: &'static str) -> Self {
        Self { path: field.to_owned(), problem }
    }

    /// The problem, of a field inside entry `index` of `list`.
    fn within(self, list: &str, index: usize) -> Self {
        Self { path: format!("{list}[{index}].{}", self.path), problem: self.problem }
    }
}

/// What a plugin made of an order, if every field of it is well-formed.
pub(crate) fn pos_order(from: types::PosOrder) -> Result<PosOrder, Problem> {
    Ok(PosOrder {
        external_id: id("external-id", &from.external_id)?,
        number: text("number", from.number)?,
        channel: text("channel", from.channel)?,
        placed_at: time("placed-at", &from.placed_at)?,
        state: state(from.state),
        currency: currency(&from.currency)?,
        taxes_included: from.taxes_included,
        customer: from.customer.map(customer).transpose()?,
        ship_to: from.ship_to.map(address).transpose()?,
        lines: list("lines", from.lines, usize::MAX, line)?,
        charges: list("charges", from.charges, usize::MAX, charge)?,
        tenders: list("tenders", from.tenders, usize::MAX, tender)?,
        refunds: list("refunds", from.refunds, usize::MAX, refund)?,
        discount_total: decimal("discount-total", &from.discount_total)?,
        tax_total: decimal("tax-total", &from.tax_total)?,
        total: decimal("total", &from.total)?,
        rounding: decimal("rounding", &from.rounding)?,
        refunded_total: decimal("refunded-total", &from.refunded_total)?,
        notes: list("notes", from.notes, ENTRIES_MAX, |note| personal("text", note))?,
        attributes: attributes(from.attributes)?,
    })
}

/// What a plugin made of a product, if every field of it is well-formed.
pub(crate) fn drafts(from: Vec<PosProductRecord>) -> Result<Vec<PosProductDraft>, Problem> {
    list("products", from, usize::MAX, |from| {
        let optional = |field, value: Option<String>| value.map(|one| text(field, one)).transpose();
        Ok(PosProductDraft {
            id: text("id", from.id)?,
            variant_id: optional_id("variant-id", from.variant_id.as_deref())?,
            sku: optional("sku", from.sku)?,
            barcode: optional("barcode", from.barcode)?,
            name: text("name", from.name)?,
            department: optional("department", from.department)?,
            price: decimal("price", &from.price)?,
            currency: currency(&from.currency)?,
            taxable: from.taxable,
            active: from.active,
            attributes: attributes(from.attributes)?,
        })
    })
}

fn currency(code: &str) -> Result<Currency, Problem> {
    code.parse().map_err(|_| Problem::new("currency", "is no ISO 4217 code"))
}

fn attributes(from: Vec<types::AttributeResult>) -> Result<Vec<(String, Personal)>, Problem> {
    list("attributes", from, ENTRIES_MAX, |pair| {
        Ok((text("key", pair.key)?, personal("value", pair.value)?))
    })
}

fn line(from: types::PosLine) -> Result<PosLine, Problem> {
    Ok(PosLine {
        external_id: id("external-id", &from.external_id)?,
        kind: match from.kind {
            types::PosLineKind::Product => PosLineKind::Product,
            types::PosLineKind::Custom => PosLineKind::Custom,
            types::PosLineKind::GiftCard => PosLineKind::GiftCard,
        },
        variant_id: optional_id("variant-id", from.variant_id.as_deref())?,
        sku: from.sku.map(|sku| text("sku", sku)).transpose()?,
        title: text("title", from.title)?,
        quantity: from.quantity,
        unit_price: decimal("unit-price", &from.unit_price)?,
        discount: decimal("discount", &from.discount)?,
        net: decimal("net", &from.net)?,
        taxes: list("taxes", from.taxes, ENTRIES_MAX, tax)?,
        location_id: optional_id("location-id", from.location_id.as_deref())?,
    })
}

fn tax(from: types::PosTax) -> Result<PosTax, Problem> {
    Ok(PosTax {
        title: text("title", from.title)?,
        rate: decimal("rate", &from.rate)?,
        amount: decimal("amount", &from.amount)?,
    })
}

fn charge(from: types::PosCharge) -> Result<PosCharge, Problem> {
    Ok(PosCharge {
        kind: match from.kind {
            types::PosChargeKind::Shipping => PosChargeKind::Shipping,
            types::PosChargeKind::Duty => PosChargeKind::Duty,
            types::PosChargeKind::Fee => PosChargeKind::Fee,
            types::PosChargeKind::Tip => PosChargeKind::Tip,
        },
        title: text("title", from.title)?,
        amount: decimal("amount", &from.amount)?,
        taxes: list("taxes", from.taxes, ENTRIES_MAX, tax)?,
    })
}

fn tender(from: types::PosTender) -> Result<PosTender, Problem> {
    Ok(PosTender {
        kind: match from.kind {
            types::PosTenderKind::Cash => PosTenderKind::Cash,
            types::PosTenderKind::Card => PosTenderKind::Card,
            types::PosTenderKind::GiftCard => PosTenderKind::GiftCard,
            types::PosTenderKind::Other => PosTenderKind::Other,
        },
        name: text("name", from.name)?,
        amount: decimal("amount", &from.amount)?,
    })
}

fn refund(from: types::PosRefund) -> Result<PosRefund, Problem> {
    Ok(PosRefund {
        external_id: id("external-id", &from.external_id)?,
        refunded_at: time("refunded-at", &from.refunded_at)?,
        lines: list("lines", from.lines, ENTRIES_MAX * 4, |line| {
            Ok(PosRefundLine {
                external_id: id("external-id", &line.external_id)?,
                quantity: line.quantity,
                restocked: line.restocked,
                amount: decimal("amount", &line.amount)?,
            })
        })?,
        amount: decimal("amount", &from.amount)?,
    })
}

fn state(from: types::PosState) -> PosState {
    match from {
        types::PosState::Open => PosState::Open,
        types::PosState::Paid => PosState::Paid,
        types::PosState::PartiallyRefunded => PosState::PartiallyRefunded,
        types::PosState::Refunded => PosState::Refunded,
        types::PosState::Voided => PosState::Voided,
    }
}

fn customer(from: types::PosCustomer) -> Result<PosCustomer, Problem> {
    Ok(PosCustomer {
        external_id: optional_id("customer.external-id", from.external_id.as_deref())?,
        name: optional_personal("customer.name", from.name)?,
        email: optional_personal("customer.email", from.email)?,
        phone: optional_personal("customer.phone", from.phone)?,
    })
}

fn address(from: types::AddressResult) -> Result<Address, Problem> {
    let optional_text =
        |field, value: Option<String>| value.map(|one| text(field, one)).transpose();
    Ok(Address {
        first_name: optional_personal("ship-to.first-name", from.first_name)?,
        last_name: optional_personal("ship-to.last-name", from.last_name)?,
        company: optional_text("ship-to.company", from.company)?,
        address1: optional_personal("ship-to.address1", from.address1)?,
        address2: optional_personal("ship-to.address2", from.address2)?,
        city: optional_text("ship-to.city", from.city)?,
        province_code: optional_text("ship-to.province-code", from.province_code)?,
        country_code: optional_text("ship-to.country-code", from.country_code)?,
        zip: optional_personal("ship-to.zip", from.zip)?,
        phone: optional_personal("ship-to.phone", from.phone)?,
    })
}

fn list<T, U>(
    field: &str,
    from: Vec<T>,
    max: usize,
    convert: impl Fn(T) -> Result<U, Problem>,
) -> Result<Vec<U>, Problem> {
    if from.len() > max {
        return Err(Problem::new(field, "has too many entries"));
    }
    let mut converted = Vec::with_capacity(from.len());
    for (index, one) in from.into_iter().enumerate() {
        converted.push(convert(one).map_err(|problem| problem.within(field, index))?);
    }
    Ok(converted)
}

fn text(field: &str, text: String) -> Result<String, Problem> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Problem::new(field, "is longer than 4 KiB"));
    }
    Ok(text)
}

fn personal(field: &str, value: String) -> Result<Personal, Problem> {
    text(field, value).map(Personal::new)
}

fn optional_personal(field: &str, value: Option<String>) -> Result<Option<Personal>, Problem> {
    value.map(|one| personal(field, one)).transpose()
}

fn id(field: &str, text: &str) -> Result<ExternalId, Problem> {
    ExternalId::from_str(text).map_err(|_| Problem::new(field, "is no id"))
}

fn optional_id(field: &str, text: Option<&str>) -> Result<Option<ExternalId>, Problem> {
    text.map(|text| id(field, text)).transpose()
}

fn time(field: &str, text: &str) -> Result<Timestamp, Problem> {
    Timestamp::parse(text).map_err(|_| Problem::new(field, "is no RFC 3339 time"))
}

/// Reads the contract's notation, which is narrower than the parser's: no plus, no underscore, no bare point.
fn decimal(field: &str, text: &str) -> Result<Decimal, Problem> {
    let problem = || Problem::new(field, "is no decimal");
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return Err(problem());
    }
    Decimal::from_str_exact(text).map_err(|_| problem())
}
