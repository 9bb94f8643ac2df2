//! How a simulated Shopify behaves.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// Settings of a [`Simulator`](crate::Simulator).
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The app's id.
    pub client_id: String,
    /// The app's secret: deliveries and callbacks are signed with it.
    pub client_secret: String,
    /// What all that is left to chance is drawn from.
    pub seed: u64,
    /// Points that a shop's bucket regains each second; it holds twenty times as many.
    pub points_per_second: u32,
    /// How long an access token lasts.
    pub token_life: Duration,
    /// The wait before the first of eight retries of a delivery; each further one doubles. A real store takes four hours
    /// for all of them, which makes about one minute here.
    pub first_retry: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            client_id: "simulated-app".to_owned(),
            client_secret: "simulated-secret".to_owned(),
            seed: 1,
            points_per_second: 1_000,
            token_life: Duration::from_secs(3_600),
            first_retry: Duration::from_millis(200),
        }
    }
}
