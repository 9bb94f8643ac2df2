//! What can be told to the demonstration.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Orders that the store holds already.
    #[arg(long, default_value_t = 500)]
    pub(super) orders: usize,
    /// New orders a second.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(super) rate: u32,
    /// What the store's chances are drawn from.
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// Stops by itself after this long, for instance `30s` or `2m`, and compares the store's books with the gateway's.
    #[arg(long = "for", value_name = "TIME", value_parser = time)]
    pub(super) lasting: Option<Duration>,
    /// Duplicates, delays, reorders and drops deliveries, and throttles the store's API.
    #[arg(long)]
    pub(super) faults: bool,
    /// The address of the gateway.
    #[arg(long, default_value = "127.0.0.1:4000")]
    pub(super) listen: SocketAddr,
    /// Where its data goes; what an earlier demonstration left there is removed.
    #[arg(long, default_value = "data")]
    pub(super) data_dir: PathBuf,
}

/// Arguments of `simulator`.
#[derive(Debug, Args)]
pub(crate) struct SimulatorArguments {
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:4100")]
    pub(super) listen: SocketAddr,
    /// The app's id.
    #[arg(long, env = "SHOPIFY_CLIENT_ID", default_value = "simulated-app")]
    pub(super) client_id: String,
    /// The app's secret, with which deliveries are signed.
    #[arg(
        long,
        env = "SHOPIFY_CLIENT_SECRET",
        default_value = "simulated-secret",
        hide_env_values = true
    )]
    pub(super) client_secret: String,
    /// The shop that is there from the beginning; further ones can be added under `/control/shops`.
    #[arg(long, default_value = "demo.myshopify.com")]
    pub(super) shop: String,
    /// Its orders.
    #[arg(long, default_value_t = 100)]
    pub(super) orders: usize,
    /// New orders a second; 0 for a store that rests.
    #[arg(long, default_value_t = 0)]
    pub(super) rate: u32,
    /// What chances are drawn from.
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
}

/// Reads a time like `30s`, `2m` or `1h`; a number alone means seconds.
fn time(text: &str) -> Result<Duration, String> {
    let (digits, seconds) = match text.as_bytes().last() {
        Some(b's') => (&text[..text.len() - 1], 1),
        Some(b'm') => (&text[..text.len() - 1], 60),
        Some(b'h') => (&text[..text.len() - 1], 3_600),
        _ => (text, 1),
    };
    let number: u64 = digits.parse().map_err(|_| "must be like 30s, 2m or 1h".to_owned())?;
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(time("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(time("2m"), Ok(Duration::from_mins(2)));
        assert_eq!(time("7"), Ok(Duration::from_secs(7)));
        assert!(time("soon").is_err());
    }
}
