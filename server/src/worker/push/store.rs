//! Talking to a store about its stock.

use std::collections::BTreeMap;

use domain::id::ExternalId;
use domain::push::{Hold, Known, PushEnd};
use domain::time::Timestamp;

use super::open::{Ended, Open};
use crate::providers::{Access, ItemLevel, Provider, ProviderError};

/// A store and the right to talk to it.
pub(super) struct Store<'s> {
    pub(super) provider: &'s dyn Provider,
    pub(super) access: &'s Access,
}

impl Store<'_> {
    /// Asks what the store has. What it does not have or count ends here. A quantity that is news counts as changed just
    /// now: it may be due to an order whose delivery is still under way.
    pub(super) async fn ask(
        &self,
        unknown: Vec<Open>,
        now: Timestamp,
        ended: &mut Vec<Ended>,
    ) -> Result<Vec<Open>, ProviderError> {
        let mut by_location: BTreeMap<ExternalId, Vec<Open>> = BTreeMap::new();
        for push in unknown {
            by_location.entry(push.claimed.key.location_id).or_default().push(push);
        }
        let mut known = Vec::new();
        for (location, pushes) in by_location {
            let items: Vec<_> = pushes.iter().map(|it| it.claimed.key.inventory_item_id).collect();
            let levels = self.provider.levels(self.access, location, &items).await?;
            for (mut push, level) in pushes.into_iter().zip(levels) {
                let (quantity, at) = match level {
                    ItemLevel::Gone => {
                        ended.push((push.claimed, PushEnd::Held(Hold::Gone)));
                        continue;
                    }
                    ItemLevel::Untracked => {
                        ended.push((push.claimed, PushEnd::Held(Hold::Untracked)));
                        continue;
                    }
                    ItemLevel::NeverStocked => (None, None),
                    ItemLevel::Pieces { quantity, at } => (Some(quantity), at),
                };
                push.claimed.known = Some(Known { quantity, at, changed_at: Some(now) });
                known.push(push);
            }
        }
        Ok(known)
    }
}
