//! How a simulated Shopify behaves.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// Settings of a [`Simulator`](crate::Simulator).
#[derive(Clone)]
pub struct Settings {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The app's id.
    pub client_id: String,
    /// The app's secret: deliveries and callbacks are signed with it.
    pub client_secret: String,
    /// What all that is left to chance is drawn from.
    pub seed: u64,
    /// Points that a shop's bucket regains each second; it holds twenty times as many. Real stores: 100 (Standard), 200
    /// (Advanced), 1,000 (Plus, the default here), 2,000 (Enterprise). Below 50 the bucket never holds what the dearest
    /// document may ask for.
    pub points_per_second: u32,
    /// How long an access token lasts.
    pub token_life: Duration,
    /// How long a refresh token lasts.
    pub refresh_life: Duration,
    /// The wait before the first of eight retries of a delivery; each further one doubles. All of them together take 255
    /// times as long: four hours in a real store, 51 seconds by default here. Then the subscription is removed, so an
    /// app that may be away for longer needs a longer wait.
    pub first_retry: Duration,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("listen", &self.listen)
            .field("client_id", &self.client_id)
            .field("seed", &self.seed)
            .field("points_per_second", &self.points_per_second)
            .field("token_life", &self.token_life)
            .field("refresh_life", &self.refresh_life)
            .field("first_retry", &self.first_retry)
            .finish_non_exhaustive()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            client_id: "simulated-app".to_owned(),
            client_secret: "simulated-secret".to_owned(),
            seed: 1,
            points_per_second: 1_000,
            token_life: Duration::from_hours(1),
            refresh_life: Duration::from_hours(90 * 24),
            first_retry: Duration::from_millis(200),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_not_shown() {
        assert!(!format!("{:?}", Settings::default()).contains("simulated-secret"));
    }
}
