//! The store's arithmetic is exact, its choices follow from the seed, and its books agree with what it tells.

#![expect(clippy::unwrap_used, reason = "a body that lacks a field is a failure of the test")]

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use rust_decimal::Decimal;
use serde_json::Value;
use tillgate_simulator::{
    Books, Change, NO_LOCATION, OrderSpec, Store, StoreSettings, minor_digits,
};

const ORDERS: usize = 2_000;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn settings(currency: &str, orders: usize) -> StoreSettings {
    StoreSettings {
        domain: "tea.myshopify.com".to_owned(),
        currency: currency.to_owned(),
        seed: 7,
        products: 40,
        orders,
        big_ids: true,
    }
}

/// One currency's side of the amounts of a body.
#[derive(Clone, Copy)]
struct Side {
    key: &'static str,
    digits: u32,
}

impl Side {
    fn of(order: &Value) -> [Self; 2] {
        let digits = |key: &str| minor_digits(order[key].as_str().unwrap());
        [
            Self { key: "shop_money", digits: digits("currency") },
            Self { key: "presentment_money", digits: digits("presentment_currency") },
        ]
    }

    /// The amount of a set, which must be a whole number of minor units.
    fn read(self, set: &Value) -> Decimal {
        if set.is_null() {
            return Decimal::ZERO;
        }
        let text = set[self.key]["amount"].as_str().unwrap();
        let amount: Decimal = text.parse().unwrap();
        assert_eq!(amount.scale(), self.digits, "{text}");
        amount
    }

    fn sum(self, all: &Value, key: &str) -> Decimal {
        array(all).iter().map(|each| self.read(&each[key])).sum()
    }
}

