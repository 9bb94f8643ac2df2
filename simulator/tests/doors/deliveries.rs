//! Deliveries are signed, repeated, and given up.

use std::collections::BTreeSet;
use std::time::Duration;

use shopify::operation::{
    ListVariables, SubscriptionDelete, SubscriptionDeleteVariables, SubscriptionPage,
};
use shopify::webhook::read_headers;
use tillgate_simulator::{DeliveryStats, Settings, Simulator};

use crate::world::{
    Receiver, SHOP, access, client, eventually, settings, settled, shop, simulator, subscribe,
};

/// A simulator with a receiver that subscribed to new and changed orders.
async fn subscribed(settings: Settings) -> (Simulator, Receiver, String) {
    let simulator = simulator(settings, 5, 0).await;
    let (client, access) = (client(&simulator), access(&simulator));
    let (receiver, uri) = Receiver::start().await;
    for topic in ["ORDERS_CREATE", "ORDERS_UPDATED"] {
        assert_eq!(subscribe(&client, &access, topic, &uri).await, None);
    }
    (simulator, receiver, uri)
}

fn sell(simulator: &Simulator) -> i64 {
    simulator.change(SHOP, |store, rng, now| Some(store.create_order(rng, now))).unwrap()
}

#[tokio::test]
async fn deliveries_are_signed_and_tell_what_happened() {
    let (simulator, receiver, _) = subscribed(settings()).await;
    let id = sell(&simulator);
    settled(&simulator).await;
    let all = receiver.received();
    assert_eq!(all.len(), 2);
    let topics: BTreeSet<String> = all.iter().map(|one| one.header("x-shopify-topic")).collect();
    assert_eq!(topics, ["orders/create".to_owned(), "orders/updated".to_owned()].into());
    for one in &all {
        assert!(one.genuine);
        let headers = read_headers(&one.headers).unwrap();
        assert_eq!((headers.shop, headers.api_version.as_deref()), (shop(), Some("2026-10")));
        assert!(headers.triggered_at.is_some_and(|at| at.ends_with('Z') && at.contains('.')));
        assert_eq!(one.json()["id"], id);
    }
    let events: BTreeSet<String> = all.iter().map(|one| one.header("x-shopify-event-id")).collect();
    assert_eq!((events.len(), receiver.ids().len()), (1, 2), "one event, two deliveries");
    let stats = simulator.deliveries();
    assert_eq!(stats, DeliveryStats { sent: 2, accepted: 2, ..DeliveryStats::default() });
}

#[tokio::test]
async fn a_failed_delivery_is_repeated_as_it_was() {
    let (simulator, receiver, _) =
        subscribed(Settings { first_retry: Duration::from_millis(20), ..settings() }).await;
    receiver.set_down(true);
    let id = sell(&simulator);
    eventually("it was tried again", || receiver.received().len() >= 5).await;
    // What happened since does not change what is told of before.
    simulator.change(SHOP, |store, _, now| store.cancel_order(id, true, now));
    receiver.set_down(false);
    settled(&simulator).await;
    let all = receiver.received();
    let created: Vec<_> =
        all.iter().filter(|one| one.header("x-shopify-topic") == "orders/create").collect();
    assert!(created.len() >= 2);
    for one in &created {
        assert_eq!(one.webhook_id(), created[0].webhook_id());
        assert_eq!(one.body, created[0].body);
    }
    let stats = simulator.deliveries();
    assert!(stats.failed >= 5 && stats.given_up == 0 && stats.pending == 0, "{stats:?}");
    assert_eq!(simulator.subscriptions(SHOP).len(), 2);
}

#[tokio::test]
async fn a_subscription_is_removed_after_eight_repetitions() {
    let (simulator, receiver, uri) =
        subscribed(Settings { first_retry: Duration::from_millis(1), ..settings() }).await;
    receiver.set_down(true);
    sell(&simulator);
    settled(&simulator).await;
    assert_eq!(receiver.received().len(), 2 * 9);
    assert_eq!(simulator.deliveries().given_up, 2);
    assert_eq!(simulator.subscriptions(SHOP), []);
    receiver.set_down(false);
    sell(&simulator);
    settled(&simulator).await;
    assert_eq!(simulator.deliveries().accepted, 0, "nobody is told any more");
    let (client, access) = (client(&simulator), access(&simulator));
    assert_eq!(subscribe(&client, &access, "ORDERS_CREATE", &uri).await, None);
    sell(&simulator);
    settled(&simulator).await;
    assert_eq!(simulator.deliveries().accepted, 1);
}

#[tokio::test]
async fn subscriptions_are_made_listed_and_ended() {
    let (simulator, _, uri) = subscribed(settings()).await;
    let (client, access) = (client(&simulator), access(&simulator));
    for (topic, address, problem) in [
        ("ORDERS_CREATE", uri.as_str(), "Address for this topic has already been taken"),
        ("ORDERS_CREATE", "ftp://example.com", "Address is invalid"),
        ("CUSTOMERS_CREATE", uri.as_str(), "You are not authorized to access this topic"),
        ("PAYOUTS_CREATE", uri.as_str(), "Topic is invalid"),
    ] {
        let refused = subscribe(&client, &access, topic, address).await;
        assert_eq!(refused.as_deref(), Some(problem), "{topic}");
    }
    let list = async || {
        let first = ListVariables { first: 1, after: None };
        let page = client.execute::<SubscriptionPage>(&access, &first).await.unwrap().data;
        page.webhook_subscriptions
    };
    let page = list().await;
    assert!(page.page_info.has_next_page);
    assert_eq!((page.nodes[0].topic.as_str(), &page.nodes[0].uri), ("ORDERS_CREATE", &uri));
    let ended = SubscriptionDeleteVariables { id: page.nodes[0].id.clone() };
    let end = async || {
        let answer = client.execute::<SubscriptionDelete>(&access, &ended).await.unwrap();
        answer.data.webhook_subscription_delete.unwrap()
    };
    assert_eq!(end().await.deleted_webhook_subscription_id.as_ref(), Some(&ended.id));
    assert_eq!(end().await.user_errors[0].message, "Webhook subscription does not exist");
    assert_eq!(list().await.nodes[0].topic, "ORDERS_UPDATED");
}

#[tokio::test]
async fn paused_deliveries_come_all_at_once() {
    let (simulator, receiver, _) = subscribed(settings()).await;
    simulator.pause_deliveries(true);
    for _ in 0..10 {
        sell(&simulator);
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!((receiver.received().len(), simulator.deliveries().pending), (0, 20));
    simulator.pause_deliveries(false);
    settled(&simulator).await;
    assert_eq!(receiver.ids().len(), 20);
}

#[tokio::test]
async fn no_two_runs_use_the_same_ids() {
    let mut seen = BTreeSet::new();
    for _ in 0..2 {
        let (simulator, receiver, _) = subscribed(settings()).await;
        sell(&simulator);
        settled(&simulator).await;
        seen.extend(receiver.ids());
        simulator.shutdown().await;
    }
    assert_eq!(seen.len(), 4);
}
