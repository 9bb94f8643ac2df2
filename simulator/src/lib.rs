//! A Shopify on this machine: OAuth, Admin API, webhooks, faults, and books of its own.

#![warn(missing_docs)]

mod books;
mod change;
mod generate;
mod model;
mod render;

pub use books::{BookedOrder, Books, NO_LOCATION, Sums};
pub use change::{Change, Event};
pub use generate::OrderSpec;
pub use model::{
    Address, Adjustment, Allocation, Application, ApplicationKind, Customer, DiscountValue,
    Fulfillment, LineItem, Location, Money, Order, Product, ProductStatus, Refund, RefundLine,
    RefundShipping, Restock, Scales, ShippingLine, Store, StoreSettings, Target, TaxLine,
    Transaction, TransactionKind, TransactionStatus, Variant, minor_digits,
};
