//! A Shopify on this machine: OAuth, Admin API, webhooks, faults, and books of its own.

#![warn(missing_docs)]

mod admin;
mod books;
mod change;
mod clock;
mod control;
mod cost;
mod deliveries;
mod fault;
mod generate;
mod idempotency;
mod live;
mod model;
mod oauth;
mod render;
mod settings;
mod simulator;
mod state;

pub use books::{BookedOrder, Books, NO_LOCATION, Sums};
pub use change::{Change, Event};
pub use deliveries::DeliveryStats;
pub use fault::Faults;
pub use generate::OrderSpec;
pub use live::LiveHandle;
pub use model::{
    Address, Adjustment, Allocation, Application, ApplicationKind, Customer, DiscountValue,
    Fulfillment, LineItem, Location, Money, Order, Product, ProductStatus, Refund, RefundLine,
    RefundShipping, Restock, Scales, ShippingLine, Store, StoreSettings, Target, TaxLine,
    Transaction, TransactionKind, TransactionStatus, Variant, minor_digits,
};
pub use settings::Settings;
pub use simulator::Simulator;
