//! What stores ask about persons: whoever is erased is nowhere, stays away, and leaves the books as they were.

use domain::access::Role;
use serde_json::{Value, json};
use server::demo::Caller;
use simulator::{Change, Event, OrderSpec, Store};
use tests::world::{Place, Pos, SHOP, TestWorld, Webhook, Wish, find};

use crate::scenarios;

const APP_WIDE: &str = "/ecommerce/webhooks/shopify";
/// Stands in every text that is planted; the rest of each says in which field.
const PLANTED: &str = "zyxplanted";
const EMAIL: &str = "zyxplanted.mail@example.com";
const PHONE: &str = "+1 613 555 0177";
/// Nobody else of the shop has this number.
const DIGITS: &str = "6135550177";

fn planted(field: &str) -> String {
    format!("Zyxplanted {field}")
}

/// Writes something of its own into every field of an order that tells of its buyer.
fn plant(store: &mut Store, order: i64) -> i64 {
    let order = store.orders.get_mut(&order).unwrap();
    let customer = store.customers.values_mut().next_back().unwrap();
    order.customer_id = Some(customer.id);
    order.email = Some(EMAIL.to_owned());
    order.phone = Some(PHONE.to_owned());
    order.note = Some(planted("note"));
    order.note_attributes = vec![(planted("key"), planted("value"))];
    order.po_number = Some(planted("po"));
    customer.first_name = planted("first");
    customer.last_name = planted("last");
    customer.email = Some(EMAIL.to_owned());
    customer.phone = Some(PHONE.to_owned());
    customer.tags = vec![planted("label")];
    let mut address = customer.address.clone();
    address.first_name = planted("there");
    address.last_name = planted("there too");
    address.company = Some(planted("company"));
    address.address1 = planted("street");
    address.address2 = Some(planted("floor"));
    address.city = planted("city");
    address.zip = planted("zip");
    address.phone = Some(PHONE.to_owned());
    order.billing_address = Some(address.clone());
    order.shipping_address = Some(address);
    for line in &mut order.lines {
        line.properties = vec![(planted("engraving"), planted("words"))];
    }
    customer.id
}

/// An order with a planted buyer, told as the store tells of it; its id and the buyer's.
async fn planted_order(world: &TestWorld, variant: i64, pieces: i64) -> (i64, i64) {
    let spec = OrderSpec { lines: vec![(variant, pieces)], location_id: None, paid: false };
    let told = world.change_quietly(|store, rng, now| {
        // Has the shop know customers.
        store.create_order(rng, now);
        Some(store.create_order_with(spec, now))
    });
    let mut customer = 0;
    world.change(|store, _, now| {
        customer = plant(store, told.object_id);
        store.pay_order(told.object_id, now)
    });
    world.settle().await;
    (told.object_id, customer)
}

/// Deliveries beside the order's own that tell of its buyer.
async fn tell_besides(world: &TestWorld, order: i64, customer: i64) {
    let person = json!({ "id": customer, "email": EMAIL, "first_name": planted("own") });
    let at = "2026-11-21T05:00:00Z";
    let bodies = [
        ("customers/update", person.clone()),
        ("checkouts/create", json!({ "id": 77, "email": EMAIL, "note": planted("checkout") })),
        (
            "fulfillments/create",
            json!({ "id": 78, "order_id": order, "created_at": at,
                "destination": { "address1": planted("door") } }),
        ),
        (
            "refunds/create",
            json!({ "id": 79, "order_id": order, "created_at": at, "note": planted("refund") }),
        ),
        // One that cannot be read.
        (
            "orders/updated",
            json!({ "id": order, "email": EMAIL, "currency": "none", "customer": person }),
        ),
    ];
    for (topic, body) in bodies {
        assert_eq!(world.send(APP_WIDE, &Webhook::json(topic, &body)).await.status, 200);
    }
    world.settle().await;
}

fn redact(customer: &Value, orders: &[i64]) -> Webhook {
    let body = json!({
        "shop_id": 1, "shop_domain": SHOP, "customer": customer, "orders_to_redact": orders,
    });
    Webhook::json("customers/redact", &body)
}

