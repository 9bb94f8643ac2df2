//! The life of a mapper version as its business leads it: by PUT and GraphQL, from upload to active, back, and repaired.

use serde_json::{Value, json};
use server::demo::{Caller, put_catalogue};
use simulator::OrderSpec;
use tests::world::mapper::standard_component;
use tests::world::{Place, SHOP, TestWorld, Webhook, code_of};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::scenarios;

const APP_WIDE: &str = "/ecommerce/webhooks/shopify";
/// The place that the good version sells from, and the one that the bad version sells from.
const GOOD: &str = "7";
const BAD: &str = "8";

/// Uploads a component as a program does. Returns the answer's status and body.
async fn put(world: &TestWorld, token: &str, business: &str, body: Vec<u8>) -> (u16, Value) {
    let request = world.admin.http().put(format!("{}/mappers/{business}", world.base));
    let answer = request.bearer_auth(token).body(body).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap())
}

/// Uploads a component as the business's admin. Returns its version.
pub(crate) async fn upload(world: &TestWorld, component: Vec<u8>) -> u64 {
    let token = world.token(domain::access::Role::Admin);
    let (status, answer) = put(world, &token, &world.business.to_string(), component).await;
    assert_eq!((status, &answer["state"]), (200, &json!("VALIDATED")), "{answer}");
    answer["version"].as_u64().unwrap()
}

/// Keeps settings for a version. Returns their config.
pub(crate) async fn configure(caller: &Caller, version: u64, settings: Value) -> u64 {
    let input = json!({ "version": version, "settings": settings });
    let (payload, _) =
        caller.mutate("setMapperConfig", input, "mapperConfig { config settings }").await.unwrap();
    payload["mapperConfig"]["config"].as_u64().unwrap()
}

/// Lets a version serve on somebody's word.
pub(crate) async fn override_with(caller: &Caller, version: u64, config: u64) {
    let input = json!({ "version": version, "config": config, "overrideReason": "it is Friday" });
    caller.mutate("activateMapper", input, "binding { revision }").await.unwrap();
}

/// Has what a mapper did done again, and waits until all of it is. Returns how much that was.
pub(crate) async fn repair(world: &TestWorld, version: u64, config: u64) -> Value {
    let input = json!({ "version": version, "config": config });
    let (begun, _) =
        world.admin.mutate("repairMapper", input, "repair { id state }").await.unwrap();
    assert_eq!(begun["repair"]["state"], "RUNNING");
    let document =
        "query($businessId: ID!, $id: ID!) { mapperRepair(businessId: $businessId, id: $id) {
        state detail orders deadLetters } }";
    let id = begun["repair"]["id"].clone();
    let mut repair = Value::Null;
    world
        .eventually("the repair ends", async || {
            let mut answer = world.admin.call(document, json!({ "id": id })).await.unwrap();
            repair = answer["mapperRepair"].take();
            repair["state"] != "RUNNING"
        })
        .await;
    assert_eq!(repair["state"], "DONE", "{repair}");
    world.settle().await;
    json!({ "orders": repair["orders"], "deadLetters": repair["deadLetters"] })
}

/// Runs a shadow run to its end. Returns its id and what it found.
async fn shadow(world: &TestWorld, version: u64, config: u64) -> (String, Value) {
    let input = json!({ "version": version, "config": config });
    let (begun, _) =
        world.admin.mutate("shadowMapper", input, "shadowReport { id state }").await.unwrap();
    let id = begun["shadowReport"]["id"].as_str().unwrap().to_owned();
    let document = "query($businessId: ID!, $id: ID!) { shadowReport(businessId: $businessId, id: $id) {
        state detail active { version config } result { cutShort orders { compared differing
            groups { pattern kind objects }
            money { total { before { amount } after { amount } } }
            stock { piecesBefore piecesAfter differingLevels levels { location before after } } } } } }";
    let mut report = Value::Null;
    world
        .eventually("the shadow run ends", async || {
            let mut answer = world.admin.call(document, json!({ "id": id })).await.unwrap();
            report = answer["shadowReport"].take();
            report["state"] != "RUNNING"
        })
        .await;
    assert_eq!(report["state"], "DONE", "{report}");
    (id, report["result"].take())
}

