//! Receive: what is taken from the store, what is refused, and that what was acknowledged is kept.

use std::collections::BTreeSet;

use domain::delivery::{DeliveryState, Outcome};
use sea_orm::{ConnectionTrait, Database};
use serde_json::json;
use simulator::OrderSpec;
use tests::world::{Place, SHOP, TestWorld, Webhook, Wish, find};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::scenarios;

/// The address of the whole app.
const APP_WIDE: &str = "/ecommerce/webhooks/shopify";

/// The body of an order that the shop made and told nobody of.
fn order(world: &TestWorld) -> (i64, Vec<u8>) {
    let variant = world.variants()[0];
    let spec = OrderSpec { lines: vec![(variant, 2)], location_id: None, paid: false };
    let told = world.change_quietly(|store, _, now| Some(store.create_order_with(spec, now)));
    let created = told.events.iter().find(|event| event.topic == "orders/create").unwrap();
    (told.object_id, created.body.to_string().into_bytes())
}

/// Ids of the orders that the gateway has.
async fn orders(world: &TestWorld) -> BTreeSet<String> {
    let rows = world.list("orders", "id").await;
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

scenarios! {
    async fn a_signed_delivery_is_taken_and_kept(place: Place) {
        let world = TestWorld::connected(&place).await;
        let (first, body) = order(&world);
        let by_path = world.send(&world.webhook_path(), &Webhook::new("orders/create", body)).await;
        assert_eq!(by_path.status, 200);
        assert_eq!(by_path.body, r#"{"ok":true}"#);
        let (second, body) = order(&world);
        let newer = Webhook { prefix: "", ..Webhook::new("orders/create", body) };
        assert_eq!(world.send(APP_WIDE, &newer).await.status, 200, "the newer headers, one address for all");
        world.settle().await;
        assert_eq!(orders(&world).await, BTreeSet::from([first.to_string(), second.to_string()]));
        world.finish().await;
    }

    async fn white_space_is_signed_too(place: Place) {
        let world = TestWorld::connected(&place).await;
        let (id, body) = order(&world);
        let odd = [b"\r\n \t".as_slice(), &body, b"\n\n  "].concat();
        let webhook = Webhook::new("orders/create", odd);
        assert_eq!(world.send(APP_WIDE, &webhook).await.status, 200);
        let altered = world.post(APP_WIDE, webhook.headers(), body).await;
        assert_eq!(altered.status, 401, "the same JSON with other white space");
        world.settle().await;
        assert_eq!(orders(&world).await, BTreeSet::from([id.to_string()]));
        world.finish().await;
    }

    async fn what_is_not_signed_as_it_should_be_is_refused(place: Place) {
        let world = TestWorld::connected(&place).await;
        let (_, body) = order(&world);
        let good = Webhook::new("orders/create", body.clone());
        let base: Vec<_> = good.headers().into_iter().filter(|(name, _)| !name.ends_with("hmac-sha256")).collect();
        let signed = |value: String| {
            let mut headers = base.clone();
            headers.push(("x-shopify-hmac-sha256".to_owned(), value));
            headers
        };
        let other = Webhook { secret: "guessed".to_owned(), ..good.clone() };
        let hex = {
            use base64::Engine;
            let bytes = base64::engine::general_purpose::STANDARD.decode(good.signature()).unwrap();
            bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
        };
        let mut doubled = signed(good.signature());
        doubled.push(("x-shopify-hmac-sha256".to_owned(), good.signature()));
        let mut both_families = signed(good.signature());
        both_families.push(("shopify-hmac-sha256".to_owned(), good.signature()));
        let cases = [
            ("missing", base.clone()),
            ("of another secret", other.headers()),
            ("in hexadecimal", signed(hex)),
            ("twice", doubled),
            ("in both families", both_families),
            ("of another body", Webhook::new("orders/create", "{}").headers()),
            ("empty", signed(String::new())),
        ];
        for (what, headers) in cases {
            for path in [APP_WIDE.to_owned(), world.webhook_path()] {
                let answer = world.post(&path, headers.clone(), body.clone()).await;
                assert_eq!(answer.status, 401, "{what}");
                assert!(answer.body.contains("INVALID_SIGNATURE"), "{what}: {}", answer.body);
            }
        }
        world.settle().await;
        assert_eq!(orders(&world).await, BTreeSet::new());
        assert_eq!(world.send(APP_WIDE, &good).await.status, 200, "the body itself is good");
        world.finish().await;
    }

    async fn a_shop_that_is_not_connected_is_refused(place: Place) {
        let world = TestWorld::connected(&place).await;
        let (_, body) = order(&world);
        let unknown = Webhook {
            shop: "nobody.myshopify.com".to_owned(),
            ..Webhook::new("orders/create", body.clone())
        };
        assert_eq!(world.send(APP_WIDE, &unknown).await.status, 401, "an unknown shop");
        let path = world.webhook_path();
        assert_eq!(world.send(&path, &unknown).await.status, 401, "another shop than the path's");
        let mut wrong = path.clone();
        let last = if wrong.pop() == Some('A') { 'B' } else { 'A' };
        wrong.push(last);
        let good = Webhook::new("orders/create", body);
        assert_eq!(world.send(&wrong, &good).await.status, 401, "an unknown path");
        let elsewhere = world.send("/ecommerce/webhooks/nosuch", &good).await;
        assert_eq!(elsewhere.status, 401, "an unknown store system");
        world.settle().await;
        assert_eq!(orders(&world).await, BTreeSet::new());
        world.finish().await;
    }

    async fn the_previous_secret_still_signs(place: Place) {
        let settings = vec![("SHOPIFY_CLIENT_SECRET_OLD", "the one before".to_owned())];
        let world = TestWorld::connected_as(&place, Wish { settings, ..Wish::default() }).await;
        let (id, body) = order(&world);
        let previous = Webhook { secret: "the one before".to_owned(), ..Webhook::new("orders/create", body) };
        assert_eq!(world.send(APP_WIDE, &previous).await.status, 200);
        let older = Webhook { secret: "two before".to_owned(), ..previous };
        assert_eq!(world.send(APP_WIDE, &older).await.status, 401);
        world.settle().await;
        assert_eq!(orders(&world).await, BTreeSet::from([id.to_string()]));
        world.finish().await;
    }

    async fn a_body_over_the_limit_is_refused(place: Place) {
        let world = TestWorld::connected(&place).await;
        let limit = 16 << 20;
        let largest = Webhook::new("customers/update", format!(r#"{{"id":1,"note":"{}"}}"#, "x".repeat(limit - 20)));
        assert!(largest.body.len() <= limit);
        assert_eq!(world.send(APP_WIDE, &largest).await.status, 200);
        let larger = Webhook::new("customers/update", "x".repeat(limit + 1));
        assert_eq!(world.send(APP_WIDE, &larger).await.status, 413);
        world.finish().await;
    }

    async fn repetitions_have_one_effect(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let (id, body) = order(&world);
        let webhook = Webhook::new("orders/create", body);
        let again = Webhook { id: "under-another-id".to_owned(), ..webhook.clone() };
        for webhook in [&webhook, &webhook, &again, &webhook] {
            assert_eq!(world.send(APP_WIDE, webhook).await.status, 200);
        }
        world.settle().await;
        for webhook in [&webhook, &again] {
            assert_eq!(world.send(APP_WIDE, webhook).await.status, 200);
        }
        world.settle().await;
        assert_eq!(orders(&world).await, BTreeSet::from([id.to_string()]));
        assert_eq!(world.pos_order(id).await["version"], json!(1));
        assert_eq!(world.moved().await.values().sum::<i64>(), -2);
        assert_eq!(world.list("syncLog", "kind").await.iter().filter(|e| e["kind"] == "ORDER_WEBHOOK").count(), 1);
        world.finish().await;
    }

    async fn a_body_that_is_no_json_becomes_a_dead_letter(place: Place) {
        let world = TestWorld::connected(&place).await;
        let bad = Webhook::new("orders/create", r#"{"id": 5, "total_price": "#);
        assert_eq!(world.send(APP_WIDE, &bad).await.status, 200, "it was signed: it is kept");
        let (id, body) = order(&world);
        assert_eq!(world.send(APP_WIDE, &Webhook::new("orders/create", body)).await.status, 200);
        world.settle().await;
        let dead = world.list("deadLetters", "code detail topic webhookId").await;
        let letter = find(&dead, "webhookId", &bad.id);
        assert_eq!(letter["code"], "MALFORMED_BODY");
        assert_eq!(letter["topic"], "orders/create");
        assert_ne!(letter["detail"], "");
        assert_eq!(dead.len(), 1);
        let log = world.list("syncLog", "status failed errorDetail").await;
        let entry = find(&log, "status", "ERROR");
        assert_eq!(entry["failed"], 1);
        assert!(entry["errorDetail"].as_str().unwrap().contains("MALFORMED_BODY"), "{entry}");
        assert_eq!(orders(&world).await, BTreeSet::from([id.to_string()]));
        world.finish().await;
    }

    async fn an_unknown_topic_is_kept_as_unsupported(place: Place) {
        let world = TestWorld::connected(&place).await;
        let webhook = Webhook::new("weather/changed", r#"{"id":1}"#);
        assert_eq!(world.send(APP_WIDE, &webhook).await.status, 200);
        world.settle().await;
        let log = world.list("syncLog", "kind status deliveryId").await;
        let entry = find(&log, "kind", "OTHER_WEBHOOK");
        assert_eq!(entry["status"], "SUCCESS");
        let id = entry["deliveryId"].as_str().unwrap().parse().unwrap();
        let kept = world.tenant().delivery(id).await.unwrap().unwrap();
        assert_eq!((kept.state, kept.outcome), (DeliveryState::Done, Some(Outcome::Unsupported)));
        assert_eq!(kept.delivery.body, webhook.body);
        assert_eq!(world.list("deadLetters", "id").await, Vec::<serde_json::Value>::new());
        world.finish().await;
    }

    async fn what_cannot_be_stored_is_not_acknowledged(place: Place) {
        let world = TestWorld::connected(&place).await;
        let (_, body) = order(&world);
        let database = Database::connect(world.database_url()).await.unwrap();
        database.execute_unprepared("ALTER TABLE inbox RENAME TO inbox_away").await.unwrap();
        let answer = world.send(APP_WIDE, &Webhook::new("orders/create", body.clone())).await;
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert!(answer.retry_after.is_some_and(|wait| wait.parse::<u32>().is_ok_and(|wait| wait > 0)));
        assert!(answer.body.contains("UPSTREAM_UNAVAILABLE"), "{}", answer.body);
        database.execute_unprepared("ALTER TABLE inbox_away RENAME TO inbox").await.unwrap();
        world.eventually("deliveries are taken again", async || {
            world.send(APP_WIDE, &Webhook::new("orders/create", body.clone())).await.status == 200
        })
        .await;
        world.settle().await;
        assert_eq!(orders(&world).await.len(), 1);
        world.finish().await;
    }

    async fn senders_that_hang_up_disturb_nobody(place: Place) {
        let world = TestWorld::connected(&place).await;
        let path = world.webhook_path();
        let address = world.base.strip_prefix("http://").unwrap().to_owned();
        // Each breaks off elsewhere: within the head, within the body, before the answer, within the answer.
        for round in 0..120_usize {
            let webhook = Webhook::json("customers/update", &json!({ "id": round, "note": "x".repeat(2_000) }));
            let mut request = format!("POST {path} HTTP/1.1\r\nhost: {address}\r\n").into_bytes();
            for (name, value) in webhook.headers() {
                request.extend(format!("{name}: {value}\r\n").bytes());
            }
            request.extend(format!("content-length: {}\r\n\r\n", webhook.body.len()).bytes());
            request.extend(&webhook.body);
            let cut = if round % 3 == 0 { request.len() } else { request.len() * (round % 40) / 40 };
            let mut socket = TcpStream::connect(&address).await.unwrap();
            // A gateway that has closed already is no failure of this sender.
            let _ = socket.write_all(&request[..cut]).await;
            if round % 2 == 0 {
                tokio::task::yield_now().await;
            }
            drop(socket);
        }
        let mut sold = BTreeSet::new();
        for _ in 0..10 {
            let (id, body) = order(&world);
            sold.insert(id.to_string());
            assert_eq!(world.send(&path, &Webhook::new("orders/create", body)).await.status, 200);
        }
        world.settle().await;
        assert_eq!(orders(&world).await, sold);
        // Reading works on every pooled connection.
        for _ in 0..20 {
            assert_eq!(world.list("deadLetters", "id").await.len(), 0);
        }
        if world.is_postgres() {
            let database = Database::connect(world.database_url()).await.unwrap();
            let sql = "SELECT count(*) AS n FROM pg_stat_activity
                WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
            // A transaction that is under way ends; one that a sender had begun would stay.
            world
                .eventually("no transaction is left open", async || {
                    let sql = sea_orm::Statement::from_string(database.get_database_backend(), sql);
                    let row = database.query_one_raw(sql).await.unwrap().unwrap();
                    row.try_get::<i64>("", "n").unwrap() == 0
                })
                .await;
        }
        world.finish().await;
    }
}

#[test]
fn the_shop_is_written_as_shopify_does() {
    assert_eq!(shopify::Shop::parse(SHOP).unwrap().as_str(), SHOP);
}
