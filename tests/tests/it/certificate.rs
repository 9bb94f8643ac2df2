//! Certificates: whether everything that the store made in a period is accounted for, and if not, what is not.

use domain::id::ExternalId;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};
use server::Clock;
use server::demo::Caller;
use simulator::{Faults, OrderSpec};
use tests::world::{Place, TestWorld, Webhook, code_of, find};

use crate::reconcile::{LANDED_MILLIS, connection, reconcile, unpolled};
use crate::scenarios;

const APP_WIDE: &str = "/ecommerce/webhooks/shopify";

/// Sells quietly, and returns the order and what the store would have told of it.
fn quiet_order(world: &TestWorld) -> (i64, Value) {
    let spec = OrderSpec { lines: vec![(world.variants()[0], 2)], location_id: None, paid: false };
    let mut told = world.change_quietly(|store, _, now| Some(store.create_order_with(spec, now)));
    let at = told.events.iter().position(|event| event.topic == "orders/create").unwrap();
    (told.object_id, told.events.swap_remove(at).body)
}

async fn look(caller: &Caller, id: &Value) -> Value {
    let document =
        "query($businessId: ID!, $id: ID!) { certificate(businessId: $businessId, id: $id) {
        state verdict listed stored erased refused missing stale waiting bytesMissing bytesAltered surplus
        storeDigest heldDigest entries { objectId account deliveryId code } code detail
    } }";
    caller.call(document, json!({ "id": id })).await.unwrap()["certificate"].take()
}

/// Certifies the orders of a period, and waits for the end.
async fn certify(world: &TestWorld, from: Timestamp, to: Timestamp) -> Value {
    let input = json!({
        "connectionId": connection(world).await, "resource": "ORDERS",
        "from": from.to_string(), "to": to.to_string(),
    });
    let (begun, _) =
        world.admin.mutate("certify", input, "certificate { id state }").await.unwrap();
    let id = begun["certificate"]["id"].clone();
    world
        .eventually("the certificate is made", async || {
            look(&world.admin, &id).await["state"] != "RUNNING"
        })
        .await;
    look(&world.admin, &id).await
}

fn entry(certificate: &Value, order: i64) -> &Value {
    find(certificate["entries"].as_array().unwrap(), "objectId", &order.to_string())
}

/// The key of a delivery in the world's database.
fn key(world: &TestWorld, delivery: &str) -> String {
    if world.is_postgres() {
        format!("'{delivery}'")
    } else {
        format!("x'{}'", delivery.replace('-', ""))
    }
}

