//! What a store tells of its levels: our own echo, or something that it did by itself (S1.6).

use std::collections::{BTreeMap, HashMap};

use domain::delivery::{Fate, Outcome};
use domain::flow::Incoming;
use domain::id::{ConnectionId, ExternalId};
use domain::push::{Hearing, Told, hear};
use storage::{Heard, StoreError, Tenant};

use super::decide::Decision;
use super::reading::Reading;

/// What we know of the levels that a batch tells of, by connection, item and location.
pub(super) type Levels = HashMap<(ConnectionId, ExternalId, ExternalId), Heard>;

/// Loads it, in one step for each connection.
pub(super) async fn load(tenant: &Tenant, readings: &[Reading]) -> Result<Levels, StoreError> {
    let mut items: BTreeMap<ConnectionId, Vec<ExternalId>> = BTreeMap::new();
    for reading in readings {
        if let Ok(Incoming::Level(told)) = &reading.incoming {
            items.entry(reading.connection.id).or_default().push(told.inventory_item_id);
        }
    }
    let mut levels = Levels::new();
    for (connection, items) in items {
        let heard = tenant.heard(connection, &items).await?;
        let keyed = heard.into_iter().map(|((item, at), heard)| ((connection, item, at), heard));
        levels.extend(keyed);
    }
    Ok(levels)
}

/// What becomes of it. A level that is not pushed is kept and no more; one that the store changed by itself is noted and
/// moves nothing, since the POS owns the stock.
pub(super) fn decide(levels: &Levels, connection: ConnectionId, told: Told) -> Decision {
    let key = (connection, told.inventory_item_id, told.location_id);
    let Some(heard) = levels.get(&key) else {
        return Decision::Fate(Fate::Done(Outcome::Kept));
    };
    match hear(&told, heard.sending, heard.known, heard.known_at) {
        Hearing::Echo => Decision::Fate(Fate::Done(Outcome::Unchanged)),
        Hearing::Stale => Decision::Fate(Fate::Done(Outcome::Stale)),
        Hearing::Changed => Decision::Level { told },
    }
}
