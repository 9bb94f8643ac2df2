//! The client against a server that answers as the store does on its bad days.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tillgate_shopify::oauth::TokenProblem;
use tillgate_shopify::operation::{
    AccessScopes, SubscriptionCreate, SubscriptionInput, SubscriptionVariables,
};
use tillgate_shopify::{
    API_VERSION, Access, Client, ClientError, Jitter, Retry, Secret, Settings, Shop, ShopUrl,
};

/// One scripted answer.
#[derive(Clone, Copy)]
struct Scripted(u16, &'static [(&'static str, &'static str)], &'static str);

const GOOD: Scripted = Scripted(
    200,
    &[("x-shopify-api-version", API_VERSION)],
    r#"{"data":{"currentAppInstallation":{"accessScopes":[{"handle":"read_orders"}]}}}"#,
);
const THROTTLED: Scripted = Scripted(
    200,
    &[],
    r#"{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],"extensions":{"cost":
    {"requestedQueryCost":12,"actualQueryCost":null,"throttleStatus":{"maximumAvailable":2000,
    "currentlyAvailable":11,"restoreRate":100}}}}"#,
);
const BUSY: Scripted = Scripted(429, &[("retry-after", "0.01")], "");
const DOWN: Scripted = Scripted(503, &[], "<html>");
const HTML: Scripted = Scripted(200, &[("content-type", "text/html")], "<html>back soon</html>");
const CUT: Scripted = Scripted(200, &[], r#"{"data":{"currentAppInstallation":{"accessSco"#);

struct Server {
    client: Client,
    calls: Arc<AtomicUsize>,
}

#[derive(Clone)]
struct Script {
    answers: Arc<Vec<Scripted>>,
    calls: Arc<AtomicUsize>,
}

/// A server that gives the answers in turn and repeats the last one, and a client for it.
async fn server(answers: &[Scripted]) -> Server {
    let calls = Arc::new(AtomicUsize::new(0));
    let script = Script { answers: Arc::new(answers.to_vec()), calls: calls.clone() };
    let router = Router::new()
        .route("/shops/{shop}/admin/api/2026-10/graphql.json", post(answer))
        .route("/shops/{shop}/admin/oauth/access_token", post(answer))
        .with_state(script);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let template = format!("http://{}/shops/{{shop}}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    Server { client: client(&template), calls }
}

fn client(template: &str) -> Client {
    let settings = Settings {
        client_id: "id".into(),
        client_secret: Secret::new("hush"),
        previous_client_secret: None,
        api_version: API_VERSION.into(),
        shop_url_template: ShopUrl::parse(template).unwrap(),
        redirect_uri: "https://gate.example/callback".into(),
        scopes: vec![],
    };
    let retry = Retry { base: Duration::from_millis(4), ..Retry::usual(Jitter::new(|| 3)) };
    Client::new(settings, retry).unwrap()
}

async fn answer(State(script): State<Script>, headers: HeaderMap, body: String) -> Response {
    let call = script.calls.fetch_add(1, Ordering::SeqCst);
    let form = headers.get("content-type").unwrap() == "application/x-www-form-urlencoded";
    if form {
        assert!(body.contains("client_secret=hush"), "{body}");
    } else {
        assert_eq!(headers.get("x-shopify-access-token").unwrap(), "shpat_1");
        assert!(body.contains("\"operationName\""), "{body}");
    }
    let Scripted(status, headers, body) = script.answers[call.min(script.answers.len() - 1)];
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    response
}

fn access() -> Access {
    Access { shop: Shop::parse("a.myshopify.com").unwrap(), token: Secret::new("shpat_1") }
}

/// What a call of a repeatable operation comes to, and how many requests it took.
async fn called(answers: &[Scripted]) -> (Result<usize, ClientError>, usize) {
    let server = server(answers).await;
    let result = server.client.execute::<AccessScopes>(&access(), &()).await;
    let scopes =
        result.map(|answer| answer.data.current_app_installation.unwrap().access_scopes.len());
    (scopes, server.calls.load(Ordering::SeqCst))
}

#[tokio::test]
async fn passing_faults_are_waited_out() {
    for fault in [BUSY, THROTTLED, DOWN, HTML, CUT] {
        assert_eq!(called(&[fault, fault, GOOD]).await, (Ok(1), 3), "{}", fault.2);
    }
}

#[tokio::test]
async fn repetitions_end() {
    let wait = Duration::from_millis(10);
    assert_eq!(called(&[BUSY]).await, (Err(ClientError::Throttled { wait, tries: 5 }), 6));
    let detail = "status 503 Service Unavailable".to_owned();
    assert_eq!(called(&[DOWN]).await, (Err(ClientError::Unavailable { detail, tries: 5 }), 6));
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_handed_back() {
    let patient = Scripted(429, &[("retry-after", "3600")], "");
    let wait = Duration::from_hours(1);
    assert_eq!(called(&[patient]).await, (Err(ClientError::Throttled { wait, tries: 0 }), 1));
}

#[tokio::test]
async fn lasting_faults_are_not_repeated() {
    let denied = r#"{"errors":[{"message":"no","extensions":{"code":"ACCESS_DENIED"}}]}"#;
    let cases = [
        (Scripted(401, &[], ""), ClientError::Unauthorized),
        (Scripted(402, &[], ""), ClientError::Frozen),
        (Scripted(404, &[], ""), ClientError::NoSuchShop),
        (Scripted(200, &[], denied), ClientError::NoAccess { scopes: vec![], detail: "no".into() }),
    ];
    for (scripted, error) in cases {
        assert_eq!(called(&[scripted, GOOD]).await, (Err(error), 1));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Scripted(302, &[("location", "http://127.0.0.1:1/steal")], "");
    let (result, calls) = called(&[elsewhere]).await;
    assert!(matches!(result, Err(ClientError::Broken { .. })) && calls == 1, "{result:?}");
}

#[tokio::test]
async fn what_must_not_run_twice_is_repeated_only_where_it_surely_did_not_run() {
    let made = r#"{"data":{"webhookSubscriptionCreate":{"webhookSubscription":{"id":"gid://shopify/WebhookSubscription/1",
        "topic":"ORDERS_CREATE","uri":"https://x.example"},"userErrors":[]}}}"#;
    let create = async |answers: &[Scripted]| {
        let server = server(answers).await;
        let subscription = SubscriptionInput { uri: "https://x.example".into(), format: "JSON" };
        let variables = SubscriptionVariables { topic: "ORDERS_CREATE".into(), subscription };
        let result = server.client.execute::<SubscriptionCreate>(&access(), &variables).await;
        (result.is_ok(), server.calls.load(Ordering::SeqCst))
    };
    let made = Scripted(200, &[], made);
    assert_eq!(create(&[BUSY, THROTTLED, made]).await, (true, 3));
    assert_eq!(create(&[DOWN, made]).await, (false, 1));
    assert_eq!(create(&[CUT, made]).await, (false, 1));
}

