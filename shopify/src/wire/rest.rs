//! Objects as deliveries carry them: the shape of the older REST API.

mod notice;
mod order;
mod privacy;
mod product;

pub use notice::{InventoryLevel, Notice, OrderEdit, OrderEditBody};
pub use order::{
    Address, Adjustment, Customer, DiscountAllocation, DiscountApplication, DiscountCode, Duty,
    Fulfillment, FulfillmentLine, LineItem, Money, MoneySet, NameValue, Order, Refund, RefundLine,
    ShippingLine, TaxLine, Transaction,
};
pub use privacy::{PrivacyBody, PrivacyCustomer};
pub use product::{Product, Variant, VariantGid};
