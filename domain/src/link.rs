//! Links between store variants and POS products.

use std::collections::HashMap;

use crate::id::ExternalId;

/// Which POS product stands behind each variant; a variant that is absent is unlinked (S0.41).
pub type Links = HashMap<ExternalId, String>;

/// How a link came about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LinkOrigin {
    /// Someone linked the two.
    Manual,
    /// Both carry the same SKU.
    Sku,
}

impl LinkOrigin {
    /// The name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Sku => "sku",
        }
    }
}
