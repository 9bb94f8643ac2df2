//! Every fault can be seen, and none but the wished ones strike.

use std::time::{Duration, Instant};

use serde_json::json;
use shopify::operation::{AccessScopes, OrderCount};
use shopify::{Access, Client, ClientError};
use tillgate_simulator::{Faults, Simulator};

use crate::world::{
    Receiver, SECRET, SHOP, access, client, settings, settled, simulator, subscribe,
};

const ALWAYS: u32 = 1_000;

struct World {
    simulator: Simulator,
    client: Client,
    access: Access,
    receiver: Receiver,
}

impl World {
    async fn start() -> Self {
        let simulator = simulator(settings(), 5, 0).await;
        let (client, access) = (client(&simulator), access(&simulator));
        let (receiver, uri) = Receiver::start().await;
        assert_eq!(subscribe(&client, &access, "ORDERS_CREATE", &uri).await, None);
        Self { simulator, client, access, receiver }
    }

    /// So many new orders while these faults strike, until all deliveries are done.
    async fn sell(&self, orders: usize, faults: Faults) {
        self.simulator.set_faults(faults);
        for _ in 0..orders {
            self.simulator.change(SHOP, |store, rng, now| Some(store.create_order(rng, now)));
        }
        settled(&self.simulator).await;
    }

    /// A call while these faults strike; repetitions by the client included.
    async fn call(&self, faults: Faults) -> Result<(), ClientError> {
        self.simulator.set_faults(faults);
        self.client.execute::<AccessScopes>(&self.access, &()).await.map(|_| ())
    }

    /// The status and body of one plain request.
    async fn ask(&self) -> (u16, String) {
        let url = self.simulator.shop_url_template().replace("{shop}", SHOP);
        let request = reqwest::Client::new()
            .post(format!("{url}/admin/api/2026-10/graphql.json"))
            .header("x-shopify-access-token", self.access.token.reveal())
            .json(&json!({ "query": "{ shop { id name } }" }));
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

#[tokio::test]
async fn duplicates_have_the_same_id_or_another() {
    let world = World::start().await;
    world.sell(10, Faults { duplicate: ALWAYS, ..Faults::default() }).await;
    assert_eq!((world.receiver.received().len(), world.receiver.ids().len()), (20, 10));
    world.sell(10, Faults { duplicate_with_new_id: ALWAYS, ..Faults::default() }).await;
    assert_eq!((world.receiver.received().len(), world.receiver.ids().len()), (40, 30));
}

#[tokio::test]
async fn delayed_deliveries_are_overtaken() {
    let world = World::start().await;
    let faults = Faults { delay: 500, delay_millis_max: 200, ..Faults::default() };
    world.sell(40, faults).await;
    let order_of = |one: &crate::world::Received| one.json()["id"].as_i64().unwrap();
    let arrived: Vec<i64> = world.receiver.received().iter().map(order_of).collect();
    assert_eq!(arrived.len(), 40);
    assert!(!arrived.is_sorted());
}

#[tokio::test]
async fn dropped_deliveries_never_come() {
    let world = World::start().await;
    world.sell(10, Faults { drop: ALWAYS, ..Faults::default() }).await;
    assert_eq!((world.receiver.received().len(), world.simulator.deliveries().dropped), (0, 10));
    world.sell(1, Faults::default()).await;
    assert_eq!(world.receiver.received().len(), 1);
}

#[tokio::test]
async fn bursts_gather_and_come_at_once() {
    let world = World::start().await;
    let begun = Instant::now();
    world.sell(10, Faults { burst: ALWAYS, ..Faults::default() }).await;
    assert!(begun.elapsed() >= Duration::from_secs(2));
    assert_eq!(world.receiver.ids().len(), 10);
}

#[tokio::test]
async fn forged_deliveries_come_and_are_not_believed() {
    let world = World::start().await;
    world.sell(10, Faults { forged: ALWAYS, ..Faults::default() }).await;
    let stats = world.simulator.deliveries();
    assert_eq!((stats.forged, stats.forged_accepted, stats.accepted), (10, 0, 10));
    assert_eq!(world.receiver.ids().len(), 10);
    let forged: Vec<_> = world.receiver.received().into_iter().filter(|one| !one.genuine).collect();
    assert_eq!(forged.len(), 10);
    let secret = shopify::Secret::new(SECRET);
    for one in forged {
        assert!(shopify::webhook::verify(&[&secret], &one.headers, &one.body).is_err());
        assert!(!world.receiver.ids().contains(&one.webhook_id()));
    }
}

#[tokio::test]
async fn a_receiver_that_believes_anything_is_found_out() {
    let simulator = simulator(settings(), 5, 0).await;
    let (client, access) = (client(&simulator), access(&simulator));
    let router = axum::Router::new().route("/", axum::routing::post(|| async {}));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    assert_eq!(subscribe(&client, &access, "ORDERS_CREATE", &uri).await, None);
    simulator.set_faults(Faults { forged: ALWAYS, ..Faults::default() });
    simulator.change(SHOP, |store, rng, now| Some(store.create_order(rng, now)));
    settled(&simulator).await;
    let stats = simulator.deliveries();
    assert_eq!((stats.forged_accepted, stats.accepted), (1, 1));
}

#[tokio::test]
async fn the_api_has_bad_days() {
    let world = World::start().await;
    let none = Faults::default();
    world.simulator.set_faults(Faults { too_many_requests: ALWAYS, ..none });
    assert_eq!(world.ask().await.0, 429);
    world.simulator.set_faults(Faults { throttled: ALWAYS, ..none });
    assert!(world.ask().await.1.contains("\"THROTTLED\""));
    let unavailable = world.call(Faults { unavailable: ALWAYS, ..none }).await;
    assert!(matches!(unavailable, Err(ClientError::Unavailable { tries: 5, .. })));
    let truncated = world.call(Faults { truncated: ALWAYS, ..none }).await;
    assert!(matches!(truncated, Err(ClientError::Unavailable { .. })), "{truncated:?}");
    let (status, text) = world.ask().await;
    assert!(status == 200 && serde_json::from_str::<serde_json::Value>(&text).is_err());
    let begun = Instant::now();
    world.call(Faults { slow: ALWAYS, ..none }).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1));
    world.call(Faults { unavailable: 300, truncated: 300, ..none }).await.unwrap();
    world.call(none).await.unwrap();
}

#[tokio::test]
async fn tokens_and_subscriptions_are_lost() {
    let world = World::start().await;
    let none = Faults::default();
    world.call(Faults { subscription_removed: ALWAYS, ..none }).await.unwrap();
    assert_eq!(world.simulator.subscriptions(SHOP), []);
    let revoked = world.call(Faults { token_revoked: ALWAYS, ..none }).await;
    assert_eq!(revoked, Err(ClientError::Unauthorized));
    assert_eq!(world.call(none).await, Err(ClientError::Unauthorized));
    let access = access(&world.simulator);
    let count = shopify::operation::CountVariables { query: None };
    world.client.execute::<OrderCount>(&access, &count).await.unwrap();
}
