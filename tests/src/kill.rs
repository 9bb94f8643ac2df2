//! The kill test: the gateway is killed again and again while a store lives, and in the end both sides' books agree.

mod process;

use std::error::Error;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use serde_json::json;
use server::demo::{Caller, Comparison, compare, complete_catalogue, connect, put_catalogue};
use simulator::{Faults, Simulator, StoreSettings};

pub use process::{GatewayProcess, Place, binary};

/// What can go wrong.
pub type Failure = Box<dyn Error + Send + Sync>;

/// The store that lives.
const SHOP: &str = "kill.myshopify.com";
/// The gateway is killed after living between these times.
const LIFE_MIN: Duration = Duration::from_millis(200);
const LIFE_MAX: Duration = Duration::from_secs(2);
/// How long everything may take to be processed in the end.
const DRAIN_MAX: Duration = Duration::from_mins(3);
/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How to torment the gateway.
#[derive(Clone, Copy, Debug)]
pub struct Torment {
    /// How often it is killed.
    pub kills: u32,
    /// What chances are drawn from.
    pub seed: u64,
    /// Orders that the store holds at first.
    pub orders: usize,
    /// The mean time between two new orders.
    pub between: Duration,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// Both sides' books.
    pub comparison: Comparison,
    /// Deliveries that were acknowledged.
    pub acknowledged: u64,
    /// Movements that one delivery made twice for the same line, product and place.
    pub doubled: usize,
    /// How often the gateway was killed.
    pub kills: u32,
}

impl Outcome {
    /// Whether nothing was lost and nothing happened twice.
    pub fn is_good(&self) -> bool {
        self.comparison.agrees() && self.doubled == 0
    }
}

/// Runs the test on the database at `place`.
pub async fn run(place: Place, torment: Torment) -> Result<Outcome, Failure> {
    let settings = simulator::Settings {
        seed: torment.seed,
        // The gateway is away at times: the store must not give up its subscriptions meanwhile.
        first_retry: Duration::from_millis(300),
        ..simulator::Settings::default()
    };
    let simulator = Simulator::start(settings.clone()).await?;
    simulator.add_shop(&StoreSettings {
        domain: SHOP.to_owned(),
        currency: "CAD".to_owned(),
        seed: torment.seed,
        products: 20,
        orders: torment.orders,
        big_ids: true,
    });
    let mut process = GatewayProcess::prepare(place, &settings, &simulator.shop_url_template())?;
    process.start().await?;
    let caller = process.caller()?;
    let landed = connect(&caller, SHOP).await?;
    if !landed.contains("connected=true") {
        return Err(format!("the store was not connected: {landed}").into());
    }
    put_catalogue(&caller, &simulator, SHOP).await?;
    simulator.set_faults(Faults {
        duplicate: 100,
        delay: 200,
        delay_millis_max: 500,
        ..Faults::default()
    });
    let living = simulator.live(SHOP, torment.between);
    let mut rng = SmallRng::seed_from_u64(torment.seed);
    for _ in 0..torment.kills {
        let life = rng.random_range(LIFE_MIN.as_millis()..LIFE_MAX.as_millis());
        tokio::time::sleep(Duration::from_millis(u64::try_from(life)?)).await;
        process.kill().await?;
        process.start().await?;
    }
    living.stop().await;
    simulator.set_faults(Faults::default());
    let comparison = settle(&simulator, &caller).await?;
    let doubled = doubled_movements(&caller).await?;
    let acknowledged = simulator.deliveries().accepted;
    process.kill().await?;
    simulator.shutdown().await;
    Ok(Outcome { comparison, acknowledged, doubled, kills: torment.kills })
}

/// Waits until all is delivered and processed and both sides agree, or time is up.
async fn settle(simulator: &Simulator, caller: &Caller) -> Result<Comparison, Failure> {
    let deadline = Instant::now() + DRAIN_MAX;
    simulator.settled().await;
    loop {
        caller.mutate("pollNow", json!({}), "syncLogEntry { id }").await?;
        let connection = caller
            .call(
                "query($businessId: ID!) { connection(businessId: $businessId) { cutoverAt } }",
                json!({}),
            )
            .await?;
        let cutover = connection["connection"]["cutoverAt"].as_str().unwrap_or_default();
        let cutover: DateTime<Utc> = cutover.parse()?;
        let books = simulator.books(SHOP, cutover).ok_or("the simulator lost its shop")?;
        complete_catalogue(caller, &books).await?;
        let comparison = compare(caller, &books).await?;
        if comparison.agrees() || Instant::now() > deadline {
            return Ok(comparison);
        }
        tokio::time::sleep(LOOK_EVERY * 5).await;
    }
}

/// Movements that one delivery made twice for the same line, product and place.
async fn doubled_movements(caller: &Caller) -> Result<usize, Failure> {
    let fields = "reason orderId lineItemId posProductId location deliveryId";
    let rows = caller.all("stockMovements", fields).await?;
    let mut effects: Vec<String> =
        rows.iter().filter(|row| row["reason"] == "ORDER").map(ToString::to_string).collect();
    let all = effects.len();
    effects.sort_unstable();
    effects.dedup();
    Ok(all - effects.len())
}

/// Whether `value` became true within `limit`; looked at often.
pub async fn becomes_true(limit: Duration, mut value: impl AsyncFnMut() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    while Instant::now() < deadline {
        if value().await {
            return true;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    false
}
