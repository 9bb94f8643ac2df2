//! A simulator with one shop, a client for it, and a receiver of its deliveries.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use shopify::operation::{SubscriptionCreate, SubscriptionInput, SubscriptionVariables};
use shopify::{API_VERSION, Access, Client, Jitter, Retry, Secret, Shop, ShopUrl};
use tillgate_simulator::{Settings, Simulator, StoreSettings};

pub(crate) const SHOP: &str = "doors.myshopify.com";
pub(crate) const SECRET: &str = "simulated-secret";
pub(crate) const SCOPES: [&str; 4] =
    ["read_orders", "read_products", "read_inventory", "read_locations"];
/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn settings() -> Settings {
    Settings { first_retry: Duration::from_millis(5), ..Settings::default() }
}

/// A simulator with one shop of so many products and orders.
pub(crate) async fn simulator(settings: Settings, products: usize, orders: usize) -> Simulator {
    let simulator = Simulator::start(settings).await.unwrap();
    simulator.add_shop(&StoreSettings {
        domain: SHOP.to_owned(),
        currency: "CAD".to_owned(),
        seed: 7,
        products,
        orders,
        big_ids: true,
    });
    simulator
}

/// A client of the app that the simulator knows.
pub(crate) fn client(simulator: &Simulator) -> Client {
    let settings = shopify::Settings {
        client_id: "simulated-app".to_owned(),
        client_secret: Secret::new(SECRET),
        previous_client_secret: None,
        api_version: API_VERSION.to_owned(),
        shop_url_template: ShopUrl::parse(&simulator.shop_url_template()).unwrap(),
        redirect_uri: "http://127.0.0.1:9/callback?from=store".to_owned(),
        scopes: SCOPES.map(str::to_owned).to_vec(),
    };
    let retry = Retry { base: Duration::from_millis(4), ..Retry::usual(Jitter::new(|| 3)) };
    Client::new(settings, retry).unwrap()
}

/// Access by a token that a merchant made by hand.
pub(crate) fn access(simulator: &Simulator) -> Access {
    let token = simulator.permanent_token(SHOP, &SCOPES).unwrap();
    Access { shop: shop(), token: Secret::new(token) }
}

pub(crate) fn shop() -> Shop {
    Shop::parse(SHOP).unwrap()
}

/// A delivery that was received.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) genuine: bool,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> String {
        self.headers[name].to_str().unwrap().to_owned()
    }

    pub(crate) fn webhook_id(&self) -> String {
        self.header("x-shopify-webhook-id")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A receiver that believes only what is signed with the app's secret.
#[derive(Clone, Default)]
pub(crate) struct Receiver {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    received: Mutex<Vec<Received>>,
    down: AtomicBool,
}

impl Receiver {
    /// Starts one, and returns its address as well.
    pub(crate) async fn start() -> (Self, String) {
        let receiver = Self::default();
        let router = Router::new().route("/hooks", post(receive)).with_state(receiver.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/hooks", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (receiver, uri)
    }

    /// Has it answer 503, or as usual.
    pub(crate) fn set_down(&self, down: bool) {
        self.inner.down.store(down, Ordering::SeqCst);
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.inner.received.lock().unwrap().clone()
    }

    /// The distinct ids of those deliveries that are genuine.
    pub(crate) fn ids(&self) -> BTreeSet<String> {
        let received = self.received();
        received.iter().filter(|one| one.genuine).map(Received::webhook_id).collect()
    }
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let genuine = shopify::webhook::verify(&[&Secret::new(SECRET)], &headers, &body).is_ok();
    receiver.inner.received.lock().unwrap().push(Received { headers, body, genuine });
    match (genuine, receiver.inner.down.load(Ordering::SeqCst)) {
        (_, true) => StatusCode::SERVICE_UNAVAILABLE,
        (false, false) => StatusCode::UNAUTHORIZED,
        (true, false) => StatusCode::OK,
    }
}

/// Subscribes through the API; returns the problem that the store names, if any.
pub(crate) async fn subscribe(
    client: &Client,
    access: &Access,
    topic: &str,
    uri: &str,
) -> Option<String> {
    let variables = SubscriptionVariables {
        topic: topic.to_owned(),
        subscription: SubscriptionInput { uri: uri.to_owned(), format: "JSON" },
    };
    let answer = client.execute::<SubscriptionCreate>(access, &variables).await.unwrap();
    let created = answer.data.webhook_subscription_create.unwrap();
    assert_eq!(created.webhook_subscription.is_some(), created.user_errors.is_empty());
    created.user_errors.into_iter().next().map(|error| error.message)
}

/// Waits until no delivery is under way.
pub(crate) async fn settled(simulator: &Simulator) {
    tokio::time::timeout(PATIENCE, simulator.settled()).await.unwrap();
}

/// Waits until a condition holds.
pub(crate) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
