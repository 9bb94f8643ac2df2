//! One scenario's world: a gateway on an empty database, a simulated Shopify, a shop, a business, and a clock that is
//! moved by hand.
//!
//! Scenarios come in by the front doors: GraphQL, signed deliveries, a browser's way through OAuth. Nothing waits for a
//! time to pass: [`TestWorld::settle`] moves the gateway's clock to whatever is due next.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a harness of tests: whatever fails here fails the test"
)]

mod build;
mod clock;
mod lists;
pub mod mapper;
mod neighbour;
mod place;
mod pos;
mod rows;
mod stock;
mod webhook;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use domain::access::Role;
use domain::id::BusinessId;
use mappers::Compiler;
use rand::rngs::SmallRng;
use server::demo::{Caller, Comparison, compare, connect, put_catalogue};
use server::{App, Gateway};
use simulator::{Change, OrderSpec, Simulator, Store, StoreSettings};
use storage::Tenant;
use tokio::net::TcpListener;

use build::{build, caller, config, new_business, token};
pub use clock::MovableClock;
pub use lists::{code_of, find};
pub use neighbour::Neighbour;
pub use place::{Place, on_each_place};
pub use pos::{Pos, Sent};
pub use webhook::{Answer, Webhook};

/// The shop of a world.
pub const SHOP: &str = "world.myshopify.com";
/// The app's secret.
pub const SECRET: &str = "simulated-secret";
/// Where merchants end up.
pub const FRONTEND: &str = "http://127.0.0.1:9/pos";
/// How long a condition may take to come true.
pub const WAIT_MAX: Duration = Duration::from_secs(40);
/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// How far the clock is moved at once for what is due later: not as far as a lease lasts.
const STEP_MILLIS_MAX: i64 = 10_000;

/// What a world is to be like.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Orders that the shop holds at first.
    pub orders: usize,
    /// Products that the shop holds.
    pub products: usize,
    /// How long an access token lasts.
    pub token_life: Duration,
    /// Settings of the gateway besides.
    pub settings: Vec<(&'static str, String)>,
    /// What compiles plugins; without one they are compiled in this process, and shared with other worlds.
    pub compiler: Option<Compiler>,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            orders: 0,
            products: 4,
            token_life: Duration::from_hours(1),
            settings: Vec::new(),
            compiler: None,
        }
    }
}

/// A world. It must be ended with [`TestWorld::finish`], which checks that nothing is left to do.
#[derive(Debug)]
pub struct TestWorld {
    /// The stores.
    pub simulator: Simulator,
    /// The gateway's time.
    pub clock: Arc<MovableClock>,
    /// The business that the scenario is about.
    pub business: BusinessId,
    /// Its admin.
    pub admin: Caller,
    /// How the gateway is reached.
    pub base: String,
    /// Where its metrics are served, if the settings name an address for them.
    pub metrics: Option<SocketAddr>,
    place: Place,
    wish: Wish,
    gateway: Option<Gateway>,
}

impl TestWorld {
    /// A world whose business is connected to its shop, with the import done and nothing in the POS's catalogue.
    pub async fn connected(place: &Place) -> Self {
        Self::connected_as(place, Wish::default()).await
    }

    /// The same, not quite usual.
    pub async fn connected_as(place: &Place, wish: Wish) -> Self {
        let world = Self::start_as(place, wish).await;
        let landed = connect(&world.admin, SHOP).await.unwrap();
        assert_eq!(landed, format!("{FRONTEND}?connected=true"));
        world.imported(&world.admin).await;
        world.settle().await;
        world
    }

    /// A world in which nothing is connected yet.
    pub async fn start(place: &Place) -> Self {
        Self::start_as(place, Wish::default()).await
    }

    /// The same, not quite usual.
    pub async fn start_as(place: &Place, wish: Wish) -> Self {
        let settings = simulator::Settings {
            token_life: wish.token_life,
            first_retry: Duration::from_millis(50),
            points_per_second: 100_000,
            ..simulator::Settings::default()
        };
        let simulator = Simulator::start(settings).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let base = format!("http://{address}");
        let clock = Arc::new(MovableClock::default());
        let app = build(|| config(place, &base, &simulator, &wish), &clock, &wish).await;
        app.storage.migrate().await.unwrap();
        let business = new_business(&app, "World").await;
        let admin = caller(&app, &base, Role::Admin, &[business]);
        let mut gateway = Gateway::start_on(app, listener, address);
        let metrics = gateway.serve_metrics().await.unwrap();
        let (products, orders) = (wish.products, wish.orders);
        let world = Self {
            simulator,
            clock,
            business,
            admin,
            base,
            metrics,
            place: place.clone(),
            wish,
            gateway: Some(gateway),
        };
        world.add_shop(SHOP, products, orders);
        world
    }

