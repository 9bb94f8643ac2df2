//! Bodies that ask about a person, or about all that is held of a shop.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::wire::scalar::{Id, Loose};

/// The body of the compliance topics. Which fields it has tells them apart.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct PrivacyBody {
    pub shop_id: Option<Id>,
    pub shop_domain: Option<Loose>,
    pub customer: Option<PrivacyCustomer>,
    pub orders_to_redact: Option<Vec<Id>>,
    pub orders_requested: Option<Vec<Id>>,
    pub data_request: Option<IgnoredAny>,
}

/// Whom it is about.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct PrivacyCustomer {
    pub id: Option<Id>,
    pub email: Option<String>,
    pub phone: Option<Loose>,
}
