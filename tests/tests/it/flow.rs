//! The way of an order: received, refined, mapped, posted, published. Whatever comes in whatever order, the gateway ends
//! with what the store has.

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use serde_json::{Value, json};
use server::demo::put_catalogue;
use simulator::{Change, Event, Faults, OrderSpec};
use tests::world::{Place, SHOP, TestWorld, Webhook, Wish, find};

use crate::scenarios;

const APP_WIDE: &str = "/ecommerce/webhooks/shopify";

/// Both sides say the same.
async fn assert_books_agree(world: &TestWorld, when: &str) {
    let comparison = world.comparison().await;
    assert!(comparison.agrees(), "{when}:\n{comparison}");
}

/// A product of the POS's catalogue.
async fn put_product(world: &TestWorld, id: &str) {
    let product = json!({ "id": id, "name": id, "price": "5.00", "currency": "CAD" });
    world
        .admin
        .mutate("upsertPosProducts", json!({ "products": [product] }), "products { id }")
        .await
        .unwrap();
}

async fn link(world: &TestWorld, variant: i64, product: &str) -> Value {
    let input = json!({ "variantId": variant.to_string(), "posProductId": product });
    let (payload, _) =
        world.admin.mutate("linkProduct", input, "linked { repostedOrders }").await.unwrap();
    world.settle().await;
    payload["linked"]["repostedOrders"].clone()
}

/// Changes of one order until they take: chance may find nothing to change.
fn insist(
    world: &TestWorld,
    mut change: impl FnMut(
        &mut simulator::Store,
        &mut SmallRng,
        chrono::DateTime<chrono::Utc>,
    ) -> Option<Change>,
) {
    world.change(|store, rng, now| (0..50).find_map(|_| change(store, rng, now)));
}

async fn log_entries(world: &TestWorld, kind: &str) -> Vec<Value> {
    let log = world
        .list("syncLog", "kind status processed failed errorDetail deliveryId finishedAt")
        .await;
    log.into_iter().filter(|entry| entry["kind"] == kind).collect()
}

