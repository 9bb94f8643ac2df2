//! Products on their way to the store: what it is to show of a POS product, and what has to be done for that (S3.8, S3.33).
//!
//! A push changes what the POS knows of a product and nothing else: of a product that the store has, the price and the SKU
//! of the linked variants; other variants, texts and pictures stay the merchant's. A POS product that is linked to nothing
//! becomes a product of its own.

mod listing;
mod row;

pub use listing::{Listing, Shown, handle};
pub use row::{
    ClaimedProductPush, ProductHold, ProductPush, ProductPushEnd, ProductPushKey, ProductPushState,
};

use std::time::Duration;

use crate::id::ExternalId;
use crate::money::Currency;
use crate::pos::PosProduct;
use crate::time::Timestamp;

/// A variant of the store that is linked to a POS product.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkedVariant {
    /// Which.
    pub variant_id: ExternalId,
    /// What the store shows, as far as it told; none where it never told of the variant.
    pub shown: Option<Shown>,
}

/// What a push has to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Deed {
    /// Nothing: the store shows what it is to show.
    Nothing,
    /// Nothing, for a reason that somebody may remove.
    Hold(ProductHold),
    /// These variants get the listing's price and SKU, each with its product.
    Update(Vec<(ExternalId, ExternalId)>),
    /// The store gets a product.
    Create,
}

/// How long a store may take to tell of a product that we made.
pub const TELLING_MAX: Duration = Duration::from_mins(10);

/// What has to be done for a POS product that is linked to `variants` in a store that sells in `currency`. `pushed` is
/// what was pushed last, and when.
pub fn next_deed(
    product: &PosProduct,
    currency: Currency,
    pushed: Option<&(Listing, Timestamp)>,
    variants: &[LinkedVariant],
    now: Timestamp,
) -> Deed {
    if !product.active {
        return Deed::Hold(ProductHold::Inactive);
    }
    if product.currency != currency {
        return Deed::Hold(ProductHold::ForeignCurrency);
    }
    if variants.is_empty() {
        return Deed::Create;
    }
    let listing = Listing::of(product);
    let last = pushed.filter(|(pushed, _)| *pushed == listing).map(|(_, at)| *at);
    let mut stale = Vec::new();
    for variant in variants {
        match &variant.shown {
            // It is what we made a moment ago, and the store has not told of it yet.
            None if last.is_some_and(|at| at + TELLING_MAX > now) => {}
            None => return Deed::Hold(ProductHold::UnknownVariant),
            Some(shown) if shown.is(&listing) => {}
            // What the store told is older than what we pushed.
            Some(shown) if last.is_some_and(|at| shown.is_before(at)) => {}
            Some(shown) => stale.push((shown.product_id, variant.variant_id)),
        }
    }
    if stale.is_empty() { Deed::Nothing } else { Deed::Update(stale) }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    fn product() -> PosProduct {
        PosProduct {
            id: "tea".to_owned(),
            sku: Some("T-1".to_owned()),
            name: "Tea".to_owned(),
            price: Decimal::new(1_250, 2),
            currency: cad(),
            active: true,
        }
    }

    fn cad() -> Currency {
        "CAD".parse().unwrap()
    }

    fn variant(price: i64, updated_at: i64) -> LinkedVariant {
        let shown = Shown {
            product_id: ExternalId(1),
            sku: Some("T-1".to_owned()),
            price: Decimal::new(price, 2),
            updated_at: Some(Timestamp::from_millis(updated_at)),
        };
        LinkedVariant { variant_id: ExternalId(2), shown: Some(shown) }
    }

    fn pushed(at: i64) -> (Listing, Timestamp) {
        (Listing::of(&product()), Timestamp::from_millis(at))
    }

    #[test]
    fn what_the_store_shows_decides() {
        let stale = Deed::Update(vec![(ExternalId(1), ExternalId(2))]);
        let unknown = LinkedVariant { variant_id: ExternalId(2), shown: None };
        let gone = Deed::Hold(ProductHold::UnknownVariant);
        let mut another = pushed(9);
        another.0.price = Decimal::ONE;
        let cases = [
            (Vec::new(), None, Deed::Create),
            (vec![variant(1_250, 0)], None, Deed::Nothing),
            (vec![variant(999, 0)], None, stale.clone()),
            // Told before we pushed: the store shows ours by now.
            (vec![variant(999, 5)], Some(pushed(9)), Deed::Nothing),
            // Changed by somebody after we pushed.
            (vec![variant(999, 10)], Some(pushed(9)), stale.clone()),
            // Another listing was pushed.
            (vec![variant(999, 5)], Some(another), stale),
            (vec![unknown.clone()], Some(pushed(9)), Deed::Nothing),
            (vec![unknown.clone()], Some(pushed(-3_600_000)), gone.clone()),
            (vec![unknown], None, gone),
        ];
        let now = Timestamp::from_millis(20);
        for (variants, pushed, deed) in cases {
            assert_eq!(
                next_deed(&product(), cad(), pushed.as_ref(), &variants, now),
                deed,
                "{variants:?}"
            );
        }
    }

    #[test]
    fn what_is_not_on_sale_or_priced_elsewise_is_held() {
        let inactive = PosProduct { active: false, ..product() };
        let deed = next_deed(&inactive, cad(), None, &[], Timestamp::EPOCH);
        assert_eq!(deed, Deed::Hold(ProductHold::Inactive));
        let deed = next_deed(&product(), "JPY".parse().unwrap(), None, &[], Timestamp::EPOCH);
        assert_eq!(deed, Deed::Hold(ProductHold::ForeignCurrency));
    }
}
