//! Connecting: the merchant's way through OAuth, every check on it, and what follows from a connection.

use std::collections::BTreeSet;

use domain::access::Role;
use domain::id::BusinessId;
use serde_json::{Value, json};
use server::Clock;
use server::demo::{Caller, connect};
use tests::world::{FRONTEND, Place, SECRET, SHOP, TestWorld, Webhook, Wish};

use crate::scenarios;

const OTHER_SHOP: &str = "other.myshopify.com";
pub(crate) const CONNECTED: &str = "http://127.0.0.1:9/pos?connected=true";

type Parameters = Vec<(String, String)>;

/// A walk through OAuth that has come to the store's door.
struct Walk {
    authorize: String,
    cookie: String,
}

async fn begin(caller: &Caller, shop: &str) -> Walk {
    let (payload, cookies) = caller
        .mutate("connectShopify", json!({ "shop": shop }), "authorization { url expiresAt }")
        .await
        .unwrap();
    assert!(payload["authorization"]["expiresAt"].is_string());
    let authorize = payload["authorization"]["url"].as_str().unwrap().to_owned();
    assert_eq!(cookies.len(), 1);
    for part in ["HttpOnly", "SameSite=Lax", "Max-Age=600", "Path=/"] {
        assert!(cookies[0].contains(part), "{part}: {}", cookies[0]);
    }
    Walk { authorize, cookie: cookies[0].split(';').next().unwrap().to_owned() }
}

/// The merchant agrees; these are the parameters that the store sends them back with.
async fn agree(world: &TestWorld, walk: &Walk) -> Parameters {
    let back = open(world, &walk.authorize, "").await;
    let (address, query) = back.split_once('?').unwrap();
    assert_eq!(address, format!("{}/ecommerce/oauth/callback", world.base));
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Opens a page and returns where it sends the browser.
async fn open(world: &TestWorld, url: &str, cookie: &str) -> String {
    let answer = world.admin.http().get(url).header("cookie", cookie).send().await.unwrap();
    assert!(answer.status().is_redirection(), "{}", answer.status());
    answer.headers()["location"].to_str().unwrap().to_owned()
}

/// Comes back from the store.
async fn come_back(world: &TestWorld, parameters: &Parameters, cookie: &str) -> String {
    let pairs: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    open(world, &format!("{}/ecommerce/oauth/callback?{}", world.base, pairs.join("&")), cookie)
        .await
}

/// The parameters with another value, signed anew.
fn with(parameters: &Parameters, name: &str, value: &str) -> Parameters {
    let mut changed: Parameters =
        parameters.iter().filter(|(n, _)| n != name && n != "hmac").cloned().collect();
    changed.push((name.to_owned(), value.to_owned()));
    signed(changed)
}

fn without(parameters: &Parameters, name: &str) -> Parameters {
    signed(parameters.iter().filter(|(n, _)| n != name && n != "hmac").cloned().collect())
}

fn signed(mut parameters: Parameters) -> Parameters {
    let hmac = shopify::oauth::sign_query(&shopify::Secret::new(SECRET), &parameters);
    parameters.push(("hmac".to_owned(), hmac));
    parameters
}

fn value<'a>(parameters: &'a Parameters, name: &str) -> &'a str {
    &parameters.iter().find(|(n, _)| n == name).unwrap().1
}

fn error(code: &str) -> String {
    format!("{FRONTEND}?error={code}")
}

const CONNECTION: &str = "query($businessId: ID!) { connection(businessId: $businessId) {
    id shop status grantedScopes cutoverAt subscriptions { topic id error } } }";

async fn connection(caller: &Caller) -> Value {
    caller.call(CONNECTION, json!({})).await.unwrap()["connection"].take()
}

pub(crate) async fn status(world: &TestWorld) -> String {
    connection(&world.admin).await["status"].as_str().unwrap().to_owned()
}