fn operator(world: &TestWorld) -> Caller {
    world.caller(Role::Operator, &[world.business])
}

async fn erasures(world: &TestWorld) -> Vec<Value> {
    let fields = "id topic state orderIds requestedAt dueAt completedAt note tables { table rows }";
    operator(world).all("erasures", fields).await.unwrap()
}

/// Sends a request to erase, and waits until it is done. What became of it.
async fn erased(world: &TestWorld, path: &str, webhook: &Webhook) -> Value {
    let before = erasures(world).await.len();
    assert_eq!(world.send(path, webhook).await.status, 200);
    world
        .eventually("the person is erased", async || {
            let all = erasures(world).await;
            all.len() > before && all[0]["completedAt"].is_string()
        })
        .await;
    world.settle().await;
    erasures(world).await.swap_remove(0)
}

async fn proof(world: &TestWorld, erasure: &Value) -> Value {
    let document = "query($businessId: ID!, $id: ID!) {
        erasureProof(businessId: $businessId, id: $id) { clean tables { table rows naming } } }";
    let answer = operator(world).call(document, json!({ "id": erasure["id"] })).await.unwrap();
    answer["erasureProof"].clone()
}

/// Rows of the database that hold something planted.
async fn traces(world: &TestWorld, customer: impl Into<Option<i64>>) -> Vec<String> {
    let mut marks = vec![PLANTED.to_owned(), DIGITS.to_owned(), "555 0177".to_owned()];
    marks.extend(customer.into().map(|id| id.to_string()));
    let everything = world.everything().await;
    let told = everything.iter().filter(|(_, row)| marks.iter().any(|mark| row.contains(mark)));
    told.map(|(table, row)| format!("{table}: {row}")).collect()
}

/// What the books say of an order: goods and money, nothing of its buyer and of how often it was written.
async fn books(world: &TestWorld, order: i64) -> Value {
    let document = "query($businessId: ID!, $id: ID!) { posOrder(businessId: $businessId, orderId: $id) {
        state number lineCount unlinkedLines total { amount currency } refundedTotal { amount }
        document { lines { id sku title quantity unitPrice { amount } discount { amount } net { amount } }
            charges { kind title amount { amount } } tenders { kind name amount { amount } }
            discountTotal { amount } taxTotal { amount } total { amount } }
        order { name total { amount } currentTotal { amount } financialStatus
            lines { id title quantity currentQuantity } }
    } }";
    let answer = world.admin.call(document, json!({ "id": order.to_string() })).await.unwrap();
    json!({ "order": answer["posOrder"], "moved": format!("{:?}", world.moved().await) })
}

