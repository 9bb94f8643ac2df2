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
    let active = matches!(product.status, ProductStatus::Active | ProductStatus::Unlisted);
    let Product { title, product_type, variants, .. } = product;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn variant(id: &str, title: &str) -> ProductVariant {
        ProductVariant {
            id: id.to_owned(),
            title: title.to_owned(),
            sku: Some(format!("SKU-{id}")),
            barcode: None,
            price: "19.99".to_owned(),
            compare_at_price: None,
            position: 1,
            inventory_item_id: None,
            inventory_quantity: None,
            taxable: true,
            updated_at: None,
            metafields: Vec::new(),
        }
    }

    fn product(status: ProductStatus, variants: Vec<ProductVariant>) -> Product {
        Product {
            id: "1".to_owned(),
            title: "Shirt".to_owned(),
            handle: None,
            vendor: None,
            product_type: Some("Clothes".to_owned()),
            status,
            tags: Vec::new(),
            created_at: None,
            updated_at: "2026-11-21T05:00:00Z".to_owned(),
            metafields: Vec::new(),
            variants,
            variants_complete: true,
        }
    }

    #[test]
    fn every_variant_is_a_product_of_the_till() {
        let shirt = product(
            ProductStatus::Active,
            vec![variant("71", "Medium"), variant("72", "Default Title")],
        );
        let mapped = map_product(shirt, "CAD", &[]).unwrap();
        let told: Vec<_> =
            mapped.iter().map(|one| (one.id.as_str(), one.name.as_str(), one.active)).collect();
        assert_eq!(told, [("71", "Shirt - Medium", true), ("72", "Shirt", true)]);
        assert_eq!(mapped[0].department.as_deref(), Some("Clothes"));
        assert_eq!((mapped[0].price.as_str(), mapped[0].currency.as_str()), ("19.99", "CAD"));
    }

    #[test]
    fn what_is_not_offered_is_not_on_sale() {
        let draft = product(ProductStatus::Draft, vec![variant("71", "Medium")]);
        assert!(!map_product(draft, "CAD", &[]).unwrap()[0].active);
        let empty = map_product(product(ProductStatus::Active, Vec::new()), "CAD", &[]);
        assert!(matches!(empty, Err(MapError::Skip(_))));
    }
}
