//! What did not come as a webhook comes by an import, a poll or a replay, once; and all of it stands in the log.

use serde_json::{Value, json};
use simulator::{Faults, OrderSpec};
use tests::world::{Place, SHOP, TestWorld, Wish};

use crate::flow::assert_books_agree;
use crate::scenarios;

pub(crate) async fn log_entries(world: &TestWorld, kind: &str) -> Vec<Value> {
    let log = world
        .list("syncLog", "kind status processed failed errorDetail deliveryId finishedAt")
        .await;
    log.into_iter().filter(|entry| entry["kind"] == kind).collect()
}

scenarios! {
    async fn orders_from_before_the_cut_over_move_nothing(place: Place) {
        let world = TestWorld::connected_as(&place, Wish { orders: 12, ..Wish::default() }).await;
        world.put_catalogue().await;
        assert_eq!(world.list("posOrders", "id").await.len(), 12);
        assert_eq!(world.movements().await, 0);
        let imports = log_entries(&world, "ORDER_IMPORT").await;
        assert_eq!((imports.len(), &imports[0]["processed"], &imports[0]["status"]), (1, &json!(12), &json!("SUCCESS")));
        assert_eq!(log_entries(&world, "PRODUCT_IMPORT").await.len(), 1);
        assert_eq!(log_entries(&world, "ORDER_WEBHOOK").await.len(), 0, "imported objects are counted there alone");

        let old = world.simulator.read(SHOP, |store| {
            let mut open = store.orders.values().filter(|order| order.cancelled_at.is_none() && order.fulfillments.is_empty());
            open.next().map(|order| order.id)
        });
        if let Some(old) = old.flatten() {
            world.change(|store, _, now| store.cancel_order(old, true, now));
            world.settle().await;
            assert_eq!(world.movements().await, 0, "nor do changes of such orders");
        }
        world.sell(&[(world.variants()[0], 1)]);
        world.settle().await;
        assert_eq!(world.movements().await, 1);
        assert_books_agree(&world, "after the import").await;
        world.finish().await;
    }

    async fn an_import_and_a_living_store_agree(place: Place) {
        let world = TestWorld::connected_as(&place, Wish { orders: 25, products: 8, ..Wish::default() }).await;
        world.put_catalogue().await;
        for _ in 0..40 {
            world.change(|store, rng, now| Some(store.live_on(rng, now)));
        }
        world.settle().await;
        // Products that came up meanwhile are linked only now.
        world.put_catalogue().await;
        assert_eq!(world.list("deadLetters", "code detail").await, Vec::<Value>::new());
        assert_books_agree(&world, "a living store").await;
        world.finish().await;
    }

    async fn a_replay_does_nothing_twice(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let id = world.sell(&[(world.variants()[0], 3)]);
        world.settle().await;
        let (picture, movements) = (world.picture().await, world.movements().await);
        let version = world.pos_order(id).await["version"].clone();
        for entry in log_entries(&world, "ORDER_WEBHOOK").await {
            world.admin.mutate("replayDelivery", json!({ "deliveryId": entry["deliveryId"] }), "deliveryId").await.unwrap();
            world.settle().await;
        }
        assert_eq!(world.picture().await, picture);
        assert_eq!((world.movements().await, &world.pos_order(id).await["version"]), (movements, &version));
        let nothing = json!({ "deliveryId": world.business.to_string() });
        let refused = world.admin.mutate("replayDelivery", nothing, "deliveryId").await.unwrap_err();
        assert!(refused.to_string().contains("NOT_FOUND"), "{refused}");
        world.finish().await;
    }

    async fn a_poll_finds_what_was_lost(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let variants = world.variants();
        let known = world.sell(&[(variants[0], 1)]);
        world.settle().await;
        world.simulator.set_faults(Faults { drop: 1_000, ..Faults::default() });
        world.sell(&[(variants[0], 2)]);
        world.sell(&[(variants[1], 3)]);
        world.change(|store, _, now| store.cancel_order(known, true, now));
        world.change(|store, rng, now| Some(store.create_product(rng, now)));
        world.settle().await;
        assert_eq!(world.list("orders", "id").await.len(), 1);
        assert!(!world.comparison().await.agrees());
        world.simulator.set_faults(Faults::default());
        world.poll().await;
        assert_books_agree(&world, "polled").await;
        assert_eq!(world.list("orders", "id").await.len(), 3);
        let products = world.simulator.read(SHOP, |store| store.products.len()).unwrap();
        assert_eq!(world.list("products", "id").await.len(), products);
        let (picture, movements) = (world.picture().await, world.movements().await);
        world.poll().await;
        assert_eq!((world.picture().await, world.movements().await), (picture, movements), "a second poll finds nothing");
        let polls = log_entries(&world, "ORDER_POLL").await;
        assert!(polls.iter().all(|poll| poll["status"] == "SUCCESS" && poll["finishedAt"].is_string()), "{polls:?}");
        world.finish().await;
    }

    /// Stores tell time by the second: what happened last in a second is known only once the second is over.
    async fn two_changes_in_one_second_are_told_apart(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let variant = world.variants()[0];
        let mut first = None;
        let spec = OrderSpec { lines: vec![(variant, 4)], location_id: None, paid: true };
        let id = world.change(|store, _, now| {
            let created = store.create_order_with(spec, now);
            first = store.cancel_order(created.object_id, true, now);
            // Only the first of the two is told.
            Some(created)
        });
        assert!(first.is_some());
        // The gateway's clock stands in the same second: the poll's answer cannot be trusted yet.
        world.admin.mutate("pollNow", json!({}), "syncLogEntry { id }").await.unwrap();
        world.settle().await;
        world.poll().await;
        assert_eq!(world.pos_order(id).await["state"], "VOIDED");
        assert_books_agree(&world, "the second was over").await;
        world.finish().await;
    }

    async fn each_delivery_stands_in_the_log(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        world.sell(&[(world.variants()[0], 1)]);
        world.change(|store, rng, now| Some(store.change_product(rng, now)));
        world.settle().await;
        let taken = world.simulator.deliveries().accepted;
        assert!(taken >= 4, "{taken}");
        let mut entries = Vec::new();
        for kind in ["ORDER_WEBHOOK", "PRODUCT_WEBHOOK", "OTHER_WEBHOOK"] {
            entries.extend(log_entries(&world, kind).await);
        }
        assert_eq!(entries.len() as u64, taken);
        for entry in &entries {
            assert_eq!((&entry["status"], &entry["processed"], &entry["failed"]), (&json!("SUCCESS"), &json!(1), &json!(0)));
            assert!(entry["finishedAt"].is_string() && entry["deliveryId"].is_string());
        }
        world.finish().await;
    }
}