/// The shop sells pieces, and both gateways are told. Orders that are not paid have no tenders.
pub(crate) async fn sell(worlds: [&TestWorld; 2], variant: i64, pieces: i64, paid: bool) -> i64 {
    let [world, twin] = worlds;
    let spec = OrderSpec { lines: vec![(variant, pieces)], location_id: None, paid };
    let change = world.change_quietly(|store, _, now| Some(store.create_order_with(spec, now)));
    let behind = world.app().now().millis() - twin.app().now().millis();
    twin.clock.advance(behind.max(0));
    for event in change.events.iter().filter(|event| event.topic == "orders/create") {
        let webhook = Webhook::json(event.topic, &event.body);
        for gateway in worlds {
            assert_eq!(gateway.send(APP_WIDE, &webhook).await.status, 200);
        }
    }
    change.object_id
}

pub(crate) async fn settle(worlds: [&TestWorld; 2]) {
    for world in worlds {
        world.settle().await;
    }
}

async fn active(world: &TestWorld) -> Value {
    let document = "query($businessId: ID!) { activeMapper(businessId: $businessId) {
        revision active { version config } canary { percent mapper { version } } previous { version config } } }";
    world.admin.call(document, json!({})).await.unwrap()["activeMapper"].take()
}

/// What comes of an order that is tried on whatever serves.
async fn tried(world: &TestWorld) -> String {
    let spec = OrderSpec { lines: vec![(world.variants()[0], 1)], location_id: None, paid: true };
    let change = world.change_quietly(|store, _, now| Some(store.create_order_with(spec, now)));
    let body = change.events[0].body.to_string();
    let document = "query($businessId: ID!, $body: String!) {
        previewMapping(input: { businessId: $businessId, body: $body }) { outcome } }";
    let answer = world.admin.call(document, json!({ "body": body })).await.unwrap();
    answer["previewMapping"]["outcome"].as_str().unwrap().to_owned()
}

