//! Products into the POS.

use plugins::product_types::{PosProduct, Product, ProductStatus, ProductVariant};
use plugins::types::{MapError, Setting};

/// Maps a product to one POS product per variant, by the variant's id.
pub fn map_product(
    product: Product,
    currency: &str,
    _settings: &[Setting],
) -> Result<Vec<PosProduct>, MapError> {
    if product.variants.is_empty() {
        return Err(MapError::Skip("a product without variants".to_owned()));
    }
    let active = matches!(
        product.status,
        ProductStatus::Active | ProductStatus::Unlisted
    );
    let Product {
        title,
        product_type,
        variants,
        ..
    } = product;
    Ok(variants
        .into_iter()
        .map(|variant| pos_product(variant, &title, product_type.as_ref(), currency, active))
        .collect())
}

fn pos_product(
    variant: ProductVariant,
    product_title: &str,
    department: Option<&String>,
    currency: &str,
    active: bool,
) -> PosProduct {
    let name = if variant.title.is_empty() || variant.title == "Default Title" {
        product_title.to_owned()
    } else {
        [product_title, " - ", &variant.title].concat()
    };
    PosProduct {
        id: variant.id.clone(),
        variant_id: Some(variant.id),
        sku: variant.sku,
        barcode: variant.barcode,
        name,
        department: department.filter(|name| !name.is_empty()).cloned(),
        price: variant.price,
        currency: currency.to_owned(),
        taxable: variant.taxable,
        active,
        attributes: Vec::new(),
    }
}