    /// Adds a shop to the simulator.
    pub fn add_shop(&self, domain: &str, products: usize, orders: usize) {
        self.simulator.add_shop(&StoreSettings {
            domain: domain.to_owned(),
            currency: "CAD".to_owned(),
            seed: 11,
            products,
            orders,
            big_ids: true,
        });
    }

    /// What the gateway's parts use, for what no front door shows.
    pub fn app(&self) -> &App {
        self.gateway.as_ref().unwrap().app()
    }

    /// The business's tables.
    pub fn tenant(&self) -> Tenant {
        self.app().storage.tenant(self.business)
    }

    /// The address of the gateway's database.
    pub fn database_url(&self) -> &str {
        self.place.database_url()
    }

    /// Whether it runs on `PostgreSQL`.
    pub fn is_postgres(&self) -> bool {
        self.place.database_url().starts_with("postgres")
    }

    /// Somebody with that role in these businesses; calls are about the first of them.
    pub fn caller(&self, role: Role, businesses: &[BusinessId]) -> Caller {
        caller(self.app(), &self.base, role, businesses)
    }

    /// Somebody with that role in these businesses who calls about one that may not be among them.
    pub fn caller_about(&self, role: Role, businesses: &[BusinessId], about: BusinessId) -> Caller {
        let token = token(self.app(), role, businesses);
        Caller::new(&self.base, &token, &about.to_string()).unwrap()
    }

    /// A token for that role in the scenario's business.
    pub fn token(&self, role: Role) -> String {
        token(self.app(), role, &[self.business])
    }

    /// Another business, and its admin.
    pub async fn other_business(&self) -> (BusinessId, Caller) {
        let business = new_business(self.app(), "Another").await;
        (business, self.caller(Role::Admin, &[business]))
    }

    /// Changes the shop at the next whole second of the gateway's clock, and delivers what it tells of it. Returns the
    /// id of what changed.
    pub fn change(
        &self,
        change: impl FnOnce(&mut Store, &mut SmallRng, DateTime<Utc>) -> Option<Change>,
    ) -> i64 {
        self.change_in(SHOP, change)
    }

    /// The same in another shop.
    pub fn change_in(
        &self,
        shop: &str,
        change: impl FnOnce(&mut Store, &mut SmallRng, DateTime<Utc>) -> Option<Change>,
    ) -> i64 {
        let now = self.clock.next_second();
        let changed = self.simulator.change(shop, |store, rng, _| change(store, rng, now));
        changed.unwrap_or_else(|| panic!("nothing changed in {shop}"))
    }

    /// Changes the shop and delivers nothing. Returns what would have been told.
    pub fn change_quietly(
        &self,
        change: impl FnOnce(&mut Store, &mut SmallRng, DateTime<Utc>) -> Option<Change>,
    ) -> Change {
        let now = self.clock.next_second();
        let mut told = None;
        self.simulator.change(SHOP, |store, rng, _| {
            told = change(store, rng, now);
            None
        });
        told.unwrap_or_else(|| panic!("nothing changed in {SHOP}"))
    }

    /// The shop sells pieces of variants; each `lines` is a variant and how many pieces.
    pub fn sell(&self, lines: &[(i64, i64)]) -> i64 {
        let spec = OrderSpec { lines: lines.to_vec(), location_id: None, paid: true };
        self.change(|store, _, now| Some(store.create_order_with(spec, now)))
    }

    /// Variants of the shop that are goods.
    pub fn variants(&self) -> Vec<i64> {
        let read = self.simulator.read(SHOP, |store| {
            let goods = store.products.values().filter(|product| !product.gift_card);
            goods.flat_map(|product| &product.variants).map(|variant| variant.id).collect()
        });
        read.unwrap()
    }

