//! Parts that many bodies have: ids, times, amounts, addresses.

use chrono::{DateTime, FixedOffset, Utc};
use rust_decimal::Decimal;
use serde_json::{Number, Value, json};

use crate::model::{Address, Money, Order, Scales};

/// The offset that the store writes its times with; readers must not depend on any.
const OFFSET_SECONDS: i32 = -5 * 3600;

pub(super) fn gid(kind: &str, id: i64) -> String {
    format!("gid://shopify/{kind}/{id}")
}

/// A time with the shop's offset.
pub(super) fn time(instant: DateTime<Utc>) -> Value {
    let text = match FixedOffset::east_opt(OFFSET_SECONDS) {
        Some(offset) => instant.with_timezone(&offset).to_rfc3339(),
        None => instant.to_rfc3339(),
    };
    Value::String(text)
}

pub(super) fn maybe_time(instant: Option<DateTime<Utc>>) -> Value {
    instant.map_or(Value::Null, time)
}

/// An amount with the digits of its currency.
pub(super) fn decimal(amount: Decimal, digits: u32) -> String {
    crate::model::round(amount, digits).to_string()
}

/// Amounts of one order.
#[derive(Clone, Copy)]
pub(super) struct Amounts<'a> {
    scales: Scales,
    shop: &'a str,
    presentment: &'a str,
}

impl<'a> Amounts<'a> {
    pub(super) fn of(order: &'a Order) -> Self {
        Self {
            scales: order.scales(),
            shop: &order.currency,
            presentment: &order.presentment_currency,
        }
    }

    /// The text of the shop's side.
    pub(super) fn text(self, amount: Money) -> String {
        decimal(amount.shop, self.scales.shop)
    }

    /// The text of the buyer's side.
    pub(super) fn presentment_text(self, amount: Money) -> String {
        decimal(amount.presentment, self.scales.presentment)
    }

    /// Both sides, each with its currency.
    pub(super) fn set(self, amount: Money) -> Value {
        json!({
            "shop_money": { "amount": self.text(amount), "currency_code": self.shop },
            "presentment_money": {
                "amount": self.presentment_text(amount),
                "currency_code": self.presentment,
            },
        })
    }

    /// Both sides, or null for nothing.
    pub(super) fn maybe_set(self, amount: Money) -> Value {
        if amount.is_zero() { Value::Null } else { self.set(amount) }
    }
}

/// The shop's side as a JSON number, as refunds write some of their amounts.
pub(super) fn number(amount: Money) -> Value {
    let text = amount.shop.normalize().to_string();
    text.parse::<Number>().map_or(Value::Null, Value::Number)
}

pub(super) fn pairs(all: &[(String, String)]) -> Value {
    all.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

pub(super) fn address(address: Option<&Address>) -> Value {
    let Some(address) = address else {
        return Value::Null;
    };
    json!({
        "first_name": address.first_name,
        "last_name": address.last_name,
        "name": format!("{} {}", address.first_name, address.last_name),
        "company": address.company,
        "address1": address.address1,
        "address2": address.address2,
        "city": address.city,
        "province": address.province,
        "province_code": address.province_code,
        "country": address.country,
        "country_code": address.country_code,
        "zip": address.zip,
        "phone": address.phone,
        "latitude": null,
        "longitude": null,
    })
}
