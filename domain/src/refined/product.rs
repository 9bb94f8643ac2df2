//! Products.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::id::ExternalId;
use crate::time::Timestamp;

/// A product of the store.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Product {
    /// The store's id.
    pub id: ExternalId,
    /// The name shown to people.
    pub title: String,
    /// The last part of the product's address; can change.
    pub handle: Option<String>,
    /// The vendor.
    pub vendor: Option<String>,
    /// The merchant's own kind.
    pub product_type: Option<String>,
    /// Whether it is on sale.
    pub status: ProductStatus,
    /// Labels.
    pub tags: Vec<String>,
    /// When it was made; a partial source may not tell.
    pub created_at: Option<Timestamp>,
    /// When the store last changed it.
    pub updated_at: Timestamp,
    /// What can be bought; at most 2048.
    pub variants: Vec<ProductVariant>,
    /// Whether `variants` is the complete list: a delivery may carry the first hundred only.
    pub variants_complete: bool,
}

/// Whether a product is on sale.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProductStatus {
    /// On sale.
    Active,
    /// No longer offered.
    Archived,
    /// Not yet offered.
    Draft,
    /// On sale for those who have the link.
    Unlisted,
    /// A status that this version does not know.
    Other,
}

impl ProductStatus {
    /// The status by its name in either of Shopify's spellings.
    pub fn parse(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "active" => Self::Active,
            "archived" => Self::Archived,
            "draft" => Self::Draft,
            "unlisted" => Self::Unlisted,
            _ => Self::Other,
        }
    }

    /// The name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
            Self::Draft => "draft",
            Self::Unlisted => "unlisted",
            Self::Other => "other",
        }
    }
}

/// One form of a product that can be bought.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProductVariant {
    /// The store's id.
    pub id: ExternalId,
    /// The name of this form, for instance `Medium / Black`.
    pub title: String,
    /// The seller's own number.
    pub sku: Option<String>,
    /// The number on the barcode.
    pub barcode: Option<String>,
    /// Price of one piece in the shop's currency.
    pub price: Decimal,
    /// The price before a reduction, where shown.
    pub compare_at_price: Option<Decimal>,
    /// Its place among the product's variants.
    pub position: i64,
    /// The inventory item behind it.
    pub inventory_item_id: Option<ExternalId>,
    /// Pieces available over all locations, where the source tells.
    pub inventory_quantity: Option<i64>,
    /// Whether taxes apply.
    pub taxable: bool,
    /// When the store last changed it.
    pub updated_at: Option<Timestamp>,
}
