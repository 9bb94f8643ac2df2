//! Tenancy: a business that is not the caller's does not exist for them, and stores do not meet.

use domain::access::Role;
use serde_json::json;
use server::demo::connect;
use simulator::OrderSpec;
use tests::world::{Place, TestWorld, Webhook, code_of};

use crate::scenarios;

const OTHER_SHOP: &str = "other.myshopify.com";

scenarios! {
    async fn the_business_of_others_does_not_exist(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let order = world.sell(&[(world.variants()[0], 1)]);
        world.settle().await;
        let picture = world.picture().await;
        let delivery = world.list("syncLog", "deliveryId").await[0]["deliveryId"].clone();
        let (another, _) = world.other_business().await;
        let stranger = world.caller_about(Role::Admin, &[another], world.business);

        let lists = ["syncLog", "orders", "products", "posOrders", "posProducts", "stockMovements", "stockPushes", "productPushes", "deadLetters", "activity"];
        for list in lists {
            assert_eq!(code_of(&stranger.all(list, "__typename").await.unwrap_err()), "NOT_FOUND", "{list}");
        }
        let queries = [
            "connection(businessId: $businessId) { id }".to_owned(),
            "connections(businessId: $businessId) { id }".to_owned(),
            "scopes(businessId: $businessId) { granted }".to_owned(),
            format!("order(businessId: $businessId, id: \"{order}\") {{ id }}"),
            format!("posOrder(businessId: $businessId, orderId: \"{order}\") {{ id }}"),
            "inventoryPolicy(businessId: $businessId) { ownership }".to_owned(),
            "stockLevels(businessId: $businessId, posProductIds: [\"x\"]) { quantity }".to_owned(),
        ];
        for query in queries {
            let refused = stranger.call(&format!("query($businessId: ID!) {{ {query} }}"), json!({})).await;
            assert_eq!(code_of(&refused.unwrap_err()), "NOT_FOUND", "{query}");
        }
        let product = json!({ "id": "x", "name": "x", "price": "1.00", "currency": "CAD" });
        let variant = world.variants()[0].to_string();
        let mutations = [
            ("connectShopify", json!({ "shop": OTHER_SHOP })),
            ("disconnect", json!({})),
            ("pollNow", json!({})),
            ("replayDelivery", json!({ "deliveryId": delivery })),
            ("syncInventory", json!({})),
            ("syncProducts", json!({})),
            ("setInventoryPolicy", json!({ "ownership": "POS" })),
            ("upsertPosProducts", json!({ "products": [product] })),
            ("linkProduct", json!({ "variantId": variant, "posProductId": "x" })),
            ("setStock", json!({ "posProductId": server::demo::pos_product_id(world.variants()[0]), "quantity": 5 })),
        ];
        for (name, input) in &mutations {
            let refused = stranger.mutate(name, input.clone(), "__typename").await.unwrap_err();
            assert_eq!(code_of(&refused), "NOT_FOUND", "{name}: {refused}");
        }
        let viewer = world.caller(Role::Viewer, &[world.business]);
        for (name, input) in &mutations {
            let refused = viewer.mutate(name, input.clone(), "__typename").await.unwrap_err();
            assert_eq!(code_of(&refused), "FORBIDDEN", "{name}: {refused}");
        }
        assert_eq!(viewer.all("orders", "id").await.unwrap().len(), 1);
        // Ids of others are no ids in one's own business.
        let own = world.caller(Role::Admin, &[another]);
        let refused = own.mutate("replayDelivery", json!({ "deliveryId": delivery }), "deliveryId").await;
        assert_eq!(code_of(&refused.unwrap_err()), "NOT_FOUND");
        let platform = world.caller_about(Role::Platform, &[another], world.business);
        assert_eq!(platform.all("orders", "id").await.unwrap().len(), 1, "those who run the gateway see it");
        world.settle().await;
        assert_eq!(world.picture().await, picture);
        world.finish().await;
    }

    async fn stores_do_not_meet(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        // Of the same seed: its ids are those of the first shop.
        world.add_shop(OTHER_SHOP, 4, 0);
        let (_, other) = world.other_business().await;
        let landed = connect(&other, OTHER_SHOP).await.unwrap();
        assert!(landed.ends_with("?connected=true"), "{landed}");
        world.imported(&other).await;
        server::demo::put_catalogue(&other, &world.simulator, OTHER_SHOP).await.unwrap();
        let variant = world.variants()[0];
        let spec = |pieces| OrderSpec { lines: vec![(variant, pieces)], location_id: None, paid: true };
        let mine = world.sell(&[(variant, 2)]);
        let theirs = world.change_in(OTHER_SHOP, |store, _, now| Some(store.create_order_with(spec(7), now)));
        assert_eq!(mine, theirs, "the same id in both shops");
        world.settle().await;
        let product = server::demo::pos_product_id(variant);
        assert_eq!(world.moved_of(&product).await, -2);
        assert_eq!(world.moved_for(&other).await.values().sum::<i64>(), -7);
        assert!(world.comparison().await.agrees());

        let picture = world.picture().await;
        let path = world.webhook_path();
        let crossed = Webhook { shop: OTHER_SHOP.to_owned(), ..Webhook::new("orders/create", "{}") };
        assert_eq!(world.send(&path, &crossed).await.status, 401, "by the first shop's path");
        world.change_in(OTHER_SHOP, |store, _, now| store.cancel_order(theirs, true, now));
        world.settle().await;
        other.mutate("disconnect", json!({}), "disconnected").await.unwrap();
        world.settle().await;
        assert_eq!(world.picture().await, picture);
        assert_eq!(world.moved_for(&other).await.values().sum::<i64>(), 0);
        world.finish().await;
    }
}
