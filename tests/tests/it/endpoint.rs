//! POS orders on their way to the business's own POS: each version, signed, once for a POS that keeps keys, and never an
//! older one after a newer one.

use std::collections::BTreeSet;

use domain::access::Role;
use serde_json::{Value, json};
use server::demo::Caller;
use tests::world::{Place, Pos, TestWorld, Wish};

use crate::scenarios;

/// A world whose gateway stands beside its POS.
async fn beside(place: &Place) -> TestWorld {
    let settings = vec![("POS_PRIVATE", "true".to_owned())];
    let world = TestWorld::connected_as(place, Wish { settings, ..Wish::default() }).await;
    world.put_catalogue().await;
    world
}

async fn set(world: &TestWorld, url: &str, new_secret: bool) -> Value {
    let input = json!({ "url": url, "newSecret": new_secret });
    let (payload, _) = world
        .admin
        .mutate("setPosEndpoint", input, "secret endpoint { url failures }")
        .await
        .unwrap();
    payload["secret"].clone()
}

/// Somebody whose token is of now, whatever the day.
fn operator(world: &TestWorld) -> Caller {
    world.caller(Role::Operator, &[world.business])
}

async fn outbox(world: &TestWorld) -> Vec<Value> {
    let fields = "orderId wantedVersion sentVersion state attempts code detail";
    operator(world).all("outbox", fields).await.unwrap()
}

/// Waits until nothing is left to be sent, moving the clock to what is due later.
async fn dispatched(world: &TestWorld) {
    world
        .eventually("everything is sent", async || {
            let app = world.app();
            let Some(at) = app.storage.system().next_dispatch_at().await.unwrap() else {
                return true;
            };
            let ahead = i64::try_from(app.now().until(at).as_millis()).unwrap();
            world.clock.advance(ahead);
            app.storage.hints().wake_workers();
            false
        })
        .await;
}

