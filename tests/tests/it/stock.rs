//! What moves stock: links between the store's variants and the POS's products, and counts.

use serde_json::{Value, json};
use tests::world::{Place, SHOP, TestWorld, find};

use crate::catching_up::log_entries;
use crate::scenarios;

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

scenarios! {
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
}
