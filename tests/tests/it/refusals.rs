//! Refusals: each names what is wrong, and keeps nobody else waiting.

use serde_json::{Value, json};
use simulator::OrderSpec;
use tests::world::{Place, TestWorld, Webhook, find};

use crate::scenarios;

const APP_WIDE: &str = "/ecommerce/webhooks/shopify";

/// Sells two pieces quietly and returns the order's id and what the store would have told.
fn quiet_order(world: &TestWorld) -> (i64, Value) {
    let spec = OrderSpec { lines: vec![(world.variants()[0], 2)], location_id: None, paid: false };
    let mut told = world.change_quietly(|store, _, now| Some(store.create_order_with(spec, now)));
    let at = told.events.iter().position(|event| event.topic == "orders/create").unwrap();
    (told.object_id, told.events.swap_remove(at).body)
}

/// Makes the order's total something that its parts do not come to.
fn raise_total(body: &mut Value) {
    let total: rust_decimal::Decimal = body["total_price"].as_str().unwrap().parse().unwrap();
    let raised = (total + rust_decimal::Decimal::ONE).to_string();
    for name in ["total_price", "current_total_price"] {
        body[name] = json!(raised);
        for money in ["shop_money", "presentment_money"] {
            body[format!("{name}_set")][money]["amount"] = json!(raised);
        }
    }
}

scenarios! {
    async fn an_order_whose_total_is_impossible_is_refused_by_name(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let (impossible, mut body) = quiet_order(&world);
        raise_total(&mut body);
        assert_eq!(world.send(APP_WIDE, &Webhook::json("orders/create", &body)).await.status, 200);
        let (good, body) = quiet_order(&world);
        assert_eq!(world.send(APP_WIDE, &Webhook::json("orders/create", &body)).await.status, 200);
        world.settle().await;

        let dead = world.list("deadLetters", "code detail object { kind id } attempts").await;
        assert_eq!(dead.len(), 1);
        assert_eq!(dead[0]["code"], "TOTAL_MISMATCH");
        assert_eq!(dead[0]["object"], json!({ "kind": "ORDER", "id": impossible.to_string() }));
        let detail = dead[0]["detail"].as_str().unwrap();
        assert!(detail.contains("1.00"), "the difference is named: {detail}");

        let orders = world.list("orders", "id posOrder { id }").await;
        assert_eq!(find(&orders, "id", &impossible.to_string())["posOrder"], Value::Null);
        assert!(find(&orders, "id", &good.to_string())["posOrder"]["id"].is_string());
        assert_eq!(world.moved().await.values().sum::<i64>(), -2, "only the good one moved stock");
        let feed = world.list("activity", "kind message").await;
        assert!(feed.iter().any(|event| event["kind"] == "ORDER_REFUSED"), "{feed:?}");
        world.finish().await;
    }

    async fn a_refused_order_that_the_store_mends_is_posted(place: Place) {
        let world = TestWorld::connected(&place).await;
        let (id, body) = quiet_order(&world);
        let mut wrong = body.clone();
        raise_total(&mut wrong);
        assert_eq!(world.send(APP_WIDE, &Webhook::json("orders/create", &wrong)).await.status, 200);
        world.settle().await;
        assert_eq!(world.pos_order(id).await, Value::Null);
        world.change(|store, _, now| store.pay_order(id, now));
        world.settle().await;
        assert_eq!(world.pos_order(id).await["state"], "PAID");
        world.finish().await;
    }

    async fn poison_does_not_keep_others_waiting(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let poisons = [
            "", "null", "[]", "{}", "\u{0}", "{\"id\":\"x\"}", "{\"id\":1}", "{\"id\":1,\"line_items\":7}",
            "{\"id\":1e400}", "\"text\"", "{\"id\":18446744073709551616}",
        ];
        let mut good = Vec::new();
        for (round, poison) in poisons.iter().enumerate() {
            for topic in ["orders/create", "orders/edited", "products/update", "refunds/create"] {
                let body = format!("{}{poison}", " ".repeat(round));
                assert_eq!(world.send(APP_WIDE, &Webhook::new(topic, body)).await.status, 200);
            }
            let (id, body) = quiet_order(&world);
            good.push(id);
            assert_eq!(world.send(APP_WIDE, &Webhook::json("orders/create", &body)).await.status, 200);
        }
        world.settle().await;
        for id in &good {
            assert_eq!(world.pos_order(*id).await["version"], json!(1));
        }
        let dead = world.list("deadLetters", "code attempts").await;
        assert_eq!(dead.len(), poisons.len() * 4);
        for letter in dead {
            assert_eq!((&letter["code"], &letter["attempts"]), (&json!("MALFORMED_BODY"), &json!(1)));
        }
        world.finish().await;
    }

    async fn a_delivery_of_another_shop_under_this_ones_name_is_refused(place: Place) {
        let world = TestWorld::connected(&place).await;
        let body = json!({ "id": 7, "myshopify_domain": "other.myshopify.com" });
        assert_eq!(world.send(APP_WIDE, &Webhook::json("app/uninstalled", &body)).await.status, 200);
        world.settle().await;
        assert_eq!(world.list("deadLetters", "code").await, [json!({ "code": "SHOP_MISMATCH" })]);
        let connection = world.admin.call("query($businessId: ID!) { connection(businessId: $businessId) { status } }", json!({}));
        assert_eq!(connection.await.unwrap()["connection"]["status"], "ACTIVE");
        world.finish().await;
    }

    async fn an_unknown_store_system_is_named(place: Place) {
        let world = TestWorld::start(&place).await;
        let answer = world.admin.http().get(format!("{}/ecommerce/nosuch/app?shop=x", world.base)).send();
        let answer = answer.await.unwrap();
        let location = answer.headers()["location"].to_str().unwrap();
        assert_eq!(location, format!("{}?error=unknown_provider", tests::world::FRONTEND));
        world.finish().await;
    }

    async fn a_product_id_has_the_length_that_plugins_are_promised(place: Place) {
        let world = TestWorld::start(&place).await;
        let longest = "é".repeat(128);
        let put = async |id: &str| {
            let product = json!({ "id": id, "name": "Tea", "price": "5.00", "currency": "CAD" });
            world.admin.mutate("upsertPosProducts", json!({ "products": [product] }), "products { id }").await
        };
        let (payload, _) = put(&longest).await.unwrap();
        assert_eq!(payload["products"][0]["id"], longest.as_str());
        for wrong in ["", "two\nlines", &format!("{longest}x")] {
            let refused = put(wrong).await.unwrap_err().to_string();
            assert!(refused.contains("BAD_USER_INPUT") && refused.contains("1 to 128"), "{refused}");
        }
        world.finish().await;
    }
}