scenarios! {
    async fn the_whole_walk(place: Place) {
        let world = TestWorld::start_as(&place, Wish { orders: 3, ..Wish::default() }).await;
        assert_eq!(connection(&world.admin).await, Value::Null);
        let walk = begin(&world.admin, "  World.myshopify.com ").await;
        assert!(walk.authorize.contains("client_id=simulated-app"), "{}", walk.authorize);
        assert!(!walk.authorize.contains(SECRET));
        let parameters = agree(&world, &walk).await;
        assert_eq!(come_back(&world, &parameters, &walk.cookie).await, CONNECTED);

        let connection = connection(&world.admin).await;
        assert_eq!((&connection["shop"], &connection["status"]), (&json!(SHOP), &json!("ACTIVE")));
        let subscriptions = connection["subscriptions"].as_array().unwrap();
        let topics: BTreeSet<_> = subscriptions.iter().map(|s| s["topic"].as_str().unwrap().to_owned()).collect();
        let standing = world.simulator.subscriptions(SHOP);
        assert_eq!(topics, standing.iter().map(|(topic, _)| topic.clone()).collect());
        assert_eq!(topics.len(), standing.len());
        for asked in ["orders/create", "orders/updated", "orders/cancelled", "refunds/create", "products/update",
            "inventory_levels/update", "app/uninstalled", "customers/create", "fulfillments/create"] {
            assert!(topics.contains(asked), "{asked} is not among {topics:?}");
        }
        for (topic, url) in standing {
            let token = url.strip_prefix(&format!("{}/ecommerce/webhooks/shopify/", world.base));
            assert!(token.is_some_and(|token| token.len() >= 40), "{topic}: {url}");
        }
        world.imported(&world.admin).await;
        world.settle().await;
        assert_eq!(world.list("orders", "id").await.len(), 3);
        let feed = world.list("activity", "kind").await;
        assert!(feed.iter().any(|event| event["kind"] == "CONNECTED"), "{feed:?}");
        world.finish().await;
    }

    async fn each_check_of_the_callback_fails_alone(place: Place) {
        let world = TestWorld::start(&place).await;
        world.add_shop(OTHER_SHOP, 1, 0);
        let walk = begin(&world.admin, SHOP).await;
        let good = agree(&world, &walk).await;
        let elsewhere = begin(&world.admin, SHOP).await;
        let mut altered = good.clone();
        for (_, value) in altered.iter_mut().filter(|(name, _)| name == "hmac") {
            let last = if value.pop() == Some('0') { '1' } else { '0' };
            value.push(last);
        }
        let mut code_altered = good.clone();
        for (_, value) in code_altered.iter_mut().filter(|(name, _)| name == "code") {
            value.push('0');
        }
        let mut repeated = good.clone();
        repeated.push(("shop".to_owned(), SHOP.to_owned()));
        let mut repeated_state = good.clone();
        repeated_state.push(("state".to_owned(), value(&good, "state").to_owned()));
        let unsigned: Parameters = good.iter().filter(|(name, _)| name != "hmac").cloned().collect();
        let now = world.clock.now().millis() / 1_000;
        let mut forged_state = value(&good, "state").to_owned();
        let last = if forged_state.starts_with('A') { "B" } else { "A" };
        forged_state.replace_range(30..31, last);
        forged_state.replace_range(31..32, last);
        let cookie = walk.cookie.as_str();
        let cases = [
            ("hmac altered", altered, cookie, "invalid_signature"),
            ("code altered", code_altered, cookie, "invalid_signature"),
            ("no hmac", unsigned, cookie, "invalid_signature"),
            ("a repeated parameter", repeated, cookie, "invalid_signature"),
            ("a repeated state", repeated_state, cookie, "invalid_state"),
            ("an old time", with(&good, "timestamp", &(now - 100).to_string()), cookie, "stale_callback"),
            ("a time to come", with(&good, "timestamp", &(now + 100).to_string()), cookie, "stale_callback"),
            ("no time", without(&good, "timestamp"), cookie, "stale_callback"),
            ("another shop", with(&good, "shop", OTHER_SHOP), cookie, "invalid_state"),
            ("no shop", with(&good, "shop", "evil.example.com"), cookie, "invalid_shop"),
            ("a forged state", with(&good, "state", &forged_state), cookie, "invalid_state"),
            ("no state", without(&good, "state"), cookie, "invalid_state"),
            ("no cookie", good.clone(), "", "invalid_state"),
            ("another browser's cookie", good.clone(), elsewhere.cookie.as_str(), "invalid_state"),
        ];
        for (what, parameters, cookie, code) in cases {
            assert_eq!(come_back(&world, &parameters, cookie).await, error(code), "{what}");
            assert_eq!(connection(&world.admin).await, Value::Null, "{what}");
        }
        assert_eq!(world.simulator.subscriptions(SHOP), []);
        assert_eq!(world.list("activity", "kind").await, Vec::<Value>::new());
        // None of it used the state up.
        assert_eq!(come_back(&world, &good, &walk.cookie).await, CONNECTED);
        assert_eq!(come_back(&world, &good, &walk.cookie).await, error("invalid_state"), "a used state");
        world.imported(&world.admin).await;
        world.finish().await;
    }

    async fn a_state_ends_after_ten_minutes(place: Place) {
        let world = TestWorld::start(&place).await;
        let (late, in_time) = (begin(&world.admin, SHOP).await, begin(&world.admin, SHOP).await);
        let (late_back, in_time_back) = (agree(&world, &late).await, agree(&world, &in_time).await);
        let at_the_time = |parameters: &Parameters| {
            with(parameters, "timestamp", &(world.clock.now().millis() / 1_000).to_string())
        };
        world.clock.advance(590_000);
        assert_eq!(come_back(&world, &at_the_time(&in_time_back), &in_time.cookie).await, CONNECTED);
        world.clock.advance(20_000);
        assert_eq!(come_back(&world, &at_the_time(&late_back), &late.cookie).await, error("invalid_state"));
        world.imported(&world.admin).await;
        world.finish().await;
    }

    async fn a_refusal_of_the_merchant_or_the_store_is_named(place: Place) {
        let world = TestWorld::start(&place).await;
        let walk = begin(&world.admin, SHOP).await;
        let denied = with(&without(&agree(&world, &walk).await, "code"), "error", "access_denied");
        assert_eq!(come_back(&world, &denied, &walk.cookie).await, error("authorization_denied"));
        let walk = begin(&world.admin, SHOP).await;
        let unknown = with(&agree(&world, &walk).await, "code", "0123456789abcdef");
        assert_eq!(come_back(&world, &unknown, &walk.cookie).await, error("token_exchange_failed"));
        assert_eq!(connection(&world.admin).await, Value::Null);
        let refused = world.admin.mutate("connectShopify", json!({ "shop": "evil.example.com" }), "authorization { url }");
        assert!(refused.await.unwrap_err().to_string().contains("INVALID_SHOP"));
        world.finish().await;
    }

    async fn a_merchant_who_comes_from_the_store_gets_a_business(place: Place) {
        let world = TestWorld::start(&place).await;
        let entry = format!("{}/ecommerce/shopify/app?{}", world.base, world.simulator.app_query(SHOP));
        let forged = entry.replace("hmac=", "hmac=0");
        assert_eq!(open(&world, &forged, "").await, error("invalid_signature"));
        let businesses = async || world.app().storage.system().businesses().await.unwrap();
        assert_eq!(businesses().await.len(), 1, "a forged entry makes nothing");

        let enter = async || {
            let answer = world.admin.http().get(&entry).send().await.unwrap();
            let authorize = answer.headers()["location"].to_str().unwrap().to_owned();
            let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
            Walk { authorize, cookie }
        };
        let (walk, abandoned, second, refused) = (enter().await, enter().await, enter().await, enter().await);
        assert_ne!(walk.authorize, abandoned.authorize);
        let denied = with(&without(&agree(&world, &refused).await, "code"), "error", "access_denied");
        assert_eq!(come_back(&world, &denied, &refused.cookie).await, error("authorization_denied"));
        assert_eq!(businesses().await.len(), 1, "whoever has not agreed leaves nothing");
        let parameters = agree(&world, &walk).await;
        assert_eq!(come_back(&world, &parameters, &walk.cookie).await, CONNECTED);
        let parameters = agree(&world, &second).await;
        assert_eq!(come_back(&world, &parameters, &second.cookie).await, CONNECTED, "the same business again");
        let new: Vec<BusinessId> = businesses().await.iter().map(|one| one.id).filter(|id| *id != world.business).collect();
        assert_eq!(new.len(), 1);
        let owner = world.caller(Role::Admin, &new);
        assert_eq!(connection(&owner).await["shop"], SHOP);
        assert_eq!(connection(&world.admin).await, Value::Null);

        world.imported(&owner).await;
        let again = world.admin.http().get(&entry).send().await.unwrap();
        assert_eq!(again.headers()["location"].to_str().unwrap(), FRONTEND, "nothing is left to authorize");
        assert_eq!(again.headers().get("set-cookie"), None);
        assert_eq!(businesses().await.len(), 2);
        world.finish().await;
    }

    async fn fewer_scopes_degrade_and_are_named(place: Place) {
        let world = TestWorld::start(&place).await;
        world.simulator.set_grantable(SHOP, &["read_orders", "write_products"]);
        assert_eq!(connect(&world.admin, SHOP).await.unwrap(), CONNECTED);
        let connection = connection(&world.admin).await;
        assert_eq!(connection["status"], "DEGRADED");
        assert_eq!(connection["grantedScopes"], json!(["read_orders", "write_products"]));
        let document = "query($businessId: ID!) { scopes(businessId: $businessId) {
            granted required { scope } missing { scope feature required } } }";
        let scopes = world.admin.call(document, json!({})).await.unwrap()["scopes"].take();
        let missing = scopes["missing"].as_array().unwrap();
        let names: Vec<_> = missing.iter().filter(|m| m["required"] == true).map(|m| m["scope"].as_str().unwrap()).collect();
        assert_eq!(names, ["read_locations", "read_inventory"]);
        assert!(missing.iter().all(|m| !m["feature"].as_str().unwrap().is_empty()));
        assert!(missing.iter().all(|m| m["scope"] != "read_products"), "writing includes reading");
        let feed = world.list("activity", "kind").await;
        assert!(feed.iter().any(|event| event["kind"] == "DEGRADED"), "{feed:?}");
        world.imported(&world.admin).await;
        world.put_catalogue().await;
        world.sell(&[(world.variants()[0], 1)]);
        world.settle().await;
        assert_eq!(world.list("posOrders", "id").await.len(), 1, "what was granted works");
        world.finish().await;
    }

    async fn a_shop_belongs_to_one_business(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.add_shop(OTHER_SHOP, 1, 0);
        let (_, other) = world.other_business().await;
        assert_eq!(connect(&other, SHOP).await.unwrap(), error("shop_taken"));
        assert_eq!(connection(&other).await, Value::Null);
        assert_eq!(connect(&world.admin, OTHER_SHOP).await.unwrap(), error("already_connected"));
        assert_eq!(connection(&world.admin).await["shop"], SHOP);
        assert_eq!(world.simulator.subscriptions(OTHER_SHOP), []);
        assert_eq!(connect(&other, OTHER_SHOP).await.unwrap(), CONNECTED);
        world.imported(&other).await;
        world.finish().await;
    }

    async fn disconnecting_twice_is_disconnecting_once(place: Place) {
        let world = TestWorld::connected(&place).await;
        let path = world.webhook_path();
        let before = connection(&world.admin).await;
        let disconnect = async || {
            let (payload, _) = world.admin.mutate("disconnect", json!({}), "disconnected").await.unwrap();
            payload["disconnected"].clone()
        };
        assert_eq!(disconnect().await, true);
        let ended = async || {
            let feed = world.list("activity", "kind").await;
            feed.iter().filter(|event| event["kind"] == "DISCONNECTED").count()
        };
        assert_eq!(ended().await, 1);
        assert_eq!(disconnect().await, false);
        assert_eq!(ended().await, 1, "the second time did nothing");
        assert_eq!(connection(&world.admin).await, Value::Null);
        assert_eq!(world.simulator.subscriptions(SHOP), []);
        let body = r#"{"id":1,"title":"Late","updated_at":"2026-01-01T00:00:00Z","variants":[]}"#;
        let late = world.send(&path, &Webhook::new("products/create", body)).await;
        assert_eq!(late.status, 200, "answered, and left alone");
        world.settle().await;
        let products = world.list("products", "title").await;
        assert!(products.iter().all(|product| product["title"] != "Late"), "{products:?}");

        world.clock.next_second();
        assert_eq!(connect(&world.admin, SHOP).await.unwrap(), CONNECTED);
        world.imported(&world.admin).await;
        let after = connection(&world.admin).await;
        assert_eq!((&after["id"], &after["cutoverAt"]), (&before["id"], &before["cutoverAt"]));
        assert_eq!(after["status"], "ACTIVE");
        world.sell(&[(world.variants()[0], 1)]);
        world.settle().await;
        assert_eq!(world.list("posOrders", "id").await.len(), 1);
        world.finish().await;
    }
}
