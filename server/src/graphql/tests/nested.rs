//! What hangs below a row: lines, variants, links, documents.

use domain::access::Role;
use domain::flow::{Changes, LinkWrite, OrderWrite, PosOrderWrite, ProductWrite};
use domain::id::{BusinessId, ConnectionId, DeliveryId, ExternalId, PosOrderId, RunId};
use domain::link::LinkOrigin;
use domain::mapper::Bound;
use domain::money::Currency;
use domain::pos::{PosOrder, PosState};
use domain::refined::{Authority, Order, Product, Version};
use domain::time::Timestamp;
use serde_json::{Value, json};

use super::world::World;
use crate::graphql::loader::{LinesOf, loader};
use crate::reads::Reader;

const VARIANT: ExternalId = ExternalId(4_100_000_000_000_001);
const ORDER: ExternalId = ExternalId(5_100_000_000_000_001);

fn version() -> Version {
    let updated_at = Timestamp::from_millis(1_700_000_000_000);
    Version { updated_at, authority: Authority::Read, body_hash: [1; 32] }
}

fn product(title: &str) -> Product {
    let product = json!({
        "id": 7, "title": title, "status": "active", "tags": ["tea"],
        "updated_at": "2023-11-14T22:13:20Z", "variants_complete": true,
        "variants": [{"id": VARIANT.0, "title": "Green", "price": "5", "position": 1, "taxable": true}]
    });
    serde_json::from_str(&product.to_string()).unwrap()
}

fn order(title: &str) -> Order {
    let bag = json!({"shop": "10", "presentment": "10"});
    let nothing = json!({"shop": "0", "presentment": "0"});
    let mut order = json!({
        "id": ORDER.0, "name": "#1001", "number": 1001, "test": false,
        "created_at": "2023-11-14T22:13:20Z", "updated_at": "2023-11-14T22:13:20Z",
        "currency": "CAD", "presentment_currency": "CAD", "taxes_included": false,
        "subtotal": bag, "total": bag, "current_total": bag, "financial_status": "paid",
        "line_items": [{
            "id": 1, "variant_id": VARIANT.0, "title": title, "quantity": 2, "current_quantity": 2,
            "unit_price": {"shop": "5", "presentment": "5"}, "grams": 0, "taxable": true,
            "requires_shipping": true, "gift_card": false, "tip": false, "discount_allocations": [],
            "tax_lines": [], "duties": [], "properties": []
        }]
    });
    for amount in [
        "total_discounts",
        "total_tax",
        "total_shipping",
        "total_duties",
        "total_fees",
        "total_tip",
        "cash_rounding",
        "total_outstanding",
    ] {
        order[amount] = nothing.clone();
    }
    for list in [
        "tags",
        "note_attributes",
        "shipping_lines",
        "tax_lines",
        "discount_applications",
        "discount_codes",
        "payment_gateways",
        "transactions",
        "fulfillments",
        "refunds",
    ] {
        order[list] = json!([]);
    }
    serde_json::from_str(&order.to_string()).unwrap()
}

fn pos_order(title: &str) -> PosOrder {
    let document = json!({
        "external_id": ORDER.0, "number": "#1001", "channel": "web",
        "placed_at": "2023-11-14T22:13:20Z", "state": "paid", "currency": "CAD",
        "taxes_included": false, "customer": {"name": "Ann Example"},
        "lines": [{
            "external_id": 1, "kind": "product", "variant_id": VARIANT.0, "title": title,
            "quantity": 2, "unit_price": "5", "discount": "0", "net": "10",
            "taxes": [{"title": "HST", "rate": "0.13", "amount": "1.3"}]
        }],
        "charges": [], "tenders": [{"kind": "card", "name": "Visa", "amount": "11.3"}], "refunds": [],
        "discount_total": "0", "tax_total": "1.3", "total": "11.3", "rounding": "0",
        "refunded_total": "0", "notes": ["ring twice"], "attributes": [["gift", "yes"]]
    });
    serde_json::from_str(&document.to_string()).unwrap()
}

