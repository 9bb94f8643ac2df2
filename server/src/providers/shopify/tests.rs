//! The adapter as the rest of the gateway sees it, against a server that stands in for the store.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use domain::refined::Order;
use http::StatusCode;
use serde_json::{Value, json};
use shopify::{API_VERSION, ShopUrl};

use super::*;
use crate::providers::Providers;

const SHOP: &str = "a.myshopify.com";
const ORDER: &str = include_str!("order/tests/node.json");

#[derive(Debug)]
struct NoRandom;

impl Random for NoRandom {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// What the store answers, by operation, in turn; and what it was asked.
#[derive(Clone, Default)]
struct Store {
    answers: Arc<Mutex<BTreeMap<String, Vec<Value>>>>,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Store {
    fn answering(answers: &[(&str, Value)]) -> Self {
        let store = Self::default();
        for (operation, answer) in answers {
            let mut by_name = store.answers.lock().unwrap();
            by_name.entry((*operation).to_owned()).or_default().push(answer.clone());
        }
        store
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(operation, _)| operation.clone()).collect()
    }

    fn variables(&self, call: usize) -> Value {
        self.asked.lock().unwrap()[call].1.clone()
    }
}

async fn answer(State(store): State<Store>, body: String) -> (StatusCode, String) {
    let request: Value = serde_json::from_str(&body).unwrap();
    let operation = request["operationName"].as_str().unwrap().to_owned();
    store.asked.lock().unwrap().push((operation.clone(), request["variables"].clone()));
    let mut answers = store.answers.lock().unwrap();
    let answers = answers.get_mut(&operation).unwrap_or_else(|| panic!("{operation} was asked"));
    let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
    (StatusCode::OK, answer.to_string())
}

fn settings(template: &str) -> Settings {
    Settings {
        client_id: "id".into(),
        client_secret: shopify::Secret::new("hush"),
        previous_client_secret: Some(shopify::Secret::new("old")),
        api_version: API_VERSION.into(),
        shop_url_template: ShopUrl::parse(template).unwrap(),
        redirect_uri: "https://gate.example/callback".into(),
        scopes: vec!["read_orders".into()],
    }
}

fn offline() -> Arc<dyn Provider> {
    let providers = Providers::new(settings("https://{shop}"), Arc::new(NoRandom)).unwrap();
    providers.get("shopify").unwrap()
}

async fn online(store: &Store) -> Shopify {
    let router = Router::new()
        .route("/shops/{shop}/admin/api/2026-10/graphql.json", post(answer))
        .with_state(store.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let template = format!("http://{}/shops/{{shop}}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    Shopify::new(settings(&template), Arc::new(NoRandom)).unwrap()
}

fn access() -> Access {
    Access { shop: SHOP.into(), token: Secret::new("shpat_1") }
}

fn data(data: &Value) -> Value {
    json!({ "data": data })
}

fn connection(nodes: &[Value], next: Option<&str>) -> Value {
    json!({ "nodes": nodes, "pageInfo": { "hasNextPage": next.is_some(), "endCursor": next } })
}

/// The sample order with `lines` of its lines, as an answer gives it.
fn sample(lines: std::ops::Range<usize>, next: Option<&str>) -> Value {
    let mut order: Value = serde_json::from_str(ORDER).unwrap();
    let nodes = order["lineItems"]["nodes"].as_array().unwrap()[lines].to_vec();
    order["lineItems"] = connection(&nodes, next);
    order
}

fn read_order(shopify: &Shopify, body: &[u8]) -> Order {
    match shopify.read_delivery(Source::Poll, "orders/read", SHOP, body) {
        Ok(Incoming::Order(order)) => *order,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_unknown_provider_is_named() {
    let providers = Providers::new(settings("https://{shop}"), Arc::new(NoRandom)).unwrap();
    let failure = providers.get("woocommerce").unwrap_err();
    assert_eq!(failure.code, Code::UnknownProvider);
    assert_eq!(failure.detail, "Unknown e-commerce provider: woocommerce");
    assert_eq!(providers.all().map(|provider| provider.name()).collect::<Vec<_>>(), ["shopify"]);
}

#[test]
fn shops_have_one_spelling() {
    let provider = offline();
    assert_eq!(provider.canonical_shop(" A.MyShopify.com ").unwrap(), SHOP);
    assert_eq!(provider.canonical_shop("evil.example").unwrap_err().code, Code::InvalidShop);
    assert!(provider.authorize_url(SHOP, "s").starts_with("https://a.myshopify.com/admin/oauth/"));
    assert_eq!(provider.authorize_url("evil.example/", "s"), "");
}

#[test]
fn callbacks_are_refused_with_their_codes() {
    let provider = offline();
    let now = Timestamp::from_millis(1_337_178_173_999);
    let query = |secret: &str, shop: &str| {
        let mut parameters: Vec<_> = [("code", "c"), ("shop", shop), ("timestamp", "1337178173")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        let signature = oauth::sign_query(&shopify::Secret::new(secret), &parameters);
        parameters.push(("hmac".into(), signature));
        parameters
    };
    let code = |parameters: &[_], now| provider.verify_query(parameters, now).map_err(|f| f.code);
    assert_eq!(code(&query("hush", SHOP), now).unwrap().shop, SHOP);
    assert_eq!(code(&query("old", SHOP), now).unwrap().code.as_deref(), Some("c"));
    assert_eq!(code(&query("other", SHOP), now), Err(Code::InvalidSignature));
    assert_eq!(code(&query("hush", "evil.example"), now), Err(Code::InvalidShop));
    let late = Timestamp::from_millis(1_337_178_264_000);
    assert_eq!(code(&query("hush", SHOP), late), Err(Code::StaleCallback));
}

#[test]
fn deliveries_are_believed_by_their_signature() {
    let provider = offline();
    let body = br#"{"id":1}"#;
    let headers = |secret: &str| {
        let signature = webhook::sign(&shopify::Secret::new(secret), body);
        let pairs = [
            ("x-shopify-hmac-sha256", signature.as_str()),
            ("x-shopify-topic", "orders/create"),
            ("x-shopify-shop-domain", SHOP),
            ("x-shopify-webhook-id", "w1"),
            ("x-shopify-triggered-at", "2024-08-07T22:57:57.290670248Z"),
        ];
        let pairs = pairs.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        pairs.into_iter().collect::<HeaderMap>()
    };
    let head = provider.verify_delivery(&headers("hush"), body).unwrap();
    assert_eq!((head.topic.as_str(), head.shop.as_str()), ("orders/create", SHOP));
    assert_eq!(head.triggered_at.unwrap().to_string(), "2024-08-07T22:57:57.290Z");
    assert!(provider.verify_delivery(&headers("old"), body).is_ok());
    let refused = [
        provider.verify_delivery(&headers("other"), body),
        provider.verify_delivery(&headers("hush"), b"{}"),
        provider.verify_delivery(&HeaderMap::new(), body),
    ];
    for refused in refused {
        assert_eq!(refused.unwrap_err().code, Code::InvalidSignature);
    }
}

#[test]
fn topics_follow_the_granted_scopes() {
    let provider = offline();
    let granted = |scopes: &[&str]| scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let none = provider.wanted_topics(&granted(&[]));
    assert_eq!(none, ["app/uninstalled", "bulk_operations/finish", "app/scopes_update"]);
    let orders = provider.wanted_topics(&granted(&["write_orders"]));
    assert!(
        orders.contains(&"orders/create".to_owned())
            && !orders.contains(&"products/create".to_owned())
    );
    let all: BTreeSet<String> =
        provider.scope_requirements().into_iter().map(|it| it.scope).collect();
    let wanted = provider.wanted_topics(&all);
    let asked = webhook::TOPICS.iter().filter(|topic| topic.origin == Origin::Asked);
    assert!(asked.into_iter().all(|topic| wanted.iter().any(|name| name == topic.name)));
    assert_eq!(provider.missing_scopes(&all), []);
}

#[tokio::test]
async fn a_cut_order_is_read_to_its_end_and_gives_the_same_bytes() {
    let version = json!(sample(0..0, None)["updatedAt"]);
    let rest = |next, lines: std::ops::Range<usize>| {
        let mut order = sample(lines, next);
        data(&json!({ "order": { "updatedAt": version, "lineItems": order["lineItems"].take() } }))
    };
    let cut = sample(0..1, Some("c1"));
    let store = Store::answering(&[
        ("OrderCount", data(&json!({ "ordersCount": { "count": 7, "precision": "EXACT" } }))),
        ("OrderPage", data(&json!({ "orders": connection(&[cut], Some("p1")) }))),
        ("OrderById", data(&json!({ "order": sample(0..2, Some("c2")) }))),
        ("OrderLines", rest(Some("c3"), 2..3)),
        ("OrderLines", rest(None, 3..4)),
    ]);
    let shopify = online(&store).await;
    let since = Timestamp::parse("2026-11-03T00:00:00Z").unwrap();
    let page = shopify.read_page(&access(), ObjectType::Order, Some(since), None).await.unwrap();
    assert_eq!(store.asked(), ["OrderCount", "OrderPage", "OrderById", "OrderLines", "OrderLines"]);
    assert_eq!(store.variables(1)["query"], "updated_at:>='2026-11-03T00:00:00Z'");
    assert_eq!(store.variables(4)["after"], "c3");
    assert_eq!((page.next.as_deref(), page.total, page.objects.len()), (Some("p1"), Some(7), 1));
    let object = &page.objects[0];
    assert_eq!(object.id, ExternalId(6_120_874_295_419));
    assert_eq!(read_order(&shopify, &object.body).line_items.len(), 4);

    let whole = Store::answering(&[("OrderById", data(&json!({ "order": sample(0..4, None) })))]);
    let read = online(&whole).await.read_object(&access(), ObjectType::Order, object.id).await;
    assert_eq!(read.unwrap().as_ref(), Some(&object.body));
}

#[tokio::test]
async fn an_order_that_changes_while_it_is_read_is_begun_anew() {
    let mut line = sample(1..4, None);
    let lines =
        json!({ "updatedAt": "2026-11-04T00:00:00Z", "lineItems": line["lineItems"].take() });
    let store = Store::answering(&[
        ("OrderById", data(&json!({ "order": sample(0..1, Some("c1")) }))),
        ("OrderById", data(&json!({ "order": sample(0..4, None) }))),
        ("OrderLines", data(&json!({ "order": lines }))),
    ]);
    let shopify = online(&store).await;
    let read = shopify.read_object(&access(), ObjectType::Order, ExternalId(1)).await.unwrap();
    assert_eq!(read_order(&shopify, &read.unwrap()).line_items.len(), 4);
    assert_eq!(store.asked(), ["OrderById", "OrderLines", "OrderById"]);
}

#[tokio::test]
async fn gone_withheld_and_too_costly_are_told_apart() {
    let withheld = json!({ "data": { "order": null }, "errors": [{ "message": "not approved",
        "path": ["order"], "extensions": { "code": "ACCESS_DENIED" } }] });
    let costly = json!({ "errors": [{ "message": "too much", "extensions": { "code": "MAX_COST_EXCEEDED" } }] });
    let store = Store::answering(&[
        ("OrderById", data(&json!({ "order": null }))),
        ("OrderById", withheld),
        ("ProductCount", data(&json!({ "productsCount": null }))),
        ("ProductPage", costly),
        ("ProductPage", data(&json!({ "products": connection(&[], None) }))),
    ]);
    let shopify = online(&store).await;
    let read = async || shopify.read_object(&access(), ObjectType::Order, ExternalId(1)).await;
    assert_eq!(read().await, Ok(None));
    assert!(matches!(read().await, Err(ProviderError::MissingScope { .. })));
    let page = shopify.read_page(&access(), ObjectType::Product, None, None).await.unwrap();
    assert_eq!((page.objects.len(), page.next, page.total), (0, None, None));
    assert_eq!(
        [store.variables(3)["first"].clone(), store.variables(4)["first"].clone()],
        [25, 12]
    );
}

#[tokio::test]
async fn subscriptions_come_and_go() {
    let standing = json!({ "id": "gid://shopify/WebhookSubscription/1", "topic": "ORDERS_CREATE", "uri": "https://x" });
    let made = json!({ "webhookSubscriptionCreate": { "webhookSubscription": standing, "userErrors": [] } });
    let refused = json!({ "webhookSubscriptionCreate": { "webhookSubscription": null,
        "userErrors": [{ "field": ["topic"], "message": "Address is not allowed" }] } });
    let gone = json!({ "webhookSubscriptionDelete": { "deletedWebhookSubscriptionId": null,
        "userErrors": [{ "field": ["id"], "message": "Webhook subscription does not exist" }] } });
    let store = Store::answering(&[
        ("SubscriptionCreate", data(&made)),
        ("SubscriptionCreate", data(&refused)),
        (
            "SubscriptionPage",
            data(&json!({ "webhookSubscriptions": connection(&[standing], None) })),
        ),
        ("SubscriptionDelete", data(&gone)),
    ]);
    let shopify = online(&store).await;
    let create =
        async || shopify.create_subscription(&access(), "orders/create", "https://x").await;
    assert_eq!(create().await.unwrap(), "gid://shopify/WebhookSubscription/1");
    assert_eq!(store.variables(0)["topic"], "ORDERS_CREATE");
    assert_eq!(
        create().await.unwrap_err().to_string(),
        "the store refuses: Address is not allowed"
    );
    let listed = shopify.list_subscriptions(&access()).await.unwrap();
    assert_eq!((listed[0].topic.as_str(), listed[0].url.as_str()), ("orders/create", "https://x"));
    assert_eq!(shopify.delete_subscription(&access(), "x").await, Ok(()));
    let alias = shopify.create_subscription(&access(), "price_rules/create", "https://x").await;
    assert!(alias.unwrap_err().to_string().contains("discounts/create took its place"));
}
