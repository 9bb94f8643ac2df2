//! Deliveries made by hand.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use super::{SECRET, SHOP};

/// A delivery as the store would send it, unless changed.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// The topic.
    pub topic: String,
    /// The shop that the header names.
    pub shop: String,
    /// The id of the delivery.
    pub id: String,
    /// The secret that signs.
    pub secret: String,
    /// What the headers' names begin with: `x-`, or nothing in the newer family.
    pub prefix: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

impl Webhook {
    /// A delivery with an id of its own.
    pub fn new(topic: &str, body: impl Into<Vec<u8>>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self {
            topic: topic.to_owned(),
            shop: SHOP.to_owned(),
            id: format!("by-hand-{number}"),
            secret: SECRET.to_owned(),
            prefix: "x-",
            body: body.into(),
        }
    }

    /// A delivery of JSON.
    pub fn json(topic: &str, body: &Value) -> Self {
        Self::new(topic, body.to_string())
    }

    /// Its signature.
    pub fn signature(&self) -> String {
        shopify::webhook::sign(&shopify::Secret::new(&self.secret), &self.body)
    }

    /// Its headers, the signature last.
    pub fn headers(&self) -> Vec<(String, String)> {
        let named = [
            ("topic", self.topic.clone()),
            ("shop-domain", self.shop.clone()),
            ("webhook-id", self.id.clone()),
            ("api-version", shopify::API_VERSION.to_owned()),
            ("hmac-sha256", self.signature()),
        ];
        named.map(|(name, value)| (format!("{}shopify-{name}", self.prefix), value)).to_vec()
    }
}

/// What the gateway answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The header `Retry-After`.
    pub retry_after: Option<String>,
    /// The header `Location`.
    pub location: Option<String>,
    /// The body.
    pub body: String,
}

impl Answer {
    pub(super) async fn of(response: reqwest::Response) -> Self {
        let header = |name| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
        let (retry_after, location) = (header("retry-after"), header("location"));
        let status = response.status().as_u16();
        Self { status, retry_after, location, body: response.text().await.unwrap_or_default() }
    }
}