fn array(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn int(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

/// The amounts of an order's body, computed from its parts only.
fn check_order(order: &Value) {
    for side in Side::of(order) {
        check_side(order, side);
    }
    for (plain, set) in [
        ("total_price", "total_price_set"),
        ("subtotal_price", "subtotal_price_set"),
        ("total_tax", "total_tax_set"),
        ("total_discounts", "total_discounts_set"),
        ("current_total_price", "current_total_price_set"),
        ("total_tip_received", "total_tip_received_set"),
    ] {
        assert_eq!(order[plain], order[set]["shop_money"]["amount"], "{plain}");
    }
    for line in array(&order["line_items"]) {
        let current = int(&line["current_quantity"]);
        assert!((0..=int(&line["quantity"])).contains(&current));
    }
    let outstanding: Decimal = order["total_outstanding"].as_str().unwrap().parse().unwrap();
    assert!(outstanding >= Decimal::ZERO);
    let settled = order["financial_status"] == "paid";
    assert!(!settled || outstanding.is_zero(), "{order}");
}

fn check_side(order: &Value, side: Side) {
    let included = order["taxes_included"].as_bool().unwrap();
    let name = &order["name"];
    let (mut goods, mut tip_lines, mut discounts) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
    let (mut taxes, mut duties) = (Decimal::ZERO, Decimal::ZERO);
    for line in array(&order["line_items"]) {
        let gross = side.read(&line["price_set"]) * Decimal::from(int(&line["quantity"]));
        let discount = side.sum(&line["discount_allocations"], "amount_set");
        assert!(discount <= gross, "{name}");
        let tip = line.get("tip").is_some_and(|tip| !tip.is_null());
        if tip {
            assert!(line["product_id"].is_null() && line["title"] == "Tip");
            tip_lines += gross - discount;
        } else {
            goods += gross - discount;
        }
        discounts += discount;
        taxes += side.sum(&line["tax_lines"], "price_set");
        duties += array(&line["duties"]).iter().map(|duty| side.read(duty)).sum::<Decimal>();
    }
    let mut shipping = Decimal::ZERO;
    for line in array(&order["shipping_lines"]) {
        if line["is_removed"] == true {
            continue;
        }
        let discount = side.sum(&line["discount_allocations"], "amount_set");
        discounts += discount;
        shipping += side.read(&line["price_set"]) - discount;
        taxes += side.sum(&line["tax_lines"], "price_set");
    }
    let all_tips = side.read(&order["total_tip_received_set"]);
    let fees = side.read(&order["original_total_additional_fees_set"]);
    let added = if included { Decimal::ZERO } else { taxes };
    let total = goods + tip_lines + shipping + duties + fees + (all_tips - tip_lines) + added;
    assert_eq!(side.read(&order["total_price_set"]), total, "{name}");
    assert_eq!(side.read(&order["subtotal_price_set"]), goods, "{name}");
    assert_eq!(side.read(&order["total_tax_set"]), taxes, "{name}");
    assert_eq!(side.sum(&order["tax_lines"], "price_set"), taxes, "{name}");
    assert_eq!(side.read(&order["total_discounts_set"]), discounts, "{name}");
    assert_eq!(side.read(&order["original_total_duties_set"]), duties, "{name}");
    check_refunds(order, side);
}

/// All that is taken back of a line never exceeds it, and comes to it exactly where all pieces are.
fn check_refunds(order: &Value, side: Side) {
    let mut back: BTreeMap<i64, (i64, Decimal, Decimal)> = BTreeMap::new();
    for refund in array(&order["refunds"]) {
        for line in array(&refund["refund_line_items"]) {
            let sum = back.entry(int(&line["line_item_id"])).or_default();
            sum.0 += int(&line["quantity"]);
            sum.1 += side.read(&line["subtotal_set"]);
            sum.2 += side.read(&line["total_tax_set"]);
            for (plain, set) in [("subtotal", "subtotal_set"), ("total_tax", "total_tax_set")] {
                let text = line[plain].as_number().unwrap().to_string();
                let shop: Decimal =
                    line[set]["shop_money"]["amount"].as_str().unwrap().parse().unwrap();
                assert_eq!(text.parse::<Decimal>().unwrap(), shop);
            }
            let restocked = line["restock_type"] != "no_restock";
            assert_eq!(restocked, !line["location_id"].is_null());
        }
    }
    for line in array(&order["line_items"]) {
        let Some((pieces, subtotal, tax)) = back.get(&int(&line["id"])) else {
            continue;
        };
        let all = int(&line["quantity"]);
        let net = side.read(&line["price_set"]) * Decimal::from(all)
            - side.sum(&line["discount_allocations"], "amount_set");
        let taxes = side.sum(&line["tax_lines"], "price_set");
        assert!(*subtotal <= net && *tax <= taxes && *pieces <= all);
        if *pieces == all {
            assert_eq!((*subtotal, *tax), (net, taxes), "{}", order["name"]);
        }
    }
}

/// Something that happens to some order, or a new one.
fn change(store: &mut Store, rng: &mut SmallRng, now: DateTime<Utc>) -> Change {
    let ids: Vec<i64> = store.orders.keys().rev().take(60).copied().collect();
    let id = ids.get(rng.random_range(0..ids.len().max(1))).copied();
    let restock = rng.random();
    let changed = id.and_then(|id| match rng.random_range(0..6) {
        0 => store.edit_order(rng, id, now),
        1 => store.cancel_order(id, restock, now),
        2 => store.pay_order(id, now),
        3 => store.fulfill_order(id, now),
        _ => store.refund_order(rng, id, restock, now),
    });
    changed.unwrap_or_else(|| store.live_on(rng, now))
}

/// What the deliveries of a store said last about each order, and the topics that there were.
#[derive(Default)]
struct Heard {
    orders: BTreeMap<i64, Value>,
    topics: BTreeSet<&'static str>,
}

fn live(currency: &str) -> (Store, Heard) {
    let mut store = Store::generate(&settings(currency, 0), now());
    let mut rng = SmallRng::seed_from_u64(11);
    let mut heard = Heard::default();
    let mut at = now();
    while store.orders.len() < ORDERS {
        at += TimeDelta::milliseconds(rng.random_range(0..900));
        let change = if rng.random_ratio(2, 5) {
            store.create_order(&mut rng, at)
        } else {
            change(&mut store, &mut rng, at)
        };
        assert!(!change.events.is_empty());
        for event in change.events {
            heard.topics.insert(event.topic);
            let about_order = event.topic.starts_with("orders/") && event.topic != "orders/edited";
            if about_order && heard.orders.get(&change.object_id) != Some(&event.body) {
                check_order(&event.body);
                heard.orders.insert(change.object_id, event.body);
            }
        }
    }
    (store, heard)
}

#[test]
fn yen_are_exact() {
    agrees(&live("JPY"));
}

#[test]
fn dollars_are_exact() {
    let lived = live("CAD");
    agrees(&lived);
    has_everything(&lived.1);
}

#[test]
fn dinars_are_exact() {
    agrees(&live("KWD"));
}

/// The books are those that the last delivery of every order gives.
fn agrees((store, heard): &(Store, Heard)) {
    let since = now() + TimeDelta::seconds(200);
    let books = Books::of(store, since);
    assert_eq!(books.orders.len(), heard.orders.len());
    let mut moved: BTreeMap<i64, BTreeMap<String, i64>> = BTreeMap::new();
    let mut pieces = 0;
    for (id, order) in &heard.orders {
        assert_eq!(books.orders[id].total, order["total_price"].as_str().unwrap());
        let goods = array(&order["line_items"]).iter().filter(|line| line["tip"].is_null());
        assert_eq!(books.orders[id].lines, goods.count());
        let made = DateTime::parse_from_rfc3339(order["created_at"].as_str().unwrap()).unwrap();
        if made < since {
            continue;
        }
        for (variant, place, effect) in effects(order) {
            *moved.entry(variant).or_default().entry(place).or_default() += effect;
            pieces += effect;
        }
    }
    assert_eq!(books.moved, moved);
    assert_eq!(books.sums.pieces, pieces);
    let text = serde_json::to_string(&books).unwrap();
    assert_eq!(serde_json::from_str::<Books>(&text).unwrap(), books);
}

/// What a body says of stock: sold, less what was taken off, and back where it went.
fn effects(order: &Value) -> Vec<(i64, String, i64)> {
    let home = match order["location_id"].as_i64() {
        Some(id) => id.to_string(),
        None => NO_LOCATION.to_owned(),
    };
    let refunds: Vec<&Value> = array(&order["refunds"])
        .iter()
        .flat_map(|refund| array(&refund["refund_line_items"]))
        .collect();
    let mut effects = Vec::new();
    for line in array(&order["line_items"]) {
        let goods = line["gift_card"] == false && line.get("tip").is_none();
        let Some(variant) = line["variant_id"].as_i64().filter(|_| goods) else {
            continue;
        };
        let back = refunds.iter().filter(|back| back["line_item_id"] == line["id"]);
        let refunded: i64 = back.clone().map(|back| int(&back["quantity"])).sum();
        let sold = int(&line["quantity"]);
        let removed = (sold - int(&line["current_quantity"]) - refunded).max(0);
        effects.push((variant, home.clone(), removed - sold));
        for back in back.filter(|back| back["restock_type"] != "no_restock") {
            let place =
                back["location_id"].as_i64().map_or_else(|| home.clone(), |id| id.to_string());
            effects.push((variant, place, int(&back["quantity"])));
        }
    }
    effects
}

/// All that orders may have was there.
fn has_everything(heard: &Heard) {
    let orders: Vec<&Value> = heard.orders.values().collect();
    let some = |what: &str, has: &dyn Fn(&Value) -> bool| {
        assert!(orders.iter().any(|order| has(order)), "no order with {what}");
    };
    let line =
        |has: fn(&Value) -> bool| move |order: &Value| array(&order["line_items"]).iter().any(has);
    some("many lines", &|order| array(&order["line_items"]).len() >= 250);
    some("a tip line", &line(|line| line.get("tip").is_some()));
    some("a gift card", &line(|line| line["gift_card"] == true));
    some("a custom line", &line(|line| line["variant_id"].is_null()));
    some("duties", &line(|line| !array(&line["duties"]).is_empty()));
    some("two allocations", &line(|line| array(&line["discount_allocations"]).len() > 1));
    some("two taxes", &|order| array(&order["tax_lines"]).len() > 1);
    some("included taxes", &|order| order["taxes_included"] == true);
    some("no customer", &|order| order["customer"].is_null());
    some("another currency", &|order| order["currency"] != order["presentment_currency"]);
    some("a location", &|order| !order["location_id"].is_null());
    some("removed shipping", &|order| {
        array(&order["shipping_lines"]).iter().any(|line| line["is_removed"] == true)
    });
    some("cash rounding", &|order| {
        let set = &order["total_cash_rounding_payment_adjustment_set"];
        set["shop_money"]["amount"] != "0.00"
    });
    some("gift card and card", &|order| {
        let names = array(&order["payment_gateway_names"]);
        names.len() > 1 && names.iter().any(|name| name == "gift_card")
    });
    has_every_state(heard);
}

/// Orders in every state of payment, and every topic.
fn has_every_state(heard: &Heard) {
    for status in [
        "pending",
        "authorized",
        "paid",
        "partially_paid",
        "partially_refunded",
        "refunded",
        "voided",
    ] {
        let mut orders = heard.orders.values();
        assert!(orders.any(|order| order["financial_status"] == status), "{status}");
    }
    let topics = [
        "orders/create",
        "orders/updated",
        "orders/paid",
        "orders/edited",
        "orders/cancelled",
        "orders/fulfilled",
        "orders/partially_fulfilled",
        "order_transactions/create",
        "refunds/create",
        "fulfillments/create",
        "products/update",
        "products/create",
        "inventory_levels/update",
        "inventory_items/create",
    ];
    let missing: Vec<_> = topics.iter().filter(|topic| !heard.topics.contains(*topic)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn equal_seeds_make_equal_stores() {
    let run = |seed: u64| {
        let settings = StoreSettings { seed, ..settings("CAD", 60) };
        let mut store = Store::generate(&settings, now());
        let mut rng = SmallRng::seed_from_u64(seed);
        let told: Vec<Change> = (0..40).map(|_| store.live_on(&mut rng, now())).collect();
        (store, told)
    };
    assert!(run(3) == run(3));
    assert!(run(3).0 != run(4).0);
}

#[test]
fn the_past_is_past_and_its_arithmetic_exact() {
    let store = Store::generate(&settings("CAD", 500), now());
    assert_eq!(store.orders.len(), 500);
    for order in store.orders.values() {
        check_order(&store.order_body(order.id).unwrap());
        assert!(order.created_at < now() && order.updated_at < now());
        assert!(order.created_at <= order.updated_at);
        assert!(order.created_at >= now() - TimeDelta::days(50));
        assert!(order.id > 1 << 53);
    }
    assert_eq!(Books::of(&store, now()).moved, BTreeMap::new());
}

#[test]
fn stock_moves_with_a_scripted_order() {
    let mut store = Store::generate(&settings("CAD", 0), now());
    let (variant, item) = store
        .products
        .values()
        .flat_map(|product| &product.variants)
        .find(|variant| variant.tracked)
        .map(|variant| (variant.id, variant.inventory_item_id))
        .unwrap();
    let before = store.available(item);
    let spec = OrderSpec { lines: vec![(variant, 3)], location_id: None, paid: true };
    let made = store.create_order_with(spec, now());
    assert_eq!(store.available(item), before - 3);
    let topics: Vec<_> = made.events.iter().map(|event| event.topic).collect();
    assert_eq!(
        topics,
        [
            "orders/create",
            "order_transactions/create",
            "orders/paid",
            "orders/updated",
            "inventory_levels/update",
            "products/update",
        ]
    );
    let id = made.object_id;
    assert!(store.pay_order(id, now()).is_none());
    let gone = store.cancel_order(id, true, now()).unwrap();
    assert_eq!(store.available(item), before);
    let body = &gone.events[0].body;
    assert_eq!(
        (&body["financial_status"], &body["current_total_price"]),
        (&"refunded".into(), &"0.00".into())
    );
    let moved = &Books::of(&store, now()).moved[&variant];
    assert_eq!(moved.values().sum::<i64>(), 0);
    assert!(store.cancel_order(id, true, now()).is_none());
}
