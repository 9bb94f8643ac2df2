//! Typed identifiers.
//!
//! Ids that the gateway makes are UUIDs of version 7, built from a time and random bytes that the caller supplies, so
//! that they sort by age. Ids of the store are 64-bit: real ones exceed 2^53 and must never pass through a float.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::time::Timestamp;

/// Random bytes an id is made of.
pub type Entropy = [u8; 10];

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// An id that sorts by `now`, made unique by `entropy`.
            pub fn new(now: Timestamp, entropy: &Entropy) -> Self {
                let millis = u64::try_from(now.millis()).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, entropy).into_uuid())
            }

            /// Wraps an id that is already one of this kind.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare value, for storage.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
            }
        }
    };
}

/// The text is not an identifier of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id")]
pub struct InvalidId;

uuid_id! {
    /// A business: the tenant that everything stored belongs to.
    BusinessId
}
uuid_id! {
    /// A connection of a business to one store.
    ConnectionId
}
uuid_id! {
    /// One inbox row: something that a store told us, or that we asked it for.
    DeliveryId
}
uuid_id! {
    /// A row of the sync log.
    SyncLogId
}
uuid_id! {
    /// A POS order; the same for all of its versions.
    PosOrderId
}
uuid_id! {
    /// A movement in the stock ledger.
    MovementId
}
uuid_id! {
    /// One execution of a plugin.
    RunId
}
uuid_id! {
    /// A shadow run of a mapper, and its report.
    ShadowReportId
}
uuid_id! {
    /// A repair of what a mapper did.
    MapperRepairId
}
uuid_id! {
    /// A reconciliation: a comparison of everything that the store has with what is here.
    ReconciliationId
}
uuid_id! {
    /// A certificate that everything of a period is accounted for.
    CertificateId
}

/// An identifier in the store's own numbering, for instance `450789469` of `gid://shopify/Order/450789469`.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct ExternalId(pub i64);

impl fmt::Display for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ExternalId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        text.parse().map(Self).map_err(|_| InvalidId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_age_and_survive_text() {
        let older = DeliveryId::new(Timestamp::from_millis(1_000), &[0xff; 10]);
        let newer = DeliveryId::new(Timestamp::from_millis(1_001), &[0; 10]);
        assert!(older < newer);
        assert_eq!(newer.to_string().parse(), Ok(newer));
        assert_eq!("nonsense".parse::<DeliveryId>(), Err(InvalidId));
    }
}
