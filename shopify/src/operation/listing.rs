//! Products that are made or changed from outside the store.

use serde::{Deserialize, Serialize};

use super::operation;
use super::page::{Connection, UserError};

/// Variants that one call updates. The store takes 250 in a list.
pub const VARIANT_UPDATES_MAX: u32 = 100;
/// The one option, and its one value, of a product without options.
const TITLE: &str = "Title";
const DEFAULT_TITLE: &str = "Default Title";
/// What makes a product one that can be sold.
const ACTIVE: &str = "ACTIVE";

/// A product to make, or to bring to this if there is one of that handle.
#[derive(Debug, Clone, Serialize)]
pub struct ProductSetVariables {
    /// Which product.
    pub identifier: ProductHandle,
    /// What it is to be.
    pub input: ProductSetInput,
}

/// A product by the last part of its address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProductHandle {
    /// The last part of its address.
    pub handle: String,
}

/// What a product is to be. Lists stand for all that there is to be: what they leave out is deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductSetInput {
    /// The name.
    pub title: String,
    /// The last part of its address.
    pub handle: String,
    /// Whether it can be sold.
    pub status: &'static str,
    /// What its variants differ in.
    pub product_options: Vec<OptionSetInput>,
    /// Its variants.
    pub variants: Vec<VariantSetInput>,
}

/// Something that variants differ in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OptionSetInput {
    /// Its name.
    pub name: &'static str,
    /// Its values.
    pub values: Vec<OptionValueSetInput>,
}

/// A value of an option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OptionValueSetInput {
    /// Its name.
    pub name: &'static str,
}

/// What a variant is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VariantSetInput {
    /// Which of the options' values it has.
    pub option_values: Vec<VariantOptionValueInput>,
    /// Price of one piece, in the shop's currency.
    pub price: String,
    /// What lies in stock.
    pub inventory_item: InventoryItemInput,
}

/// The value that a variant has of an option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VariantOptionValueInput {
    /// The option.
    pub option_name: &'static str,
    /// The value.
    pub name: &'static str,
}

/// What lies in stock.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct InventoryItemInput {
    /// The seller's own number; what is not said stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// Whether it is counted; what is not said stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracked: Option<bool>,
}

impl ProductSetVariables {
    /// A product without options, on sale, whose stock is counted.
    pub fn simple(handle: String, title: String, sku: Option<String>, price: String) -> Self {
        let default = VariantOptionValueInput { option_name: TITLE, name: DEFAULT_TITLE };
        let values = vec![OptionValueSetInput { name: DEFAULT_TITLE }];
        let variant = VariantSetInput {
            option_values: vec![default],
            price,
            inventory_item: InventoryItemInput { sku, tracked: Some(true) },
        };
        Self {
            identifier: ProductHandle { handle: handle.clone() },
            input: ProductSetInput {
                title,
                handle,
                status: ACTIVE,
                product_options: vec![OptionSetInput { name: TITLE, values }],
                variants: vec![variant],
            },
        }
    }
}

/// What became of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductSetData {
    /// The payload; none beside an error.
    pub product_set: Option<ProductSetPayload>,
}

/// The product, or why there is none.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductSetPayload {
    /// The product.
    pub product: Option<ProductWithVariant>,
    /// Why nothing was done.
    #[serde(default)]
    pub user_errors: Vec<UserError>,
}

/// A product with its first variant.
#[derive(Debug, Clone, Deserialize)]
pub struct ProductWithVariant {
    /// The global id.
    pub id: String,
    /// The first variant.
    pub variants: Connection<WithId>,
}

/// Something with a global id.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct WithId {
    /// The global id.
    pub id: String,
}

/// Variants of one product, with what is to change of them.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductVariantsBulkUpdateVariables {
    /// The product's global id.
    pub product_id: String,
    /// The variants, at most [`VARIANT_UPDATES_MAX`].
    pub variants: Vec<VariantUpdateInput>,
}

/// What is to change of a variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VariantUpdateInput {
    /// The global id.
    pub id: String,
    /// Price of one piece, in the shop's currency.
    pub price: String,
    /// What lies in stock.
    pub inventory_item: InventoryItemInput,
}

/// What became of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductVariantsBulkUpdateData {
    /// The payload; none beside an error.
    pub product_variants_bulk_update: Option<Refusals>,
}

/// What became of publishing.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PublishablePublishData {
    /// The payload; none beside an error.
    pub publishable_publish: Option<Refusals>,
}

/// Why nothing was done; empty where it was.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusals {
    /// The reasons.
    #[serde(default)]
    pub user_errors: Vec<UserError>,
}

/// The sales channels and other places where things are published.
#[derive(Debug, Clone, Deserialize)]
pub struct PublicationsData {
    /// The first of them: more than a shop has.
    pub publications: Connection<WithId>,
}

/// What to publish, and where.
#[derive(Debug, Clone, Serialize)]
pub struct PublishablePublishVariables {
    /// The product's global id.
    pub id: String,
    /// Where.
    pub input: Vec<PublicationInput>,
}

/// Where something is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PublicationInput {
    /// The publication's global id.
    pub publication_id: String,
}

operation! {
    /// Makes a product, or brings the one of that handle to what is given. Doing it twice does no more.
    ProductSet(ProductSetVariables) -> ProductSetData, repeatable: true, ["product_set"]
}
operation! {
    /// Changes variants of one product, all or none.
    ProductVariantsBulkUpdate(ProductVariantsBulkUpdateVariables) -> ProductVariantsBulkUpdateData,
    repeatable: true, ["product_variants_bulk_update"]
}
operation! {
    /// Where things can be published.
    Publications(()) -> PublicationsData, repeatable: true, ["publications"]
}
operation! {
    /// Publishes a product. Where it is published already, nothing changes.
    PublishablePublish(PublishablePublishVariables) -> PublishablePublishData,
    repeatable: true, ["publishable_publish"]
}
