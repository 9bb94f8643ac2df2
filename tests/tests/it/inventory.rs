//! Stock reaches the store: what the POS has is what buyers can buy, whatever happens on either side.

use serde_json::json;
use simulator::Faults;
use tests::world::{Place, SHOP, TestWorld};

use crate::scenarios;

/// A world whose POS owns its stock, with so many pieces of a variant counted.
async fn counted(place: &Place, quantity: i64) -> (TestWorld, i64) {
    let world = TestWorld::connected(place).await;
    world.put_catalogue().await;
    let variant = world.variants()[0];
    world.own_stock(json!({})).await;
    world.count(variant, "default", quantity).await;
    world.pushed().await;
    assert_eq!(world.available(variant), quantity, "what was counted reached the store");
    (world, variant)
}

scenarios! {
    async fn nothing_is_pushed_before_a_merchant_says_so(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let variant = world.variants()[0];
        let before = world.available(variant);
        world.count(variant, "default", before + 7).await;
        world.pushed().await;
        assert_eq!(world.available(variant), before);
        assert_eq!(world.push_of(variant).await, json!(null));
        let refused = world.admin.mutate("syncInventory", json!({}), "syncLogEntry { id }").await;
        assert!(refused.unwrap_err().to_string().contains("setInventoryPolicy"));
        world.finish().await;
    }

    async fn what_moves_in_the_pos_reaches_the_store(place: Place) {
        let (world, variant) = counted(&place, 12).await;
        // Sold at the shop's second location: the shop's primary location is only told by us.
        let elsewhere = world.simulator.read(SHOP, |store| store.locations[1].id).unwrap();
        world.own_stock(json!({ "basis": "EVERYWHERE", "buffer": 2 })).await;
        assert_eq!(world.available(variant), 10, "two are held back");
        let spec = simulator::OrderSpec { lines: vec![(variant, 3)], location_id: Some(elsewhere), paid: true };
        world.change(|store, _, now| Some(store.create_order_with(spec, now)));
        world.pushed().await;
        assert_eq!(world.available(variant), 7, "three were sold elsewhere");
        let push = world.push_of(variant).await;
        assert_eq!((&push["state"], &push["level"], &push["buffer"]), (&json!("SETTLED"), &json!(9), &json!(2)));
        assert_eq!((&push["target"], &push["sent"], &push["drift"]), (&json!(7), &json!(7), &json!(0)));
        world.count(variant, "default", -5).await;
        world.pushed().await;
        assert_eq!(world.available(variant), 0, "the store is told no less than nothing");
        world.finish().await;
    }

    async fn what_nobody_counted_and_what_the_store_does_not_count_is_left_alone(place: Place) {
        let (world, _) = counted(&place, 5).await;
        let other = world.variants()[1];
        let before = world.available(other);
        world.sell(&[(other, 2)]);
        world.pushed().await;
        let push = world.push_of(other).await;
        assert_eq!((&push["state"], &push["hold"]), (&json!("HELD"), &json!("NEVER_COUNTED")));
        assert_eq!(world.available(other), before - 2, "the store's own doing");
        world.finish().await;
    }

    async fn an_order_of_the_store_is_not_told_back_to_it(place: Place) {
        let (world, variant) = counted(&place, 12).await;
        let sent = world.push_of(variant).await["sentAt"].clone();
        world.sell(&[(variant, 3)]);
        world.pushed().await;
        let push = world.push_of(variant).await;
        assert_eq!((&push["level"], &push["storeQuantity"], &push["drift"]), (&json!(9), &json!(9), &json!(0)));
        assert_eq!(push["sentAt"], sent, "the store knew it first");
        assert_eq!(world.available(variant), 9);
        world.finish().await;
    }

    async fn what_is_changed_in_the_store_is_drift_until_it_is_put_right(place: Place) {
        let (world, variant) = counted(&place, 12).await;
        let movements = world.movements().await;
        world.change(|store, _, now| {
            let item = store.variant(variant)?.1.inventory_item_id;
            Some(store.set_available(&[(item, store.locations[0].id, 20)], now))
        });
        world.settle().await;
        let push = world.push_of(variant).await;
        assert_eq!((&push["storeQuantity"], &push["drift"]), (&json!(20), &json!(8)));
        assert_eq!(world.movements().await, movements, "the POS owns its stock");
        assert_eq!(world.available(variant), 20);
        world.admin.mutate("syncInventory", json!({}), "syncLogEntry { kind status }").await.unwrap();
        world.eventually("the store has it", async || {
            world.pushed().await;
            world.available(variant) == 12
        }).await;
        assert_eq!(world.push_of(variant).await["drift"], 0);
        world.finish().await;
    }

    /// The oversell guard: three were sold, and the gateway does not know it yet.
    async fn an_order_that_is_under_way_is_not_overwritten(place: Place) {
        let (world, variant) = counted(&place, 12).await;
        world.simulator.pause_deliveries(true);
        world.sell(&[(variant, 3)]);
        world.count(variant, "default", 20).await;
        world.eventually("the store refuses, knowing better", async || {
            world.push_of(variant).await["storeQuantity"] == 9
        }).await;
        assert_eq!(world.available(variant), 9, "it is given a moment");
        world.simulator.pause_deliveries(false);
        world.pushed().await;
        assert_eq!(world.available(variant), 17, "twenty less the three");
        world.finish().await;
    }

    /// The store refuses, knowing better, and its answer is lost: the same call is refused again for having been refused.
    async fn a_refusal_that_is_lost_ends_in_a_question(place: Place) {
        let (world, variant) = counted(&place, 12).await;
        world.simulator.pause_deliveries(true);
        world.sell(&[(variant, 3)]);
        world.simulator.set_faults(Faults { truncated: 1_000, ..Faults::default() });
        world.count(variant, "default", 20).await;
        world.eventually("nobody knows what the store said", async || {
            world.push_of(variant).await["failureCode"] == "UPSTREAM_UNAVAILABLE"
        }).await;
        world.simulator.set_faults(Faults::default());
        world.simulator.pause_deliveries(false);
        world.pushed().await;
        assert_eq!(world.push_of(variant).await["state"], "SETTLED");
        assert_eq!(world.available(variant), 17, "twenty less the three");
        world.finish().await;
    }

    async fn a_store_that_asks_to_wait_is_told_later(place: Place) {
        let (world, variant) = counted(&place, 12).await;
        world.simulator.set_faults(Faults { throttled: 1_000, ..Faults::default() });
        world.count(variant, "default", 4).await;
        world.eventually("the store asks to wait", async || {
            world.push_of(variant).await["failureCode"] == "THROTTLED"
        }).await;
        let push = world.push_of(variant).await;
        assert_eq!((&push["state"], &push["attempts"]), (&json!("WAITING"), &json!(0)));
        world.simulator.set_faults(Faults::default());
        world.pushed().await;
        assert_eq!(world.available(variant), 4);
        world.finish().await;
    }

    /// The store sets it, and nobody learns of it: as after a crash between sending and noting.
    async fn an_answer_that_is_lost_does_not_set_twice(place: Place) {
        let (world, variant) = counted(&place, 12).await;
        world.simulator.set_faults(Faults { truncated: 1_000, ..Faults::default() });
        world.count(variant, "default", 30).await;
        world.eventually("the store has it, and nobody knows", async || {
            world.push_of(variant).await["failureCode"] == "UPSTREAM_UNAVAILABLE"
        }).await;
        assert_eq!(world.available(variant), 30);
        // Meanwhile the store sells some. To set thirty again would undo that.
        world.simulator.set_faults(Faults::default());
        world.change_quietly(|store, _, now| {
            let spec = simulator::OrderSpec { lines: vec![(variant, 4)], location_id: None, paid: true };
            Some(store.create_order_with(spec, now))
        });
        world.pushed().await;
        assert_eq!(world.available(variant), 26, "nothing was set twice");
        world.finish().await;
    }
}
