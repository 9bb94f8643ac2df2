//! Both shapes of one order, and every sample at hand.

use std::path::{Path, PathBuf};

use domain::code::Code;
use domain::delivery::{Failure, Source};
use domain::flow::Incoming;
use domain::refined::{Order, RestockType};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::topic;

/// Reads as the worker does, what came from the API under the topic that it gets here.
fn read(topic: &str, shop: &str, body: &[u8]) -> Result<Incoming, Failure> {
    let source = if topic == "orders/read" { Source::Poll } else { Source::Webhook };
    topic::read(source, topic, shop, body)
}

const SHOP: &str = "a.myshopify.com";
const REST: &str = include_str!("tests/rest.json");
const NODE: &str = include_str!("tests/node.json");

fn order(topic: &str, body: &Value) -> Order {
    match read(topic, SHOP, body.to_string().as_bytes()) {
        Ok(Incoming::Order(order)) => *order,
        other => panic!("{other:?}"),
    }
}

fn problem(topic: &str, body: &Value) -> String {
    let failure = read(topic, SHOP, body.to_string().as_bytes()).unwrap_err();
    assert_eq!(failure.code, Code::MalformedBody);
    failure.detail
}

fn rest() -> Value {
    serde_json::from_str(REST).unwrap()
}

fn node() -> Value {
    serde_json::from_str(NODE).unwrap()
}

#[test]
fn both_shapes_of_an_order_are_one() {
    let delivered = order("orders/updated", &rest());
    let mut polled = order("orders/read", &node());
    // Only the API tells of transactions.
    assert_eq!(std::mem::take(&mut polled.transactions).len(), 1);
    assert_eq!(delivered, polled);
}

#[test]
fn an_order_is_read_in_full() {
    let order = order("orders/create", &rest());
    let dec = |text: &str| text.parse::<Decimal>().unwrap();
    assert_eq!((order.total.shop, order.total.presentment), (dec("64.51"), dec("48.38")));
    assert_eq!(order.total_tip.presentment, dec("3.00"));
    assert_eq!(order.confirmation_number.as_deref(), Some("XPAV284CT"));
    assert_eq!(
        order.line_items.iter().map(|line| line.tip).collect::<Vec<_>>(),
        [false, false, false, true]
    );
    assert_eq!(order.line_items[0].current_quantity, 2);
    assert_eq!(order.line_items[0].properties[1].value.reveal(), "2");
    assert_eq!(
        order.shipping_lines.iter().map(|line| line.removed).collect::<Vec<_>>(),
        [false, true]
    );
    let refund = &order.refunds[0];
    assert_eq!((refund.refunded.shop, refund.refunded.presentment), (dec("12.17"), dec("9.13")));
    assert_eq!(refund.adjustments.shop, dec("-2"));
    assert_eq!(refund.lines[0].restock, RestockType::Return);
    assert_eq!(refund.lines[0].subtotal.shop, dec("9.00"));
    let taken: Decimal = order
        .line_items
        .iter()
        .map(|line| line.unit_price.shop * Decimal::from(line.quantity))
        .sum();
    let charged: Decimal =
        order.shipping_lines.iter().filter(|line| !line.removed).map(|line| line.price.shop).sum();
    assert_eq!(
        taken + charged - order.total_discounts.shop + order.total_tax.shop,
        order.total.shop
    );
}

#[test]
fn tips_are_recognised_without_a_mark() {
    let tips = |body: &Value| {
        let order = order("orders/create", body);
        order.line_items.iter().filter(|line| line.tip).map(|line| line.id.0).collect::<Vec<_>>()
    };
    let mut unmarked = rest();
    unmarked["line_items"][3].as_object_mut().unwrap().remove("tip");
    assert_eq!(tips(&unmarked), [104]);
    // In another language, by the amount.
    unmarked["line_items"][3]["title"] = json!("Pourboire");
    assert_eq!(tips(&unmarked), [104]);
    unmarked["line_items"][3]["price_set"] = Value::Null;
    unmarked["line_items"][3]["price"] = json!("3.99");
    assert_eq!(tips(&unmarked), Vec::<i64>::new());
    let mut untipped = rest();
    untipped["line_items"][3]["tip"] = Value::Null;
    untipped["total_tip_received"] = json!("0.00");
    assert_eq!(tips(&untipped), Vec::<i64>::new());
}

#[test]
fn older_and_poorer_bodies_are_read() {
    let mut old = rest();
    let fields = old.as_object_mut().unwrap();
    fields.retain(|name, _| !name.ends_with("_set"));
    for name in [
        "presentment_currency",
        "current_total_price",
        "customer",
        "billing_address",
        "discount_applications",
    ] {
        fields.remove(name);
    }
    for line in fields["line_items"].as_array_mut().unwrap() {
        line.as_object_mut()
            .unwrap()
            .retain(|name, _| name != "current_quantity" && name != "price_set");
    }
    let order = order("orders/create", &old);
    assert_eq!(order.total.shop, order.total.presentment);
    assert_eq!(order.presentment_currency, order.currency);
    assert_eq!(order.current_total, order.total);
    assert_eq!(order.line_items[0].current_quantity, 3);
    assert_eq!(order.customer, None);
}

