//! Refine: does what came in change what we know?

use std::time::Duration;

use crate::delivery::Source;
use crate::id::ExternalId;
use crate::mapper::Bound;
use crate::privacy::PrivacyRequest;
use crate::push::Told;
use crate::refined::{Authority, ObjectType, Order, Product, Version};
use crate::time::Timestamp;

/// A delivery after the provider read it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Incoming {
    /// A whole order.
    Order(Box<Order>),
    /// A whole product.
    Product(Box<Product>),
    /// Something happened to an object, but the body does not hold it.
    Hint {
        /// Which kind of object.
        kind: ObjectType,
        /// Which one.
        id: ExternalId,
        /// When it happened, where the body tells: a stored version from later than that contains it.
        at: Option<Timestamp>,
    },
    /// The store says that the object is gone.
    Removed {
        /// Which kind of object.
        kind: ObjectType,
        /// Which one.
        id: ExternalId,
    },
    /// An order that we hold is to be mapped and posted again, because what it depends on changed.
    Repost {
        /// The order.
        id: ExternalId,
        /// The mapper whose work a repair does again, where it is one.
        repairs: Option<Bound>,
    },
    /// Variants were linked to POS products: orders that hold them are to be posted again, a page of them at a time.
    Relinked {
        /// The variants.
        variant_ids: Vec<ExternalId>,
        /// Where the page begins, in the storage's word; none for the first.
        after: Option<String>,
    },
    /// How much of an inventory item buyers can buy at a location.
    Level(Told),
    /// The merchant took the app off the store.
    Uninstalled,
    /// The store asks for what is held on a person, or to have it erased.
    Privacy(Box<PrivacyRequest>),
    /// A topic without a table; the body is kept.
    Kept {
        /// The store's word for the kind of object.
        object_type: String,
        /// The object, where the body names one.
        id: Option<ExternalId>,
    },
    /// A topic that the provider does not know.
    Unsupported,
}

impl Incoming {
    /// When the store last changed the object, for whole objects.
    pub fn updated_at(&self) -> Option<Timestamp> {
        match self {
            Self::Order(order) => Some(order.updated_at),
            Self::Product(product) => Some(product.updated_at),
            _ => None,
        }
    }
}

/// What to do with an incoming version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refinement {
    /// Write it.
    Write,
    /// It is what we have.
    Same,
    /// We have a newer one.
    Stale,
    /// Two different bodies claim the same time; only the store can tell which is right.
    Reread,
}

/// Compares an incoming version with the stored one: the newest wins, whatever the order of arrival (T2, T3, T7).
///
/// Stores tell `updated_at` to the second, so two versions can share it. Then a reading of the API outweighs a
/// delivery, and of two deliveries that differ neither can be trusted.
///
/// A version takes the place of another one whole, although a delivery holds no transactions and a reading does not name
/// the member of staff: parts kept from versions before would make what is stored depend on the order of arrival.
pub fn refine(stored: Option<&Version>, incoming: &Version) -> Refinement {
    let Some(stored) = stored else {
        return Refinement::Write;
    };
    if incoming.updated_at != stored.updated_at {
        let newer = incoming.updated_at > stored.updated_at;
        return if newer { Refinement::Write } else { Refinement::Stale };
    }
    if incoming.body_hash == stored.body_hash {
        return Refinement::Same;
    }
    match (incoming.authority, stored.authority) {
        (Authority::Read, _) => Refinement::Write,
        (Authority::Delivery, Authority::Read) => Refinement::Same,
        (Authority::Delivery, Authority::Delivery) => Refinement::Reread,
    }
}

/// What becomes of one of several versions of an object that came in together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The newest: written.
    Winner,
    /// It is what we have, or what won.
    Same,
    /// A newer one is stored or came with it.
    Stale,
    /// Only the store can tell.
    Reread,
}

