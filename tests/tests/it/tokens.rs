//! A connection's tokens: renewed in time and once, and asked of the merchant anew where the store takes them back.

use std::time::Duration;

use serde_json::json;
use server::Clock;
use server::demo::connect;
use simulator::Faults;
use tests::world::{Place, SHOP, TestWorld, Wish, find};

use crate::oauth::{CONNECTED, status};
use crate::scenarios;

scenarios! {
    async fn tokens_are_renewed_before_they_end_and_once_only(place: Place) {
        let token_life = Duration::from_hours(1);
        let world = TestWorld::connected_as(&place, Wish { token_life, ..Wish::default() }).await;
        assert_eq!(world.simulator.tokens_issued(SHOP), Some(1));
        world.clock.advance(3_400_000);
        let polls = (0..6).map(|_| world.admin.mutate("pollNow", json!({}), "syncLogEntry { id }"));
        for poll in futures_util::future::join_all(polls).await {
            poll.unwrap();
        }
        world.eventually("all polls end", async || {
            let log = world.list("syncLog", "kind status errorDetail").await;
            assert!(log.iter().all(|entry| entry["errorDetail"].is_null()), "{log:?}");
            log.iter().filter(|entry| entry["kind"] == "PRODUCT_POLL" && entry["status"] == "SUCCESS").count() >= 6
        })
        .await;
        assert_eq!(world.simulator.tokens_issued(SHOP), Some(2), "six polls at once, one renewal");
        world.finish().await;
    }

    async fn an_import_waits_for_a_merchant_who_has_to_connect_again(place: Place) {
        let world = TestWorld::start_as(&place, Wish { orders: 45, ..Wish::default() }).await;
        world.simulator.set_faults(Faults { token_revoked: 1_000, ..Faults::default() });
        assert_eq!(connect(&world.admin, SHOP).await.unwrap(), CONNECTED);
        let system = world.app().storage.system();
        let next_at = async || system.next_schedule_at().await.unwrap().unwrap();
        let far = async || next_at().await >= world.clock.now() + Duration::from_mins(10);
        world.eventually("nothing is tried for a while", far).await;
        assert_eq!(status(&world).await, "REAUTH_REQUIRED");
        let imports = async || {
            let log = world.list("syncLog", "kind status processed errorDetail").await;
            let of_orders = log.into_iter().filter(|entry| entry["kind"] == "ORDER_IMPORT");
            of_orders.collect::<Vec<_>>()
        };
        let told = async || {
            let feed = world.list("activity", "kind message").await;
            feed.iter().filter(|event| event["message"].as_str().unwrap().contains("waits until")).count()
        };
        assert_eq!((imports().await.len(), told().await), (1, 1));
        let detail = imports().await[0]["errorDetail"].as_str().unwrap().to_owned();
        assert!(detail.contains("REAUTH_REQUIRED") && detail.contains("waits until"), "{detail}");
        // Looked at again, by itself or by chance, it says nothing new.
        world.clock.advance(3_700_000);
        world.eventually("it was looked at", far).await;
        assert_eq!((imports().await.len(), told().await), (1, 1));

        // The store's clock was not moved, and a callback of another time is refused.
        world.clock.advance(-3_700_000);
        world.simulator.set_faults(Faults::default());
        assert_eq!(connect(&world.admin, SHOP).await.unwrap(), CONNECTED);
        world.imported(&world.admin).await;
        world.settle().await;
        assert_eq!(world.list("orders", "id").await.len(), 45);
        let done = imports().await;
        assert_eq!(find(&done, "status", "SUCCESS")["processed"], 45, "{done:?}");
        world.finish().await;
    }

    async fn a_revoked_token_asks_for_the_merchant(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.simulator.revoke_tokens(SHOP);
        world.poll().await;
        let log = world.list("syncLog", "kind status errorDetail").await;
        let failed = log.iter().find(|entry| entry["kind"] == "ORDER_POLL" && entry["status"] == "ERROR");
        let detail = failed.unwrap_or_else(|| panic!("no failed poll in {log:?}"))["errorDetail"].as_str().unwrap();
        assert!(detail.contains("REAUTH_REQUIRED"), "{detail}");
        assert_eq!(status(&world).await, "REAUTH_REQUIRED");
        assert_eq!(connect(&world.admin, SHOP).await.unwrap(), CONNECTED);
        assert_eq!(status(&world).await, "ACTIVE");
        world.imported(&world.admin).await;
        world.poll().await;
        let log = world.list("syncLog", "kind status").await;
        assert!(log.iter().any(|entry| entry["kind"] == "ORDER_POLL" && entry["status"] == "SUCCESS"), "{log:?}");
        world.finish().await;
    }
}
