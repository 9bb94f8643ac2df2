//! Sending a delivery as the store does: for trying a listener without a store.

use std::fmt;
use std::time::Duration;

use crate::secret::Secret;
use crate::settings::API_VERSION;

use super::sign;

/// How long the store waits for an answer.
const TOTAL_SECONDS_MAX: u64 = 5;
/// How much of an answer is shown.
const ANSWER_CHARACTERS_MAX: usize = 2_000;

/// A delivery to send.
pub struct Outgoing<'a> {
    /// Where to.
    pub url: &'a str,
    /// What it is signed with.
    pub secret: &'a str,
    /// The topic.
    pub topic: &'a str,
    /// The shop that the header names.
    pub shop: &'a str,
    /// The delivery's id.
    pub webhook_id: &'a str,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Outgoing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outgoing({} to {})", self.topic, self.url)
    }
}

/// What the listener answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerAnswer {
    /// The status.
    pub status: u16,
    /// The beginning of the body.
    pub body: String,
}

impl ListenerAnswer {
    /// Whether the store would count the delivery as done: only 2xx is.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// The listener did not answer.
#[derive(Debug, thiserror::Error)]
#[error("no answer from the listener")]
pub struct SendError(#[from] reqwest::Error);

/// Signs and sends a delivery, once.
pub async fn send_webhook(outgoing: Outgoing<'_>) -> Result<ListenerAnswer, SendError> {
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(TOTAL_SECONDS_MAX))
        .build()?;
    let signature = sign(&Secret::new(outgoing.secret), &outgoing.body);
    let response = http
        .post(outgoing.url)
        .header(http::header::CONTENT_TYPE, "application/json")
        .header(http::header::USER_AGENT, "Shopify-Captain-Hook")
        .header("X-Shopify-Topic", outgoing.topic)
        .header("X-Shopify-Hmac-Sha256", signature)
        .header("X-Shopify-Shop-Domain", outgoing.shop)
        .header("X-Shopify-API-Version", API_VERSION)
        .header("X-Shopify-Webhook-Id", outgoing.webhook_id)
        .body(outgoing.body)
        .send()
        .await?;
    let status = response.status().as_u16();
    let body: String = response.text().await?.chars().take(ANSWER_CHARACTERS_MAX).collect();
    Ok(ListenerAnswer { status, body })
}
