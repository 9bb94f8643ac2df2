//! Drift: an object of which the store and the gateway do not have the same, why, and what mends it.

use crate::code::Code;
use crate::delivery::DeliveryState;
use crate::id::{DeliveryId, ExternalId};
use crate::time::Timestamp;
use crate::words::words;

words! {
    /// How the store and the gateway differ about an object.
    DriftKind {
        /// It is held and was not in the store's list. Nobody was asked about it yet, and nobody is told of it.
        Unseen = "unseen",
        /// The store has it and the gateway does not.
        Missing = "missing",
        /// The store has a newer version.
        Stale = "stale",
        /// The gateway holds it and the store no longer has it: a complete list was without it, and asked for it by its id
        /// the store had none.
        Vanished = "vanished",
    }
}

words! {
    /// How far an object's drift is mended.
    DriftState {
        /// Found.
        Open = "open",
        /// What mends it waits in the inbox.
        Healing = "healing",
        /// Mended.
        Healed = "healed",
        /// Left as it is: something else mends it.
        Left = "left",
        /// What should have mended it did not.
        Unhealed = "unhealed",
    }
}

/// Why an object differs, as far as that can be told (F9).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// A delivery of it became a dead letter.
    Refused {
        /// The delivery.
        delivery_id: DeliveryId,
        /// Why it died.
        code: Code,
    },
    /// A delivery of it waits to be processed again.
    InQueue {
        /// The delivery.
        delivery_id: DeliveryId,
    },
    /// No delivery told of it.
    NeverReceived,
    /// Deliveries wait that nobody has read yet: one of them may be of it.
    Unknown,
}

/// A delivery of an object that is not finished well.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Trace {
    /// The delivery.
    pub delivery_id: DeliveryId,
    /// Where it is.
    pub state: DeliveryState,
    /// Why its last attempt failed.
    pub code: Option<Code>,
}

/// Why an object differs. `traces` are its deliveries that are not finished well, `held` the one that brought the version
/// which is held: what came before that is settled. `unread` says that deliveries wait of which nobody knows the object.
pub fn cause(traces: &[Trace], held: Option<DeliveryId>, unread: bool) -> Cause {
    let later = || traces.iter().filter(|trace| held.is_none_or(|held| trace.delivery_id > held));
    let waiting = later().find(|trace| trace.state != DeliveryState::Dead);
    let newest = later().max_by_key(|trace| trace.delivery_id);
    match (waiting, newest) {
        (Some(waiting), _) => Cause::InQueue { delivery_id: waiting.delivery_id },
        (None, Some(dead)) => Cause::Refused {
            delivery_id: dead.delivery_id,
            code: dead.code.unwrap_or(Code::Internal),
        },
        (None, None) if unread => Cause::Unknown,
        (None, None) => Cause::NeverReceived,
    }
}

/// What mends an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Remedy {
    /// Reading it again.
    Read,
    /// Marking it as removed, by the same way as the store's own word that it is gone.
    Remove,
    /// Nothing: its delivery waits.
    Wait,
    /// Nothing that the gateway can do: it was refused, and would be again.
    Mend,
}

/// What mends an object that differs so, and why.
pub fn remedy(kind: DriftKind, cause: &Cause) -> Remedy {
    match (kind, cause) {
        (DriftKind::Unseen, _) | (_, Cause::InQueue { .. }) => Remedy::Wait,
        (DriftKind::Vanished, _) => Remedy::Remove,
        (_, Cause::Refused { .. }) => Remedy::Mend,
        (_, Cause::NeverReceived | Cause::Unknown) => Remedy::Read,
    }
}

/// An object that differs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drift {
    /// The object.
    pub object_id: ExternalId,
    /// How it differs.
    pub kind: DriftKind,
    /// How far it is mended.
    pub state: DriftState,
    /// Why it differs.
    pub cause: Cause,
    /// When it was made.
    pub created_at: Timestamp,
    /// The time of the store's version, where it has one.
    pub store_updated_at: Option<Timestamp>,
    /// The time of the version that is held, where there is one.
    pub held_updated_at: Option<Timestamp>,
    /// The delivery that mends it.
    pub healed_by: Option<DeliveryId>,
    /// When it was found.
    pub found_at: Timestamp,
}

impl Drift {
    /// What mends it.
    pub fn remedy(&self) -> Remedy {
        remedy(self.kind, &self.cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(second: i64) -> DeliveryId {
        DeliveryId::new(Timestamp::from_millis(second * 1_000), &[0; 10])
    }

    fn trace(second: i64, state: DeliveryState) -> Trace {
        Trace { delivery_id: id(second), state, code: Some(Code::MalformedBody) }
    }

    #[test]
    fn the_cause_is_what_came_after_the_version_that_is_held() {
        let dead = |second| trace(second, DeliveryState::Dead);
        let refused =
            |second| Cause::Refused { delivery_id: id(second), code: Code::MalformedBody };
        let ready = trace(4, DeliveryState::Ready);
        let cases = [
            (vec![], None, false, Cause::NeverReceived),
            (vec![], None, true, Cause::Unknown),
            (vec![dead(5), dead(3)], None, true, refused(5)),
            (vec![dead(5), dead(3)], Some(id(5)), false, Cause::NeverReceived),
            (vec![dead(5), ready], Some(id(3)), false, Cause::InQueue { delivery_id: id(4) }),
        ];
        for (traces, held, unread, expected) in cases {
            assert_eq!(cause(&traces, held, unread), expected, "{traces:?}");
        }
    }

    #[test]
    fn nothing_but_what_is_proven_gone_is_removed() {
        let refused = Cause::Refused { delivery_id: id(1), code: Code::MalformedBody };
        let waiting = Cause::InQueue { delivery_id: id(1) };
        for cause in [refused, waiting, Cause::NeverReceived, Cause::Unknown] {
            for kind in [DriftKind::Unseen, DriftKind::Missing, DriftKind::Stale] {
                assert_ne!(remedy(kind, &cause), Remedy::Remove, "{kind:?} {cause:?}");
            }
        }
        assert_eq!(remedy(DriftKind::Vanished, &Cause::NeverReceived), Remedy::Remove);
        assert_eq!(remedy(DriftKind::Vanished, &waiting), Remedy::Wait);
        assert_eq!(remedy(DriftKind::Missing, &refused), Remedy::Mend);
        assert_eq!(remedy(DriftKind::Missing, &Cause::NeverReceived), Remedy::Read);
    }
}
