//! Every operation there is, found by introspection, as asked by those who must not.

use async_graphql::{Executor as _, Request};
use domain::access::{Caller, Role};
use domain::id::BusinessId;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::text::introspect;
use super::world::{World, codes, json_of};

/// An operation with its arguments filled in for a business.
struct Operation {
    name: String,
    kind: &'static str,
    document: String,
}

/// All of them, each asked of `business`.
async fn operations(business: BusinessId) -> Vec<Operation> {
    let schema = introspect().await;
    let kinds = [
        ("query", "queryType"),
        ("mutation", "mutationType"),
        ("subscription", "subscriptionType"),
    ];
    let mut found = Vec::new();
    for (kind, root) in kinds {
        let root = type_named(&schema, schema[root]["name"].as_str().unwrap());
        for field in root["fields"].as_array().unwrap() {
            let name = field["name"].as_str().unwrap().to_owned();
            let arguments = fill(&schema, &field["args"], business);
            let selection = if kind == "mutation" { "{userErrors{code}}" } else { "{__typename}" };
            // These lists are of things with ids of ours, and all others that take an `id` of the store's.
            let arguments = match name.as_str() {
                "certificate" | "dataRequestExport" | "erasureProof" | "mapperRepair"
                | "mappingRun" | "reconciliation" | "shadowReport" => {
                    arguments.replace("id: \"1\"", &format!("id: \"{}\"", uuid::Uuid::nil()))
                }
                _ => arguments,
            };
            let document = format!("{kind} {{ {name}({arguments}) {selection} }}");
            found.push(Operation { name, kind, document });
        }
    }
    assert!(found.len() > 20, "only {} operations", found.len());
    found
}

fn type_named<'a>(schema: &'a Value, name: &str) -> &'a Value {
    let types = schema["types"].as_array().unwrap();
    types.iter().find(|ty| ty["name"] == name).unwrap()
}

/// Values for the arguments that are needed, and for the business wherever it may be named.
fn fill(schema: &Value, arguments: &Value, business: BusinessId) -> String {
    let mut filled = Vec::new();
    for argument in arguments.as_array().unwrap() {
        let (name, ty) = (argument["name"].as_str().unwrap(), &argument["type"]);
        if ty["kind"] == "NON_NULL" || name == "businessId" {
            filled.push(format!("{name}: {}", value(schema, name, ty, business)));
        }
    }
    filled.join(", ")
}

fn value(schema: &Value, name: &str, ty: &Value, business: BusinessId) -> String {
    let inner = || value(schema, name, &ty["ofType"], business);
    match ty["kind"].as_str().unwrap() {
        "NON_NULL" => inner(),
        "LIST" => format!("[{}]", inner()),
        "INPUT_OBJECT" => {
            let object = type_named(schema, ty["name"].as_str().unwrap());
            format!("{{{}}}", fill(schema, &object["inputFields"], business))
        }
        _ => match (name, ty["name"].as_str().unwrap()) {
            ("businessId", _) => format!("\"{business}\""),
            ("deliveryId" | "runId" | "connectionId" | "reconciliationId", _) => {
                format!("\"{}\"", uuid::Uuid::nil())
            }
            ("ownership", _) => "STORE".to_owned(),
            ("resource", _) => "ORDERS".to_owned(),
            ("basis", _) => "LOCATION".to_owned(),
            ("negative", _) => "ZERO".to_owned(),
            ("currency", _) => "\"CAD\"".to_owned(),
            ("shop", _) => "\"example.myshopify.com\"".to_owned(),
            (_, "ID" | "String" | "Decimal") => "\"1\"".to_owned(),
            (_, "DateTime") => "\"2026-11-21T05:00:00Z\"".to_owned(),
            (_, "Long" | "Int") => "1".to_owned(),
            (_, "Boolean") => "true".to_owned(),
            (_, "JSONObject") => "{}".to_owned(),
            (_, "Upload") => "\"#__graphql_file__:0\"".to_owned(),
            (name, ty) => panic!("no value for {name}: {ty}"),
        },
    }
}

async fn answer(world: &World, caller: Option<Caller>, operation: &Operation) -> Value {
    if operation.kind != "subscription" {
        return json_of(&world.respond(caller, &operation.document).await);
    }
    let mut request = Request::new(&operation.document);
    if let Some(caller) = caller {
        request = request.data(caller);
    }
    let mut responses = world.schema.execute_stream(request, None);
    json_of(&responses.next().await.unwrap())
}

