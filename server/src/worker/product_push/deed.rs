//! What is done for one product.

use std::collections::BTreeMap;

use domain::code::Code;
use domain::delivery::Failure;
use domain::id::ExternalId;
use domain::money::Currency;
use domain::pos::PosProduct;
use domain::product_push::{
    ClaimedProductPush, Deed, LinkedVariant, Listing, ProductHold, ProductPushEnd, handle,
    next_deed,
};
use sha2::{Digest as _, Sha256};
use storage::{StoreError, Tenant};

use crate::actions::catalog::telling;
use crate::app::App;
use crate::providers::{Access, NewProduct, Provider, ProviderError, Told, VARIANT_UPDATES_MAX};

/// What keeps a batch from going on.
pub(super) enum Interrupted {
    Storage(StoreError),
    Store(ProviderError),
    /// There is no token, or none to be had now.
    Access(Failure),
}

impl Interrupted {
    /// Why, and whether trying again may help.
    pub(super) fn told(&self) -> (Failure, bool) {
        match self {
            Self::Storage(error) => (Failure::from(error), true),
            Self::Store(error) => {
                // An answer that broke off says nothing about what was done, and doing it again changes nothing.
                let broken = matches!(error, ProviderError::Broken { .. });
                (Failure::from(error.clone()), broken || error.retryable())
            }
            Self::Access(failure) => (failure.clone(), failure.code != Code::ReauthRequired),
        }
    }
}

impl From<StoreError> for Interrupted {
    fn from(error: StoreError) -> Self {
        Self::Storage(error)
    }
}

impl From<ProviderError> for Interrupted {
    fn from(error: ProviderError) -> Self {
        Self::Store(error)
    }
}

/// A store and the right to talk to it.
pub(super) struct Store<'s> {
    pub(super) app: &'s App,
    pub(super) tenant: &'s Tenant,
    pub(super) provider: &'s dyn Provider,
    pub(super) access: &'s Access,
    pub(super) currency: Currency,
}

impl Store<'_> {
    /// Has the store show a product.
    pub(super) async fn bring(
        &self,
        push: &ClaimedProductPush,
        product: &PosProduct,
        variants: &[LinkedVariant],
    ) -> Result<ProductPushEnd, Interrupted> {
        let listing = Listing::of(product);
        let pushed = push.pushed.as_ref();
        let deed = match next_deed(product, self.currency, pushed, variants, self.app.now()) {
            // Linked by its SKU before it was published: buyers may not see yet what was made.
            Deed::Nothing | Deed::Update(_) if push.making => Deed::Create,
            deed => deed,
        };
        match deed {
            Deed::Nothing => Ok(ProductPushEnd::Done { listing, product_id: None, sent: false }),
            Deed::Hold(why) => Ok(ProductPushEnd::Held(why)),
            Deed::Update(variants) => self.update(listing, variants).await,
            Deed::Create => self.make(push, product, listing).await,
        }
    }

    async fn update(
        &self,
        listing: Listing,
        variants: Vec<(ExternalId, ExternalId)>,
    ) -> Result<ProductPushEnd, Interrupted> {
        let mut by_product: BTreeMap<ExternalId, Vec<(ExternalId, Listing)>> = BTreeMap::new();
        for (product, variant) in variants {
            by_product.entry(product).or_default().push((variant, listing.clone()));
        }
        for (product, variants) in by_product {
            for part in variants.chunks(VARIANT_UPDATES_MAX) {
                let told = self.provider.update_variants(self.access, product, part).await?;
                if let Told::Refused(why) = told {
                    return Ok(refused(why));
                }
            }
        }
        Ok(ProductPushEnd::Done { listing, product_id: None, sent: true })
    }

    /// Makes the product, shows it to buyers, and links it. A crash at any point repeats what was done, which changes
    /// nothing.
    async fn make(
        &self,
        push: &ClaimedProductPush,
        product: &PosProduct,
        listing: Listing,
    ) -> Result<ProductPushEnd, Interrupted> {
        let handle = handle(&product.name, self.mark(product));
        self.tenant.begin_product(push).await?;
        let new = NewProduct { handle, listing: listing.clone() };
        let made = match self.provider.make_product(self.access, &new).await? {
            Told::Done(made) => made,
            Told::Refused(why) => return Ok(refused(why)),
        };
        let published = self.provider.publish_product(self.access, made.product_id).await?;
        if let Told::Refused(why) = published {
            return Ok(refused(why));
        }
        let telling = telling(self.app, self.tenant.business_id());
        let now = self.app.now();
        match self.tenant.link(made.variant_id, &product.id, now, telling).await {
            Ok(_) => {}
            Err(StoreError::NotFound(_)) => return Ok(ProductPushEnd::Held(ProductHold::Removed)),
            Err(error) => return Err(error.into()),
        }
        self.app.storage.hints().wake_workers();
        let product_id = Some(made.product_id);
        Ok(ProductPushEnd::Done { listing, product_id, sent: true })
    }

    /// What makes the product's handle its own.
    fn mark(&self, product: &PosProduct) -> [u8; 6] {
        let mut digest = Sha256::new();
        digest.update(self.tenant.business_id().uuid().as_bytes());
        digest.update(product.id.as_bytes());
        let digest: [u8; 32] = digest.finalize().into();
        std::array::from_fn(|index| digest[index])
    }
}

fn refused(why: String) -> ProductPushEnd {
    ProductPushEnd::Failed(Failure::new(Code::PushRefused, why))
}
