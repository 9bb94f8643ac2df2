//! From the store's product to the till's: one for each of its variants.

use plugins::product_types::{PosProduct, Product, ProductStatus};
use plugins::setting;
use plugins::types::{MapError, Setting};

use crate::order::named;

pub fn map_product(
    product: Product,
    currency: &str,
    settings: &[Setting],
) -> Result<Vec<PosProduct>, MapError> {
    if let Some(tag) = setting(settings, "skip_tag")
        && product.tags.iter().any(|of_product| of_product == tag)
    {
        return Err(MapError::Skip(format!("products tagged {tag} are not for the till")));
    }
    let active = matches!(product.status, ProductStatus::Active | ProductStatus::Unlisted);
    let products = product.variants.into_iter().map(|variant| PosProduct {
        name: named(&product.title, Some(&variant.title)),
        variant_id: Some(variant.id.clone()),
        id: variant.id,
        sku: variant.sku,
        barcode: variant.barcode,
        department: product.product_type.clone(),
        price: variant.price,
        currency: currency.to_owned(),
        taxable: variant.taxable,
        active,
        attributes: Vec::new(),
    });
    Ok(products.collect())
}
