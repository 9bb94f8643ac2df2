//! Products reach the store: what the POS knows of them is what buyers see, and nothing else of the store changes.

use rust_decimal::Decimal;
use serde_json::{Value, json};
use server::demo::pos_product_id;
use simulator::Faults;
use tests::world::{Place, SHOP, TestWorld};

use crate::scenarios;

/// A product of the store as the store has it.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Seen {
    id: i64,
    title: String,
    published: bool,
    /// Each with its id, SKU and price.
    variants: Vec<(i64, String, Decimal)>,
}

/// The store's products.
fn products(world: &TestWorld) -> Vec<Seen> {
    let read = world.simulator.read(SHOP, |store| {
        let seen = |product: &simulator::Product| Seen {
            id: product.id,
            title: product.title.clone(),
            published: product.published,
            variants: product
                .variants
                .iter()
                .map(|variant| (variant.id, variant.sku.clone(), variant.price))
                .collect(),
        };
        store.products.values().map(seen).collect()
    });
    read.unwrap()
}

/// Products of that name.
fn named(world: &TestWorld, title: &str) -> Vec<Seen> {
    products(world).into_iter().filter(|product| product.title == title).collect()
}

fn tea(price: &str) -> Value {
    json!({ "id": "tea", "sku": "TEA-1", "name": "Green Tea", "price": price, "currency": "CAD" })
}

async fn put(world: &TestWorld, product: Value) {
    let input = json!({ "products": [product] });
    world.admin.mutate("upsertPosProducts", input, "products { id }").await.unwrap();
}

/// Has products pushed, and waits until that has ended. Returns the sync log's entry.
async fn pushed(world: &TestWorld, ids: &[&str]) -> Value {
    let id = begun(world, ids).await;
    ended(world, &id).await
}

async fn begun(world: &TestWorld, ids: &[&str]) -> Value {
    let input = if ids.is_empty() { json!({}) } else { json!({ "posProductIds": ids }) };
    let (payload, _) =
        world.admin.mutate("syncProducts", input, "syncLogEntry { id kind }").await.unwrap();
    assert_eq!(payload["syncLogEntry"]["kind"], "PRODUCT_SYNC");
    payload["syncLogEntry"]["id"].clone()
}

async fn ended(world: &TestWorld, id: &Value) -> Value {
    let mut entry = Value::Null;
    world
        .eventually("the products are pushed", async || {
            let log = world.list("syncLog", "id status processed failed errorDetail").await;
            entry = log.into_iter().find(|entry| entry["id"] == *id).unwrap_or_default();
            // What is tried again later is tried now.
            world.clock.advance(1_000);
            entry["status"] != "RUNNING"
        })
        .await;
    world.settle().await;
    entry
}

/// What became of one product.
async fn push_of(world: &TestWorld, id: &str) -> Value {
    let fields = "posProductId state hold failureCode attempts productId pushedAt";
    let all = world.list("productPushes", fields).await;
    all.into_iter().find(|push| push["posProductId"] == id).unwrap_or_default()
}