#[tokio::test]
async fn another_version_is_noticed() {
    let same = server(&[GOOD]).await;
    let older = Scripted(200, &[("x-shopify-api-version", "2026-01")], GOOD.2);
    let drifted = server(&[older]).await;
    for (server, expected) in [(same, false), (drifted, true)] {
        server.client.execute::<AccessScopes>(&access(), &()).await.unwrap();
        assert_eq!(server.client.has_drifted(), expected);
    }
}

#[tokio::test]
async fn nobody_there_is_unavailable() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = client(&format!("http://{closed}/{{shop}}"));
    let error = client.execute::<AccessScopes>(&access(), &()).await.unwrap_err();
    assert_eq!(error, ClientError::Unavailable { detail: "cannot connect".into(), tries: 5 });
    let error = client.exchange_code(&access().shop, "code").await.unwrap_err();
    assert_eq!(error, TokenProblem::Unavailable { detail: "cannot connect".into() });
}

#[tokio::test]
async fn tokens_are_exchanged_and_refreshed() {
    let token = Scripted(
        200,
        &[],
        r#"{"access_token":"shpat_2","expires_in":3600,"refresh_token":"shprt_2",
        "refresh_token_expires_in":7776000,"scope":"read_orders"}"#,
    );
    let refused = Scripted(400, &[], r#"{"error":"invalid_grant"}"#);
    let shop = access().shop;

    let busy = server(&[BUSY, token]).await;
    let grant = busy.client.exchange_code(&shop, "code").await.unwrap();
    assert_eq!(grant.access_token, Secret::new("shpat_2"));

    // A code is good once: after an answer that was lost, asking again could only fail.
    let lost = server(&[DOWN, token]).await;
    assert!(matches!(
        lost.client.exchange_code(&shop, "code").await,
        Err(TokenProblem::Unavailable { .. })
    ));
    assert_eq!(lost.calls.load(Ordering::SeqCst), 1);

    let lost = server(&[DOWN, CUT, token]).await;
    assert!(lost.client.refresh(&shop, &Secret::new("shprt_1")).await.is_ok());
    let revoked = server(&[refused]).await;
    let error = revoked.client.refresh(&shop, &Secret::new("shprt_1")).await.unwrap_err();
    assert_eq!(error, TokenProblem::InvalidGrant);
}
