//! Reconciliation: what the store has and the gateway does not is found, named, and healed within bounds; and nothing counts
//! as gone that is merely not seen.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::access::Role;
use domain::id::{ExternalId, ReconciliationId};
use domain::reconcile::Reconciliation;
use domain::refined::ObjectType;
use serde_json::{Value, json};
use server::demo::{Caller, pos_product_id};
use simulator::{Change, Event, Faults, OrderSpec};
use storage::StoreError;
use tests::world::{Place, SHOP, TestWorld, Wish, code_of, find};

use crate::flow::assert_books_agree;
use crate::scenarios;

const MINUTE_MILLIS: i64 = 60_000;
const HOUR_MILLIS: i64 = 60 * MINUTE_MILLIS;
/// Longer than an object counts as on its way.
pub(crate) const LANDED_MILLIS: i64 = 11 * MINUTE_MILLIS;
/// More than is healed unasked.
const MANY: usize = 26;

/// A world in which no poll finds first what a reconciliation is to find.
pub(crate) fn unpolled() -> Wish {
    Wish { settings: vec![("POLL_SECONDS", "86400".to_owned())], ..Wish::default() }
}

pub(crate) async fn connection(world: &TestWorld) -> String {
    let document = "query($businessId: ID!) { connection(businessId: $businessId) { id } }";
    let answer = world.admin.call(document, json!({})).await.unwrap();
    answer["connection"]["id"].as_str().unwrap().to_owned()
}

/// Begins a comparison, and returns its id.
async fn begin(world: &TestWorld, resource: &str) -> String {
    let input = json!({ "connectionId": connection(world).await, "resource": resource });
    let (begun, _) = world.admin.mutate("reconcile", input, "reconciliation { id }").await.unwrap();
    begun["reconciliation"]["id"].as_str().unwrap().to_owned()
}

async fn look(caller: &Caller, id: &str) -> Value {
    let document = "query($businessId: ID!, $id: ID!) { reconciliation(businessId: $businessId, id: $id) {
        state step percent message seen total missing stale vanished left healed unhealed attempts code
        startedBy approvedBy finishedAt comparedFrom
    } }";
    caller.call(document, json!({ "id": id })).await.unwrap()["reconciliation"].take()
}

/// Waits until a comparison no longer runs.
async fn ended(world: &TestWorld, id: &str) -> Value {
    world
        .eventually("the comparison ends", async || {
            look(&world.admin, id).await["state"] != "RUNNING"
        })
        .await;
    world.settle().await;
    look(&world.admin, id).await
}

/// Compares, and waits for the end.
pub(crate) async fn reconcile(world: &TestWorld, resource: &str) -> (String, Value) {
    let id = begin(world, resource).await;
    let run = ended(world, &id).await;
    (id, run)
}

/// What differs, by the store's id: how, and how far it is mended.
async fn drift(caller: &Caller, id: &str) -> BTreeMap<String, [String; 3]> {
    let document = "query($businessId: ID!, $id: ID!) {
        drift(businessId: $businessId, reconciliationId: $id, first: 100) { nodes { objectId kind state cause } }
    }";
    let mut answer = caller.call(document, json!({ "id": id })).await.unwrap();
    let nodes = answer["drift"]["nodes"].take();
    let row = |node: &Value| {
        let text = |field: &str| node[field].as_str().unwrap().to_owned();
        (text("objectId"), [text("kind"), text("state"), text("cause")])
    };
    nodes.as_array().unwrap().iter().map(row).collect()
}

fn words(kind: &str, state: &str, cause: &str) -> [String; 3] {
    [kind, state, cause].map(str::to_owned)
}

fn counts(run: &Value) -> [i64; 6] {
    ["missing", "stale", "vanished", "left", "healed", "unhealed"]
        .map(|field| run[field].as_i64().unwrap())
}

fn spec(world: &TestWorld) -> OrderSpec {
    OrderSpec { lines: vec![(world.variants()[0], 1)], location_id: None, paid: true }
}