scenarios! {
    async fn an_order_is_followed_through_its_life(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let variants = world.variants();
        let id = world.sell(&[(variants[0], 3), (variants[1], 2)]);
        world.settle().await;
        let sold = world.pos_order(id).await;
        assert_eq!((&sold["state"], &sold["lineCount"], &sold["unlinkedLines"]), (&json!("PAID"), &json!(2), &json!(0)));
        assert_eq!(sold["total"]["amount"], sold["order"]["total"]["amount"]);
        assert_eq!(sold["total"]["currency"], "CAD");
        assert_eq!(world.moved().await.values().copied().collect::<Vec<_>>(), [-3, -2]);
        assert_books_agree(&world, "sold").await;

        insist(&world, |store, rng, now| store.edit_order(rng, id, now));
        world.settle().await;
        assert_books_agree(&world, "edited").await;
        let edited = world.pos_order(id).await;
        assert!(edited["version"].as_i64() > sold["version"].as_i64(), "{sold} {edited}");

        insist(&world, |store, rng, now| store.refund_order(rng, id, true, now));
        world.settle().await;
        assert_books_agree(&world, "refunded").await;
        let refunded = world.pos_order(id).await;
        assert!(refunded["version"].as_i64() > edited["version"].as_i64());
        let versions = refunded["versions"].as_array().unwrap();
        assert_eq!(versions.len(), usize::try_from(refunded["version"].as_i64().unwrap()).unwrap());
        world.finish().await;
    }

    async fn cancellations_bring_stock_back_where_the_store_says_so(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let variant = world.variants()[0];
        let (restocked, lost) = (world.sell(&[(variant, 3)]), world.sell(&[(variant, 5)]));
        world.settle().await;
        assert_eq!(world.moved().await.values().sum::<i64>(), -8);
        world.change(|store, _, now| store.cancel_order(restocked, true, now));
        world.change(|store, _, now| store.cancel_order(lost, false, now));
        world.settle().await;
        assert_eq!(world.moved().await.values().sum::<i64>(), -5, "five pieces are gone");
        for id in [restocked, lost] {
            let order = world.pos_order(id).await;
            assert!(order["order"]["cancelledAt"].is_string(), "{order}");
            assert_eq!(order["order"]["currentTotal"]["amount"], "0.00");
            assert_eq!(order["total"], sold_total(&order), "what was owed before returns stays");
            assert_eq!(order["state"], "VOIDED");
        }
        assert_books_agree(&world, "cancelled").await;
        world.finish().await;
    }

    async fn refunds_bring_stock_back_where_the_store_says_so(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let variants = world.variants();
        let (back, gone) = (world.sell(&[(variants[0], 9)]), world.sell(&[(variants[1], 9)]));
        world.settle().await;
        for (id, restock) in [(back, true), (gone, false)] {
            // Until goods come back: a refund may be of money alone.
            insist(&world, |store, rng, now| {
                let change = store.refund_order(rng, id, restock, now)?;
                let goods = store.orders[&id].refunds.iter().any(|refund| !refund.lines.is_empty());
                goods.then_some(change)
            });
        }
        world.settle().await;
        let product = |variant: i64| server::demo::pos_product_id(variant);
        assert!(world.moved_of(&product(variants[0])).await > -9, "restocked");
        assert_eq!(world.moved_of(&product(variants[1])).await, -9, "not restocked");
        assert_books_agree(&world, "refunded").await;
        for id in [back, gone] {
            let refunded = world.pos_order(id).await;
            assert!(["REFUNDED", "PARTIALLY_REFUNDED"].iter().any(|state| refunded["state"] == *state), "{refunded}");
            assert_ne!(refunded["refundedTotal"]["amount"], "0.00");
        }
        world.finish().await;
    }

    async fn versions_in_any_order_end_in_the_same_world(place: Place) {
        let elsewhere = place.another().await;
        let (straight, mixed) = tokio::join!(TestWorld::connected(&place), TestWorld::connected(&elsewhere));
        straight.put_catalogue().await;
        put_catalogue(&mixed.admin, &straight.simulator, SHOP).await.unwrap();
        let events = busy_day(&straight);
        mixed.clock.advance(straight.app().now().millis() - mixed.app().now().millis());
        for event in &events {
            assert_eq!(straight.send(APP_WIDE, event).await.status, 200);
            straight.settle().await;
        }
        // Every event three times, the second under the same id and the third under another.
        let renamed = events.iter().map(|event| Webhook { id: format!("{}-again", event.id), ..event.clone() });
        let mut shuffled: Vec<Webhook> = events.iter().cloned().chain(events.clone()).chain(renamed).collect();
        shuffled.shuffle(&mut SmallRng::seed_from_u64(5));
        for (at, event) in shuffled.iter().enumerate() {
            assert_eq!(mixed.send(APP_WIDE, event).await.status, 200);
            if at % 7 == 0 {
                mixed.settle().await;
            }
        }
        mixed.settle().await;
        let (expected, found) = (straight.picture().await, mixed.picture().await);
        assert!(expected.lines().count() > 6, "{expected}");
        assert_eq!(found, expected);
        tokio::join!(straight.finish(), mixed.finish());
    }

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

    async fn what_a_missing_link_held_back_is_posted_when_it_comes(place: Place) {
        let world = TestWorld::connected(&place).await;
        let variant = world.variants()[0];
        let id = world.sell(&[(variant, 3)]);
        world.settle().await;
        assert_eq!(world.pos_order(id).await["unlinkedLines"], 1);
        assert_eq!(world.movements().await, 0);
        let partial = log_entries(&world, "ORDER_WEBHOOK").await;
        let partial = find(&partial, "status", "PARTIAL");
        assert!(partial["errorDetail"].as_str().unwrap().contains("not linked"), "{partial}");

        put_product(&world, "tea").await;
        put_product(&world, "mug").await;
        assert_eq!(link(&world, variant, "tea").await, 1);
        assert_eq!(world.moved_of("tea").await, -3);
        assert_eq!(world.pos_order(id).await["unlinkedLines"], 0);
        assert_eq!(link(&world, variant, "tea").await, 0, "the same link again");
        world.sell(&[(variant, 1)]);
        world.settle().await;
        assert_eq!(world.moved_of("tea").await, -4);
        assert_eq!(world.movements().await, 2);

        assert_eq!(link(&world, variant, "mug").await, 2);
        assert_eq!((world.moved_of("tea").await, world.moved_of("mug").await), (0, -4));
        assert_eq!(link(&world, variant, "tea").await, 2);
        assert_eq!((world.moved_of("tea").await, world.moved_of("mug").await), (-4, 0));
        world.finish().await;
    }

    /// More orders than one delivery has posted again, which is as many as its transaction may add.
    async fn a_variant_that_sold_often_is_linked_page_by_page(place: Place) {
        let world = TestWorld::connected(&place).await;
        let variant = world.variants()[0];
        let sold = i64::try_from(storage::HOLDING_ORDERS_MAX).unwrap() + 5;
        for _ in 0..sold {
            world.sell(&[(variant, 1)]);
        }
        world.settle().await;
        assert_eq!(world.movements().await, 0);
        put_product(&world, "tea").await;
        assert_eq!(link(&world, variant, "tea").await, sold);
        assert_eq!(world.moved_of("tea").await, -sold);
        world.finish().await;
    }

    async fn a_variant_finds_its_product_by_the_sku(place: Place) {
        let world = TestWorld::connected(&place).await;
        let found = world.simulator.read(SHOP, |store| {
            let mut all = store.products.values().filter(|p| !p.gift_card).flat_map(|p| &p.variants);
            all.find(|variant| !variant.sku.is_empty()).map(|variant| (variant.id, variant.sku.clone()))
        });
        let (variant, sku) = found.flatten().unwrap();
        world.sell(&[(variant, 2)]);
        world.settle().await;
        assert_eq!(world.movements().await, 0);
        let product = json!({ "id": "by-sku", "sku": sku, "name": "By SKU", "price": "5.00", "currency": "CAD" });
        world.admin.mutate("upsertPosProducts", json!({ "products": [product] }), "products { id }").await.unwrap();
        world.settle().await;
        assert_eq!(world.moved_of("by-sku").await, -2);
        world.finish().await;
    }

    async fn a_count_says_what_lies_there(place: Place) {
        let world = TestWorld::connected(&place).await;
        let variant = world.variants()[0];
        put_product(&world, "tea").await;
        link(&world, variant, "tea").await;
        world.sell(&[(variant, 3)]);
        world.settle().await;
        let count = async |quantity: i64| {
            let input = json!({ "posProductId": "tea", "quantity": quantity });
            let (payload, _) = world.admin.mutate("setStock", input, "stockLevel { quantity location }").await.unwrap();
            assert_eq!(payload["stockLevel"], json!({ "quantity": quantity, "location": "default" }));
        };
        count(10).await;
        let movements = world.list("stockMovements", "quantity reason").await;
        assert_eq!(find(&movements, "reason", "COUNT")["quantity"], 13);
        count(10).await;
        let counted: i64 = world.list("stockMovements", "quantity reason").await.iter()
            .filter(|m| m["reason"] == "COUNT").map(|m| m["quantity"].as_i64().unwrap()).sum();
        assert_eq!(counted, 13, "the same count again adds nothing");
        world.sell(&[(variant, 4)]);
        world.settle().await;
        let document = r#"query($businessId: ID!) { stockLevels(businessId: $businessId, posProductIds: ["tea"]) { quantity } }"#;
        let levels = world.admin.call(document, json!({})).await.unwrap();
        assert_eq!(levels["stockLevels"], json!([{ "quantity": 6 }]));
        let unknown = json!({ "posProductId": "nothing", "quantity": 1 });
        let refused = world.admin.mutate("setStock", unknown, "stockLevel { quantity }").await.unwrap_err();
        assert!(refused.to_string().contains("NOT_FOUND"), "{refused}");
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

    async fn products_follow_the_store(place: Place) {
        let world = TestWorld::connected(&place).await;
        let created = world.change(|store, rng, now| Some(store.create_product(rng, now)));
        for _ in 0..6 {
            world.change(|store, rng, now| Some(store.change_product(rng, now)));
        }
        world.settle().await;
        let theirs: BTreeMap<String, (String, usize)> = world.simulator.read(SHOP, |store| {
            let of = |p: &simulator::Product| (p.id.to_string(), (p.title.clone(), p.variants.len()));
            store.products.values().map(of).collect()
        }).unwrap();
        let products = async || {
            let rows = world.list("products", "id title removedAt variants { id price }").await;
            let of = |row: &Value| {
                let variants = row["variants"].as_array().unwrap().len();
                (row["id"].as_str().unwrap().to_owned(), (row["title"].as_str().unwrap().to_owned(), variants))
            };
            rows.iter().filter(|row| row["removedAt"].is_null()).map(of).collect::<BTreeMap<_, _>>()
        };
        assert_eq!(products().await, theirs);
        world.change(|store, _, now| store.delete_product(created, now));
        world.settle().await;
        assert!(!products().await.contains_key(&created.to_string()));
        assert_eq!(products().await.len(), theirs.len() - 1);
        world.finish().await;
    }

    async fn an_order_is_gone_only_where_the_store_has_it_no_more(place: Place) {
        let world = TestWorld::connected(&place).await;
        let (kept, deleted) = (world.sell(&[(world.variants()[0], 1)]), world.sell(&[(world.variants()[0], 1)]));
        world.settle().await;
        let told = |id: i64| Change { object_id: id, events: vec![Event { topic: "orders/delete", body: json!({ "id": id }) }] };
        world.change(|_, _, _| Some(told(kept)));
        world.change(|store, _, _| {
            store.orders.remove(&deleted);
            Some(told(deleted))
        });
        world.settle().await;
        assert_eq!(world.pos_order(kept).await["order"]["removedAt"], Value::Null);
        assert!(world.pos_order(deleted).await["order"]["removedAt"].is_string());
        world.finish().await;
    }

    async fn an_uninstalled_app_is_disconnected(place: Place) {
        let world = TestWorld::connected(&place).await;
        let path = world.webhook_path();
        let body = json!({ "id": 1, "domain": SHOP, "myshopify_domain": SHOP });
        let event = Event { topic: "app/uninstalled", body: body.clone() };
        world.change(|_, _, _| Some(Change { object_id: 1, events: vec![event] }));
        world.settle().await;
        let connection = async || {
            let document = "query($businessId: ID!) { connection(businessId: $businessId) { id status } }";
            world.admin.call(document, json!({})).await.unwrap()["connection"].take()
        };
        assert_eq!(connection().await, Value::Null);
        let feed = world.list("activity", "kind").await;
        assert!(feed.iter().any(|event| event["kind"] == "DISCONNECTED"), "{feed:?}");
        let spec = OrderSpec { lines: vec![(world.variants()[0], 1)], location_id: None, paid: true };
        let late = world.change_quietly(|store, _, now| Some(store.create_order_with(spec, now)));
        let late = Webhook::json("orders/create", &late.events[0].body);
        assert_eq!(world.send(&path, &late).await.status, 200, "answered, and left alone");
        world.settle().await;
        assert_eq!(world.list("orders", "id").await, Vec::<Value>::new());

        world.clock.next_second();
        let landed = server::demo::connect(&world.admin, SHOP).await.unwrap();
        assert!(landed.ends_with("?connected=true"), "{landed}");
        world.imported(&world.admin).await;
        let notice = Webhook::json("app/uninstalled", &body);
        let mut headers = notice.headers();
        headers.push(("x-shopify-triggered-at".to_owned(), "2020-01-01T00:00:00Z".to_owned()));
        // Another white space, or it would be the notice that came before.
        let body = format!(" {body}").into_bytes();
        headers.retain(|(name, _)| !name.ends_with("hmac-sha256"));
        headers.push(("x-shopify-hmac-sha256".to_owned(), Webhook::new("", body.clone()).signature()));
        assert_eq!(world.post(APP_WIDE, headers, body).await.status, 200);
        world.settle().await;
        assert_eq!(connection().await["status"], "ACTIVE", "a notice from before the merchant came back");
        world.finish().await;
    }
}

fn sold_total(order: &Value) -> Value {
    json!({ "amount": order["order"]["total"]["amount"], "currency": "CAD" })
}

/// A day's worth of whole orders, told to nobody: made, sent, edited, refunded, cancelled, each change at its own second.
fn busy_day(world: &TestWorld) -> Vec<Webhook> {
    let variants = world.variants();
    let mut told = Vec::new();
    let mut ids = Vec::new();
    for (at, variant) in variants.iter().cycle().take(6).enumerate() {
        let lines = vec![(*variant, 3), (variants[(at + 1) % variants.len()], 2)];
        let spec = OrderSpec { lines, location_id: None, paid: at % 2 == 0 };
        let change = world.change_quietly(|store, _, now| Some(store.create_order_with(spec, now)));
        ids.push(change.object_id);
        told.push(change);
    }
    for (at, id) in ids.iter().enumerate() {
        told.push(world.change_quietly(|store, rng, now| {
            (0..50).find_map(|_| store.edit_order(rng, *id, now))
        }));
        told.push(world.change_quietly(|store, rng, now| match at % 3 {
            0 => store.cancel_order(*id, true, now),
            1 => (0..50).find_map(|_| store.refund_order(rng, *id, true, now)),
            _ => store.fulfill_order(*id, now),
        }));
    }
    let whole = |event: &Event| event.topic == "orders/updated" || event.topic == "orders/create";
    let events = told.iter().flat_map(|change| change.events.iter().filter(|event| whole(event)));
    events.map(|event| Webhook::json(event.topic, &event.body)).collect()
}
