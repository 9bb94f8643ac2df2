//! Products into the POS, with whose they are.

use plugins::invalid;
use plugins::product_types::{PosProduct, Product, ProductVariant};
use plugins::types::{Attribute, MapError, Setting};

use crate::goods::{NO_TRUTH, truth};
use crate::settings::{self, CONSIGNOR, EVENT, MARKDOWN, Settings};

/// Maps a product as the standard mapper does, and tells the till whose it is.
pub fn map_product(
    product: Product,
    currency: &str,
    settings: &[Setting],
) -> Result<Vec<PosProduct>, MapError> {
    let (own, standards) = settings::split(settings);
    let settings = Settings::read(own)?;
    let variants = product.variants.iter().enumerate();
    let told = variants
        .map(|(index, variant)| fields(index, variant, &product, &settings))
        .collect::<Result<Vec<_>, _>>()?;
    let mut mapped = standard::map_product(product, currency, &standards)?;
    for (one, fields) in mapped.iter_mut().zip(told) {
        one.attributes.extend(fields);
    }
    Ok(mapped)
}

/// The three fields, as far as the product has them.
fn fields(
    index: usize,
    variant: &ProductVariant,
    product: &Product,
    settings: &Settings<'_>,
) -> Result<Vec<Attribute>, MapError> {
    let path = |field: &str| format!("variants[{index}].{field}");
    let mut fields = Vec::new();
    for (field, places) in
        [(CONSIGNOR, &settings.consignor), (EVENT, &settings.event), (MARKDOWN, &settings.markdown)]
    {
        match places.in_variant(variant, product) {
            Some(text) if field == MARKDOWN && truth(text).is_none() => {
                return Err(invalid(path(field), NO_TRUTH));
            }
            Some(text) => {
                fields.push(Attribute { key: field.to_owned(), value: text.to_owned() });
            }
            None if settings.refuse_products => return Err(invalid(path(field), "is missing")),
            None => {}
        }
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use plugins::product_types::ProductStatus;
    use plugins::types::Metafield;

    use super::*;

    fn field(key: &str, value: &str) -> Metafield {
        Metafield {
            namespace: "custom".to_owned(),
            key: key.to_owned(),
            kind: "single_line_text_field".to_owned(),
            value: value.to_owned(),
        }
    }

    /// A coat that has these fields, and its only variant those.
    fn coat(fields: &[(&str, &str)], of_variant: &[(&str, &str)]) -> Product {
        let metafields = |fields: &[(&str, &str)]| {
            fields.iter().map(|(key, value)| field(key, value)).collect::<Vec<_>>()
        };
        Product {
            id: "1".to_owned(),
            title: "Coat".to_owned(),
            handle: None,
            vendor: Some("Atelier".to_owned()),
            product_type: None,
            status: ProductStatus::Active,
            tags: Vec::new(),
            created_at: None,
            updated_at: "2026-04-02T09:00:00Z".to_owned(),
            metafields: metafields(fields),
            variants: vec![ProductVariant {
                id: "71".to_owned(),
                title: "Default Title".to_owned(),
                sku: Some("C-9/0042".to_owned()),
                barcode: None,
                price: "100.00".to_owned(),
                compare_at_price: None,
                position: 1,
                inventory_item_id: None,
                inventory_quantity: None,
                taxable: true,
                updated_at: None,
                metafields: metafields(of_variant),
            }],
            variants_complete: true,
        }
    }

    fn told(product: Product, setting: &str) -> Result<String, String> {
        let setting = Setting { key: "consignment".to_owned(), value: setting.to_owned() };
        let mapped = map_product(product, "CAD", &[setting]);
        let pairs = |one: &PosProduct| {
            let pairs = one.attributes.iter().map(|pair| [&*pair.key, "=", &pair.value].concat());
            pairs.collect::<Vec<_>>().join(" ")
        };
        mapped.map(|mapped| pairs(&mapped[0])).map_err(|error| match error {
            MapError::InvalidInput(errors) => format!("{} {}", errors[0].path, errors[0].message),
            other => format!("{other:?}"),
        })
    }

    #[test]
    fn the_till_is_told_whose_it_is() {
        let fields =
            [("consignor_id", "C-17"), ("event_id", "spring"), ("markdown_eligible", "true")];
        let all = "consignor_id=C-17 event_id=spring markdown_eligible=true";
        assert_eq!(told(coat(&fields, &[]), "{}").unwrap(), all);
        let of_variant = told(coat(&fields, &[("consignor_id", "C-18")]), "{}").unwrap();
        assert!(of_variant.starts_with("consignor_id=C-18 "), "{of_variant}");
        let by_number = told(coat(&[], &[]), r#"{"consignor": ["sku-before:/"]}"#).unwrap();
        assert_eq!(by_number, "consignor_id=C-9");
        assert_eq!(told(coat(&[], &[]), "{}").unwrap(), "");
    }

    #[test]
    fn a_required_field_is_asked_for_by_name() {
        let required = r#"{"products": "refuse"}"#;
        let some = [("consignor_id", "C-17"), ("event_id", "spring")];
        let missing = told(coat(&some, &[]), required).unwrap_err();
        assert_eq!(missing, "variants[0].markdown_eligible is missing");
        let wrong = told(coat(&[("markdown_eligible", "1")], &[]), "{}").unwrap_err();
        assert_eq!(wrong, "variants[0].markdown_eligible is neither true nor false");
    }
}
