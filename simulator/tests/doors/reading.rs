//! The gateway's own client reads everything, page by page, within the shop's budget.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use serde_json::{Value, json};
use shopify::operation::{
    IdVariables, ListVariables, Locations, ORDERS_PER_PAGE, OrderById, OrderCount, OrderLines,
    OrderPage, OrderPageVariables, PRODUCTS_PER_PAGE, PartVariables, ProductPage,
    ProductPageVariables, RefundLines, ShopInfo,
};
use shopify::{Access, Client, ClientError, Secret};
use tillgate_simulator::{OrderSpec, Settings, Simulator};

use crate::world::{SHOP, access, client, settings, shop, simulator};

/// An object as it was read: id and time of change.
type Sighting = (i64, String);

fn sighting(node: &Value) -> Sighting {
    let id = node["id"].as_str().unwrap().rsplit('/').next().unwrap();
    (id.parse().unwrap(), node["updatedAt"].as_str().unwrap().to_owned())
}

/// All orders page by page; `between` is called after each page.
async fn all_orders(client: &Client, access: &Access, mut between: impl FnMut()) -> Vec<Sighting> {
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let variables = OrderPageVariables::new(ORDERS_PER_PAGE, after, None);
        let page = client.execute::<OrderPage>(access, &variables).await.unwrap().data.orders;
        seen.extend(page.nodes.iter().map(sighting));
        after = page.page_info.next().map(str::to_owned);
        if after.is_none() {
            return seen;
        }
        between();
    }
}

async fn all_products(
    client: &Client,
    access: &Access,
    mut between: impl FnMut(),
) -> Vec<Sighting> {
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let variables = ProductPageVariables::new(PRODUCTS_PER_PAGE, after, None);
        let page = client.execute::<ProductPage>(access, &variables).await.unwrap().data.products;
        seen.extend(page.nodes.iter().map(sighting));
        after = page.page_info.next().map(str::to_owned);
        if after.is_none() {
            return seen;
        }
        between();
    }
}

fn order_ids(simulator: &Simulator) -> BTreeSet<i64> {
    simulator.read(SHOP, |store| store.orders.keys().copied().collect()).unwrap()
}

fn product_ids(simulator: &Simulator) -> BTreeSet<i64> {
    simulator.read(SHOP, |store| store.products.keys().copied().collect()).unwrap()
}

fn ids(seen: &[Sighting]) -> BTreeSet<i64> {
    seen.iter().map(|(id, _)| *id).collect()
}

#[tokio::test]
async fn everything_is_read_once() {
    let simulator = simulator(settings(), 60, 130).await;
    let (client, access) = (client(&simulator), access(&simulator));
    let orders = all_orders(&client, &access, || ()).await;
    assert_eq!(orders.len(), 130);
    assert_eq!(ids(&orders), order_ids(&simulator));
    assert!(orders.is_sorted_by_key(|(id, changed)| (changed.clone(), *id)));
    let products = all_products(&client, &access, || ()).await;
    assert_eq!(products.len(), 60);
    assert_eq!(ids(&products), product_ids(&simulator));
    let count = client.execute::<OrderCount>(&access, &count_of(None)).await.unwrap().data;
    assert_eq!(count.orders_count.unwrap().count, 130);
    let middle = &orders[65].1;
    let since = client.execute::<OrderCount>(&access, &count_of(Some(middle))).await.unwrap().data;
    let later = orders.iter().filter(|(_, changed)| changed >= middle).count();
    assert_eq!(usize::try_from(since.orders_count.unwrap().count), Ok(later));
}

fn count_of(since: Option<&String>) -> shopify::operation::CountVariables {
    let query = since.map(|since| format!("updated_at:>='{since}'"));
    shopify::operation::CountVariables { query }
}