/// A product and an order with its POS order, all under the same numbers in every business, with a title of its own.
async fn fill(world: &World, business: BusinessId, title: &str) {
    let tenant = world.tenant(business);
    let now = world.app.now();
    let connection_id = ConnectionId::new(now, &world.app.entropy());
    let delivery_id = DeliveryId::new(now, &world.app.entropy());
    let pos = pos_order(title);
    let currency: Currency = pos.currency;
    let mut changes = Changes::new(business, now);
    changes.products.push(ProductWrite {
        connection_id,
        delivery_id,
        product: product(title),
        version: version(),
        replaces: None,
    });
    changes.orders.push(OrderWrite {
        connection_id,
        delivery_id,
        order: order(title),
        version: version(),
        replaces: None,
    });
    changes.pos_orders.push(PosOrderWrite {
        id: PosOrderId::new(now, &world.app.entropy()),
        external_id: ORDER,
        version: 1,
        changed: true,
        delivery_id,
        source_hash: [1; 32],
        document: serde_json::to_string(&pos).unwrap(),
        document_hash: [2; 32],
        number: pos.number,
        state: PosState::Paid,
        currency,
        total: pos.total,
        refunded_total: pos.refunded_total,
        line_count: 1,
        unlinked_lines: 0,
        placed_at: pos.placed_at,
        run_id: RunId::new(now, &world.app.entropy()),
        mapper: Bound::STANDARD,
    });
    let pos_product_id = "tea".to_owned();
    changes.links.push(LinkWrite { variant_id: VARIANT, pos_product_id, origin: LinkOrigin::Sku });
    tenant.apply(changes).await.unwrap();
    let data = world
        .data(&format!(
            "mutation {{ upsertPosProducts(input: {{businessId: \"{business}\", products:
               [{{id: \"tea\", name: \"{title}\", price: \"5\", currency: \"CAD\"}}]}})
               {{ userErrors {{ message }} }} }}"
        ))
        .await;
    assert_eq!(data["upsertPosProducts"]["userErrors"], json!([]));
}

async fn filled() -> World {
    let world = World::open().await;
    fill(&world, world.ours, "Ours").await;
    fill(&world, world.theirs, "Theirs").await;
    world
}

#[tokio::test]
#[expect(clippy::mutable_key_type, reason = "a reader's hash is its business's")]
async fn a_batch_in_which_two_businesses_meet_gives_each_its_own() {
    let world = filled().await;
    let caller = world.caller(Role::Platform);
    let readers = [world.ours, world.theirs]
        .map(|business| Reader::open(&world.app, &caller, business).unwrap());
    let keys = readers.map(|reader| LinesOf(reader, ORDER));
    let lines = loader().load_many(keys.clone()).await.unwrap();
    let titles = keys.map(|key| lines[&key][0].title.as_str());
    assert_eq!(titles, ["Ours", "Theirs"]);
}

/// The same store numbers stand in both businesses.
#[tokio::test]
async fn one_request_about_two_businesses_gives_each_its_own() {
    let world = filled().await;
    let part = |alias: &str, business: BusinessId| {
        format!(
            "{alias}p: products(businessId: \"{business}\") {{ nodes {{ variants {{ link {{ posProduct {{ name }} }} }} }} }}
             {alias}o: orders(businessId: \"{business}\") {{ nodes {{ lines {{ title link {{ posProduct {{ name }} }} }}
               posOrder {{ document {{ lines {{ title }} }} order {{ lines {{ title }} }} }} }} }}"
        )
    };
    let document = format!("{{ {} {} }}", part("a", world.ours), part("b", world.theirs));
    let data = world.data(&document).await;
    for (alias, title) in [("a", "Ours"), ("b", "Theirs")] {
        let product = &data[format!("{alias}p")]["nodes"][0];
        assert_eq!(product["variants"][0]["link"]["posProduct"]["name"], title);
        let order = &data[format!("{alias}o")]["nodes"][0];
        assert_eq!(order["lines"][0]["title"], title);
        assert_eq!(order["lines"][0]["link"]["posProduct"]["name"], title);
        assert_eq!(order["posOrder"]["document"]["lines"][0]["title"], title);
        assert_eq!(order["posOrder"]["order"]["lines"][0]["title"], title);
    }
}