scenarios! {
    async fn who_is_erased_is_nowhere_and_stays_away(place: Place) {
        let settings = vec![("POS_PRIVATE", "true".to_owned())];
        let world = TestWorld::connected_as(&place, Wish { settings, ..Wish::default() }).await;
        world.put_catalogue().await;
        let pos = Pos::start().await;
        world.admin.mutate("setPosEndpoint", json!({ "url": pos.url }), "secret").await.unwrap();
        let variant = world.variants()[0];
        let (order, customer) = planted_order(&world, variant, 3).await;
        tell_besides(&world, order, customer).await;
        world.poll().await;
        let before = books(&world, order).await;
        let held = traces(&world, customer).await;
        for table in ["delivery orders/paid", "delivery orders/read", "delivery customers/update",
            "delivery checkouts/create", "delivery refunds/create", "delivery fulfillments/create",
            "pos_order_version", "shopify_order", "inbox"] {
            assert!(held.iter().any(|row| row.starts_with(table)), "{table} holds the person: {held:#?}");
        }

        let person = json!({ "id": customer, "email": EMAIL, "phone": PHONE });
        let erasure = erased(&world, APP_WIDE, &redact(&person, &[order])).await;
        assert_eq!((&erasure["topic"], &erasure["state"]), (&json!("customers/redact"), &json!("DONE")));
        let ids = erasure["orderIds"].as_array().unwrap();
        assert!(ids.contains(&json!(order.to_string())), "{ids:?}");
        assert!(ids.len() > 1, "the poll found one that the request does not name: {ids:?}");
        assert_eq!(traces(&world, customer).await, Vec::<String>::new());
        assert_eq!(books(&world, order).await, before, "goods and money stay");
        let found = proof(&world, &erasure).await;
        assert_eq!(found["clean"], true, "{found}");
        world.eventually("the POS has it without the person", async || {
            let newest = world.pos_order(order).await["version"].clone();
            let taken = pos.taken();
            taken.last().is_some_and(|sent| {
                let body = String::from_utf8_lossy(&sent.body).to_lowercase();
                sent.json()["data"]["version"] == newest && !body.contains(PLANTED)
            })
        }).await;

        let runs = world.list("mappingRuns", "id objectId").await;
        let run = json!({ "runId": find(&runs, "objectId", &order.to_string())["id"] });
        let (replay, _) = world.admin.mutate("replayRun", run, "replay { verdict detail }").await.unwrap();
        let expected = json!({ "verdict": "IMPOSSIBLE", "detail": "a person was erased from its input" });
        assert_eq!(replay["replay"], expected);

        // The store goes on telling of them.
        world.change(|store, rng, now| store.edit_order(rng, order, now));
        world.change(|store, _, now| store.fulfill_order(order, now));
        tell_besides(&world, order, customer).await;
        world.settle().await;
        world.poll().await;
        assert_eq!(traces(&world, customer).await, Vec::<String>::new());
        let edited = books(&world, order).await;
        assert_ne!(edited, before, "what was edited is known");
        assert!(world.comparison().await.agrees());
        let found = proof(&world, &erasure).await;
        assert_eq!(found["clean"], true, "{found}");

        // What was bought afterwards is a new acquaintance.
        let (later, _) = planted_order(&world, variant, 1).await;
        let held = traces(&world, customer).await;
        assert!(held.iter().any(|row| row.starts_with("pos_order_version")), "{held:#?}");
        assert_eq!(proof(&world, &erasure).await["clean"], true, "{later} is no trace of before");
        world.finish().await;
    }

    async fn a_proof_finds_what_is_left(place: Place) {
        let world = TestWorld::connected(&place).await;
        let (order, customer) = planted_order(&world, world.variants()[0], 1).await;
        let person = json!({ "id": customer, "email": EMAIL });
        let erasure = erased(&world, APP_WIDE, &redact(&person, &[order])).await;
        let naming = async || {
            let proof = proof(&world, &erasure).await;
            let tables = proof["tables"].as_array().unwrap().iter();
            let naming = tables.filter(|table| table["naming"] != 0);
            (proof["clean"].clone(), naming.map(|table| table["table"].clone()).collect::<Vec<_>>())
        };
        assert_eq!(naming().await, (json!(true), vec![]));
        let database = world.intruder().await;
        for sql in [
            format!("UPDATE shopify_order SET customer_id = 5 WHERE order_id = {order}"),
            format!("UPDATE activity SET message = 'told {EMAIL}.' WHERE sequence = 1"),
        ] {
            sea_orm::ConnectionTrait::execute_unprepared(&database, &sql).await.unwrap();
        }
        database.close().await.unwrap();
        assert_eq!(naming().await, (json!(false), vec![json!("activity"), json!("shopify_order")]));
        world.finish().await;
    }

    async fn a_request_is_owed_after_the_end(place: Place) {
        let world = TestWorld::connected(&place).await;
        let (order, customer) = planted_order(&world, world.variants()[0], 1).await;
        let path = world.webhook_path();
        let body = json!({ "id": 1, "domain": SHOP, "myshopify_domain": SHOP });
        let event = Event { topic: "app/uninstalled", body };
        world.change(|_, _, _| Some(Change { object_id: 1, events: vec![event] }));
        world.settle().await;
        let request = redact(&json!({ "id": customer, "email": EMAIL, "phone": PHONE }), &[order]);
        let forged = Webhook { secret: "guessed".to_owned(), ..request.clone() };
        for path in [APP_WIDE, &path] {
            assert_eq!(world.send(path, &forged).await.status, 401);
        }
        assert!(!traces(&world, customer).await.is_empty());
        erased(&world, &path, &request).await;
        assert_eq!(traces(&world, customer).await, Vec::<String>::new());
        world.finish().await;
    }

    async fn nobody_is_erased_by_another_body_or_for_another_shop(place: Place) {
        let world = TestWorld::connected(&place).await;
        let (order, customer) = planted_order(&world, world.variants()[0], 1).await;
        let (_, neighbour) = world.other_business().await;
        let shop = "another.myshopify.com";
        world.add_shop(shop, 2, 0);
        server::demo::connect(&neighbour, shop).await.unwrap();
        world.imported(&neighbour).await;
        world.settle().await;
        let before = traces(&world, customer).await;

        let told = world.change_quietly(|store, _, now| store.fulfill_order(order, now));
        let body = told.events.into_iter().find(|event| event.topic == "orders/updated").unwrap().body;
        for topic in ["customers/redact", "shop/redact", "customers/data_request"] {
            assert_eq!(world.send(APP_WIDE, &Webhook::json(topic, &body)).await.status, 200);
        }
        world.settle().await;
        let dead = world.list("deadLetters", "code topic").await;
        assert_eq!(dead.len(), 3, "{dead:?}");
        assert!(dead.iter().all(|letter| letter["code"] == "MALFORMED_BODY"), "{dead:?}");

        // The same person as another shop knows them.
        let body = json!({ "shop_id": 2, "shop_domain": shop, "orders_to_redact": [order],
            "customer": { "id": customer, "email": EMAIL } });
        let request = Webhook { shop: shop.to_owned(), ..Webhook::json("customers/redact", &body) };
        assert_eq!(world.send(APP_WIDE, &request).await.status, 200);
        let theirs = async || neighbour.all("erasures", "state tables { table }").await.unwrap();
        world.eventually("theirs is done", async || theirs().await.iter().any(|one| one["state"] == "DONE")).await;
        assert_eq!(theirs().await[0]["tables"], json!([{ "table": "delivery" }]), "their request itself");
        // One that says another shop than its body.
        let request = Webhook::json("customers/redact", &body);
        assert_eq!(world.send(APP_WIDE, &request).await.status, 200);
        world.settle().await;
        assert_eq!(world.list("deadLetters", "code").await.len(), 4);
        assert_eq!(erasures(&world).await, Vec::<Value>::new());
        let after = traces(&world, customer).await;
        assert!(before.iter().all(|row| after.contains(row)), "nothing was taken out");
        world.finish().await;
    }

    async fn of_a_shop_that_left_nothing_stays_but_the_books(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let (order, customer) = planted_order(&world, world.variants()[0], 2).await;
        tell_besides(&world, order, customer).await;
        let connection = world.tenant().connections().await.unwrap().swap_remove(0).id.to_string();
        let moved = world.moved().await;
        let sold = world.pos_order(order).await;
        let shop_redact = |id| Webhook::json("shop/redact", &json!({ "shop_id": id, "shop_domain": SHOP }));

        // A shop that is connected is not erased.
        assert_eq!(world.send(APP_WIDE, &shop_redact(1)).await.status, 200);
        world.eventually("it is held", async || {
            erasures(&world).await.first().is_some_and(|erasure| erasure["state"] == "HELD")
        }).await;
        let held = erasures(&world).await.swap_remove(0);
        assert!(held["note"].as_str().unwrap().starts_with("the shop is connected"), "{held}");
        assert!(!traces(&world, customer).await.is_empty());
        assert_eq!(proof(&world, &held).await["clean"], false);

        let body = json!({ "id": 1, "domain": SHOP, "myshopify_domain": SHOP });
        let event = Event { topic: "app/uninstalled", body };
        world.change(|_, _, _| Some(Change { object_id: 1, events: vec![event] }));
        world.settle().await;
        let erasure = erased(&world, APP_WIDE, &shop_redact(2)).await;
        assert_eq!((&erasure["topic"], &erasure["state"]), (&json!("shop/redact"), &json!("DONE")));
        assert_eq!(traces(&world, None).await, Vec::<String>::new());
        for list in ["orders", "products"] {
            assert_eq!(world.list(list, "id").await, Vec::<Value>::new());
        }
        let found = proof(&world, &erasure).await;
        assert_eq!(found["clean"], true, "{found}");
        assert_eq!(world.moved().await, moved, "the ledger is the business's own");
        let sale = world.pos_order(order).await;
        assert_eq!((&sale["total"], &sale["number"], &sale["lineCount"]),
            (&sold["total"], &sold["number"], &sold["lineCount"]));
        let rest = world.everything().await;
        let kept: Vec<&str> = rest.iter().filter(|(_, row)| row.contains(SHOP)).map(|(table, _)| table.as_str()).collect();
        assert!(kept.iter().all(|table| ["connection", "shop_directory", "activity"].contains(table)), "{kept:?} of {connection}");

        // What still comes says nothing.
        tell_besides(&world, order, customer).await;
        assert_eq!(traces(&world, None).await, Vec::<String>::new());
        assert_eq!(proof(&world, &erasure).await["clean"], true);

        // A merchant who comes back begins anew, and nothing moves twice.
        world.clock.next_second();
        server::demo::connect(&world.admin, SHOP).await.unwrap();
        world.imported(&world.admin).await;
        world.settle().await;
        let ids = world.list("orders", "id").await;
        assert!(ids.contains(&json!({ "id": order.to_string() })), "{ids:?}");
        assert!(world.comparison().await.agrees());
        world.finish().await;
    }

    async fn whoever_asks_is_told_all_that_is_held(place: Place) {
        let world = TestWorld::connected(&place).await;
        let (order, customer) = planted_order(&world, world.variants()[0], 1).await;
        tell_besides(&world, order, customer).await;
        world.poll().await;
        let body = json!({ "shop_id": 1, "shop_domain": SHOP, "orders_requested": [order],
            "customer": { "id": customer, "email": EMAIL, "phone": PHONE }, "data_request": { "id": 9 } });
        assert_eq!(world.send(APP_WIDE, &Webhook::json("customers/data_request", &body)).await.status, 200);
        world.settle().await;
        assert!(operator(&world).all("dataRequests", "id").await.is_err(), "for admins");
        let requests = world.list("dataRequests", "id requestedAt dueAt").await;
        assert_eq!(requests.len(), 1);
        let time = |name: &str| requests[0][name].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        assert_eq!((time("dueAt") - time("requestedAt")).num_days(), 30);

        let before = traces(&world, customer).await.len();
        let document = "query($businessId: ID!, $id: ID!) {
            dataRequestExport(businessId: $businessId, id: $id) { exportedAt data } }";
        let answer = world.admin.call(document, json!({ "id": requests[0]["id"] })).await.unwrap();
        let data = &answer["dataRequestExport"]["data"];
        let sales: Vec<String> = data["orders"].as_array().unwrap().iter().map(|order| order["posOrderVersions"].to_string()).collect();
        assert!(sales.iter().any(|sale| sale.contains(EMAIL)), "the sale as it was posted");
        let told = data.to_string();
        for field in ["note", "key", "value", "po", "first", "last", "label", "there", "there too", "company",
            "street", "floor", "city", "zip", "engraving", "words", "own", "checkout", "door", "refund"] {
            assert!(told.contains(&planted(field)), "{field} is told");
        }
        assert!(told.contains(EMAIL) && told.contains(PHONE));
        assert_eq!(traces(&world, customer).await.len(), before, "nothing is stored");
        world.finish().await;
    }

    async fn a_guest_is_known_by_their_address(place: Place) {
        let world = TestWorld::connected(&place).await;
        let (order, _) = planted_order(&world, world.variants()[0], 1).await;
        world.change(|store, _, now| {
            store.orders.get_mut(&order).unwrap().customer_id = None;
            store.fulfill_order(order, now)
        });
        world.settle().await;
        let erasure = erased(&world, APP_WIDE, &redact(&json!({ "email": EMAIL }), &[])).await;
        assert_eq!(erasure["orderIds"], json!([order.to_string()]));
        assert_eq!(traces(&world, None).await, Vec::<String>::new());
        world.finish().await;
    }
}
