//! What a store is told of products.

use domain::id::ExternalId;
use domain::product_push::Listing;

/// Variants that one call changes.
pub(crate) const VARIANT_UPDATES_MAX: usize = 100;

/// A product to make.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewProduct {
    /// The last part of its address. Making a product of a handle that is taken brings that one to what is wanted.
    pub handle: String,
    /// What it is to show.
    pub listing: Listing,
}

/// A product that was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MadeProduct {
    /// It.
    pub product_id: ExternalId,
    /// Its one variant.
    pub variant_id: ExternalId,
}

/// What became of something that a store was told. What it refuses is not worth repeating.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Told<T> {
    /// It did it.
    Done(T),
    /// It did not, in its own words.
    Refused(String),
}
