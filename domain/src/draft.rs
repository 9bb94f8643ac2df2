//! POS products as a plugin proposes them, before the catalogue takes them.

use std::collections::HashSet;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::delivery::Failure;
use crate::id::ExternalId;
use crate::money::Currency;
use crate::personal::Personal;
use crate::pos::PosProduct;
use crate::refined::Product;

/// Drafts that one product may become: as many as the store lets it have variants.
const DRAFTS_MAX: usize = 2_048;

/// A POS product that a plugin makes of a store's product.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PosProductDraft {
    /// The POS's own id, as [`PosProduct::id`].
    pub id: String,
    /// The store's variant that it is sold as, where known.
    pub variant_id: Option<ExternalId>,
    /// The seller's own number.
    pub sku: Option<String>,
    /// The number on the barcode.
    pub barcode: Option<String>,
    /// The name to print.
    pub name: String,
    /// The group that it is reported under.
    pub department: Option<String>,
    /// Price of one piece, in `currency`.
    pub price: Decimal,
    /// The price's currency: the shop's.
    pub currency: Currency,
    /// Whether taxes apply.
    pub taxable: bool,
    /// Whether it is on sale.
    pub active: bool,
    /// Key and value pairs for the till.
    pub attributes: Vec<(String, Personal)>,
}

/// Judges what a plugin made of a product whose prices are in `currency`: the drafts' number, ids, variants, names and
/// prices. The failure names the field.
pub fn accept(
    product: &Product,
    currency: Currency,
    drafts: &[PosProductDraft],
) -> Result<(), Failure> {
    if drafts.len() > DRAFTS_MAX {
        let count = drafts.len();
        let detail = format!("products: has {count} entries, over {DRAFTS_MAX}");
        return Err(Failure::new(Code::InvalidMapping, detail));
    }
    let variants: HashSet<ExternalId> = product.variants.iter().map(|variant| variant.id).collect();
    let mut ids = HashSet::with_capacity(drafts.len());
    for (index, draft) in drafts.iter().enumerate() {
        if let Some((field, problem)) = problem_of(draft, currency, &variants, &mut ids) {
            let detail = format!("products[{index}].{field}: {problem}");
            return Err(Failure::new(Code::InvalidMapping, detail));
        }
    }
    Ok(())
}

/// The first field of the draft that the catalogue could not take.
fn problem_of<'a>(
    draft: &'a PosProductDraft,
    currency: Currency,
    variants: &HashSet<ExternalId>,
    ids: &mut HashSet<&'a str>,
) -> Option<(&'static str, &'static str)> {
    if !PosProduct::is_id(&draft.id) {
        return Some(("id", "is empty, too long, or not printable"));
    }
    if !ids.insert(&draft.id) {
        return Some(("id", "stands twice"));
    }
    if draft.variant_id.is_some_and(|variant| !variants.contains(&variant)) {
        return Some(("variant-id", "is no variant of the product"));
    }
    if draft.name.trim().is_empty() {
        return Some(("name", "is empty"));
    }
    if draft.price.is_sign_negative() && !draft.price.is_zero() {
        return Some(("price", "is negative"));
    }
    (draft.currency != currency).then_some(("currency", "is not the shop's"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refined::{ProductStatus, ProductVariant};
    use crate::time::Timestamp;

    type Change = fn(&mut Vec<PosProductDraft>);

    fn product() -> Product {
        let variant = ProductVariant {
            id: ExternalId(7),
            title: "Small".to_owned(),
            sku: None,
            barcode: None,
            price: Decimal::TEN,
            compare_at_price: None,
            position: 1,
            inventory_item_id: None,
            inventory_quantity: None,
            taxable: true,
            updated_at: None,
        };
        Product {
            id: ExternalId(5),
            title: "Tea".to_owned(),
            handle: None,
            vendor: None,
            product_type: None,
            status: ProductStatus::Active,
            tags: Vec::new(),
            created_at: None,
            updated_at: Timestamp::from_millis(0),
            variants: vec![variant],
            variants_complete: true,
        }
    }

    fn draft(id: &str) -> PosProductDraft {
        PosProductDraft {
            id: id.to_owned(),
            variant_id: Some(ExternalId(7)),
            sku: None,
            barcode: None,
            name: "Tea".to_owned(),
            department: None,
            price: Decimal::TEN,
            currency: "CAD".parse().unwrap(),
            taxable: true,
            active: true,
            attributes: Vec::new(),
        }
    }

    #[test]
    fn drafts_are_believed_only_where_the_catalogue_can_take_them() {
        let cases: [(&str, Change); 8] = [
            ("fine", |_| ()),
            ("products[1].id: stands twice", |drafts| drafts[1].id = "a".to_owned()),
            ("products[0].id: is empty", |drafts| drafts[0].id.clear()),
            ("products[1].variant-id: is no", |drafts| drafts[1].variant_id = Some(ExternalId(8))),
            ("products[0].name: is empty", |drafts| drafts[0].name = " ".to_owned()),
            ("products[0].price: is negative", |drafts| drafts[0].price = -Decimal::ONE),
            ("products[1].currency: is not", |drafts| {
                drafts[1].currency = "USD".parse().unwrap();
            }),
            ("products: has 2049 entries", |drafts| *drafts = vec![draft("a"); 2_049]),
        ];
        for (expected, change) in cases {
            let mut drafts = vec![draft("a"), draft("b")];
            change(&mut drafts);
            let said = accept(&product(), "CAD".parse().unwrap(), &drafts)
                .map_or_else(|failure| failure.detail, |()| "fine".to_owned());
            assert!(said.starts_with(expected), "{said}");
        }
    }
}
