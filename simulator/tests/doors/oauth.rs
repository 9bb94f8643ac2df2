//! A merchant connects an app; tokens expire, rotate and end.

use std::collections::BTreeSet;
use std::time::Duration;

use shopify::oauth::{TokenProblem, VerifiedQuery, authorize_url, verify_query};
use shopify::operation::AccessScopes;
use shopify::{Access, Client, ClientError, Secret};
use tillgate_simulator::{Settings, Simulator};

use crate::world::{SCOPES, SECRET, SHOP, client, settings, shop, simulator};

/// The query of a signed address, checked by the client's own verifier.
fn verified(query: &str, now: i64) -> VerifiedQuery {
    let url = reqwest::Url::parse(&format!("http://app.example/?{query}")).unwrap();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    assert!(pairs.iter().any(|(name, _)| name == "host"));
    let signed: Vec<_> = pairs.into_iter().filter(|(name, _)| name != "from").collect();
    verify_query(&[&Secret::new(SECRET)], &signed, now).unwrap()
}

/// When a query says that it was made.
fn timestamp(query: &str) -> i64 {
    let (_, rest) = query.split_once("timestamp=").unwrap();
    rest.split('&').next().unwrap().parse().unwrap()
}

/// Walks the merchant to the store and back, and returns the verified callback.
async fn walk(client: &Client, state: &str) -> VerifiedQuery {
    let browser =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let url = authorize_url(client.settings(), &shop(), "plain");
    // The client keeps its states plain; the store returns any as it was.
    let mut url = reqwest::Url::parse(&url).unwrap();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    url.query_pairs_mut().clear().extend_pairs(
        pairs.iter().map(|(name, value)| (name, if name == "state" { state } else { value })),
    );
    let answer = browser.get(url).send().await.unwrap();
    assert!(answer.status().is_redirection());
    let location = answer.headers()["location"].to_str().unwrap();
    let back = "http://127.0.0.1:9/callback?from=store&";
    let query = location.strip_prefix(back).unwrap();
    assert_eq!(verified(query, timestamp(query)).shop, shop());
    verified(query, timestamp(query))
}

async fn code(client: &Client) -> String {
    walk(client, "s").await.code.unwrap()
}

async fn scopes(client: &Client, token: &Secret) -> Result<BTreeSet<String>, ClientError> {
    let access = Access { shop: shop(), token: token.clone() };
    let answer = client.execute::<AccessScopes>(&access, &()).await?;
    let scopes = answer.data.current_app_installation.unwrap().access_scopes;
    Ok(scopes.into_iter().map(|scope| scope.handle).collect())
}

async fn fresh(settings: Settings) -> (Simulator, Client) {
    let simulator = simulator(settings, 1, 0).await;
    let client = client(&simulator);
    (simulator, client)
}

#[tokio::test]
async fn a_merchant_connects_an_app() {
    let (simulator, client) = fresh(settings()).await;
    simulator.set_grantable(SHOP, &["read_orders", "write_products"]);
    let query = walk(&client, "odd &state=%2F é").await;
    assert_eq!(query.state.as_deref(), Some("odd &state=%2F é"));
    let code = query.code.unwrap();
    let grant = client.exchange_code(&shop(), &code).await.unwrap();
    assert_eq!(grant.expires_in, Some(Duration::from_hours(1)));
    assert_eq!(grant.refresh_expires_in, Some(Duration::from_hours(90 * 24)));
    assert_eq!(grant.scopes, ["read_orders".to_owned()].into(), "what was asked for and granted");
    assert_eq!(scopes(&client, &grant.access_token).await.unwrap(), grant.scopes);
    assert_eq!(client.exchange_code(&shop(), &code).await, Err(TokenProblem::InvalidGrant));
    assert_eq!(scopes(&client, &Secret::new("guessed")).await, Err(ClientError::Unauthorized));
    let entry = simulator.app_query(SHOP);
    let entered = verified(&entry, timestamp(&entry));
    assert_eq!((entered.shop, entered.code), (shop(), None));
}

#[tokio::test]
async fn tokens_expire_and_rotate() {
    let (_simulator, client) =
        fresh(Settings { token_life: Duration::from_millis(1_500), ..settings() }).await;
    let grant = client.exchange_code(&shop(), &code(&client).await).await.unwrap();
    let first = grant.refresh_token.unwrap();
    let lost = client.refresh(&shop(), &first).await.unwrap();
    let next = client.refresh(&shop(), &first).await.unwrap();
    assert_ne!(lost.access_token, next.access_token);
    assert!(scopes(&client, &grant.access_token).await.is_ok(), "until its own end");
    assert!(scopes(&client, &next.access_token).await.is_ok());
    assert_eq!(client.refresh(&shop(), &first).await, Err(TokenProblem::InvalidGrant));
    tokio::time::sleep(Duration::from_millis(1_600)).await;
    assert_eq!(scopes(&client, &next.access_token).await, Err(ClientError::Unauthorized));
    let renewed = client.refresh(&shop(), &next.refresh_token.unwrap()).await.unwrap();
    assert!(scopes(&client, &renewed.access_token).await.is_ok());
}

#[tokio::test]
async fn tokens_end_with_the_next_grant_and_with_the_app() {
    let (simulator, client) = fresh(settings()).await;
    let old = client.exchange_code(&shop(), &code(&client).await).await.unwrap();
    let new = client.exchange_code(&shop(), &code(&client).await).await.unwrap();
    assert_eq!(scopes(&client, &old.access_token).await, Err(ClientError::Unauthorized));
    let refresh = old.refresh_token.unwrap();
    assert_eq!(client.refresh(&shop(), &refresh).await, Err(TokenProblem::InvalidGrant));
    assert_eq!(scopes(&client, &new.access_token).await.unwrap().len(), SCOPES.len());
    simulator.revoke_tokens(SHOP);
    assert_eq!(scopes(&client, &new.access_token).await, Err(ClientError::Unauthorized));
    assert_eq!(simulator.tokens_issued(SHOP), Some(0));
}

#[tokio::test]
async fn an_app_that_does_not_ask_for_expiry_gets_a_token_that_stays() {
    let (simulator, client) = fresh(settings()).await;
    let url = simulator.shop_url_template().replace("{shop}", SHOP) + "/admin/oauth/access_token";
    let ask = async |secret: &str, expiring: Option<&str>| {
        let code = code(&client).await;
        let mut form =
            vec![("client_id", "simulated-app"), ("client_secret", secret), ("code", &code)];
        form.extend(expiring.map(|value| ("expiring", value)));
        let answer = reqwest::Client::new().post(&url).form(&form).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json::<serde_json::Value>().await.unwrap())
    };
    let (status, first) = ask(SECRET, None).await;
    assert_eq!((status, first.get("refresh_token"), first.get("expires_in")), (200, None, None));
    assert_eq!(ask(SECRET, Some("0")).await.1["access_token"], first["access_token"]);
    assert!(ask(SECRET, Some("1")).await.1["refresh_token"].is_string());
    let (status, refused) = ask("guessed", None).await;
    assert_eq!((status, refused["error"].as_str()), (401, Some("invalid_client")));
}

#[tokio::test]
async fn what_the_simulator_shows_of_itself_holds_no_secret() {
    let (simulator, client) = fresh(settings()).await;
    client.exchange_code(&shop(), &code(&client).await).await.unwrap();
    let shown = format!("{simulator:?}");
    assert!(!shown.contains("shpat_") && !shown.contains("shprt_") && !shown.contains(SECRET));
}