/// The order is no longer in the store, and nobody was told.
fn delete_quietly(world: &TestWorld, id: i64) {
    world.change_quietly(|store, _, _| {
        store.orders.remove(&id).unwrap();
        Some(Change { object_id: id, events: Vec::new() })
    });
}

async fn removed_at(world: &TestWorld, id: i64) -> Value {
    world.pos_order(id).await["order"]["removedAt"].clone()
}

scenarios! {
    async fn what_was_never_told_is_named_and_healed(place: Place) {
        let world = TestWorld::connected_as(&place, unpolled()).await;
        world.put_catalogue().await;
        let variants = world.variants();
        let (known, changed) = (world.sell(&[(variants[0], 1)]), world.sell(&[(variants[1], 2)]));
        world.settle().await;
        world.simulator.set_faults(Faults { drop: 1_000, ..Faults::default() });
        let lost = [world.sell(&[(variants[0], 3)]), world.sell(&[(variants[1], 4)])];
        world.change(|store, _, now| store.cancel_order(changed, true, now));
        world.settle().await;
        world.simulator.set_faults(Faults::default());
        world.clock.advance(LANDED_MILLIS);
        assert!(!world.comparison().await.agrees());

        let (id, run) = reconcile(&world, "ORDERS").await;
        assert_eq!((&run["state"], &run["percent"], counts(&run)), (&json!("DONE"), &json!(100), [2, 1, 0, 0, 3, 0]), "{run}");
        assert_eq!((&run["seen"], &run["total"]), (&json!(4), &json!(4)));
        let missing = words("MISSING", "HEALED", "NEVER_RECEIVED");
        let stale = words("STALE", "HEALED", "NEVER_RECEIVED");
        let expected = [(lost[0], missing.clone()), (lost[1], missing), (changed, stale)];
        assert_eq!(drift(&world.admin, &id).await, expected.map(|(id, row)| (id.to_string(), row)).into());
        assert_books_agree(&world, "healed").await;
        for id in lost {
            assert_eq!(world.pos_order(id).await["version"], 1);
        }
        assert_eq!(world.pos_order(changed).await["state"], "VOIDED");
        assert_eq!(removed_at(&world, known).await, Value::Null);

        let picture = (world.picture().await, world.movements().await);
        let (again, run) = reconcile(&world, "ORDERS").await;
        assert_eq!((&run["state"], counts(&run)), (&json!("DONE"), [0; 6]), "{run}");
        assert!(drift(&world.admin, &again).await.is_empty() && again != id);
        assert_eq!((world.picture().await, world.movements().await), picture);

        // Nobody else sees any of it.
        let (_, stranger) = world.other_business().await;
        assert_eq!(look(&stranger, &id).await, Value::Null);
        assert!(drift(&stranger, &id).await.is_empty());
        assert_eq!(stranger.all("reconciliations", "id").await.unwrap(), Vec::<Value>::new());
        let mine = json!({ "connectionId": connection(&world).await, "resource": "ORDERS" });
        let refused = stranger.mutate("reconcile", mine, "reconciliation { id }").await.unwrap_err();
        assert_eq!(code_of(&refused), "NOT_FOUND");
        let refused = stranger.mutate("healDrift", json!({ "reconciliationId": id }), "reconciliation { id }").await.unwrap_err();
        assert_eq!(code_of(&refused), "NOT_FOUND");
        world.finish().await;
    }

    async fn what_is_on_its_way_is_no_drift(place: Place) {
        let world = TestWorld::connected_as(&place, unpolled()).await;
        world.put_catalogue().await;
        world.simulator.pause_deliveries(true);
        let id = world.sell(&[(world.variants()[0], 1)]);
        let (_, run) = {
            let id = begin(&world, "ORDERS").await;
            world.eventually("the comparison ends", async || look(&world.admin, &id).await["state"] != "RUNNING").await;
            (id.clone(), look(&world.admin, &id).await)
        };
        assert_eq!((&run["state"], &run["seen"], counts(&run)), (&json!("DONE"), &json!(1), [0; 6]), "{run}");
        assert_eq!(world.list("orders", "id").await, Vec::<Value>::new(), "nothing was read");
        world.simulator.pause_deliveries(false);
        world.settle().await;
        assert_eq!(world.pos_order(id).await["version"], 1);
        world.finish().await;
    }

    /// The list breaks off on its third page: nothing is said of what has not been seen, and it goes on from there.
    async fn half_a_list_proves_nothing(place: Place) {
        let wish = Wish { orders: 520, ..unpolled() };
        let world = TestWorld::connected_as(&place, wish).await;
        world.clock.advance(LANDED_MILLIS);
        let first = world.simulator.read(SHOP, |store| *store.orders.keys().min().unwrap()).unwrap();
        delete_quietly(&world, first);
        // What the token may see, how many there are, and two pages.
        world.simulator.set_faults(Faults { unavailable_after: Some(4), ..Faults::default() });
        let id = begin(&world, "ORDERS").await;
        world.eventually("it is interrupted", async || look(&world.admin, &id).await["attempts"] != 0).await;
        let run = look(&world.admin, &id).await;
        assert_eq!((&run["state"], &run["step"], &run["seen"]), (&json!("RUNNING"), &json!("SCANNING"), &json!(500)), "{run}");
        assert_eq!((counts(&run), &run["code"]), ([0; 6], &json!("UPSTREAM_UNAVAILABLE")));
        assert!(drift(&world.admin, &id).await.is_empty(), "nothing is said of what was not seen");
        assert_eq!(removed_at(&world, first).await, Value::Null);
        assert_eq!(begin(&world, "ORDERS").await, id, "a second call joins the first");

        world.simulator.set_faults(Faults::default());
        world.clock.advance(MINUTE_MILLIS);
        let run = ended(&world, &id).await;
        assert_eq!((&run["state"], &run["seen"], counts(&run)), (&json!("DONE"), &json!(519), [0, 0, 1, 0, 1, 0]), "{run}");
        assert_eq!(drift(&world.admin, &id).await, [(first.to_string(), words("VANISHED", "HEALED", "NEVER_RECEIVED"))].into());
        assert!(removed_at(&world, first).await.is_string());
        let gone: Vec<Value> = world.list("orders", "id removedAt").await;
        assert_eq!(gone.iter().filter(|order| !order["removedAt"].is_null()).count(), 1, "and nothing else");
        world.finish().await;
    }

    /// Without the scope for all of them, the store shows no order older than 60 days, not even by its id.
    async fn what_the_store_no_longer_shows_is_not_gone(place: Place) {
        let world = TestWorld::start_as(&place, unpolled()).await;
        let all = shopify::scope::SCOPES.iter().map(|used| used.scope);
        let scopes: Vec<&str> = all.filter(|scope| *scope != shopify::scope::ALL_ORDERS).collect();
        world.simulator.set_grantable(SHOP, &scopes);
        server::demo::connect(&world.admin, SHOP).await.unwrap();
        world.imported(&world.admin).await;
        world.settle().await;
        let spec = spec(&world);
        let made = |days: i64| {
            let hours = TimeDelta::hours(days * 24 - 12);
            world.change(|store, _, now| Some(store.create_order_with(spec.clone(), now - hours)))
        };
        // Of the last one the store shows the half day before the end.
        let old = [made(400), made(90), made(61), made(60)];
        let young = made(30);
        world.settle().await;
        assert_eq!(world.list("orders", "id").await.len(), 5);
        for id in old {
            assert_eq!(removed_at(&world, id).await, Value::Null, "what is told of its payments cannot be read");
        }
        delete_quietly(&world, young);
        world.clock.advance(LANDED_MILLIS);
        let (id, run) = reconcile(&world, "ORDERS").await;
        assert_eq!((&run["state"], &run["seen"], counts(&run)), (&json!("DONE"), &json!(0), [0, 0, 1, 0, 1, 0]), "{run}");
        assert!(run["comparedFrom"].is_string());
        assert_eq!(drift(&world.admin, &id).await.into_keys().collect::<Vec<_>>(), [young.to_string()]);
        for id in old {
            assert_eq!(removed_at(&world, id).await, Value::Null);
        }
        assert!(removed_at(&world, young).await.is_string());
        world.finish().await;
    }

    /// An order that is gone comes to the same, whether the store told of it or not.
    async fn what_is_gone_comes_to_what_the_store_would_have_told(place: Place) {
        let world = TestWorld::connected_as(&place, unpolled()).await;
        world.put_catalogue().await;
        let variants = world.variants();
        let (told, untold) = (world.sell(&[(variants[0], 2)]), world.sell(&[(variants[1], 2)]));
        let kept = world.sell(&[(variants[2], 2)]);
        world.settle().await;
        world.change(|store, _, _| {
            store.orders.remove(&told);
            let event = Event { topic: "orders/delete", body: json!({ "id": told }) };
            Some(Change { object_id: told, events: vec![event] })
        });
        delete_quietly(&world, untold);
        world.settle().await;
        assert_eq!(removed_at(&world, untold).await, Value::Null);
        world.clock.advance(LANDED_MILLIS);
        let (id, run) = reconcile(&world, "ORDERS").await;
        assert_eq!((&run["state"], counts(&run)), (&json!("DONE"), [0, 0, 1, 0, 1, 0]), "{run}");
        assert_eq!(drift(&world.admin, &id).await, [(untold.to_string(), words("VANISHED", "HEALED", "NEVER_RECEIVED"))].into());
        assert!(removed_at(&world, untold).await.is_string() && removed_at(&world, told).await.is_string());
        assert_eq!(removed_at(&world, kept).await, Value::Null);
        let moved = async |variant: i64| world.moved_of(&pos_product_id(variant)).await;
        assert_eq!(moved(variants[1]).await, moved(variants[0]).await);
        let (told, untold) = (world.pos_order(told).await, world.pos_order(untold).await);
        assert_eq!((&untold["state"], &untold["version"]), (&told["state"], &told["version"]));
        world.finish().await;
    }

    async fn much_is_healed_only_after_somebody_agreed(place: Place) {
        let world = TestWorld::connected_as(&place, unpolled()).await;
        world.put_catalogue().await;
        world.simulator.set_faults(Faults { drop: 1_000, ..Faults::default() });
        for _ in 0..MANY {
            world.sell(&[(world.variants()[0], 1)]);
        }
        world.settle().await;
        world.simulator.set_faults(Faults::default());
        world.clock.advance(LANDED_MILLIS);
        let (id, run) = reconcile(&world, "ORDERS").await;
        assert_eq!(run["state"], "WAITING_FOR_APPROVAL", "{run}");
        assert_eq!(counts(&run), [26, 0, 0, 0, 0, 0]);
        assert!(drift(&world.admin, &id).await.values().all(|row| *row == words("MISSING", "OPEN", "NEVER_RECEIVED")));
        assert_eq!(world.list("orders", "id").await, Vec::<Value>::new(), "nothing was healed");
        let feed = world.list("activity", "kind message").await;
        assert!(feed.iter().any(|event| event["kind"] == "DRIFT_FOUND"), "{feed:?}");

        let agree = json!({ "reconciliationId": id });
        let operator = world.caller(Role::Operator, &[world.business]);
        let refused = operator.mutate("healDrift", agree.clone(), "reconciliation { id }").await.unwrap_err();
        assert_eq!(code_of(&refused), "FORBIDDEN");
        world.admin.mutate("healDrift", agree.clone(), "reconciliation { state }").await.unwrap();
        let run = ended(&world, &id).await;
        assert_eq!((&run["state"], counts(&run)), (&json!("DONE"), [26, 0, 0, 0, 26, 0]), "{run}");
        assert!(run["approvedBy"].is_string());
        assert_books_agree(&world, "healed").await;
        let refused = world.admin.mutate("healDrift", agree, "reconciliation { id }").await.unwrap_err();
        assert_eq!(code_of(&refused), "CONFLICT", "it waits no more");
        world.finish().await;
    }

    async fn it_runs_by_itself_every_day(place: Place) {
        let world = TestWorld::connected_as(&place, unpolled()).await;
        world.clock.advance(25 * HOUR_MILLIS);
        let operator = world.caller(Role::Operator, &[world.business]);
        let done = async || {
            let runs = operator.all("reconciliations", "resource state startedBy").await.unwrap();
            let mut done: Vec<String> = runs.iter().filter(|run| run["state"] == "DONE" && run["startedBy"] == "schedule")
                .map(|run| run["resource"].as_str().unwrap().to_owned()).collect();
            done.sort();
            done
        };
        world.eventually("both have run", async || done().await == ["ORDERS", "PRODUCTS"]).await;
        world.finish().await;
    }
    async fn products_are_compared_the_same_way(place: Place) {
        let world = TestWorld::connected_as(&place, unpolled()).await;
        let (kept, gone) = world.simulator.read(SHOP, |store| {
            let mut ids = store.products.keys().copied();
            (ids.next().unwrap(), ids.next().unwrap())
        }).unwrap();
        world.simulator.set_faults(Faults { drop: 1_000, ..Faults::default() });
        let made = world.change(|store, rng, now| Some(store.create_product(rng, now)));
        world.change(|store, _, now| store.delete_product(gone, now));
        world.change_quietly(|store, _, now| {
            let product = store.products.get_mut(&kept).unwrap();
            (product.title, product.updated_at) = ("Renamed".to_owned(), now);
            Some(Change { object_id: kept, events: Vec::new() })
        });
        world.settle().await;
        world.simulator.set_faults(Faults::default());
        world.clock.advance(LANDED_MILLIS);
        let (id, run) = reconcile(&world, "PRODUCTS").await;
        assert_eq!((&run["state"], counts(&run)), (&json!("DONE"), [1, 1, 1, 0, 3, 0]), "{run}");
        let healed = |kind| words(kind, "HEALED", "NEVER_RECEIVED");
        let expected = [(made, healed("MISSING")), (kept, healed("STALE")), (gone, healed("VANISHED"))];
        assert_eq!(drift(&world.admin, &id).await, expected.map(|(id, row)| (id.to_string(), row)).into());
        let products = world.list("products", "id title removedAt").await;
        assert_eq!(find(&products, "id", &kept.to_string())["title"], "Renamed");
        assert!(find(&products, "id", &gone.to_string())["removedAt"].is_string());
        assert_eq!(find(&products, "id", &made.to_string())["removedAt"], Value::Null);
        world.finish().await;
    }

    /// Whoever began it is gone; whoever asks next joins it, and it goes on after the page that was compared last.
    async fn what_a_process_left_behind_goes_on_where_it_was(place: Place) {
        let world = TestWorld::connected_as(&place, Wish { orders: 5, ..unpolled() }).await;
        world.clock.advance(LANDED_MILLIS);
        let (tenant, app) = (world.tenant(), world.app());
        let ids = world.simulator.read(SHOP, |store| store.orders.keys().copied().collect::<Vec<_>>()).unwrap();
        let subject = (connection(&world).await.parse().unwrap(), ObjectType::Order);
        let id = ReconciliationId::new(app.now(), &app.entropy());
        let left = Reconciliation::begin(id, subject, "a gateway that was killed".to_owned(), app.now());
        let mut left = tenant.begin_reconciliation(left).await.unwrap();
        (left.after, left.counts.seen, left.counts.total) = (Some(ExternalId(ids[1])), 2, Some(5));
        tenant.advance_reconciliation(left.clone(), Vec::new(), Vec::new()).await.unwrap();
        // It has passed the first and has yet to come to the last.
        delete_quietly(&world, ids[0]);
        delete_quietly(&world, ids[4]);

        assert_eq!(begin(&world, "ORDERS").await, id.to_string());
        let run = ended(&world, &id.to_string()).await;
        assert_eq!((&run["state"], &run["seen"], counts(&run)), (&json!("DONE"), &json!(4), [0, 0, 1, 0, 1, 0]), "{run}");
        assert_eq!(drift(&world.admin, &id.to_string()).await.into_keys().collect::<Vec<_>>(), [ids[4].to_string()]);
        // What the process that was taken for dead writes now no longer counts.
        let late = tenant.advance_reconciliation(left, Vec::new(), Vec::new()).await;
        assert!(matches!(late, Err(StoreError::LostLease)), "{late:?}");
        world.finish().await;
    }
}
