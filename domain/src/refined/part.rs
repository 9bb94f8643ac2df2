//! Parts of an order that not every source tells.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Address, Customer, Order, Transaction};
use crate::id::ExternalId;
use crate::personal::Personal;

/// A part of an order that a source may be unable to tell: deliveries hold no transactions, the API does not name the
/// member of staff, and either withholds what the app lacks a permission or an approval for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderPart {
    /// [`Order::location_id`].
    LocationId,
    /// [`Order::user_id`].
    UserId,
    /// [`Order::email`].
    Email,
    /// [`Order::phone`].
    Phone,
    /// [`Order::customer`], wholly or the personal part of it.
    Customer,
    /// [`Order::billing_address`], wholly or the personal part of it.
    BillingAddress,
    /// [`Order::shipping_address`], wholly or the personal part of it.
    ShippingAddress,
    /// [`Order::transactions`].
    Transactions,
}

/// What is known of some parts of an order. Of the others it says nothing, which is not the same as that they are empty.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct KnownParts {
    told: BTreeSet<OrderPart>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) location_id: Option<ExternalId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) user_id: Option<ExternalId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<Personal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) phone: Option<Personal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) customer: Option<Customer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) billing_address: Option<Address>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) shipping_address: Option<Address>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) transactions: Vec<Transaction>,
    /// How the order was paid when `transactions` were all there was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) payment: Option<Payment>,
}

/// How far an order is paid, as every source tells it. Money that moves changes it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Payment {
    financial_status: String,
    outstanding: Decimal,
    refunded: Decimal,
}

impl Payment {
    pub(crate) fn of(order: &Order) -> Self {
        Self {
            financial_status: order.financial_status.clone(),
            outstanding: order.total_outstanding.shop.normalize(),
            refunded: order
                .refunds
                .iter()
                .map(|refund| refund.refunded.shop)
                .sum::<Decimal>()
                .normalize(),
        }
    }
}

impl OrderPart {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::LocationId,
        Self::UserId,
        Self::Email,
        Self::Phone,
        Self::Customer,
        Self::BillingAddress,
        Self::ShippingAddress,
        Self::Transactions,
    ];
}

impl KnownParts {
    /// What an order's own source told.
    pub fn told_by(order: &Order) -> Self {
        Self::of(order, |part| !order.untold.contains(&part))
    }

    /// What an order holds of the parts that its own source could not tell: what was carried over from versions before.
    pub fn carried_by(order: &Order) -> Self {
        Self::of(order, |part| order.untold.contains(&part))
    }

    /// Whether the part is among those that it speaks of.
    pub fn tells(&self, part: OrderPart) -> bool {
        self.told.contains(&part)
    }

    /// Whether it holds nothing at all.
    pub fn is_empty(&self) -> bool {
        *self == Self { told: self.told.clone(), payment: self.payment.clone(), ..Self::default() }
    }

    fn of(order: &Order, wanted: impl Fn(OrderPart) -> bool) -> Self {
        let mut known = Self::default();
        for part in OrderPart::ALL.into_iter().filter(|part| wanted(*part)) {
            known.told.insert(part);
            match part {
                OrderPart::LocationId => known.location_id = order.location_id,
                OrderPart::UserId => known.user_id = order.user_id,
                OrderPart::Email => known.email.clone_from(&order.email),
                OrderPart::Phone => known.phone.clone_from(&order.phone),
                OrderPart::Customer => known.customer.clone_from(&order.customer),
                OrderPart::BillingAddress => {
                    known.billing_address.clone_from(&order.billing_address)
                }
                OrderPart::ShippingAddress => {
                    known.shipping_address.clone_from(&order.shipping_address);
                }
                OrderPart::Transactions if order.transactions.is_empty() => {}
                OrderPart::Transactions => {
                    known.transactions.clone_from(&order.transactions);
                    known.payment = Some(Payment::of(order));
                }
            }
        }
        known
    }
}
