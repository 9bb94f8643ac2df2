//! What mutations take.

use async_graphql::{ID, InputObject};
use domain::money::Currency;
use domain::pos::PosProduct;

use crate::error::Problem;
use crate::graphql::scalar::{Decimal, Long};

/// Which Shopify store to connect to which business.
#[derive(InputObject, Debug)]
pub(super) struct ConnectShopifyInput {
    /// The business.
    pub(super) business_id: ID,
    /// The store, for instance `example.myshopify.com`.
    pub(super) shop: String,
}

/// Whose store to let go of.
#[derive(InputObject, Debug)]
pub(super) struct DisconnectInput {
    /// The business.
    pub(super) business_id: ID,
}

/// Whose store to poll.
#[derive(InputObject, Debug)]
pub(super) struct PollNowInput {
    /// The business.
    pub(super) business_id: ID,
}

/// Whose store to poll.
#[derive(InputObject, Debug)]
pub(super) struct DebugPollInput {
    /// The business.
    pub(super) business_id: ID,
}

/// Whose subscriptions to look at.
#[derive(InputObject, Debug)]
pub(super) struct HealSubscriptionsInput {
    /// The business.
    pub(super) business_id: ID,
}

/// Which delivery to process once more.
#[derive(InputObject, Debug)]
pub(super) struct ReplayDeliveryInput {
    /// The business.
    pub(super) business_id: ID,
    /// The delivery.
    pub(super) delivery_id: ID,
}

/// Which products to put into the POS's catalogue.
#[derive(InputObject, Debug)]
pub(super) struct UpsertPosProductsInput {
    /// The business.
    pub(super) business_id: ID,
    /// The products, 1 to 250.
    pub(super) products: Vec<PosProductInput>,
}

/// A product of the POS's catalogue.
#[derive(InputObject, Debug)]
pub(super) struct PosProductInput {
    /// The POS's own id: 1 to 128 printable characters.
    id: ID,
    /// The seller's own number; links a store variant with the same one.
    sku: Option<String>,
    /// The name to print: 1 to 255 plain characters.
    name: String,
    /// Price of one piece.
    price: Decimal,
    /// The price's currency, by its ISO 4217 code.
    currency: String,
    /// Whether it is on sale.
    #[graphql(default = true)]
    active: bool,
}

/// Which variant of the store to link to which POS product.
#[derive(InputObject, Debug)]
#[expect(clippy::struct_field_names, reason = "these are the schema's names")]
pub(super) struct LinkProductInput {
    /// The business.
    pub(super) business_id: ID,
    /// The store's variant.
    pub(super) variant_id: ID,
    /// The POS product.
    pub(super) pos_product_id: ID,
}

/// What was counted.
#[derive(InputObject, Debug)]
pub(super) struct SetStockInput {
    /// The business.
    pub(super) business_id: ID,
    /// The POS product.
    pub(super) pos_product_id: ID,
    /// Where: a store location by its number, or another name of 1 to 64 characters; `default` where it is missing.
    pub(super) location: Option<String>,
    /// Pieces that lie there.
    pub(super) quantity: Long,
}

/// The products in the words of `domain`.
pub(super) fn read_products(inputs: Vec<PosProductInput>) -> Result<Vec<PosProduct>, Problem> {
    inputs.into_iter().enumerate().map(|(index, input)| read_product(index, input)).collect()
}

fn read_product(index: usize, input: PosProductInput) -> Result<PosProduct, Problem> {
    let currency: Currency = input.currency.parse().map_err(|error| {
        let field = format!("input.products.{index}.currency");
        Problem::input(&field, format!("is {error}"))
    })?;
    Ok(PosProduct {
        id: input.id.0,
        sku: input.sku,
        name: input.name,
        price: input.price.0,
        currency,
        active: input.active,
    })
}