    /// Puts a POS product for each variant, and links them.
    pub async fn put_catalogue(&self) {
        put_catalogue(&self.admin, &self.simulator, SHOP).await.unwrap();
        self.settle().await;
    }

    /// Waits until the first import of a caller's business is through.
    pub async fn imported(&self, caller: &Caller) {
        self.eventually("the import ends", async || {
            let document =
                "query($businessId: ID!) { connection(businessId: $businessId) { lastSyncedAt } }";
            let answer = caller.call(document, serde_json::json!({})).await.unwrap();
            answer["connection"]["lastSyncedAt"].is_string()
        })
        .await;
    }

    /// Waits until `condition` holds.
    pub async fn eventually(&self, what: &str, mut condition: impl AsyncFnMut() -> bool) {
        let deadline = Instant::now() + WAIT_MAX;
        while !condition().await {
            assert!(Instant::now() < deadline, "in vain on {}: {what}", self.place.name());
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until every delivery has arrived and is processed, moving the clock to what is due later.
    pub async fn settle(&self) {
        let system = self.app().storage.system();
        self.eventually("everything is processed", async || {
            // Looked at before the queue: what has arrived by now is in the queue.
            let arrived = self.simulator.deliveries().pending == 0;
            let depth = system.queue_depth().await.unwrap();
            if depth.ready + depth.running == 0 {
                return arrived;
            }
            let now = self.app().now();
            let due = system.due_at().await.unwrap().map_or(now, |due| due);
            if depth.running == 0 && due > now {
                let ahead = now.until(due).as_millis();
                let ahead = i64::try_from(ahead).unwrap().min(STEP_MILLIS_MAX);
                self.clock.advance(ahead);
                self.app().storage.hints().wake_workers();
            }
            false
        })
        .await;
    }

    /// Has the store polled, and waits until orders and products are through.
    pub async fn poll(&self) {
        let done = async || {
            let log = self.admin.all("syncLog", "kind status").await.unwrap();
            log.iter().filter(|e| e["kind"] == "PRODUCT_POLL" && e["status"] != "RUNNING").count()
        };
        let before = done().await;
        self.admin.mutate("pollNow", serde_json::json!({}), "syncLogEntry { id }").await.unwrap();
        self.eventually("the poll ends", async || done().await > before).await;
        self.settle().await;
    }

    /// The store's books beside the gateway's.
    pub async fn comparison(&self) -> Comparison {
        let connection = self.tenant().connections().await.unwrap().swap_remove(0);
        let since = DateTime::from_timestamp_millis(connection.cutover_at.millis()).unwrap();
        let books = self.simulator.books(SHOP, since).unwrap();
        compare(&self.admin, &books).await.unwrap()
    }

    /// Sends a delivery to an address below the gateway's.
    pub async fn send(&self, path: &str, webhook: &Webhook) -> Answer {
        self.post(path, webhook.headers(), webhook.body.clone()).await
    }

    /// Posts whatever to an address below the gateway's.
    pub async fn post(&self, path: &str, headers: Vec<(String, String)>, body: Vec<u8>) -> Answer {
        let mut request = self.admin.http().post(format!("{}{path}", self.base)).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        Answer::of(request.send().await.unwrap()).await
    }

    /// The path that the shop delivers to.
    pub fn webhook_path(&self) -> String {
        let all = self.simulator.subscriptions(SHOP);
        let (_, url) = all.first().unwrap_or_else(|| panic!("{SHOP} has no subscription"));
        url.strip_prefix(&self.base).unwrap().to_owned()
    }

    /// Ends the world, once nothing is left to do and the ledger's sums are those of its movements.
    pub async fn finish(mut self) {
        self.settle().await;
        let totals = self.tenant().totals().await.unwrap();
        assert_eq!(totals.movement_sum, totals.stock_sum, "levels are the sums of movements");
        self.end().await;
    }

    /// Ends a world whose database was broken on purpose.
    pub async fn abandon(mut self) {
        self.end().await;
    }

    async fn end(&mut self) {
        if let Some(gateway) = self.gateway.take() {
            gateway.stop().await;
        }
    }
}

impl Drop for TestWorld {
    fn drop(&mut self) {
        let ended = self.gateway.is_none();
        assert!(ended || std::thread::panicking(), "the world was not finished");
    }
}