/// The good version came by its report, the bad one by somebody's word, and it was taken back.
async fn assert_history(world: &TestWorld, report: &str) {
    let history =
        world.list("mapperChanges", "kind to { version } reason actor shadowReportId").await;
    let kinds: Vec<&str> = history.iter().map(|change| change["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["ROLLED_BACK", "ACTIVATED", "ACTIVATED"]);
    assert_eq!(
        (&history[1]["reason"], &history[1]["actor"]),
        (&json!("it is Friday"), &json!("admin"))
    );
    assert_eq!(history[2]["shadowReportId"], json!(report));
}

scenarios! {
    /// What a bad version did is undone by a rollback and a repair: afterwards everything is as in a twin business that the
    /// good version served throughout.
    async fn a_bad_version_is_rolled_back_and_its_harm_repaired(place: Place) {
        let elsewhere = place.another().await;
        let (world, twin) = tokio::join!(TestWorld::connected(&place), TestWorld::connected(&elsewhere));
        world.put_catalogue().await;
        put_catalogue(&twin.admin, &world.simulator, SHOP).await.unwrap();
        let both = [&world, &twin];
        let variants = world.variants();
        for pieces in 1..=3 {
            sell(both, variants[0], pieces, true).await;
        }
        settle(both).await;

        // The good version comes by the usual way. The twin's is the same, for the built-in mapper has the same code.
        let good = upload(&world, standard_component("good")).await;
        assert_eq!(upload(&world, standard_component("good")).await, good, "the same bytes");
        let good_config = configure(&world.admin, good, json!({ "location": GOOD })).await;
        let (report, found) = shadow(&world, good, good_config).await;
        assert_eq!((&found["orders"]["compared"], &found["cutShort"]), (&json!(3), &Value::Null), "{found}");
        let stock = &found["orders"]["stock"];
        assert_eq!((&stock["piecesBefore"], &stock["piecesAfter"]), (&json!(-6), &json!(-6)), "{found}");
        assert!(stock["levels"].as_array().unwrap().iter().any(|level| level["location"] == GOOD && level["after"] == -6), "{found}");
        let money = &found["orders"]["money"][0]["total"];
        assert_eq!(money["before"], money["after"]);
        let without = json!({ "version": good, "config": good_config });
        let refused = world.admin.mutate("activateMapper", without, "binding { revision }").await.unwrap_err();
        assert_eq!(code_of(&refused), "BAD_USER_INPUT");
        let input = json!({ "version": good, "config": good_config, "shadowReportId": report });
        world.admin.mutate("activateMapper", input.clone(), "binding { revision }").await.unwrap();
        let again = world.admin.mutate("activateMapper", input, "binding { revision }").await.unwrap_err();
        assert_eq!(code_of(&again), "CONFLICT");
        let twins_config = configure(&twin.admin, 0, json!({ "location": GOOD })).await;
        override_with(&twin.admin, 0, twins_config).await;
        sell(both, variants[1], 4, true).await;
        settle(both).await;
        assert_eq!(world.picture().await, twin.picture().await, "the good version");

        // The bad one sells from another place, and refuses whatever was paid.
        let bad = upload(&world, standard_component("bad")).await;
        let settings = json!({ "location": BAD, "unmapped": { "tenders": "refuse" } });
        let bad_config = configure(&world.admin, bad, settings).await;
        override_with(&world.admin, bad, bad_config).await;
        let wrong = sell(both, variants[0], 5, false).await;
        let dead = sell(both, variants[1], 2, true).await;
        settle(both).await;
        assert!(world.moved().await.iter().any(|((_, at), sum)| at == BAD && *sum == -5));
        assert_eq!(world.pos_order(dead).await, Value::Null);
        let letters = world.list("deadLetters", "code detail").await;
        assert_eq!((letters.len(), &letters[0]["code"]), (1, &json!("MAPPING_REFUSED")), "{letters:?}");
        assert_ne!(world.picture().await, twin.picture().await);

        let early = json!({ "version": bad, "config": bad_config });
        let refused = world.admin.mutate("repairMapper", early, "repair { orders }").await.unwrap_err();
        assert_eq!(code_of(&refused), "CONFLICT", "it still serves");
        let input = json!({ "reason": "it sells from the wrong place" });
        world.admin.mutate("rollbackMapper", input, "binding { revision }").await.unwrap();
        let binding = active(&world).await;
        assert_eq!(binding["active"], json!({ "version": good, "config": good_config }), "{binding}");
        sell(both, variants[0], 1, true).await;
        settle(both).await;

        assert_eq!(repair(&world, bad, bad_config).await, json!({ "orders": 2, "deadLetters": 1 }));
        assert_eq!(world.picture().await, twin.picture().await, "repaired");
        assert!(world.moved().await.keys().all(|(_, at)| at != BAD));
        assert_eq!(world.pos_order(wrong).await["version"], 2, "a correction is a version");

        let movements = world.movements().await;
        repair(&world, bad, bad_config).await;
        assert_eq!((world.movements().await, world.picture().await), (movements, twin.picture().await), "doing it again is harmless");

        assert_history(&world, &report).await;
        let retire = json!({ "version": bad, "reason": "never again" });
        world.admin.mutate("retireMapper", retire, "change { kind }").await.unwrap();
        let refused = json!({ "version": bad, "overrideReason": "once more" });
        let refused = world.admin.mutate("activateMapper", refused, "binding { revision }").await.unwrap_err();
        assert_eq!(code_of(&refused), "CONFLICT");
        tokio::join!(world.finish(), twin.finish());
    }

    /// What should never have been mapped is taken back: its POS order stays on the books, voided.
    async fn what_a_good_version_leaves_out_is_voided_by_a_repair(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let order = world.sell(&[(world.variants()[0], 2)]);
        world.settle().await;
        assert_eq!(world.pos_order(order).await["state"], "PAID");
        assert_eq!(world.moved().await.values().sum::<i64>(), -2);

        let nothing_but_the_till = json!({ "filters": [{ "unless": { "source": "pos" } }] });
        let config = configure(&world.admin, 0, nothing_but_the_till).await;
        assert_eq!(tried(&world).await, "MAPPED");
        override_with(&world.admin, 0, config).await;
        assert_eq!(tried(&world).await, "SKIPPED", "what serves is tried");
        repair(&world, 0, 0).await;
        let voided = world.pos_order(order).await;
        assert_eq!((&voided["version"], &voided["state"]), (&json!(2), &json!("VOIDED")), "{voided}");
        assert_eq!(world.moved().await.values().sum::<i64>(), 0);
        repair(&world, 0, 0).await;
        assert_eq!(world.pos_order(order).await, voided, "doing it again is harmless");

        override_with(&world.admin, 0, 0).await;
        repair(&world, 0, config).await;
        let back = world.pos_order(order).await;
        assert_eq!((&back["version"], &back["state"]), (&json!(3), &json!("PAID")), "{back}");
        assert_eq!(world.moved().await.values().sum::<i64>(), -2);
        world.finish().await;
    }

    async fn a_canary_grows_ends_and_is_told_of(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let config = configure(&world.admin, 0, json!({ "location": GOOD })).await;
        let canary = |percent: u32| json!({ "version": 0, "config": config, "percent": percent, "overrideReason": "a try" });
        for percent in [0, 100] {
            let refused = world.admin.mutate("canaryMapper", canary(percent), "binding { revision }").await.unwrap_err();
            assert_eq!(code_of(&refused), "BAD_USER_INPUT", "{percent}");
        }
        for percent in [10, 60] {
            world.admin.mutate("canaryMapper", canary(percent), "binding { revision }").await.unwrap();
            assert_eq!(active(&world).await["canary"]["percent"], percent);
        }
        for _ in 0..30 {
            world.sell(&[(world.variants()[0], 1)]);
        }
        world.settle().await;
        let there: i64 = world.moved().await.iter().filter(|((_, at), _)| at == GOOD).map(|(_, sum)| sum).sum();
        assert!((-29..0).contains(&there), "a share: {there}");
        world.admin.mutate("endCanary", json!({}), "binding { revision }").await.unwrap();
        assert_eq!(active(&world).await["canary"], Value::Null);
        let ended = world.admin.mutate("endCanary", json!({}), "binding { revision }").await.unwrap_err();
        assert_eq!(code_of(&ended), "CONFLICT");
        world.finish().await;
    }

    async fn what_is_no_mapper_is_refused_at_the_door(place: Place) {
        let world = TestWorld::connected(&place).await;
        let ours = world.business.to_string();
        let admin = world.token(domain::access::Role::Admin);
        let operator = world.token(domain::access::Role::Operator);
        let (theirs, _) = world.other_business().await;
        let cases = [
            (admin.as_str(), ours.clone(), b"not a component".to_vec(), 400, "PLUGIN_REFUSED"),
            (admin.as_str(), theirs.to_string(), Vec::new(), 404, "NOT_FOUND"),
            (admin.as_str(), "nonsense".to_owned(), Vec::new(), 404, "NOT_FOUND"),
            (operator.as_str(), ours.clone(), Vec::new(), 403, "FORBIDDEN"),
            ("nonsense", ours.clone(), Vec::new(), 401, "UNAUTHENTICATED"),
        ];
        for (token, business, body, expected, code) in cases {
            let length = body.len();
            let (status, answer) = put(&world, token, &business, body).await;
            assert_eq!((status, &answer["code"]), (expected, &json!(code)), "{business}, {length} bytes: {answer}");
        }
        // What is too long by its own account is refused before any of it is sent.
        let address = world.base.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "PUT /mappers/{ours} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {admin}\r\ncontent-length: {}\r\n\r\n",
            (24 << 20) + 1
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, *b"HTTP/1.1 413");
        assert_eq!(world.list("mapperVersions", "version").await, Vec::<Value>::new());
        world.finish().await;
    }

    async fn a_form_uploads_a_mapper(place: Place) {
        let world = TestWorld::connected(&place).await;
        let operations = json!({
            "query": "mutation($input: UploadMapperInput!) { uploadMapper(input: $input) {
                mapperVersion { version name state capabilities goldenTests uploadedBy } userErrors { code field } } }",
            "variables": { "input": { "businessId": world.business.to_string(), "component": null } },
        });
        let map = json!({ "0": ["variables.input.component"] });
        let mut form = Vec::new();
        for (headers, content) in [
            ("name=\"operations\"", operations.to_string().into_bytes()),
            ("name=\"map\"", map.to_string().into_bytes()),
            ("name=\"0\"; filename=\"mapper.wasm\"", standard_component("form")),
        ] {
            form.extend_from_slice(format!("--limit\r\ncontent-disposition: form-data; {headers}\r\n\r\n").as_bytes());
            form.extend_from_slice(&content);
            form.extend_from_slice(b"\r\n");
        }
        form.extend_from_slice(b"--limit--\r\n");
        let mut headers = vec![
            ("content-type".to_owned(), "multipart/form-data; boundary=limit".to_owned()),
            ("authorization".to_owned(), format!("Bearer {}", world.token(domain::access::Role::Admin))),
        ];
        let unasked = world.post("/graphql", headers.clone(), form.clone()).await;
        assert_eq!(unasked.status, 403, "{}", unasked.body);
        headers.push(("apollo-require-preflight".to_owned(), "true".to_owned()));
        let answer = world.post("/graphql", headers, form).await;
        let answer: Value = serde_json::from_str(&answer.body).unwrap();
        let payload = &answer["data"]["uploadMapper"];
        assert_eq!(payload["userErrors"], json!([]), "{answer}");
        let version = &payload["mapperVersion"];
        assert_eq!((&version["version"], &version["state"]), (&json!(1), &json!("VALIDATED")), "{answer}");
        assert_eq!(version["uploadedBy"], "admin");
        world.finish().await;
    }
}