#[tokio::test]
async fn another_business_does_not_exist() {
    let world = World::open().await;
    for operation in operations(world.theirs).await {
        let answer = answer(&world, Some(world.caller(Role::Admin)), &operation).await;
        let name = &operation.name;
        if operation.kind == "mutation" {
            assert_eq!(answer.get("errors"), None, "{name}: {answer}");
            assert_eq!(answer["data"][name]["userErrors"][0]["code"], "NOT_FOUND", "{name}");
        } else {
            assert_eq!(codes(&answer), ["NOT_FOUND"], "{name}: {answer}");
        }
    }
}

#[tokio::test]
async fn nobody_is_served_without_a_token() {
    let world = World::open().await;
    for operation in operations(world.ours).await {
        let answer = answer(&world, None, &operation).await;
        assert_eq!(codes(&answer), ["UNAUTHENTICATED"], "{}: {answer}", operation.name);
    }
}

/// Queries that only operators or admins may ask, since they run something, ask the store or are about persons.
const FOR_OPERATORS: [&str; 6] = [
    "previewMapping",
    "connectionHealth",
    "erasures",
    "erasureProof",
    "dataRequests",
    "dataRequestExport",
];

#[tokio::test]
async fn viewers_read_and_do_nothing() {
    let world = World::open().await;
    for operation in operations(world.ours).await {
        let caller = world.caller(Role::Viewer);
        match operation.kind {
            "query" => {
                let answer = answer(&world, Some(caller), &operation).await;
                if FOR_OPERATORS.contains(&operation.name.as_str()) {
                    assert_eq!(codes(&answer), ["FORBIDDEN"], "{}: {answer}", operation.name);
                } else {
                    assert_eq!(answer.get("errors"), None, "{}: {answer}", operation.name);
                }
            }
            "mutation" => {
                let answer = answer(&world, Some(caller), &operation).await;
                assert_eq!(codes(&answer), ["FORBIDDEN"], "{}: {answer}", operation.name);
            }
            // Goes on for ever, which `feed` looks at.
            _ => {}
        }
    }
}

/// What our business may send wrongly: the mutation, its input beside the business, the code, and the field to blame.
const MENDABLE: [(&str, &str, &str, &str); 37] = [
    ("pollNow", "", "NOT_FOUND", ""),
    ("replayDelivery", "deliveryId: \"7\"", "BAD_USER_INPUT", "deliveryId"),
    ("linkProduct", "variantId: \"7\", posProductId: \"x\"", "NOT_FOUND", ""),
    ("linkProduct", "variantId: \"x\", posProductId: \"x\"", "BAD_USER_INPUT", "variantId"),
    ("setStock", "posProductId: \"x\", quantity: 1", "NOT_FOUND", ""),
    ("setStock", "posProductId: \"x\", quantity: 9007199254740991", "BAD_USER_INPUT", "quantity"),
    (
        "upsertPosProducts",
        "products: [{id: \"tea\", name: \"Tea\", price: \"5\", currency: \"cad\"}]",
        "BAD_USER_INPUT",
        "products.0.currency",
    ),
    ("setInventoryPolicy", "ownership: POS, buffer: 1000001", "BAD_USER_INPUT", "buffer"),
    ("syncInventory", "", "BAD_USER_INPUT", "businessId"),
    ("syncProducts", "", "NOT_FOUND", ""),
    ("syncProducts", "posProductIds: []", "BAD_USER_INPUT", "posProductIds"),
    ("connectShopify", "shop: \"evil.example\"", "INVALID_SHOP", ""),
    ("debugPoll", "", "NOT_FOUND", ""),
    ("healSubscriptions", "", "NOT_FOUND", ""),
    ("reconcile", "connectionId: \"x\", resource: ORDERS", "BAD_USER_INPUT", "connectionId"),
    (
        "reconcile",
        "connectionId: \"00000000-0000-0000-0000-000000000000\", resource: PRODUCTS",
        "NOT_FOUND",
        "",
    ),
    (
        "certify",
        "connectionId: \"00000000-0000-0000-0000-000000000000\", resource: ORDERS,
         from: \"2026-10-01T00:00:00Z\", to: \"2026-11-01T00:00:00Z\"",
        "NOT_FOUND",
        "",
    ),
    ("healDrift", "reconciliationId: \"00000000-0000-0000-0000-000000000000\"", "NOT_FOUND", ""),
    ("setPosEndpoint", "url: \"https://10.0.0.1/\"", "BAD_USER_INPUT", "url"),
    ("sendPosOrder", "orderId: \"7\"", "NOT_FOUND", ""),
    ("uploadMapper", "component: \"#__graphql_file__:7\"", "BAD_USER_INPUT", "component"),
    ("validateMapper", "version: 7", "NOT_FOUND", ""),
    ("setMapperConfig", "version: 7, settings: {}", "NOT_FOUND", ""),
    ("setMapperConfig", "version: 0, settings: {nonsense: 1}", "INVALID_SETTINGS", "settings"),
    ("shadowMapper", "version: 7", "NOT_FOUND", ""),
    ("shadowMapper", "version: 0, last: 0", "BAD_USER_INPUT", "last"),
    ("activateMapper", "version: 0, overrideReason: \"why not\"", "CONFLICT", ""),
    ("activateMapper", "version: 7, overrideReason: \"why not\"", "NOT_FOUND", ""),
    ("activateMapper", "version: 7", "BAD_USER_INPUT", "shadowReportId"),
    (
        "activateMapper",
        "version: 7, overrideReason: \"x\", shadowReportId: \"x\"",
        "BAD_USER_INPUT",
        "overrideReason",
    ),
    (
        "canaryMapper",
        "version: 7, percent: 5, shadowReportId: \"x\"",
        "BAD_USER_INPUT",
        "shadowReportId",
    ),
    ("endCanary", "", "CONFLICT", ""),
    ("rollbackMapper", "reason: \"why not\"", "CONFLICT", ""),
    ("retireMapper", "version: 0", "BAD_USER_INPUT", "version"),
    ("repairMapper", "version: 0", "CONFLICT", "version"),
    ("replayRun", "runId: \"x\"", "BAD_USER_INPUT", "runId"),
    ("replayRun", "runId: \"00000000-0000-0000-0000-000000000000\"", "NOT_FOUND", ""),
];

