//! The way of an order: received, refined, mapped, posted, published. Whatever comes in whatever order, the gateway ends
//! with what the store has.

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use serde_json::{Value, json};
use server::demo::put_catalogue;
use simulator::{Change, Event, OrderSpec};
use tests::world::{Place, SHOP, TestWorld, Webhook};

use crate::scenarios;

const APP_WIDE: &str = "/ecommerce/webhooks/shopify";

/// Both sides say the same.
pub(crate) async fn assert_books_agree(world: &TestWorld, when: &str) {
    let comparison = world.comparison().await;
    assert!(comparison.agrees(), "{when}:\n{comparison}");
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