/// Judges the versions of one object in a batch, in the order given. At most one wins.
pub fn settle(stored: Option<&Version>, incoming: &[Version]) -> Vec<Verdict> {
    let mut order: Vec<usize> = (0..incoming.len()).collect();
    order.sort_by_key(|&at| (incoming[at].updated_at, incoming[at].authority));
    let mut verdicts = vec![Verdict::Stale; incoming.len()];
    let mut winner: Option<usize> = None;
    for at in order {
        let current = winner.map_or(stored, |winner| Some(&incoming[winner]));
        verdicts[at] = match refine(current, &incoming[at]) {
            Refinement::Write => {
                if let Some(beaten) = winner.replace(at) {
                    verdicts[beaten] = Verdict::Stale;
                }
                Verdict::Winner
            }
            Refinement::Same => Verdict::Same,
            Refinement::Stale => Verdict::Stale,
            Refinement::Reread => Verdict::Reread,
        };
    }
    verdicts
}

/// How long after a change a reading of the API is conclusive. Times come to the second, and two clocks are compared:
/// a reading made sooner may have been overtaken by a change that carries the same time.
pub const SETTLING: Duration = Duration::from_secs(2);

/// Whether a reading of the API that was asked for at `asked_at` tells everything that happened at `updated_at`.
pub fn is_settled(asked_at: Timestamp, updated_at: Timestamp) -> bool {
    asked_at >= updated_at + SETTLING
}

/// The version of an object that came in at `received_at`.
pub fn version_of(
    source: Source,
    received_at: Timestamp,
    updated_at: Timestamp,
    body_hash: [u8; 32],
) -> Version {
    let authority =
        if is_settled(received_at, updated_at) { source.authority() } else { Authority::Delivery };
    Version { updated_at, authority, body_hash }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Authority::{Delivery, Read};
    use Refinement::{Reread, Same, Stale, Write};

    fn version(second: i64, authority: Authority, body: u8) -> Version {
        Version {
            updated_at: Timestamp::from_millis(second * 1_000),
            authority,
            body_hash: [body; 32],
        }
    }

    #[test]
    fn the_newest_version_wins_and_ties_are_settled_by_the_store() {
        let stored = version(10, Delivery, 1);
        let read = version(10, Read, 1);
        let cases = [
            (None, version(1, Delivery, 1), Write),
            (Some(&stored), version(11, Delivery, 2), Write),
            (Some(&stored), version(9, Delivery, 2), Stale),
            (Some(&stored), version(9, Read, 2), Stale),
            (Some(&stored), version(10, Delivery, 1), Same),
            (Some(&stored), version(10, Delivery, 2), Reread),
            (Some(&stored), version(10, Read, 2), Write),
            (Some(&read), version(10, Delivery, 2), Same),
            (Some(&read), version(10, Read, 2), Write),
        ];
        for (stored, incoming, expected) in cases {
            assert_eq!(refine(stored, &incoming), expected, "{stored:?} {incoming:?}");
        }
    }

    #[test]
    fn of_several_versions_at_most_one_wins() {
        let versions = [
            version(3, Delivery, 3),
            version(1, Delivery, 1),
            version(2, Delivery, 2),
            version(3, Delivery, 3),
        ];
        let verdicts = settle(Some(&version(1, Delivery, 1)), &versions);
        assert_eq!(verdicts, [Verdict::Winner, Verdict::Same, Verdict::Stale, Verdict::Same]);
        let tie = [version(3, Delivery, 3), version(3, Delivery, 4)];
        assert_eq!(settle(None, &tie), [Verdict::Winner, Verdict::Reread]);
    }

    #[test]
    fn a_reading_within_the_second_of_the_change_proves_nothing() {
        let updated_at = Timestamp::from_millis(10_000);
        let authority = |millis| {
            version_of(Source::Poll, Timestamp::from_millis(millis), updated_at, [0; 32]).authority
        };
        assert_eq!((authority(11_999), authority(12_000)), (Delivery, Read));
    }
}
