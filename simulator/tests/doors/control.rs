//! The simulator's own doors, over HTTP.

use reqwest::Method;
use serde_json::{Value, json};
use tillgate_simulator::{Books, DeliveryStats, Faults, Simulator};

use crate::world::{Receiver, SHOP, access, client, settings, simulator, subscribe};

/// A request to the simulator's own doors; returns the status and the body.
async fn call(
    simulator: &Simulator,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> (u16, Value) {
    let url = format!("http://{}/control/{path}", simulator.address());
    let mut request = reqwest::Client::new().request(method, url);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
}

#[tokio::test]
async fn a_store_is_run_from_outside() {
    let simulator = simulator(settings(), 5, 0).await;
    let post =
        async |path: &str, body: Option<Value>| call(&simulator, Method::POST, path, body).await;
    let shop =
        json!({ "domain": "second.myshopify.com", "currency": "JPY", "orders": 3, "products": 4 });
    assert_eq!(post("shops", Some(shop)).await.0, 201);
    let variants = simulator.read("second.myshopify.com", |store| {
        store.products.values().flat_map(|one| &one.variants).map(|one| one.id).collect::<Vec<_>>()
    });
    let variant = variants.unwrap()[0];
    let wish = json!({ "lines": [[variant, 2]], "paid": true });
    let (status, made) = post("shops/second.myshopify.com/orders", Some(wish)).await;
    assert_eq!(status, 201);
    let id = made["id"].as_i64().unwrap();
    let order = |what: &str| format!("shops/second.myshopify.com/orders/{id}/{what}");
    assert_eq!(post(&order("pay"), None).await.0, 404, "paid already");
    assert_eq!(post(&order("cancel?restock=true"), None).await.0, 201);
    assert_eq!(post(&order("edit"), None).await.0, 404, "cancelled");
    assert_eq!(post(&order("dance"), None).await.0, 404);
    assert_eq!(post("shops/second.myshopify.com/orders", None).await.0, 201);
    assert_eq!(post("shops/second.myshopify.com/products", None).await.0, 201);
    assert_eq!(post("shops/second.myshopify.com/products/change", None).await.0, 201);
    assert_eq!(post("shops/third.myshopify.com/orders", None).await.0, 404);
    let since = "shops/second.myshopify.com/books?since=2026-01-01T00:00:00Z";
    let (status, books) = call(&simulator, Method::GET, since, None).await;
    let books: Books = serde_json::from_value(books).unwrap();
    assert_eq!((status, books.orders.len()), (200, 5));
    let bad = "shops/second.myshopify.com/books?since=yesterday";
    assert_eq!(call(&simulator, Method::GET, bad, None).await.0, 400);
}

#[tokio::test]
async fn faults_pauses_and_life_are_set_from_outside() {
    let simulator = simulator(settings(), 5, 0).await;
    let (client, access) = (client(&simulator), access(&simulator));
    let (receiver, uri) = Receiver::start().await;
    assert_eq!(subscribe(&client, &access, "ORDERS_CREATE", &uri).await, None);
    let put =
        async |path: &str, body: Value| call(&simulator, Method::PUT, path, Some(body)).await.0;
    let delete = async |path: &str| call(&simulator, Method::DELETE, path, None).await.0;
    let faults = serde_json::to_value(Faults { duplicate: 1_000, ..Faults::default() }).unwrap();
    assert_eq!(put("faults", faults.clone()).await, 204);
    assert_eq!(call(&simulator, Method::POST, "faults", Some(faults)).await.0, 204);
    assert_eq!(put("faults", json!({ "unknown": 1 })).await, 422);
    assert_eq!(put("deliveries", json!({ "paused": true, "first_retry_millis": 1 })).await, 204);
    let life = format!("shops/{SHOP}/live");
    assert_eq!(put(&life, json!({ "between_millis": 2 })).await, 204);
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!((delete(&life).await, delete(&life).await), (204, 404));
    let orders = simulator.read(SHOP, |store| store.orders.len()).unwrap();
    assert!(orders > 2, "{orders}");
    assert_eq!(put("deliveries", json!({ "paused": false })).await, 204);
    assert_eq!(call(&simulator, Method::GET, "settled", None).await.0, 204);
    let stats = call(&simulator, Method::GET, "deliveries", None).await.1;
    let stats: DeliveryStats = serde_json::from_value(stats).unwrap();
    assert_eq!(stats.accepted, 2 * u64::try_from(orders).unwrap());
    assert_eq!(receiver.ids().len(), orders);
    let path = format!("shops/{SHOP}/subscriptions");
    let subscriptions = call(&simulator, Method::GET, &path, None).await.1;
    assert_eq!(
        (&subscriptions[0]["topic"], &subscriptions[0]["uri"]),
        (&json!("orders/create"), &json!(uri))
    );
    assert_eq!(delete(&format!("shops/{SHOP}/tokens")).await, 204);
    assert_eq!(simulator.tokens_issued(SHOP), Some(0));
    simulator.shutdown().await;
}
