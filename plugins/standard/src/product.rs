//! Products into the POS.

use plugins::product_types::{PosProduct, Product, ProductStatus, ProductVariant};
use plugins::types::{MapError, Metafield, Setting};

use crate::settings::Settings;
use plugins::money::{Money, Side};

/// Maps a product to one POS product per variant, by the variant's id unless the settings say another number.
pub fn map_product(
    product: Product,
    currency: &str,
    settings: &[Setting],
) -> Result<Vec<PosProduct>, MapError> {
    let settings = Settings::read(settings)?;
    if product.variants.is_empty() {
        return Err(MapError::Skip("a product without variants".to_owned()));
    }
    let active = matches!(product.status, ProductStatus::Active | ProductStatus::Unlisted);
    let Product { title, product_type, variants, metafields, .. } = product;
    let mapping = Mapping {
        settings: &settings,
        money: Money::new(Side::Shop, currency),
        title: &title,
        department: product_type.filter(|name| !name.is_empty()),
        metafields: &metafields,
        currency,
        active,
    };
    variants
        .into_iter()
        .enumerate()
        .map(|(index, variant)| mapping.pos_product(index, variant))
        .collect()
}

/// What all variants of a product have in common.
struct Mapping<'a> {
    settings: &'a Settings<'a>,
    money: Money,
    title: &'a str,
    department: Option<String>,
    metafields: &'a [Metafield],
    currency: &'a str,
    active: bool,
}

impl Mapping<'_> {
    fn pos_product(
        &self,
        index: usize,
        mut variant: ProductVariant,
    ) -> Result<PosProduct, MapError> {
        let settings = self.settings;
        let name = if variant.title.is_empty() || variant.title == "Default Title" {
            self.title.to_owned()
        } else {
            [self.title, " - ", &variant.title].concat()
        };
        let id = settings.links.product_id(index, &variant, self.metafields)?;
        let (price, attributes) =
            settings.prices(index, &mut variant, self.metafields, self.money)?;
        Ok(PosProduct {
            id,
            variant_id: Some(variant.id),
            sku: variant.sku,
            barcode: variant.barcode,
            name,
            department: self.department.clone(),
            price,
            currency: self.currency.to_owned(),
            taxable: variant.taxable,
            active: self.active,
            attributes,
        })
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

    fn with(pairs: &[(&str, &str)]) -> Vec<Setting> {
        let pairs = pairs.iter().map(|(key, value)| (String::from(*key), String::from(*value)));
        pairs.map(|(key, value)| Setting { key, value }).collect()
    }

    fn metafield(key: &str, kind: &str, value: &str) -> Metafield {
        Metafield {
            namespace: "pos".to_owned(),
            key: key.to_owned(),
            kind: kind.to_owned(),
            value: value.to_owned(),
        }
    }

    #[test]
    fn the_tenant_says_what_identifies_a_product() {
        let ids = |places: &str| {
            let mut numbered = variant("71", "Medium");
            numbered.metafields = vec![metafield("number", "single_line_text_field", "N-1")];
            let mut coded = variant("72", "Large");
            coded.barcode = Some("4006381333931".to_owned());
            let mut bare = variant("73", "Small");
            bare.sku = Some(String::new());
            let shirt = product(ProductStatus::Active, vec![numbered, coded, bare]);
            let settings = with(&[("links", &format!("{{\"products\": {places}}}"))]);
            map_product(shirt, "CAD", &settings)
                .map(|mapped| mapped.into_iter().map(|one| one.id).collect::<Vec<_>>().join(" "))
        };
        let all = r#"["metafield:pos.number", "barcode", "sku", "variant"]"#;
        assert_eq!(ids(all).unwrap(), "N-1 4006381333931 73");
        assert_eq!(ids(r#"["sku", "variant"]"#).unwrap(), "SKU-71 SKU-72 73");
        let MapError::InvalidInput(errors) = ids(r#"["sku", "barcode"]"#).unwrap_err() else {
            panic!()
        };
        assert_eq!(
            (errors[0].path.as_str(), errors[0].message.as_str()),
            ("variants[2]", "has none of settings.links.products, which are sku, barcode")
        );
    }

    #[test]
    fn prices_come_from_lists_in_steps() {
        let prices = |settings: &[(&str, &str)]| {
            let mut reduced = variant("71", "Medium");
            reduced.compare_at_price = Some("24.99".to_owned());
            reduced.metafields =
                vec![metafield("vip", "money", r#"{"amount": "15.50", "currency_code": "CAD"}"#)];
            let mut shirt = product(ProductStatus::Active, vec![reduced, variant("72", "Large")]);
            shirt.metafields = vec![metafield("trade", "number_decimal", "11.11")];
            let mapped = map_product(shirt, "CAD", &with(settings)).unwrap();
            let told = mapped.iter().map(|one| {
                let others = one.attributes.iter();
                let others: Vec<_> =
                    others.map(|other| format!(" {}={}", other.key, other.value)).collect();
                format!("{}{}", one.price, others.concat())
            });
            told.collect::<Vec<_>>()
        };
        assert_eq!(prices(&[]), ["19.99", "19.99"]);
        let nickels = ("rounding", r#"{"prices": "0.05"}"#);
        assert_eq!(prices(&[nickels]), ["20.00", "20.00"]);
        let up = ("rounding", r#"{"prices": "5", "direction": "down"}"#);
        assert_eq!(prices(&[up]), ["15.00", "15.00"]);
        let lists = r#"[
            {"name": "shelf", "from": "compare_at_price"},
            {"name": "half", "percent": "50"},
            {"name": "vip", "from": "metafield:pos.vip"},
            {"name": "trade", "from": "metafield:pos.trade", "percent": "110"}
        ]"#;
        assert_eq!(
            prices(&[("price_lists", lists)]),
            [
                "24.99 price.half=10.00 price.vip=15.50 price.trade=12.22",
                "19.99 price.half=10.00 price.vip=19.99 price.trade=12.22",
            ]
        );
        assert_eq!(
            prices(&[("price_lists", r#"[{"name": "x", "percent": "33.3"}]"#), nickels]),
            ["6.65", "6.65"]
        );
    }

    #[test]
    fn what_is_not_offered_is_not_on_sale() {
        let draft = product(ProductStatus::Draft, vec![variant("71", "Medium")]);
        assert!(!map_product(draft, "CAD", &[]).unwrap()[0].active);
        let empty = map_product(product(ProductStatus::Active, Vec::new()), "CAD", &[]);
        assert!(matches!(empty, Err(MapError::Skip(_))));
    }
}