#[tokio::test]
async fn a_pos_order_shows_its_document_and_versions() {
    let world = filled().await;
    let money = "{ amount currency }";
    let document = format!(
        "{{ posOrder(businessId: \"{}\", orderId: \"{ORDER}\") {{ orderId version state total {money}
           document {{ customer {{ name }} notes attributes {{ key value }} taxTotal {money}
             lines {{ id kind quantity unitPrice {money} taxes {{ rate amount {money} }} }}
             tenders {{ kind amount {money} }} }}
           versions {{ version documentHash document {{ number }} }} }} }}",
        world.ours
    );
    let mut answer = world.ask(Role::Viewer, &document).await;
    assert_eq!(answer.get("errors"), None);
    let cad = |amount: &str| json!({"amount": amount, "currency": "CAD"});
    let expected: Value = json!({
        "orderId": "5100000000000001", "version": 1, "state": "PAID", "total": cad("11.30"),
        "document": {
            "customer": {"name": "Ann Example"}, "notes": ["ring twice"],
            "attributes": [{"key": "gift", "value": "yes"}], "taxTotal": cad("1.30"),
            "lines": [{
                "id": "1", "kind": "PRODUCT", "quantity": 2, "unitPrice": cad("5.00"),
                "taxes": [{"rate": "0.13", "amount": cad("1.30")}]
            }],
            "tenders": [{"kind": "CARD", "amount": cad("11.30")}]
        },
        "versions": [{"version": 1, "documentHash": "02".repeat(32), "document": {"number": "#1001"}}]
    });
    assert_eq!(answer["data"]["posOrder"].take(), expected);
}

#[tokio::test]
async fn what_is_not_there_is_null() {
    let world = filled().await;
    let ours = world.ours;
    let document = format!(
        "{{ order(businessId: \"{ours}\", id: \"1\") {{ id }} connection(businessId: \"{ours}\") {{ id }}
           posOrder(businessId: \"{ours}\", orderId: \"1\") {{ id }} scopes(businessId: \"{ours}\") {{ granted }} }}"
    );
    let mut answer = world.ask(Role::Viewer, &document).await;
    assert_eq!(answer.get("errors"), None);
    let expected = json!({"order": null, "connection": null, "posOrder": null, "scopes": null});
    assert_eq!(answer["data"].take(), expected);
}

#[tokio::test]
async fn a_count_shows_in_levels_and_movements() {
    let world = filled().await;
    let ours = world.ours;
    for (quantity, level) in [(5, 5), (5, 5), (3, 3)] {
        let document = format!(
            "mutation {{ setStock(input: {{businessId: \"{ours}\", posProductId: \"tea\", quantity: {quantity}}})
               {{ stockLevel {{ location quantity }} userErrors {{ message }} }} }}"
        );
        let data = world.data(&document).await;
        let expected = json!({"location": "default", "quantity": level});
        assert_eq!(data["setStock"]["stockLevel"], expected, "{data}");
    }
    let document = format!(
        "{{ stockLevels(businessId: \"{ours}\", posProductIds: [\"tea\", \"none\"]) {{ posProductId quantity }}
           tea: stockMovements(businessId: \"{ours}\", filter: {{posProductId: \"tea\"}}) {{ nodes {{ quantity reason }} }}
           order: stockMovements(businessId: \"{ours}\", filter: {{orderId: \"{ORDER}\"}}) {{ nodes {{ id }} }} }}"
    );
    let data = world.data(&document).await;
    assert_eq!(data["stockLevels"], json!([{"posProductId": "tea", "quantity": 3}]));
    let moved: Vec<_> = data["tea"]["nodes"].as_array().unwrap().iter().collect();
    assert_eq!(moved.first(), Some(&&json!({"quantity": -2, "reason": "COUNT"})));
    assert_eq!(moved.last(), Some(&&json!({"quantity": 5, "reason": "COUNT"})));
    assert_eq!(data["order"]["nodes"], json!([]));
}