/// Whatever changes while the pages are read: nothing is skipped, the last version of each object is seen, and an
/// object is seen again only where it changed.
#[tokio::test]
async fn nothing_is_skipped_while_the_store_changes() {
    let simulator = simulator(settings(), 60, 130).await;
    let (client, access) = (client(&simulator), access(&simulator));
    let first = order_ids(&simulator);
    let mut changes = 0;
    let seen = all_orders(&client, &access, || {
        // What was read last and what would be read next both move to the end, and new orders come in.
        for _ in 0..4 {
            let by_change: Vec<i64> = simulator
                .read(SHOP, |store| {
                    let mut all: Vec<_> =
                        store.orders.values().map(|one| (one.updated_at, one.id)).collect();
                    all.sort_unstable();
                    all.into_iter().map(|(_, id)| id).collect()
                })
                .unwrap();
            for place in [0, 18, 19, 20, 21, 40] {
                let id = by_change[place];
                let edited = simulator.change(SHOP, |store, rng, now| {
                    store.edit_order(rng, id, now).or_else(|| store.fulfill_order(id, now))
                });
                changes += usize::from(edited.is_some());
            }
        }
        if changes < 200 {
            simulator.change(SHOP, |store, rng, now| Some(store.create_order(rng, now)));
        }
    })
    .await;
    assert!(changes > 20, "{changes}");
    assert!(ids(&seen).is_superset(&first));
    let mut versions: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
    for (id, changed) in &seen {
        let new = versions.entry(*id).or_default().insert(changed.clone());
        assert!(new, "{id} was read twice as of {changed}");
    }
    // Orders that came or changed within the second of the last page may stand before its end: those alone are left to
    // the next poll, which begins earlier than the last one ended.
    let last = seen.iter().map(|(_, changed)| changed).max().unwrap();
    let unseen = simulator
        .read(SHOP, |store| {
            let current = store.orders.values().map(|one| {
                (one.id, one.updated_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
            });
            let is_seen = |(id, changed): &Sighting| {
                versions.get(id).is_some_and(|versions| versions.contains(changed))
            };
            current.filter(|one| one.1 < *last && !is_seen(one)).count()
        })
        .unwrap();
    assert_eq!(unseen, 0);
}

#[tokio::test]
async fn nothing_is_skipped_while_a_store_lives() {
    let simulator = simulator(settings(), 60, 60).await;
    let (client, access) = (client(&simulator), access(&simulator));
    let (orders, products) = (order_ids(&simulator), product_ids(&simulator));
    let live = simulator.live(SHOP, std::time::Duration::from_millis(3));
    for _ in 0..3 {
        assert!(ids(&all_orders(&client, &access, || ()).await).is_superset(&orders));
        assert!(ids(&all_products(&client, &access, || ()).await).is_superset(&products));
    }
    live.stop().await;
    let resting = order_ids(&simulator);
    assert!(resting.len() > orders.len());
    let seen = all_orders(&client, &access, || ()).await;
    assert_eq!((seen.len(), ids(&seen)), (resting.len(), resting));
}

#[tokio::test]
async fn long_orders_are_read_on() {
    let simulator = simulator(settings(), 40, 0).await;
    let (client, access) = (client(&simulator), access(&simulator));
    let id = simulator
        .change(SHOP, |store, _, now| {
            let variants = store.products.values().flat_map(|product| &product.variants);
            let lines = variants.map(|variant| (variant.id, 2)).take(70).collect();
            Some(store.create_order_with(OrderSpec { lines, location_id: None, paid: true }, now))
        })
        .unwrap();
    simulator.change(SHOP, |store, rng, now| store.refund_order(rng, id, true, now)).unwrap();
    let gid = format!("gid://shopify/Order/{id}");
    let lines = simulator.read(SHOP, |store| store.orders[&id].lines.len()).unwrap();
    let (mut seen, mut after) = (BTreeSet::new(), None);
    loop {
        let variables = PartVariables { id: gid.clone(), first: 7, after };
        let order = client.execute::<OrderLines>(&access, &variables).await.unwrap().data.order;
        let page = order.unwrap().line_items;
        seen.extend(page.nodes.iter().map(|line| line["id"].as_str().unwrap().to_owned()));
        after = page.page_info.next().map(str::to_owned);
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), lines);
    let by_id = IdVariables { id: gid, lines: Some(250), parts: Some(250), variants: None };
    let order = client.execute::<OrderById>(&access, &by_id).await.unwrap().data.order.unwrap();
    let refund = order["refunds"][0]["id"].as_str().unwrap().to_owned();
    let part = PartVariables { id: refund, first: 1, after: None };
    let refund = client.execute::<RefundLines>(&access, &part).await.unwrap().data.refund;
    let listed = &order["refunds"][0]["refundLineItems"]["nodes"];
    assert_eq!(refund.unwrap().refund_line_items.nodes.first(), listed.get(0));
    let none = IdVariables {
        id: "gid://shopify/Order/1".to_owned(),
        lines: Some(1),
        parts: Some(1),
        variants: None,
    };
    assert!(client.execute::<OrderById>(&access, &none).await.unwrap().data.order.is_none());
    let info = client.execute::<ShopInfo>(&access, &()).await.unwrap().data.shop;
    assert_eq!((info.myshopify_domain.as_str(), info.currency_code.as_str()), (SHOP, "CAD"));
    let list = ListVariables { first: 1, after: None };
    let locations = client.execute::<Locations>(&access, &list).await.unwrap().data.locations;
    assert_eq!((locations.nodes.len(), locations.page_info.has_next_page), (1, true));
}

