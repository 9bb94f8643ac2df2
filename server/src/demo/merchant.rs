//! The merchant: walks through OAuth as a browser does.

use serde_json::json;

use super::client::{CallError, Caller};

/// Connects the caller's business to a shop, and returns where the merchant ends up.
pub async fn connect(caller: &Caller, shop: &str) -> Result<String, CallError> {
    let (payload, cookies) =
        caller.mutate("connectShopify", json!({ "shop": shop }), "authorization { url }").await?;
    let authorize = payload["authorization"]["url"].as_str().unwrap_or_default().to_owned();
    let cookie = cookies.first().and_then(|cookie| cookie.split(';').next()).unwrap_or_default();
    let back = follow(caller, &authorize, "").await?;
    follow(caller, &back, cookie).await
}

/// Opens a page with a cookie, and returns where it sends the browser.
async fn follow(caller: &Caller, url: &str, cookie: &str) -> Result<String, CallError> {
    let answer = caller.http().get(url).header("cookie", cookie).send().await?;
    let location = answer.headers().get("location").and_then(|value| value.to_str().ok());
    let location = location.map(str::to_owned);
    location.ok_or_else(|| CallError::Refused(format!("no redirect but {}", answer.status())))
}
