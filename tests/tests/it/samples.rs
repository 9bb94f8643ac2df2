//! Bodies that real stores sent, where they lie beside the repository: each goes all the way or is refused by name.

use std::path::{Path, PathBuf};

use rust_decimal::Decimal;
use serde_json::{Value, json};
use tests::print_line;
use tests::world::{Place, SHOP, TestWorld, Webhook};

use crate::scenarios;

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/shopify/payloads");
const APP_WIDE: &str = "/ecommerce/webhooks/shopify";

/// Topics whose body is a whole order.
const ORDERS: [&str; 6] = [
    "orders/create",
    "orders/updated",
    "orders/paid",
    "orders/cancelled",
    "orders/fulfilled",
    "orders/partially_fulfilled",
];

/// Refusals that are the sample's own fault.
const NAMED: [&str; 5] =
    ["MALFORMED_BODY", "TOTAL_MISMATCH", "MAPPING_REFUSED", "INVALID_MAPPING", "SHOP_MISMATCH"];

/// A sample: its topic, its body and where it came from.
struct Sample {
    topic: String,
    body: Value,
    path: PathBuf,
}

/// All samples of webhooks; none where the folder is absent.
fn samples() -> Option<Vec<Sample>> {
    let root = Path::new(SAMPLES);
    if !root.exists() {
        print_line(&format!("skipped: no samples at {SAMPLES}"));
        return None;
    }
    let mut found = Vec::new();
    for resource in folders(root).into_iter().filter(|folder| !name(folder).starts_with("rest-")) {
        for action in folders(&resource) {
            let topic = format!("{}/{}", name(&resource), name(&action));
            for path in entries(&action) {
                let text = std::fs::read_to_string(&path).unwrap();
                let body = serde_json::from_str(&text)
                    .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                found.push(Sample { topic: topic.clone(), body, path });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Some(found)
}

/// Orders in the shape of deliveries, from elsewhere.
fn rest_orders() -> Vec<Sample> {
    let mut found = Vec::new();
    for path in entries(&Path::new(SAMPLES).join("rest-order")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let Ok(body) = serde_json::from_str::<Value>(&text) else { continue };
        let bodies = match (body.get("order"), body.get("orders")) {
            (Some(order), _) => vec![order.clone()],
            (_, Some(Value::Array(orders))) => orders.clone(),
            _ => vec![body],
        };
        found.extend(bodies.into_iter().map(|body| Sample {
            topic: "orders/updated".to_owned(),
            body,
            path: path.clone(),
        }));
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect()
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

/// Has the sample come from this world's shop, with an id of its own: samples of one capture share theirs.
fn adopt(sample: &mut Sample, id: i64) {
    for field in ["myshopify_domain", "shop_domain"] {
        if sample.body.get(field).is_some_and(Value::is_string) {
            sample.body[field] = json!(SHOP);
        }
    }
    if ORDERS.contains(&sample.topic.as_str()) && sample.body["id"].is_number() {
        sample.body["id"] = json!(id);
        sample.body["admin_graphql_api_id"] = json!(format!("gid://shopify/Order/{id}"));
    }
}

/// Sends an order and says what became of it: its totals, or the code of its refusal.
async fn fate(world: &TestWorld, sample: &Sample, id: i64) -> Result<(), String> {
    let order = world.pos_order(id).await;
    if order.is_null() {
        let dead = world.list("deadLetters", "code object { id }").await;
        let letter = dead.iter().find(|letter| letter["object"]["id"] == id);
        let code = letter.map(|letter| letter["code"].as_str().unwrap().to_owned());
        return Err(code.unwrap_or_else(|| panic!("{} is nowhere", sample.path.display())));
    }
    let number = |value: &Value| value.as_str().unwrap().parse::<Decimal>().unwrap();
    assert_eq!(
        number(&order["total"]["amount"]),
        number(&sample.body["total_price"]),
        "{}",
        sample.path.display()
    );
    Ok(())
}

scenarios! {
    async fn samples_of_real_stores_go_all_the_way(place: Place) {
        let Some(samples) = samples() else { return };
        assert!(samples.len() > 60, "{} samples", samples.len());
        let world = TestWorld::connected(&place).await;
        let (leaving, mut samples): (Vec<_>, Vec<_>) =
            samples.into_iter().partition(|sample| sample.topic == "app/uninstalled");
        let mut sent = Vec::new();
        for (at, sample) in samples.iter_mut().enumerate() {
            let id = 9_000_000 + i64::try_from(at).unwrap();
            adopt(sample, id);
            let webhook = Webhook::json(&sample.topic, &sample.body);
            let answer = world.send(APP_WIDE, &webhook).await;
            assert_eq!(answer.status, 200, "{}", sample.path.display());
            sent.push((id, webhook.id));
        }
        world.settle().await;
        let dead = world.list("deadLetters", "webhookId code detail topic").await;
        for letter in &dead {
            assert!(NAMED.contains(&letter["code"].as_str().unwrap()), "{letter}");
        }
        let mut posted = 0;
        for (sample, (id, _)) in samples.iter().zip(&sent) {
            if !ORDERS.contains(&sample.topic.as_str()) {
                continue;
            }
            match fate(&world, sample, *id).await {
                Ok(()) => posted += 1,
                Err(code) => assert!(NAMED.contains(&code.as_str()), "{}: {code}", sample.path.display()),
            }
        }
        assert!(posted >= 6, "{posted} orders were posted: {dead:?}");
        assert!(dead.len() <= 3, "{dead:?}");
        let products = world.list("products", "id").await.len();
        assert!(products > world.simulator.read(SHOP, |store| store.products.len()).unwrap(), "{products}");

        for mut sample in leaving {
            if sample.body["myshopify_domain"].is_null() {
                continue;
            }
            adopt(&mut sample, 0);
            if world.simulator.subscriptions(SHOP).is_empty() || !is_connected(&world).await {
                server::demo::connect(&world.admin, SHOP).await.unwrap();
                world.imported(&world.admin).await;
            }
            let answer = world.send(APP_WIDE, &Webhook::json(&sample.topic, &sample.body)).await;
            assert_eq!(answer.status, 200, "{}", sample.path.display());
            world.settle().await;
            assert!(!is_connected(&world).await, "{}", sample.path.display());
        }
        world.finish().await;
    }

    async fn orders_of_other_shapes_are_posted_or_refused_by_name(place: Place) {
        if samples().is_none() {
            return;
        }
        let mut samples = rest_orders();
        assert!(samples.len() > 5, "{} samples", samples.len());
        let world = TestWorld::connected(&place).await;
        let mut sent = Vec::new();
        for (at, sample) in samples.iter_mut().enumerate() {
            let id = 8_000_000 + i64::try_from(at).unwrap();
            adopt(sample, id);
            let webhook = Webhook::json(&sample.topic, &sample.body);
            assert_eq!(world.send(APP_WIDE, &webhook).await.status, 200, "{}", sample.path.display());
            sent.push((id, webhook.id));
        }
        world.settle().await;
        let dead = world.list("deadLetters", "webhookId code detail").await;
        let mut posted = 0;
        for (sample, (id, webhook)) in samples.iter().zip(&sent) {
            if let Some(letter) = dead.iter().find(|letter| letter["webhookId"] == webhook.as_str()) {
                assert!(NAMED.contains(&letter["code"].as_str().unwrap()), "{}: {letter}", sample.path.display());
            } else {
                assert_eq!(fate(&world, sample, *id).await, Ok(()));
                posted += 1;
            }
        }
        assert!(posted > 0, "{dead:?}");
        world.finish().await;
    }
}

async fn is_connected(world: &TestWorld) -> bool {
    let document = "query($businessId: ID!) { connection(businessId: $businessId) { id } }";
    world.admin.call(document, json!({})).await.unwrap()["connection"].is_object()
}
