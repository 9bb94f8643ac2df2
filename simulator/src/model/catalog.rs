//! Products, their variants, and where they are.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

/// A place with stock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Location {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Whether it is in use.
    pub active: bool,
}

/// Whether a product is for sale.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProductStatus {
    /// For sale.
    Active,
    /// No longer.
    Archived,
    /// Not yet.
    Draft,
}

impl ProductStatus {
    /// The store's word, as REST bodies have it; GraphQL has it in capitals.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
            Self::Draft => "draft",
        }
    }
}

/// A product.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Product {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub title: String,
    /// The last part of its address.
    pub handle: String,
    /// Who makes it.
    pub vendor: String,
    /// Its kind, in the merchant's words.
    pub product_type: String,
    /// Whether it is for sale.
    pub status: ProductStatus,
    /// Labels.
    pub tags: Vec<String>,
    /// Whether it is a gift card.
    pub gift_card: bool,
    /// Whether buyers see it.
    pub published: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it, a variant or its stock last changed.
    pub updated_at: DateTime<Utc>,
    /// Its variants in order; at least one.
    pub variants: Vec<Variant>,
}

/// A variant of a product.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Variant {
    /// Its id.
    pub id: i64,
    /// Its name; `Default Title` where the product has one variant only.
    pub title: String,
    /// The seller's own number; empty for some.
    pub sku: String,
    /// The bar code.
    pub barcode: Option<String>,
    /// Its price in the shop's currency.
    pub price: Decimal,
    /// The price that is struck through.
    pub compare_at_price: Option<Decimal>,
    /// Its place among the variants, from 1.
    pub position: i64,
    /// Whether taxes apply.
    pub taxable: bool,
    /// Whether it is sent.
    pub requires_shipping: bool,
    /// Weight of one piece in grams.
    pub grams: i64,
    /// Its inventory item.
    pub inventory_item_id: i64,
    /// Whether stock is counted.
    pub tracked: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}
