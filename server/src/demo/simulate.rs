//! `tillgate simulator`.

use std::time::Duration;

use simulator::{Simulator, StoreSettings};

use super::arguments::SimulatorArguments;
use crate::boot::{BootError, stop_signal};
use crate::cli::output;

/// Products of a simulated shop.
pub(super) const PRODUCTS: usize = 40;

/// Runs a simulated Shopify until the process is told to stop.
pub(crate) async fn run(arguments: SimulatorArguments) -> Result<(), BootError> {
    let settings = simulator::Settings {
        listen: arguments.listen,
        client_id: arguments.client_id,
        client_secret: arguments.client_secret,
        seed: arguments.seed,
        ..simulator::Settings::default()
    };
    let address = arguments.listen;
    let refused = |source| BootError::Listen { address, source };
    let simulator = Simulator::start(settings).await.map_err(refused)?;
    simulator.add_shop(&store(&arguments.shop, arguments.seed, arguments.orders));
    let live = (arguments.rate > 0)
        .then(|| simulator.live(&arguments.shop, Duration::from_secs(1) / arguments.rate));
    output::line(&format!("ready SHOPIFY_SHOP_URL={}", simulator.shop_url_template()));
    stop_signal().await;
    if let Some(live) = live {
        live.stop().await;
    }
    simulator.shutdown().await;
    Ok(())
}

/// A shop with some products, and ids as large as real ones.
pub(super) fn store(domain: &str, seed: u64, orders: usize) -> StoreSettings {
    StoreSettings {
        domain: domain.to_owned(),
        currency: "CAD".to_owned(),
        seed,
        products: PRODUCTS,
        orders,
        big_ids: true,
    }
}
