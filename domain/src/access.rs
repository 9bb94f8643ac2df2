//! Who asks, and what they may do.

use std::collections::BTreeSet;

use crate::id::BusinessId;

/// What a caller may do in the businesses that they belong to. Each role includes the ones before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// Reads.
    Viewer,
    /// Also runs what the product offers: polls, replays, stock and catalogue.
    Operator,
    /// Also connects and disconnects stores.
    Admin,
    /// The people who run the gateway: every business.
    Platform,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Operator, Self::Admin, Self::Platform];

    /// The name in tokens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
            Self::Platform => "platform",
        }
    }

    /// The role of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// A caller whose token was verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// The token's subject: a person or a machine.
    pub subject: String,
    /// The highest role that the token grants.
    pub role: Role,
    /// The businesses that the token names; a [`Role::Platform`] caller needs none.
    pub businesses: BTreeSet<BusinessId>,
}

/// Why a caller is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    /// The business is not one of the caller's. Answered as if it did not exist, so that ids cannot be probed.
    #[error("no such business")]
    OtherBusiness,
    /// The caller's role is too low.
    #[error("this needs the role {}", needed.as_str())]
    RoleTooLow {
        /// The lowest role that would do.
        needed: Role,
    },
}

impl Caller {
    /// Whether this caller may act with `needed` in `business`.
    pub fn authorize(&self, business: BusinessId, needed: Role) -> Result<(), Refused> {
        if self.role < Role::Platform && !self.businesses.contains(&business) {
            return Err(Refused::OtherBusiness);
        }
        if self.role < needed {
            return Err(Refused::RoleTooLow { needed });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    #[test]
    fn a_caller_reaches_only_their_businesses() {
        let id = |n| BusinessId::new(Timestamp::EPOCH, &[n; 10]);
        let caller = |role| Caller { subject: "s".into(), role, businesses: [id(1)].into() };
        let cases = [
            (Role::Viewer, id(1), Role::Viewer, Ok(())),
            (Role::Viewer, id(2), Role::Viewer, Err(Refused::OtherBusiness)),
            (Role::Viewer, id(1), Role::Admin, Err(Refused::RoleTooLow { needed: Role::Admin })),
            (Role::Admin, id(2), Role::Viewer, Err(Refused::OtherBusiness)),
            (Role::Platform, id(2), Role::Admin, Ok(())),
        ];
        for (role, business, needed, expected) in cases {
            assert_eq!(caller(role).authorize(business, needed), expected);
        }
    }
}
