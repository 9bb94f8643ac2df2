//! What we know of the store: its objects, in one form whatever source they came from.
//!
//! A webhook's body (REST-shaped), a page of the Admin API and a line of a bulk file all become these types at the
//! provider's door. Adding a resource adds a file here and one of the same name at each boundary (ARCHITECTURE.md).

mod order;
mod product;
mod version;

pub use order::{
    Address, Attribute, Customer, DiscountAllocation, DiscountApplication, Fulfillment, LineItem,
    Order, Refund, RefundLine, RestockType, ShippingLine, TaxLine, Transaction,
};
pub use product::{Product, ProductStatus, ProductVariant};
pub use version::{Authority, Version};

/// The kinds of store objects that have refined tables.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ObjectType {
    /// An order with its lines, refunds and transactions.
    Order,
    /// A product with its variants.
    Product,
}

impl ObjectType {
    /// The name in tables and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Product => "product",
        }
    }

    /// The kind of that name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Order, Self::Product].into_iter().find(|kind| kind.as_str() == text)
    }
}
