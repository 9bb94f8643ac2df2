//! Faults on request: what real stores and networks do to an app on a bad day.

use std::time::Duration;

use rand::Rng;
use rand::rngs::SmallRng;
use serde::{Deserialize, Serialize};

/// How often each fault happens, of a thousand times that it could.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// A delivery is sent twice, with the same id.
    pub duplicate: u32,
    /// A delivery is sent again under another id.
    pub duplicate_with_new_id: u32,
    /// A delivery comes late, by up to [`Faults::delay_millis_max`], so that later ones overtake it.
    pub delay: u32,
    /// The longest delay.
    pub delay_millis_max: u64,
    /// A delivery and all that follow are held back for two seconds, and then come at once.
    pub burst: u32,
    /// A delivery is never sent.
    pub drop: u32,
    /// Somebody else sends a delivery with a wrong signature beside the real one.
    pub forged: u32,
    /// The API answers 429.
    pub too_many_requests: u32,
    /// The API answers `THROTTLED`.
    pub throttled: u32,
    /// The API answers 503.
    pub unavailable: u32,
    /// The API answers 503 to everything after that many calls, counted from when the faults were set.
    pub unavailable_after: Option<u32>,
    /// The API takes its time.
    pub slow: u32,
    /// The API's answer breaks off.
    pub truncated: u32,
    /// All of the shop's tokens are revoked.
    pub token_revoked: u32,
    /// One of the shop's subscriptions is removed.
    pub subscription_removed: u32,
}

/// How long a slow answer takes.
pub(crate) const SLOW: Duration = Duration::from_millis(1_500);
/// How long deliveries gather before a burst.
pub(crate) const GATHERING: Duration = Duration::from_secs(2);

impl Faults {
    /// Duplicates, delays, reordering, bursts, drops and throttling, as often as in a bad week.
    pub const fn demo() -> Self {
        Self {
            duplicate: 80,
            duplicate_with_new_id: 30,
            delay: 150,
            delay_millis_max: 4_000,
            burst: 1,
            drop: 30,
            forged: 20,
            too_many_requests: 20,
            throttled: 40,
            unavailable: 20,
            unavailable_after: None,
            slow: 10,
            truncated: 10,
            token_revoked: 0,
            subscription_removed: 0,
        }
    }
}

/// Whether a fault of that frequency happens now.
pub(crate) fn strikes(per_mille: u32, rng: &mut SmallRng) -> bool {
    per_mille > 0 && rng.random_range(0..1_000) < per_mille
}
