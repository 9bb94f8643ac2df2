//! Objects as the Admin API gives them, in the selection of our own documents.

mod order;
mod product;

pub use order::{
    Address, Adjustment, Allocation, Application, ApplicationValue, Attribute, CashRounding,
    Customer, Duty, EmailAddress, Fulfillment, FulfillmentLine, Indexed, LineItem, Order,
    PhoneNumber, Refund, RefundLine, RefundShippingLine, ShippingLine, TaxLine, Transaction,
    Weight,
};
pub use product::{Product, Variant, VariantsCount};

use serde::Deserialize;

use super::scalar::{Amount, Id};

/// An amount; the currency stands once on the order.
#[derive(Debug, Clone, Deserialize)]
pub struct Money {
    /// How much.
    pub amount: Option<Amount>,
}

/// One amount in both currencies.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MoneyBag {
    /// As the shop keeps its books.
    pub shop_money: Option<Money>,
    /// As the buyer saw it.
    pub presentment_money: Option<Money>,
}

/// An object of which only the id is asked for.
#[derive(Debug, Clone, Deserialize)]
pub struct Reference {
    /// The id.
    pub id: Option<Id>,
}

/// The nodes of a connection that was read to its end.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Nodes<T> {
    /// The objects.
    pub nodes: Option<Vec<T>>,
    /// Whether it was.
    pub page_info: Option<PageInfo>,
}

/// Whether a connection goes on.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PageInfo {
    /// Whether it does.
    pub has_next_page: Option<bool>,
}

impl<T> Nodes<T> {
    /// Whether objects are missing.
    pub fn is_cut(&self) -> bool {
        self.page_info.as_ref().and_then(|info| info.has_next_page).unwrap_or(false)
    }
}