scenarios! {
    async fn everything_of_a_period_is_accounted_for_or_named(place: Place) {
        let world = TestWorld::connected_as(&place, unpolled()).await;
        world.put_catalogue().await;
        let from = world.clock.now();
        let variant = world.variants()[0];
        let sold = [world.sell(&[(variant, 1)]), world.sell(&[(variant, 2)]), world.sell(&[(variant, 3)])];
        let (unreadable, mut body) = quiet_order(&world);
        body["currency"] = Value::Null;
        assert_eq!(world.send(APP_WIDE, &Webhook::json("orders/create", &body)).await.status, 200);
        let until = world.clock.next_second();
        let until = Timestamp::from_millis(until.timestamp_millis() + 1_000);
        world.settle().await;
        world.clock.advance(LANDED_MILLIS);

        let first = certify(&world, from, until).await;
        assert_eq!((&first["verdict"], &first["listed"], &first["stored"], &first["refused"]), (&json!("COMPLETE"), &json!(4), &json!(3), &json!(1)), "{first}");
        assert_eq!(first["storeDigest"], first["heldDigest"]);
        let refused = entry(&first, unreadable);
        assert_eq!((&refused["account"], &refused["code"]), (&json!("REFUSED"), &json!("MALFORMED_BODY")));
        let dead = world.list("deadLetters", "id object { kind id }").await;
        assert_eq!(refused["deliveryId"], dead[0]["id"]);
        let (_, run) = reconcile(&world, "ORDERS").await;
        assert_eq!((&run["missing"], &run["left"], &run["healed"]), (&json!(1), &json!(1), &json!(0)), "it would be refused again: {run}");
        assert_eq!(certify(&world, from, until).await, first, "the same again");

        // An order that nobody told of.
        world.simulator.set_faults(Faults { drop: 1_000, ..Faults::default() });
        let lost = world.sell(&[(variant, 4)]);
        world.settle().await;
        world.simulator.set_faults(Faults::default());
        let later = Timestamp::from_millis(world.clock.now().millis() + 1_000);
        world.clock.advance(LANDED_MILLIS);
        let gap = certify(&world, from, later).await;
        assert_eq!((&gap["verdict"], &gap["missing"], &gap["stored"]), (&json!("INCOMPLETE"), &json!(1), &json!(3)), "{gap}");
        assert_eq!(entry(&gap, lost)["account"], "MISSING");
        assert_ne!(gap["storeDigest"], gap["heldDigest"]);
        assert_eq!(certify(&world, from, until).await, first, "which was not of the first period");
        reconcile(&world, "ORDERS").await;
        let whole = certify(&world, from, later).await;
        assert_eq!((&whole["verdict"], &whole["stored"]), (&json!("COMPLETE"), &json!(4)), "{whole}");

        // Of one order the bytes are no longer there, of another they are not what came.
        let delivery = async |id: i64| world.tenant().order(ExternalId(id)).await.unwrap().unwrap().delivery_id.to_string();
        let (absent, altered) = (delivery(sold[0]).await, delivery(sold[1]).await);
        let database = Database::connect(world.database_url()).await.unwrap();
        let sql = format!("DELETE FROM delivery WHERE delivery_id = {}", key(&world, &absent));
        assert_eq!(database.execute_unprepared(&sql).await.unwrap().rows_affected(), 1);
        let other = if world.is_postgres() { "decode('7b7d', 'hex')" } else { "x'7b7d'" };
        let sql = format!("UPDATE delivery SET body = {other}, body_encoding = 'plain' WHERE delivery_id = {}", key(&world, &altered));
        assert_eq!(database.execute_unprepared(&sql).await.unwrap().rows_affected(), 1);
        let torn = certify(&world, from, later).await;
        assert_eq!((&torn["verdict"], &torn["bytesMissing"], &torn["bytesAltered"], &torn["stored"]), (&json!("INCOMPLETE"), &json!(1), &json!(1), &json!(2)), "{torn}");
        let named = |order: i64| (entry(&torn, order)["account"].clone(), entry(&torn, order)["deliveryId"].clone());
        assert_eq!(named(sold[0]), (json!("BYTES_MISSING"), json!(absent)));
        assert_eq!(named(sold[1]), (json!("BYTES_ALTERED"), json!(altered)));

        // What the store no longer has, and nobody said so.
        world.change_quietly(|store, _, _| {
            store.orders.remove(&sold[2]).unwrap();
            Some(simulator::Change { object_id: sold[2], events: Vec::new() })
        });
        let surplus = certify(&world, from, until).await;
        assert_eq!((&surplus["verdict"], &surplus["surplus"], &surplus["listed"]), (&json!("INCOMPLETE"), &json!(1), &json!(3)), "{surplus}");
        assert_eq!(entry(&surplus, sold[2])["account"], "SURPLUS");

        let kept = world.list("certificates", "id verdict from to").await;
        assert_eq!(kept.len(), 7);
        let (_, stranger) = world.other_business().await;
        assert_eq!(stranger.all("certificates", "id").await.unwrap(), Vec::<Value>::new());
        assert_eq!(look(&stranger, &kept[0]["id"]).await, Value::Null);
        world.finish().await;
    }

    async fn what_a_person_was_taken_out_of_is_still_accounted_for(place: Place) {
        let world = TestWorld::connected_as(&place, unpolled()).await;
        let from = world.clock.now();
        let variant = world.variants()[0];
        let (kept, order) = (world.sell(&[(variant, 1)]), world.sell(&[(variant, 2)]));
        world.change(|store, _, now| {
            store.orders.get_mut(&order)?.email = Some("somebody@example.com".to_owned());
            store.fulfill_order(order, now)
        });
        let until = Timestamp::from_millis(world.clock.next_second().timestamp_millis() + 1_000);
        world.settle().await;
        world.clock.advance(LANDED_MILLIS);
        let before = certify(&world, from, until).await;
        assert_eq!((&before["verdict"], &before["stored"]), (&json!("COMPLETE"), &json!(2)), "{before}");
        let request = json!({
            "shop_id": 1, "shop_domain": tests::world::SHOP, "orders_to_redact": [order],
            "customer": { "email": "somebody@example.com" },
        });
        let request = Webhook::json("customers/redact", &request);
        assert_eq!(world.send(APP_WIDE, &request).await.status, 200);
        world.eventually("the person is erased", async || {
            world.list("erasures", "state").await.first().is_some_and(|one| one["state"] == "DONE")
        }).await;
        world.settle().await;
        let after = certify(&world, from, until).await;
        assert_eq!((&after["verdict"], &after["stored"], &after["erased"]), (&json!("COMPLETE"), &json!(1), &json!(1)), "{after}");
        assert_eq!(entry(&after, order)["account"], "ERASED");
        assert_eq!((&after["storeDigest"], &after["heldDigest"]), (&before["storeDigest"], &before["heldDigest"]));
        let erased = entry(&after, order)["deliveryId"].as_str().unwrap().to_owned();
        // Whoever passes other bytes off as erased is found by the hash of what came.
        let database = Database::connect(world.database_url()).await.unwrap();
        let other = "11".repeat(32);
        let other = if world.is_postgres() { format!("decode('{other}', 'hex')") } else { format!("x'{other}'") };
        let sql = format!("UPDATE delivery SET body_hash = {other} WHERE delivery_id = {}", key(&world, &erased));
        assert_eq!(database.execute_unprepared(&sql).await.unwrap().rows_affected(), 1);
        let forged = certify(&world, from, until).await;
        assert_eq!((&forged["verdict"], &entry(&forged, order)["account"]), (&json!("INCOMPLETE"), &json!("BYTES_ALTERED")), "{kept}: {forged}");
        world.finish().await;
    }

    async fn a_period_must_be_over_and_shown(place: Place) {
        let world = TestWorld::start_as(&place, unpolled()).await;
        let all = shopify::scope::SCOPES.iter().map(|used| used.scope);
        let scopes: Vec<&str> = all.filter(|scope| *scope != shopify::scope::ALL_ORDERS).collect();
        world.simulator.set_grantable(tests::world::SHOP, &scopes);
        server::demo::connect(&world.admin, tests::world::SHOP).await.unwrap();
        world.imported(&world.admin).await;
        let day = |days: i64| Timestamp::from_millis(world.clock.now().millis() - days * 86_400_000);
        let refused = async |from: Timestamp, to: Timestamp| {
            let input = json!({
                "connectionId": connection(&world).await, "resource": "ORDERS",
                "from": from.to_string(), "to": to.to_string(),
            });
            code_of(&world.admin.mutate("certify", input, "certificate { id }").await.unwrap_err())
        };
        assert_eq!(refused(day(1), day(0)).await, "BAD_USER_INPUT");
        assert_eq!(refused(day(1), day(2)).await, "BAD_USER_INPUT");
        assert_eq!(refused(day(400), day(1)).await, "BAD_USER_INPUT");
        let hidden = certify(&world, day(70), day(1)).await;
        assert_eq!((&hidden["state"], &hidden["verdict"], &hidden["code"]), (&json!("FAILED"), &Value::Null, &json!("MISSING_SCOPE")), "{hidden}");
        let shown = certify(&world, day(50), day(1)).await;
        assert_eq!((&shown["verdict"], &shown["listed"]), (&json!("COMPLETE"), &json!(0)), "{shown}");
        world.finish().await;
    }
}