#[test]
fn what_is_wrong_is_named_by_its_path() {
    let with = |pointer: &str, value: Value| {
        let mut body = rest();
        *body.pointer_mut(pointer).unwrap() = value;
        problem("orders/create", &body)
    };
    let cases = [
        ("/id", json!("x"), "id: not a 64-bit id"),
        ("/currency", json!("cad"), "currency: not an ISO 4217 currency code"),
        ("/updated_at", Value::Null, "updated_at: is missing"),
        ("/created_at", json!("yesterday"), "created_at: not an RFC 3339 date and time"),
        ("/line_items/1/quantity", json!(-1), "line_items[1].quantity: is not a number of pieces"),
        ("/line_items/0/id", Value::Null, "line_items[0].id: is missing"),
        (
            "/line_items/0/price_set/shop_money/amount",
            json!("1e30"),
            "line_items[0].price_set.shop_money.amount: not a",
        ),
        (
            "/refunds/0/refund_line_items/0/subtotal_set/shop_money/amount",
            json!("9999999999999999"),
            "refunds[0].refund_line_items[0].subtotal: is larger than any amount can be",
        ),
    ];
    for (pointer, value, expected) in cases {
        let said = with(pointer, value);
        assert!(said.starts_with(expected), "{said}");
    }
    let mut cut = node();
    cut["lineItems"]["pageInfo"] = json!({ "hasNextPage": true, "endCursor": "x" });
    assert_eq!(problem("orders/read", &cut), "lineItems: was not read to its end");
}

/// Every place in a value.
fn pointers(value: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    match value {
        Value::Object(fields) => {
            fields
                .iter()
                .for_each(|(name, field)| pointers(field, &format!("{path}/{name}"), found));
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, item)| pointers(item, &format!("{path}/{index}"), found));
        }
        _ => {}
    }
}

#[test]
fn no_field_whatever_it_holds_makes_a_body_panic() {
    let huge: Value = serde_json::from_str("-79228162514264337593543950335.99e9").unwrap();
    let odd =
        [Value::Null, json!("x"), json!([{}]), json!(i64::MIN), huge, json!("999999999999999.999")];
    for (topic, body) in [("orders/updated", rest()), ("orders/read", node())] {
        let mut places = Vec::new();
        pointers(&body, "", &mut places);
        for (index, place) in places.iter().enumerate() {
            let mut changed = body.clone();
            // One odd value for each place, and each of them for many.
            *changed.pointer_mut(place).unwrap() = odd[index % odd.len()].clone();
            match read(topic, SHOP, changed.to_string().as_bytes()) {
                Ok(Incoming::Order(order)) => {
                    order
                        .line_items
                        .iter()
                        .for_each(|line| assert!(line.discount().shop.scale() < 29));
                    order
                        .shipping_lines
                        .iter()
                        .for_each(|line| assert!(line.discount().shop.scale() < 29));
                }
                Ok(other) => panic!("{other:?}"),
                Err(failure) => assert_eq!(failure.code, Code::MalformedBody, "{place}"),
            }
        }
    }
}

/// Sample bodies of deliveries, with their topics. They stand beside the project.
fn samples() -> Vec<(String, PathBuf)> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/shopify/payloads");
    if !Path::new(root).exists() {
        println!("skipped: no sample bodies at {root}");
        return Vec::new();
    }
    let folders = |path: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    let mut samples = Vec::new();
    for resource in folders(Path::new(root)).into_iter().filter(|path| path.is_dir()) {
        for action in folders(&resource).into_iter().filter(|path| path.is_dir()) {
            let topic = action.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            samples.extend(folders(&action).into_iter().map(|file| (topic.clone(), file)));
        }
    }
    samples
}

#[test]
fn every_sample_delivery_is_read() {
    let (mut read_count, mut orders) = (0, 0);
    for (topic, file) in samples() {
        let body = std::fs::read(&file).unwrap();
        let value: Value = serde_json::from_slice(&body).unwrap();
        // Bodies that are the shop itself come from their own shops.
        let named = [&value["myshopify_domain"], &value["shop_domain"]];
        let shop = named.into_iter().find_map(Value::as_str).unwrap_or(SHOP);
        let incoming = read(&topic, shop, &body);
        let incoming = incoming.unwrap_or_else(|failure| panic!("{}: {failure}", file.display()));
        read_count += 1;
        if let Incoming::Order(order) = incoming {
            orders += 1;
            let total: Decimal = value["total_price"].as_str().unwrap().parse().unwrap();
            assert_eq!(order.total.shop, total, "{}", file.display());
            assert_eq!(order.line_items.len(), value["line_items"].as_array().unwrap().len());
        }
    }
    println!("{read_count} samples, {orders} of them orders");
}

#[test]
fn every_sample_order_of_the_rest_api_is_read_or_refused_by_name() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/shopify/payloads/rest-order");
    let Ok(files) = std::fs::read_dir(root) else {
        println!("skipped: no sample orders at {root}");
        return;
    };
    let (mut good, mut refused) = (0, 0);
    for file in files {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        let single = value.get("order").cloned().into_iter();
        let several = value.get("orders").and_then(Value::as_array).cloned().into_iter().flatten();
        for body in single.chain(several).filter(Value::is_object) {
            match read("orders/create", SHOP, body.to_string().as_bytes()) {
                Ok(Incoming::Order(order)) => {
                    assert_eq!(order.total.shop.to_string(), body["total_price"].as_str().unwrap());
                    good += 1;
                }
                Ok(other) => panic!("{other:?}"),
                Err(failure) => {
                    assert!(failure.detail.ends_with("is missing"), "{failure}");
                    refused += 1;
                }
            }
        }
    }
    println!("{good} orders, {refused} refused");
    assert!(good > refused);
}
