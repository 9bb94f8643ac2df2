//! The key under which a store sets levels once.

use domain::id::ConnectionId;
use domain::push::ClaimedPush;
use domain::time::Timestamp;
use sha2::{Digest as _, Sha256};
use uuid::Builder;

use crate::providers::LevelToSet;

/// A key of what is sent and why: the same pushes, raised by the same movements, decided on the same knowledge, have the
/// same one. So a call that is repeated, by this worker or by the one after it, happens once; and no other has its key.
pub(super) fn key_of(connection: ConnectionId, sending: &[(&ClaimedPush, LevelToSet)]) -> String {
    let mut hash = Sha256::new();
    hash.update(connection.uuid().as_bytes());
    for (claimed, level) in sending {
        let known_at = claimed.known.and_then(|known| known.at).map(Timestamp::millis);
        let numbers = [
            level.inventory_item_id.0,
            level.location_id.0,
            claimed.generation,
            level.quantity,
            i64::from(level.from.is_some()),
            level.from.unwrap_or_default(),
            known_at.unwrap_or(i64::MIN),
        ];
        for number in numbers {
            hash.update(number.to_le_bytes());
        }
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use domain::id::{BusinessId, ExternalId};
    use domain::push::{Known, PushKey};

    use super::*;

    fn push(generation: i64, attempt: u32, lease: i64, from: i64) -> (ClaimedPush, LevelToSet) {
        let connection_id = ConnectionId::new(Timestamp::EPOCH, &[1; 10]);
        let (inventory_item_id, location_id) = (ExternalId(1), ExternalId(2));
        let claimed = ClaimedPush {
            business_id: BusinessId::new(Timestamp::EPOCH, &[2; 10]),
            key: PushKey { connection_id, inventory_item_id, location_id },
            primary: true,
            pos_product_id: "tea".to_owned(),
            generation,
            known: Some(Known { quantity: Some(from), at: None, changed_at: None }),
            attempt,
            lease,
        };
        let level = LevelToSet { inventory_item_id, location_id, quantity: 9, from: Some(from) };
        (claimed, level)
    }

    fn key(pushes: &[(ClaimedPush, LevelToSet)]) -> String {
        let sending: Vec<_> = pushes.iter().map(|(claimed, level)| (claimed, *level)).collect();
        key_of(ConnectionId::new(Timestamp::EPOCH, &[1; 10]), &sending)
    }

    #[test]
    fn a_repetition_has_the_same_key_and_nothing_else_has() {
        let first = key(&[push(1, 1, 7, 3)]);
        assert_eq!(key(&[push(1, 2, 8, 3)]), first, "another worker's attempt");
        let others = [
            vec![push(2, 1, 7, 3)],
            vec![push(1, 1, 7, 4)],
            vec![push(1, 1, 7, 3), push(1, 1, 7, 3)],
        ];
        for other in others {
            assert_ne!(key(&other), first);
        }
    }
}
