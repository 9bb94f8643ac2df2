//! Repairs of what the good version would not have mapped at all.

use serde_json::{Value, json};
use server::demo::put_catalogue;
use tests::world::{Place, SHOP, TestWorld};

use crate::lifecycle::{configure, override_with, repair, sell, settle};
use crate::scenarios;

scenarios! {
    /// What the good version would never have mapped comes off the books, and nobody loses sight of it.
    async fn what_a_good_version_refuses_is_voided_by_a_repair(place: Place) {
        let elsewhere = place.another().await;
        let (world, twin) = tokio::join!(TestWorld::connected(&place), TestWorld::connected(&elsewhere));
        world.put_catalogue().await;
        put_catalogue(&twin.admin, &world.simulator, SHOP).await.unwrap();
        let both = [&world, &twin];
        let refusing = json!({ "unmapped": { "tenders": "refuse" } });
        let config = configure(&world.admin, 0, refusing.clone()).await;
        let twins_config = configure(&twin.admin, 0, refusing).await;
        override_with(&twin.admin, 0, twins_config).await;
        let variant = world.variants()[0];
        let order = sell(both, variant, 2, true).await;
        sell(both, variant, 3, false).await;
        settle(both).await;
        assert_eq!(world.pos_order(order).await["state"], "PAID");
        assert_ne!(world.moved().await, twin.moved().await);

        // By itself, a refusal says nothing against what was posted before.
        override_with(&world.admin, 0, config).await;
        let product = json!({ "id": "shelf", "name": "Shelf", "price": "5.00", "currency": "CAD" });
        let link = json!({ "variantId": variant.to_string(), "posProductId": "shelf" });
        for caller in [&world.admin, &twin.admin] {
            caller.mutate("upsertPosProducts", json!({ "products": [product] }), "products { id }").await.unwrap();
            caller.mutate("linkProduct", link.clone(), "linked { repostedOrders }").await.unwrap();
        }
        settle(both).await;
        assert_eq!(world.pos_order(order).await["state"], "PAID");

        repair(&world, 0, 0).await;
        let voided = world.pos_order(order).await;
        assert_eq!((&voided["version"], &voided["state"]), (&json!(2), &json!("VOIDED")), "{voided}");
        assert_eq!(twin.pos_order(order).await, Value::Null);
        assert_eq!(world.moved().await, twin.moved().await, "as if the good version had served throughout");
        let refused = world.list("deadLetters", "id code topic").await;
        assert!(!refused.is_empty() && refused.iter().all(|letter| letter["code"] == "MAPPING_REFUSED"), "{refused:?}");
        let movements = world.movements().await;
        repair(&world, 0, 0).await;
        assert_eq!((world.movements().await, world.pos_order(order).await), (movements, voided), "doing it again is harmless");
        assert_eq!(world.list("deadLetters", "id").await.len(), refused.len(), "and nothing is listed twice");

        // Once a version maps it again, its dead letters bring it back.
        override_with(&world.admin, 0, 0).await;
        for letter in &refused {
            world.admin.mutate("replayDelivery", json!({ "deliveryId": letter["id"] }), "deliveryId").await.unwrap();
        }
        world.settle().await;
        let back = world.pos_order(order).await;
        assert_eq!((&back["version"], &back["state"]), (&json!(3), &json!("PAID")), "{back}");
        assert_eq!(world.list("deadLetters", "id").await, Vec::<Value>::new());
        tokio::join!(world.finish(), twin.finish());
    }
}
