//! Products.

use serde::Deserialize;

use super::{Nodes, Reference};
use crate::wire::scalar::{Amount, Id, Tags, Whole};

/// A product.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    pub id: Option<Id>,
    pub title: Option<String>,
    pub handle: Option<String>,
    pub vendor: Option<String>,
    pub product_type: Option<String>,
    pub status: Option<String>,
    pub tags: Option<Tags>,
    pub created_at: Option<String>,
    pub updated_at: Option<String>,
    pub variants_count: Option<VariantsCount>,
    pub variants: Option<Nodes<Variant>>,
}

/// How many variants there are.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct VariantsCount {
    pub count: Option<Whole>,
}

/// A variant.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Variant {
    pub id: Option<Id>,
    pub title: Option<String>,
    pub sku: Option<String>,
    pub barcode: Option<String>,
    pub price: Option<Amount>,
    pub compare_at_price: Option<Amount>,
    pub position: Option<Whole>,
    pub inventory_item: Option<Reference>,
    pub inventory_quantity: Option<Whole>,
    pub taxable: Option<bool>,
    pub updated_at: Option<String>,
}