#[tokio::test]
async fn what_the_caller_can_mend_is_data() {
    let world = World::open().await;
    for (name, rest, code, field) in MENDABLE {
        let errors = user_errors(&world, name, &world.ours.to_string(), rest).await;
        assert_eq!(errors[0]["code"], code, "{name}({rest}): {errors}");
        if !field.is_empty() {
            let path: Vec<&str> = ["input"].into_iter().chain(field.split('.')).collect();
            assert_eq!(errors[0]["field"], json!(path), "{name}({rest})");
        }
    }
    let errors = user_errors(&world, "pollNow", "nonsense", "").await;
    assert_eq!(errors[0]["field"], json!(["input", "businessId"]));
}

async fn user_errors(world: &World, name: &str, business: &str, rest: &str) -> Value {
    let document = format!(
        "mutation {{ {name}(input: {{businessId: \"{business}\", {rest}}})
           {{ userErrors {{ code field message }} }} }}"
    );
    world.data(&document).await[name]["userErrors"].take()
}

#[tokio::test]
async fn scalars_are_read_strictly() {
    let world = World::open().await;
    let cases = [
        "products: [{id: \"t\", name: \"T\", currency: \"CAD\", price: 5.0}]",
        "products: [{id: \"t\", name: \"T\", currency: \"CAD\", price: \"1e5\"}]",
    ];
    for input in cases {
        let document = format!(
            "mutation {{ upsertPosProducts(input: {{businessId: \"{}\", {input}}}) {{ userErrors {{ code }} }} }}",
            world.ours
        );
        let answer = world.ask(Role::Admin, &document).await;
        assert!(!codes(&answer).is_empty(), "{input}: {answer}");
    }
}

#[tokio::test]
async fn connecting_gives_the_browser_a_cookie_and_the_caller_an_address() {
    let world = World::open().await;
    let document = format!(
        "mutation {{ connectShopify(input: {{businessId: \"{}\", shop: \"example.myshopify.com\"}}) {{
           authorization {{ url expiresAt }} userErrors {{ message }} }} }}",
        world.ours
    );
    let response = world.respond(Some(world.caller(Role::Admin)), &document).await;
    assert_eq!(response.http_headers.get_all(http::header::SET_COOKIE).iter().count(), 1);
    let payload = json_of(&response)["data"]["connectShopify"].take();
    let url = payload["authorization"]["url"].as_str().unwrap();
    assert!(url.starts_with("https://example.myshopify.com/admin/oauth/authorize?"), "{url}");
    assert_eq!(payload["userErrors"], json!([]));
}