#[tokio::test]
async fn a_missing_scope_is_denied() {
    let simulator = simulator(settings(), 1, 1).await;
    let client = client(&simulator);
    let token = simulator.permanent_token(SHOP, &["write_products"]).unwrap();
    let access = Access { shop: shop(), token: Secret::new(token) };
    let orders = OrderPageVariables::new(1, None, None);
    let denied = client.execute::<OrderPage>(&access, &orders).await.map(|_| ());
    assert!(matches!(denied, Err(ClientError::NoAccess { .. })), "{denied:?}");
    assert_eq!(all_products(&client, &access, || ()).await.len(), 1, "writing includes reading");
}

/// Asks without the client, which would wait and repeat.
async fn ask(simulator: &Simulator, access: &Access, query: &str) -> Value {
    let url = simulator.shop_url_template().replace("{shop}", SHOP);
    let answer = reqwest::Client::new()
        .post(format!("{url}/admin/api/2026-10/graphql.json"))
        .header("x-shopify-access-token", access.token.reveal())
        .json(&json!({ "query": query }));
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.headers()["x-shopify-api-version"], "2026-10");
    answer.json().await.unwrap()
}

const ORDERS: &str =
    "{ orders(first: 250) { nodes { id customer { id } lineItems(first: 50) { nodes { id
    variant { id } } pageInfo { endCursor } } } } }";

#[tokio::test]
async fn calls_cost_points_and_wait_for_them() {
    let simulator = simulator(Settings { points_per_second: 100, ..settings() }, 5, 20).await;
    let access = access(&simulator);
    let answer = ask(&simulator, &access, ORDERS).await;
    let cost = &answer["extensions"]["cost"];
    // A customer, and lines of 2 + 7 * (1 + 1), eleven times for 250 orders.
    assert_eq!(cost["requestedQueryCost"], 2 + 11 * (1 + 1 + 2 + 7 * 2));
    let actual = cost["actualQueryCost"].as_u64().unwrap();
    assert!(0 < actual && actual < cost["requestedQueryCost"].as_u64().unwrap());
    let status = &cost["throttleStatus"];
    assert_eq!((&status["maximumAvailable"], &status["restoreRate"]), (&json!(2_000), &json!(100)));
    assert_eq!(status["currentlyAvailable"], 2_000 - actual);
    let mut throttled = None;
    for _ in 0..200 {
        let answer = ask(&simulator, &access, ORDERS).await;
        if answer["errors"][0]["extensions"]["code"] == "THROTTLED" {
            throttled = Some(answer);
            break;
        }
    }
    let throttled = throttled.unwrap();
    assert_eq!(throttled["extensions"]["cost"]["actualQueryCost"], Value::Null);
    // The client waits for what it lacks, and then gets it.
    let (client, begun) = (client(&simulator), Instant::now());
    let page = OrderPageVariables::new(3, None, None);
    client.execute::<OrderPage>(&access, &page).await.unwrap();
    assert!(begun.elapsed().as_millis() > 500, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn mistakes_are_refused_in_the_stores_words() {
    let simulator = simulator(settings(), 1, 1).await;
    let access = access(&simulator);
    let dear = "{ orders(first: 250) { nodes { lineItems(first: 250) { nodes { a: variant { id } b: variant { id }
        c: variant { id } d: variant { id } e: variant { id } f: variant { id } g: variant { id } h: variant { id } } } } } }";
    for (query, word) in [
        ("{ orders(first: 1) { nodes { nothing } } }", "'nothing' doesn't exist on type 'Order'"),
        ("{ nothing }", "'nothing' doesn't exist on type 'QueryRoot'"),
        ("{ orders { nodes { id } } }", "you must provide one of first or last"),
        ("{ orders(first: 251) { nodes { id } } }", "cannot exceed 250"),
        ("{ orders(first: 1, after: \"x\") { nodes { id } } }", "Invalid cursor"),
        ("{ orders(first: 1) { nodes { ...Missing } } }", "Missing was used"),
        ("{ orders(", "syntax error"),
        (dear, "exceeds the single query max cost limit (1000)"),
    ] {
        let answer = ask(&simulator, &access, query).await;
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(word), "{query}: {message}");
        assert_eq!(answer.get("data"), None);
    }
}
