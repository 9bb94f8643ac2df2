//! Products.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::operation;
use super::page::{Connection, Count, CountVariables, IdVariables, PartVariables};

/// Products in one page.
pub const PRODUCTS_PER_PAGE: u32 = 25;
/// Variants that a product in a page carries; larger products are read on.
pub(crate) const VARIANTS_PER_PRODUCT: u32 = 100;

/// Which page of products.
#[derive(Debug, Clone, Serialize)]
pub struct ProductPageVariables {
    /// How many products.
    pub first: u32,
    /// The end of the page before.
    pub after: Option<String>,
    /// A search query.
    pub query: Option<String>,
    /// Variants of each.
    pub variants: u32,
}

impl ProductPageVariables {
    /// The page after `after` of the products that `query` finds.
    pub fn new(first: u32, after: Option<String>, query: Option<String>) -> Self {
        Self { first, after, query, variants: VARIANTS_PER_PRODUCT }
    }
}

/// A page of products, each as the JSON that the store gave.
#[derive(Debug, Clone, Deserialize)]
pub struct ProductPageData {
    /// The page.
    pub products: Connection<Value>,
}

/// One product.
#[derive(Debug, Clone, Deserialize)]
pub struct ProductData {
    /// The product; none where the store has none of that id.
    pub product: Option<Value>,
}

/// A further page of a product's variants.
#[derive(Debug, Clone, Deserialize)]
pub struct ProductVariantsData {
    /// The product.
    pub product: Option<ProductVariantsPage>,
}

/// Variants, and which version of the product they belong to.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductVariantsPage {
    /// The product's time of change.
    pub updated_at: String,
    /// The variants.
    pub variants: Connection<Value>,
}

/// How many products there are.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductCountData {
    /// The count.
    pub products_count: Option<Count>,
}

operation! {
    /// A page of products by their time of change.
    ProductPage(ProductPageVariables) -> ProductPageData, repeatable: true,
    ["product_page", "product_fragment", "variant_fragment"]
}
operation! {
    /// One product with as many variants as one answer holds.
    ProductById(IdVariables) -> ProductData, repeatable: true,
    ["product_by_id", "product_fragment", "variant_fragment"]
}
operation! {
    /// More variants of one product.
    ProductVariants(PartVariables) -> ProductVariantsData, repeatable: true,
    ["product_variants", "variant_fragment"]
}
operation! {
    /// How many products a query finds.
    ProductCount(CountVariables) -> ProductCountData, repeatable: true,
    ["product_count"]
}
