//! Versions of a store object.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// How much a source's word weighs where two versions carry the same time (T7).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// A delivery: signed, but possibly an old body sent again.
    Delivery,
    /// Read from the store's API: the truth at the time of reading.
    Read,
}

impl Authority {
    /// The name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Read => "read",
        }
    }

    /// The authority of that name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Delivery, Self::Read].into_iter().find(|authority| authority.as_str() == text)
    }
}

/// Which version of an object something is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Version {
    /// The object's own `updated_at`; stores give it to the second.
    pub updated_at: Timestamp,
    /// Where the version came from.
    pub authority: Authority,
    /// SHA-256 of the body that it came in; two sources shape one version differently (T3).
    pub body_hash: [u8; 32],
}
