use async_graphql::{Context, EmptySubscription, Object, Schema};
use axum::body::{Body, to_bytes};
use domain::access::Role;
use futures_util::future::FutureExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;
use crate::app::{OsRandom, SystemClock};
use crate::graphql::Long;

struct Query;

fn fault() -> i32 {
    panic!("a resolver's own fault")
}

#[Object]
impl Query {
    async fn hello(&self) -> &str {
        "world"
    }

    async fn number(&self, n: i32) -> i32 {
        n
    }

    async fn long(&self, n: Long) -> Long {
        n
    }

    async fn who(&self, context: &Context<'_>) -> Option<String> {
        context.data_opt::<Caller>().map(|caller| caller.subject.clone())
    }

    async fn broken(&self) -> i32 {
        fault()
    }

    async fn leaky(&self) -> async_graphql::Result<i32> {
        std::future::ready(Err("password=hunter2".into())).await
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn bake(&self, context: &Context<'_>) -> bool {
        context.append_http_header("set-cookie", "a=1");
        context.append_http_header("set-cookie", "b=2");
        true
    }
}

fn router() -> Router {
    let authenticate: Authenticate = Arc::new(|token| {
        let session = match token.as_deref() {
            None => Ok(Session::default()),
            Some("good") => Ok(Session {
                caller: Some(Caller {
                    subject: "ann".into(),
                    role: Role::Viewer,
                    businesses: [].into(),
                }),
                expires_at: None,
            }),
            Some(_) => Err(Problem::new(Code::Unauthenticated, "the token is not valid")),
        };
        async move { session }.boxed()
    });
    let rules = Rules { origins: ["https://app.example".to_owned()].into(), ..Rules::default() };
    let schema = Schema::build(Query, Mutation, EmptySubscription).finish();
    let (clock, random) = (Arc::new(SystemClock), Arc::new(OsRandom));
    Endpoint::new(schema, authenticate, clock, random, rules).routes()
}

async fn answer(request: http::Request<Body>) -> (http::response::Parts, Value) {
    let (parts, body) = router().oneshot(request).await.unwrap().into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    (parts, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

fn post(query: &str) -> http::Request<Body> {
    let mut request = http::Request::new(Body::from(json!({ "query": query }).to_string()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = "/graphql".parse().unwrap();
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(header::CONTENT_TYPE, json);
    request
}

fn with(mut request: http::Request<Body>, name: &'static str, value: &str) -> http::Request<Body> {
    request.headers_mut().insert(name, value.parse().unwrap());
    request
}

fn get(query: &str) -> http::Request<Body> {
    let uri = format!("/graphql?query={query}");
    http::Request::builder().uri(uri).body(Body::empty()).unwrap()
}

fn code(body: &Value) -> &str {
    body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn callers_are_told_apart() {
    let (_, body) = answer(post("{ who }")).await;
    assert_eq!(body, json!({"data": {"who": null}}));
    let (_, body) = answer(with(post("{ who }"), "authorization", "Bearer good")).await;
    assert_eq!(body, json!({"data": {"who": "ann"}}));
    for credentials in ["Bearer bad", "Bearer ", "Basic YTpi"] {
        let (parts, body) = answer(with(post("{ who }"), "authorization", credentials)).await;
        assert_eq!(parts.status, StatusCode::UNAUTHORIZED, "{credentials}");
        assert_eq!(parts.headers[header::WWW_AUTHENTICATE], "Bearer");
        assert_eq!(code(&body), "UNAUTHENTICATED");
    }
}

#[tokio::test]
async fn strangers_see_no_schema() {
    let query = "{ __schema { types { name } } }";
    let (_, body) = answer(post(query)).await;
    assert!(body["data"]["__schema"].is_null(), "{body}");
    let (_, body) = answer(with(post(query), "authorization", "Bearer good")).await;
    assert!(body["data"]["__schema"].is_object(), "{body}");
}

#[tokio::test]
async fn a_value_that_a_scalar_cannot_take_is_the_callers_fault() {
    for value in [json!("1"), json!(1.5), json!(9_007_199_254_740_992_i64), json!([1]), json!({})] {
        let query = json!({"query": "query($n: Long!) { long(n: $n) }", "variables": {"n": value}});
        let mut request = post("");
        *request.body_mut() = Body::from(query.to_string());
        let (_, body) = answer(request).await;
        assert!(["BAD_USER_INPUT", "VALIDATION_FAILED"].contains(&code(&body)), "{value}: {body}");
    }
}

#[tokio::test]
async fn faults_of_ours_are_masked_and_named() {
    let (parts, body) = answer(with(post("{ leaky }"), "x-request-id", "my-id")).await;
    assert_eq!(parts.headers["x-request-id"], "my-id");
    assert!(!body.to_string().contains("hunter2"), "{body}");
    assert_eq!(body["errors"][0]["extensions"]["requestId"], "my-id");
    let (parts, body) = answer(post("{ broken }")).await;
    assert_eq!(parts.status, StatusCode::INTERNAL_SERVER_ERROR);
    let id = parts.headers["x-request-id"].to_str().unwrap();
    assert_eq!(body["errors"][0]["extensions"]["requestId"], id);
    assert_eq!(code(&body), "INTERNAL_SERVER_ERROR");
    let (_, body) = answer(post("{ number(n: 3000000000) }")).await;
    assert!(["BAD_USER_INPUT", "VALIDATION_FAILED"].contains(&code(&body)), "{body}");
}

#[tokio::test]
async fn the_headers_of_resolvers_arrive() {
    let (parts, _) = answer(post("mutation { bake }")).await;
    let cookies: Vec<_> = parts.headers.get_all(header::SET_COOKIE).iter().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
}

#[tokio::test]
async fn other_sites_cannot_make_a_browser_act() {
    let (parts, body) = answer(get("mutation%7Bbake%7D")).await;
    assert_eq!(parts.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(parts.headers[header::ALLOW], "POST");
    assert!(body["data"].is_null());
    for media in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""] {
        let (parts, _) = answer(with(post("mutation { bake }"), "content-type", media)).await;
        assert_eq!(parts.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{media}");
    }
    let foreign = || with(get("%7Bhello%7D"), "sec-fetch-site", "cross-site");
    assert_eq!(answer(foreign()).await.0.status, StatusCode::FORBIDDEN);
    let asked = with(foreign(), "apollo-require-preflight", "1");
    assert_eq!(answer(asked).await.0.status, StatusCode::OK);
    for (origin, allowed) in [("https://app.example", true), ("https://evil.example", false)] {
        let (parts, _) = answer(with(post("{ hello }"), "origin", origin)).await;
        assert_eq!(parts.headers.contains_key("access-control-allow-origin"), allowed);
    }
}

#[tokio::test]
async fn limits_are_kept() {
    let (parts, body) = answer(post(&"x".repeat(BODY_BYTES_MAX))).await;
    assert_eq!((parts.status, code(&body)), (StatusCode::PAYLOAD_TOO_LARGE, "QUERY_TOO_LARGE"));
    let mut batch = post("");
    *batch.body_mut() = Body::from(r#"[{"query":"{ hello }"},{"query":"{ hello }"}]"#);
    assert_eq!(answer(batch).await.0.status, StatusCode::BAD_REQUEST);
    let fields =
        |count: u32| (0..count).map(|field| format!(" f{field}")).collect::<Vec<_>>().concat();
    let (_, body) = answer(post(&format!("{{{}}}", fields(500)))).await;
    assert_eq!(code(&body), "QUERY_TOO_COMPLEX", "more roots than allowed");
    let (_, body) = answer(post(&format!("{{{}}}", fields(19)))).await;
    assert_eq!(body["errors"].as_array().unwrap().len(), 10);
    let put = http::Request::put("/graphql").body(Body::empty()).unwrap();
    assert_eq!(answer(put).await.0.status, StatusCode::METHOD_NOT_ALLOWED);
}
