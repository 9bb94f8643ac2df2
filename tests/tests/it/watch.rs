//! The watch over a connection: subscriptions that vanished stand again with nothing missed, silence is heard, and the
//! link that broke is named.

use domain::access::Role;
use serde_json::{Value, json};
use server::Clock;
use server::demo::Caller;
use simulator::{Change, Event};
use tests::world::{Place, SHOP, TestWorld, Webhook, find};

use crate::flow::assert_books_agree;
use crate::scenarios;

const HOUR_MILLIS: i64 = 3_600_000;
const ELSEWHERE: &str = "https://elsewhere.example/hooks";

/// Somebody whose token is of now, whatever the day.
fn operator(world: &TestWorld) -> Caller {
    world.caller(Role::Operator, &[world.business])
}

/// The link that is broken first, and what is to be done about it.
async fn first_broken(world: &TestWorld) -> Value {
    let document = "query($businessId: ID!) { connectionHealth(businessId: $businessId) { \
        firstBroken { link remedy detail } checks { link verdict detail } } }";
    let mut answer = operator(world).call(document, json!({})).await.unwrap();
    let checks = answer["connectionHealth"]["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 10, "{checks:?}");
    answer["connectionHealth"]["firstBroken"].take()
}

async fn heal(world: &TestWorld) {
    world.admin.mutate("healSubscriptions", json!({}), "connection { shop }").await.unwrap();
}

async fn events(world: &TestWorld, kind: &str) -> Vec<Value> {
    let feed = operator(world).all("activity", "kind message").await.unwrap();
    feed.into_iter().filter(|event| event["kind"] == kind).collect()
}

scenarios! {
    async fn subscriptions_that_vanished_stand_again_and_nothing_is_missed(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let variant = world.variants()[0];
        world.sell(&[(variant, 1)]);
        world.settle().await;
        let before = world.simulator.subscriptions(SHOP).len();
        assert_eq!(world.simulator.unsubscribe(SHOP, ""), before);
        assert!(world.simulator.subscribe(SHOP, "disputes/create", ELSEWHERE));
        for _ in 0..3 {
            world.sell(&[(variant, 2)]);
        }
        world.settle().await;
        assert!(!world.comparison().await.agrees());
        let broken = first_broken(&world).await;
        assert_eq!((&broken["link"], &broken["remedy"]), (&json!("SUBSCRIPTIONS"), &json!("HEAL_SUBSCRIPTIONS")));

        heal(&world).await;
        world.eventually("it is told", async || !events(&world, "SUBSCRIPTIONS_HEALED").await.is_empty()).await;
        world.settle().await;
        assert_books_agree(&world, "healed").await;
        let standing = world.simulator.subscriptions(SHOP);
        assert_eq!(standing.len(), before + 1, "each once: {standing:?}");
        assert!(standing.iter().any(|(_, uri)| uri == ELSEWHERE), "another's is left alone");
        let log = world.list("syncLog", "kind status processed").await;
        let healed = find(&log, "kind", "SUBSCRIPTION_HEAL");
        assert_eq!(healed["status"], "SUCCESS");
        // The first order may be among them: nothing tells a reading from what was delivered.
        assert!(healed["processed"].as_i64() >= Some(3), "{healed}");
        assert_eq!(first_broken(&world).await, Value::Null);

        world.sell(&[(variant, 1)]);
        world.settle().await;
        assert_books_agree(&world, "delivered again").await;
        world.finish().await;
    }

    async fn nobody_has_to_ask_for_it(place: Place) {
        let world = TestWorld::connected(&place).await;
        let before = world.simulator.subscriptions(SHOP).len();
        assert_eq!(world.simulator.unsubscribe(SHOP, ""), before);
        world.clock.advance(16 * 60_000);
        world.eventually("they stand again", async || world.simulator.subscriptions(SHOP).len() == before).await;
        world.eventually("it is told", async || events(&world, "SUBSCRIPTIONS_HEALED").await.len() == 1).await;
        // What stands is left as it is, and not spoken of.
        let standing = world.simulator.subscriptions(SHOP);
        world.clock.advance(16 * 60_000);
        let looked = async || {
            let at = world.app().storage.system().next_schedule_at().await.unwrap();
            at.is_some_and(|at| at > world.clock.now())
        };
        world.eventually("it is looked at again", looked).await;
        assert_eq!(world.simulator.subscriptions(SHOP), standing);
        assert_eq!(events(&world, "SUBSCRIPTIONS_HEALED").await.len(), 1);
        world.finish().await;
    }

    async fn each_link_that_breaks_is_named(place: Place) {
        let world = TestWorld::start(&place).await;
        assert_eq!(first_broken(&world).await["link"], "CONNECTION");
        world.simulator.set_grantable(SHOP, &["read_orders", "read_products"]);
        server::demo::connect(&world.admin, SHOP).await.unwrap();
        world.imported(&world.admin).await;
        let broken = first_broken(&world).await;
        assert_eq!((&broken["link"], &broken["remedy"]), (&json!("SCOPES"), &json!("CONNECT_STORE")));

        world.simulator.revoke_tokens(SHOP);
        let broken = first_broken(&world).await;
        assert_eq!((&broken["link"], &broken["remedy"]), (&json!("TOKEN_WORKS"), &json!("CONNECT_STORE")));
        assert!(!broken["detail"].as_str().unwrap().is_empty());
        let (polled, _) = world.admin.mutate("debugPoll", json!({}), "polls { error code }").await.unwrap();
        assert_eq!(polled["polls"][0]["code"], "REAUTH_REQUIRED");
        world.admin.mutate("disconnect", json!({}), "disconnected").await.unwrap();
        assert_eq!(first_broken(&world).await["link"], "CONNECTION");
        world.finish().await;
    }

    /// A store that sells every morning does not on the fifth.
    async fn a_store_that_falls_silent_is_heard(place: Place) {
        let world = TestWorld::connected(&place).await;
        let path = world.webhook_path();
        let watched = async || {
            let at = world.app().storage.system().next_schedule_at().await.unwrap();
            at.is_some_and(|at| at > world.clock.now())
        };
        // Mornings begin with an hour, whatever the time is now: what is normal is known by the hour.
        world.clock.advance(HOUR_MILLIS - world.clock.now().millis().rem_euclid(HOUR_MILLIS));
        for day in 0..4 {
            for at in 0..30 {
                let webhook = Webhook::json("shop/update", &json!({ "id": day * 100 + at }));
                assert_eq!(world.send(&path, &webhook).await.status, 200);
            }
            world.settle().await;
            for _ in 0..24 {
                world.clock.advance(HOUR_MILLIS);
                world.eventually("the watch has looked", watched).await;
            }
            assert_eq!(events(&world, "STORE_SILENT").await, Vec::<Value>::new(), "day {day}");
        }
        // The morning passes, and nothing comes.
        for _ in 0..2 {
            world.clock.advance(HOUR_MILLIS);
            world.eventually("the watch has looked", watched).await;
        }
        world.eventually("it is told", async || !events(&world, "STORE_SILENT").await.is_empty()).await;
        let told = events(&world, "STORE_SILENT").await;
        assert_eq!(told.len(), 1, "once: {told:?}");
        assert!(told[0]["message"].as_str().unwrap().contains("Deliveries"), "{told:?}");
        let broken = first_broken(&world).await;
        assert_eq!((&broken["link"], &broken["remedy"]), (&json!("DELIVERIES"), &json!("POLL_NOW")));

        // It sells again.
        world.change(|_, _, _| {
            let body = json!({ "id": 9_999 });
            Some(Change { object_id: 1, events: vec![Event { topic: "products/delete", body }] })
        });
        world.settle().await;
        // While days pass in moments a poll may be under way for hours.
        let fields = "polls { kind seen queued news error code }";
        let (polled, _) = operator(&world).mutate("debugPoll", json!({}), fields).await.unwrap();
        let polled = polled["polls"].as_array().unwrap();
        assert!(find(polled, "kind", "product")["seen"].is_number(), "{polled:?}");
        world.settle().await;
        assert_eq!(first_broken(&world).await, Value::Null);
        world.finish().await;
    }
}
