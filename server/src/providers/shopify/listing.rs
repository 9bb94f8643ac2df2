//! Products: making, changing and publishing them.

use domain::id::ExternalId;
use domain::money::Currency;
use domain::product_push::Listing;
use shopify::operation::{
    InventoryItemInput, ProductSet, ProductSetVariables, ProductVariantsBulkUpdate,
    ProductVariantsBulkUpdateVariables, PublicationInput, Publications, PublishablePublish,
    PublishablePublishVariables, ShopInfo, UserError, VariantUpdateInput,
};
use shopify::wire::Id;
use shopify::{Access, Client};

use super::super::{MadeProduct, NewProduct, ProviderError, Told};
use super::adapter::{broken, denied, error_of};

/// The currency of the shop's prices.
pub(super) async fn currency(client: &Client, access: &Access) -> Result<Currency, ProviderError> {
    let answer = client.execute::<ShopInfo>(access, &()).await.map_err(error_of)?;
    let code = answer.data.shop.currency_code;
    code.parse().map_err(|_| broken(format!("a shop whose currency is {code:?}")))
}

/// Makes a product.
pub(super) async fn make(
    client: &Client,
    access: &Access,
    product: &NewProduct,
) -> Result<Told<MadeProduct>, ProviderError> {
    let Listing { title, sku, price } = product.listing.clone();
    let handle = product.handle.clone();
    let variables = ProductSetVariables::simple(handle, title, sku, price.to_string());
    let answer = client.execute::<ProductSet>(access, &variables).await.map_err(error_of)?;
    let made = answer.data.product_set.ok_or_else(|| denied("no product was made"))?;
    if let Some(refused) = refused(&made.user_errors) {
        return Ok(Told::Refused(refused));
    }
    let product = made.product.ok_or_else(|| broken("a product was expected"))?;
    let variant = product.variants.nodes.first();
    let variant = variant.ok_or_else(|| broken("a product without variants"))?;
    Ok(Told::Done(MadeProduct {
        product_id: number(&product.id)?,
        variant_id: number(&variant.id)?,
    }))
}

/// Gives variants of one product a price, and a SKU where there is one.
pub(super) async fn update(
    client: &Client,
    access: &Access,
    product: ExternalId,
    variants: &[(ExternalId, Listing)],
) -> Result<Told<()>, ProviderError> {
    let update = |(id, listing): &(ExternalId, Listing)| VariantUpdateInput {
        id: format!("gid://shopify/ProductVariant/{id}"),
        price: listing.price.to_string(),
        inventory_item: InventoryItemInput { sku: listing.sku.clone(), tracked: None },
    };
    let variables = ProductVariantsBulkUpdateVariables {
        product_id: product_gid(product),
        variants: variants.iter().map(update).collect(),
    };
    let answer = client.execute::<ProductVariantsBulkUpdate>(access, &variables).await;
    let done = answer.map_err(error_of)?.data.product_variants_bulk_update;
    let done = done.ok_or_else(|| denied("no variant was changed"))?;
    Ok(refused(&done.user_errors).map_or(Told::Done(()), Told::Refused))
}

/// Shows a product wherever the shop publishes.
pub(super) async fn publish(
    client: &Client,
    access: &Access,
    product: ExternalId,
) -> Result<Told<()>, ProviderError> {
    let answer = client.execute::<Publications>(access, &()).await.map_err(error_of)?;
    let places = answer.data.publications.nodes.into_iter();
    let input: Vec<_> = places.map(|place| PublicationInput { publication_id: place.id }).collect();
    if input.is_empty() {
        return Ok(Told::Done(()));
    }
    let variables = PublishablePublishVariables { id: product_gid(product), input };
    let answer = client.execute::<PublishablePublish>(access, &variables).await;
    let done = answer.map_err(error_of)?.data.publishable_publish;
    let done = done.ok_or_else(|| denied("nothing was published"))?;
    Ok(refused(&done.user_errors).map_or(Told::Done(()), Told::Refused))
}

/// The store's words, where it has any.
fn refused(errors: &[UserError]) -> Option<String> {
    let words = |error: &UserError| match &error.field {
        Some(path) => format!("{}: {}", path.join("."), error.message),
        None => error.message.clone(),
    };
    errors.first().map(words)
}

fn number(gid: &str) -> Result<ExternalId, ProviderError> {
    Id::parse(gid).map(|id| ExternalId(id.0)).ok_or_else(|| broken("an object without an id"))
}

fn product_gid(id: ExternalId) -> String {
    format!("gid://shopify/Product/{id}")
}
