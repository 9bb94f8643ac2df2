//! Products into the POS, and what a plugin that maps none says.

use domain::id::ExternalId;
use domain::refined::{Product, ProductStatus, ProductVariant};
use domain::time::Timestamp;
use rust_decimal::Decimal;
use tillgate_mappers::{Answer, Capabilities, MapFailure, ProductRun};

use crate::{hostile_plugin, mappers, settings, standard_plugin};

fn variant(id: i64, title: &str) -> ProductVariant {
    ProductVariant {
        id: ExternalId(id),
        title: title.to_owned(),
        sku: Some(format!("SKU-{id}")),
        barcode: Some("4006381333931".to_owned()),
        price: Decimal::new(1999, 2),
        compare_at_price: Some(Decimal::new(2_400, 2)),
        position: 1,
        inventory_item_id: Some(ExternalId(id + 1_000)),
        inventory_quantity: Some(3),
        taxable: true,
        updated_at: Some(Timestamp::from_millis(1_795_000_000_000)),
    }
}

fn product(variants: Vec<ProductVariant>) -> Product {
    Product {
        id: ExternalId(5),
        title: "Shirt".to_owned(),
        handle: Some("shirt".to_owned()),
        vendor: Some("Maker".to_owned()),
        product_type: Some("Clothes".to_owned()),
        status: ProductStatus::Active,
        tags: vec!["new".to_owned()],
        created_at: None,
        updated_at: Timestamp::from_millis(1_795_000_000_000),
        variants,
        variants_complete: true,
    }
}

fn map(variants: Vec<ProductVariant>) -> ProductRun {
    let (product, cad) = (product(variants), "CAD".parse().unwrap());
    mappers().map_product(standard_plugin(), &product, cad, &settings(&[]), b"{}".as_slice())
}

#[test]
fn a_product_becomes_drafts_of_the_same_variants() {
    let run = map(vec![variant(71, "Medium"), variant(72, "Large")]);
    let Ok(Answer::Mapped(drafts)) = &run.result else { panic!("{run:?}") };
    let told: Vec<_> =
        drafts.iter().map(|draft| (draft.variant_id, draft.name.as_str(), draft.price)).collect();
    let price = Decimal::new(1999, 2);
    assert_eq!(
        told,
        [
            (Some(ExternalId(71)), "Shirt - Medium", price),
            (Some(ExternalId(72)), "Shirt - Large", price)
        ]
    );
    assert_eq!(drafts[0].department.as_deref(), Some("Clothes"));
    let again = map(vec![variant(71, "Medium"), variant(72, "Large")]);
    assert_eq!((run.document, run.output_digest), (again.document, again.output_digest));
    assert_eq!((run.input_digest, run.fuel), (again.input_digest, again.fuel));
    assert_ne!(run.input_digest, map(vec![variant(71, "Medium")]).input_digest);
}

#[test]
fn a_product_without_variants_is_left_out_and_one_of_too_many_is_not_tried() {
    assert!(matches!(map(Vec::new()).result, Ok(Answer::Skipped(_))));
    let many = map((0..1_001).map(|id| variant(id, "x")).collect());
    assert!(
        matches!(&many.result, Err(MapFailure::Refused(failure)) if failure.detail.contains("1001"))
    );
    assert_eq!(many.fuel, 0);
}

#[test]
fn a_refusal_of_a_product_is_told_as_one_of_an_order_is() {
    let product = product(vec![variant(71, "Medium")]);
    let cad = "CAD".parse().unwrap();
    let run =
        mappers().map_product(hostile_plugin(), &product, cad, &settings(&[]), b"".as_slice());
    let Err(MapFailure::Refused(failure)) = &run.result else { panic!("{run:?}") };
    assert_eq!(failure.to_string(), "MAPPING_REFUSED: products are not mapped");
}

#[test]
fn a_plugin_tells_what_it_is() {
    let standard = mappers().standard();
    let can = Capabilities { map_order: true, map_product: true, publish_product: false };
    let bytes = include_bytes!("../../../plugins/standard/standard.wasm");
    let inspection = mappers().inspect(bytes).unwrap();
    assert_eq!((inspection.capabilities, inspection.size_bytes), (can, bytes.len()));
    assert_eq!(standard.capabilities(), can);
    assert_eq!((standard.contract(), standard.size_bytes()), (inspection.contract, bytes.len()));
}
