//! Rows of the catalogue.

use std::collections::HashMap;

use domain::pos::PosProduct;

use crate::entity::pos_product;
use crate::{StoreError, row};

const PRODUCT: row::Of = row::Of("pos_product");

pub(super) fn read_product(model: pos_product::Model) -> Result<PosProduct, StoreError> {
    Ok(PosProduct {
        price: PRODUCT.decimal("price", &model.price)?,
        currency: PRODUCT.currency(&model.currency)?,
        id: model.pos_product_id,
        sku: model.sku,
        name: model.name,
        active: model.active,
    })
}

/// The one carrier of each SKU, where there is one: of (SKU, product, on sale).
pub(super) fn unambiguous(carriers: Vec<(String, String, bool)>) -> HashMap<String, String> {
    let mut by_sku: HashMap<String, (Vec<String>, Vec<String>)> = HashMap::new();
    for (sku, product, active) in carriers {
        let (on_sale, others) = by_sku.entry(sku).or_default();
        if active { on_sale } else { others }.push(product);
    }
    by_sku
        .into_iter()
        .filter_map(|(sku, (on_sale, others))| {
            let candidates = if on_sale.is_empty() { others } else { on_sale };
            <[String; 1]>::try_from(candidates).ok().map(|[product]| (sku, product))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sku_leads_to_a_product_only_without_doubt() {
        let carrier =
            |sku: &str, product: &str, active| (sku.to_owned(), product.to_owned(), active);
        let found = unambiguous(vec![
            carrier("one", "a", true),
            carrier("two", "b", true),
            carrier("two", "c", true),
            carrier("old", "d", false),
            carrier("new", "e", false),
            carrier("new", "f", true),
            carrier("lost", "g", false),
            carrier("lost", "h", false),
        ]);
        let expected = [("one", "a"), ("old", "d"), ("new", "f")];
        assert_eq!(found, expected.map(|(sku, id)| (sku.to_owned(), id.to_owned())).into());
    }
}
