//! What a store is to show of a POS product, and what it shows.

use std::fmt::Write as _;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::id::ExternalId;
use crate::pos::PosProduct;
use crate::time::Timestamp;

/// Characters of a name that stand in a handle.
const NAME_CHARACTERS_MAX: usize = 60;

/// What a store is to show of a POS product.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Listing {
    /// The name.
    pub title: String,
    /// The seller's own number.
    pub sku: Option<String>,
    /// Price of one piece, in the store's currency.
    pub price: Decimal,
}

impl Listing {
    /// Of this product.
    pub fn of(product: &PosProduct) -> Self {
        Self {
            title: product.name.clone(),
            sku: product.sku.clone(),
            price: product.price.normalize(),
        }
    }
}

/// What the store shows of a variant, as it told last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// The variant's product.
    pub product_id: ExternalId,
    /// The seller's own number.
    pub sku: Option<String>,
    /// Price of one piece.
    pub price: Decimal,
    /// When it last changed, by the store's clock.
    pub updated_at: Option<Timestamp>,
}

impl Shown {
    /// Whether that is what it is to show. A SKU that the POS does not have is the merchant's own.
    pub(super) fn is(&self, listing: &Listing) -> bool {
        self.price == listing.price && (listing.sku.is_none() || self.sku == listing.sku)
    }

    pub(super) fn is_before(&self, at: Timestamp) -> bool {
        self.updated_at.is_none_or(|updated| updated <= at)
    }
}

/// The last part of the address of the product that is made for a POS product of that name. `mark` makes it one product's
/// own; as long as both are the same, making the product again makes no second one.
pub fn handle(name: &str, mark: [u8; 6]) -> String {
    let mut handle = String::new();
    for character in name.chars().take(NAME_CHARACTERS_MAX) {
        if character.is_ascii_alphanumeric() {
            handle.push(character.to_ascii_lowercase());
        } else if !handle.is_empty() && !handle.ends_with('-') {
            handle.push('-');
        }
    }
    if !handle.is_empty() && !handle.ends_with('-') {
        handle.push('-');
    }
    for byte in mark {
        // Writing to a string does not fail.
        let _ = write!(handle, "{byte:02x}");
    }
    handle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_readable_and_its_products_own() {
        let mark = [0, 1, 2, 3, 4, 255];
        assert_eq!(handle("Thé  vert, 100 g!", mark), "th-vert-100-g-0001020304ff");
        assert_eq!(handle("茶", mark), "0001020304ff");
        assert!(handle(&"x".repeat(500), mark).len() < 100);
    }
}