scenarios! {
    async fn each_version_reaches_the_pos_signed(place: Place) {
        let world = beside(&place).await;
        let pos = Pos::start().await;
        let secret = set(&world, &pos.url, false).await;
        let secret = secret.as_str().unwrap();
        let id = world.sell(&[(world.variants()[0], 3)]);
        world.settle().await;
        dispatched(&world).await;
        let sold = world.pos_order(id).await;
        let first = pos.taken();
        let first = &first[0];
        assert_eq!(first.signatures_of(secret), 1);
        let body = first.json();
        assert_eq!((&body["type"], &body["data"]["version"]), (&json!("pos_order.posted"), &sold["version"]));
        assert_eq!(body["data"]["pos_order_id"], world.list("posOrders", "id").await[0]["id"]);
        assert_eq!(body["data"]["order"]["external_id"].to_string().trim_matches('"'), id.to_string());
        assert_eq!(body["data"]["order"]["total"], sold["total"]["amount"]);

        world.change(|store, _, now| store.cancel_order(id, true, now));
        world.settle().await;
        dispatched(&world).await;
        let taken = pos.taken();
        let versions: Vec<i64> = taken.iter().map(|sent| sent.json()["data"]["version"].as_i64().unwrap()).collect();
        assert!(versions.windows(2).all(|pair| pair[0] < pair[1]), "{versions:?}");
        assert_eq!(json!(versions.last()), world.pos_order(id).await["version"]);
        assert_eq!(taken.last().unwrap().json()["data"]["order"]["state"], "voided");
        let keys: BTreeSet<_> = taken.iter().map(|sent| &sent.id).collect();
        assert_eq!(keys.len(), taken.len(), "each version has its key");

        // What is told again makes no version and sends nothing.
        world.poll().await;
        dispatched(&world).await;
        assert_eq!(pos.sent().len(), taken.len());
        let rows = outbox(&world).await;
        assert_eq!((rows.len(), &rows[0]["state"]), (1, &json!("SENT")));

        // Sent once more on request, under the same key.
        world.admin.mutate("sendPosOrder", json!({ "orderId": id.to_string() }), "orderId").await.unwrap();
        dispatched(&world).await;
        let again = pos.taken();
        assert_eq!(again.len(), taken.len() + 1);
        assert_eq!((&again.last().unwrap().id, &again.last().unwrap().body), (&taken.last().unwrap().id, &taken.last().unwrap().body));
        world.finish().await;
    }

    async fn a_pos_that_was_down_gets_everything(place: Place) {
        let world = beside(&place).await;
        let pos = Pos::start().await;
        set(&world, &pos.url, false).await;
        pos.answer(503);
        let variant = world.variants()[0];
        let ids: Vec<i64> = (0..5).map(|_| world.sell(&[(variant, 1)])).collect();
        world.settle().await;
        let tried = async || pos.sent().len() >= 2;
        world.eventually("it is tried", tried).await;
        let endpoint = "query($businessId: ID!) { posEndpoint(businessId: $businessId) { failures pausedUntil } }";
        world.eventually("the endpoint pauses", async || {
            let answer = world.admin.call(endpoint, json!({})).await.unwrap();
            answer["posEndpoint"]["pausedUntil"].is_string()
        }).await;
        assert!(outbox(&world).await.iter().any(|row| row["code"] == "UPSTREAM_UNAVAILABLE"));
        assert_eq!(world.list("posOrders", "id").await.len(), 5, "the store's orders are posted all the same");
        // A version that comes meanwhile is the one that is sent.
        world.change(|store, _, now| store.cancel_order(ids[0], true, now));
        world.settle().await;
        pos.answer(200);
        dispatched(&world).await;
        let taken = pos.taken();
        let orders: BTreeSet<String> = taken.iter().map(|sent| sent.json()["data"]["pos_order_id"].to_string()).collect();
        assert_eq!((orders.len(), taken.len()), (5, 5), "each order once, in its newest version");
        let voided = taken.iter().filter(|sent| sent.json()["data"]["order"]["state"] == "voided").count();
        assert_eq!(voided, 1);
        let answer = world.admin.call(endpoint, json!({})).await.unwrap();
        assert_eq!(answer["posEndpoint"], json!({ "failures": 0, "pausedUntil": null }));
        world.finish().await;
    }

    async fn an_order_that_the_pos_refuses_is_given_up_in_the_end_and_holds_up_no_other(place: Place) {
        let world = beside(&place).await;
        let pos = Pos::start().await;
        set(&world, &pos.url, false).await;
        pos.answer(422);
        let variant = world.variants()[0];
        let id = world.sell(&[(variant, 1)]).to_string();
        world.settle().await;
        dispatched(&world).await;
        assert_eq!(pos.sent().len(), 12);
        let keys: BTreeSet<_> = pos.sent().into_iter().map(|sent| sent.id).collect();
        assert_eq!(keys.len(), 1, "one key in every attempt");
        let rows = outbox(&world).await;
        assert_eq!((&rows[0]["state"], &rows[0]["orderId"]), (&json!("DEAD"), &json!(id)));
        let operator = operator(&world);
        let feed = operator.all("activity", "kind subject { id }").await.unwrap();
        assert!(feed.iter().any(|event| event["kind"] == "DISPATCH_DIED" && event["subject"]["id"] == id.as_str()));
        pos.answer(200);
        operator.mutate("sendPosOrder", json!({ "orderId": id }), "orderId").await.unwrap();
        dispatched(&world).await;
        assert_eq!(pos.taken().len(), 1);
        world.finish().await;
    }

    async fn a_pos_that_is_gone_is_left_alone_until_it_is_set_anew(place: Place) {
        let world = beside(&place).await;
        let pos = Pos::start().await;
        let first = set(&world, &pos.url, false).await;
        pos.answer(410);
        let variant = world.variants()[0];
        world.sell(&[(variant, 1)]);
        world.settle().await;
        dispatched(&world).await;
        world.sell(&[(variant, 1)]);
        world.settle().await;
        dispatched(&world).await;
        assert_eq!(pos.sent().len(), 1);
        // Followed, the redirect would be an endless one.
        pos.answer(302);
        assert_eq!(set(&world, &pos.url, false).await, Value::Null, "the secret stays");
        world.eventually("it is tried", async || pos.sent().len() > 2).await;
        pos.answer(200);
        let second = set(&world, &pos.url, true).await;
        dispatched(&world).await;
        let taken = pos.taken();
        assert_eq!(taken.len(), 2);
        for sent in &taken {
            let of = |secret: &Value| sent.signatures_of(secret.as_str().unwrap());
            assert_eq!((of(&first), of(&second)), (1, 1), "both secrets are good for a day");
        }
        let (removed, _) = world.admin.mutate("removePosEndpoint", json!({}), "removed").await.unwrap();
        assert_eq!(removed["removed"], true);
        world.sell(&[(variant, 1)]);
        world.settle().await;
        dispatched(&world).await;
        assert_eq!(pos.sent().iter().filter(|sent| sent.status == 200).count(), 2);
        world.finish().await;
    }

    async fn private_networks_are_out_of_reach(place: Place) {
        let world = TestWorld::connected(&place).await;
        let pos = Pos::start().await;
        let port = pos.url.split([':', '/']).nth(4).unwrap().to_owned();
        for url in ["https://127.0.0.1/orders", "https://169.254.169.254/", "http://pos.example/", "https://0x7f000001/", "no address"] {
            let refused = world.admin.mutate("setPosEndpoint", json!({ "url": url }), "secret").await.unwrap_err();
            assert!(refused.to_string().contains("BAD_USER_INPUT"), "{url}: {refused}");
        }
        // A name may lead anywhere; where it leads is seen when it is asked.
        set(&world, &format!("https://localhost:{port}/orders"), false).await;
        world.sell(&[(world.variants()[0], 1)]);
        world.settle().await;
        world.eventually("it was refused", async || {
            outbox(&world).await.iter().any(|row| row["code"] == "BAD_USER_INPUT")
        }).await;
        let rows = outbox(&world).await;
        assert!(rows[0]["detail"].as_str().unwrap().contains("private network"), "{rows:?}");
        assert_eq!(pos.sent().len(), 0);
        let stranger = world.other_business().await.1;
        let theirs = stranger.all("outbox", "orderId").await.unwrap();
        assert_eq!(theirs, Vec::<Value>::new());
        world.finish().await;
    }
}