scenarios! {
    async fn what_the_store_does_not_have_is_made_published_and_linked(place: Place) {
        let world = TestWorld::connected(&place).await;
        put(&world, tea("12.50")).await;
        let entry = pushed(&world, &[]).await;
        assert_eq!((&entry["status"], &entry["processed"]), (&json!("SUCCESS"), &json!(1)), "{entry}");
        let made = named(&world, "Green Tea");
        let [Seen { id, published: true, variants, .. }] = &made[..] else { panic!("{made:?}") };
        let (variant, sku, price) = &variants[0];
        assert_eq!((sku.as_str(), *price), ("TEA-1", Decimal::new(1_250, 2)));
        assert_eq!(push_of(&world, "tea").await["productId"], id.to_string());
        // It is linked: what the store sells of it moves the POS's stock.
        world.sell(&[(*variant, 3)]);
        world.settle().await;
        let moved = world.list("stockMovements", "posProductId quantity").await;
        assert_eq!(moved, [json!({ "posProductId": "tea", "quantity": -3 })]);
        world.finish().await;
    }

    async fn linked_variants_get_price_and_sku_and_the_rest_is_left_alone(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let before = products(&world);
        let with_many = before.iter().find(|product| product.variants.len() > 1).unwrap();
        let (variant, ..) = with_many.variants[0];
        let product = json!({
            "id": pos_product_id(variant), "sku": "NEW-SKU", "name": "Of the till", "price": "77.70", "currency": "CAD",
        });
        put(&world, product).await;
        let entry = pushed(&world, &[&pos_product_id(variant)]).await;
        assert_eq!(entry["status"], "SUCCESS", "{entry}");
        let mut expected = before.clone();
        let place = before.iter().position(|product| product == with_many).unwrap();
        expected[place].variants[0] = (variant, "NEW-SKU".to_owned(), Decimal::new(7_770, 2));
        assert_eq!(products(&world), expected);
        world.finish().await;
    }

    async fn what_the_store_shows_already_is_not_sent_again(place: Place) {
        let world = TestWorld::connected(&place).await;
        put(&world, tea("12.50")).await;
        pushed(&world, &[]).await;
        let sent = push_of(&world, "tea").await["pushedAt"].clone();
        world.clock.advance(60_000);
        let entry = pushed(&world, &[]).await;
        assert_eq!((&entry["status"], &entry["processed"]), (&json!("SUCCESS"), &json!(1)));
        assert_eq!(push_of(&world, "tea").await["pushedAt"], sent, "nothing was sent");
        // Somebody changes the price in the store: the next push puts it right.
        let made = named(&world, "Green Tea").swap_remove(0);
        world.simulator.change(SHOP, |store, _, _| {
            let product = store.products.get_mut(&made.id)?;
            product.variants[0].price = Decimal::ONE;
            None
        });
        world.change(|store, _, now| store.touch_product(made.id, now));
        world.settle().await;
        pushed(&world, &["tea"]).await;
        assert_eq!(named(&world, "Green Tea")[0].variants[0].2, Decimal::new(1_250, 2));
        assert_ne!(push_of(&world, "tea").await["pushedAt"], sent);
        world.finish().await;
    }

    /// The store makes it, and its answer is lost, again and again.
    async fn an_answer_that_is_lost_makes_no_second_product(place: Place) {
        let world = TestWorld::connected(&place).await;
        put(&world, tea("12.50")).await;
        world.simulator.set_faults(Faults { truncated: 600, ..Faults::default() });
        let id = begun(&world, &[]).await;
        world.eventually("an answer is lost", async || {
            world.clock.advance(1_000);
            let push = push_of(&world, "tea").await;
            push["failureCode"] == "UPSTREAM_UNAVAILABLE" || push["state"] == "DONE"
        }).await;
        let joined = begun(&world, &["tea"]).await;
        let is_done = push_of(&world, "tea").await["state"] == "DONE";
        assert!(joined == id || is_done, "a second request joins the one that is under way");
        world.simulator.set_faults(Faults::default());
        let entry = ended(&world, &id).await;
        assert_eq!(entry["status"], "SUCCESS", "{entry}");
        let made = named(&world, "Green Tea");
        assert_eq!((made.len(), made[0].published), (1, true), "{made:?}");
        world.finish().await;
    }

    async fn what_is_not_for_the_store_is_held_and_said_so(place: Place) {
        let world = TestWorld::connected(&place).await;
        let before = products(&world);
        let mut gone = tea("12.50");
        (gone["id"], gone["active"]) = (json!("gone"), json!(false));
        put(&world, gone).await;
        let entry = pushed(&world, &[]).await;
        assert_eq!((&entry["status"], &entry["processed"]), (&json!("SUCCESS"), &json!(0)), "nothing is on sale");
        let mut foreign = tea("1200");
        (foreign["id"], foreign["sku"], foreign["currency"]) = (json!("foreign"), json!("F-1"), json!("JPY"));
        put(&world, foreign).await;
        pushed(&world, &["gone", "foreign"]).await;
        assert_eq!(push_of(&world, "gone").await["hold"], "INACTIVE");
        assert_eq!(push_of(&world, "foreign").await["hold"], "FOREIGN_CURRENCY");
        assert_eq!(products(&world), before);
        let unknown = json!({ "posProductIds": ["foreign", "nobody"] });
        let refused = world.admin.mutate("syncProducts", unknown, "syncLogEntry { id }").await.unwrap_err();
        assert!(refused.to_string().contains("posProductIds.1") || refused.to_string().contains("\"1\""), "{refused}");
        world.finish().await;
    }
}
