//! One delivery with its headers.

use bytes::Bytes;
use chrono::SecondsFormat;
use serde_json::Value;

use super::Subscription;
use crate::clock;

/// A body on its way to one subscription. Repetitions are the same parcel.
#[derive(Clone, Debug)]
pub(super) struct Parcel {
    webhook_id: String,
    event_id: String,
    triggered_at: String,
    shop: String,
    subscription: Subscription,
    body: Bytes,
    forged: bool,
}

impl Parcel {
    pub(super) fn new(
        webhook_id: String,
        event_id: &str,
        shop: &str,
        subscription: Subscription,
        body: &Value,
    ) -> Self {
        Self {
            webhook_id,
            event_id: event_id.to_owned(),
            triggered_at: clock::now().to_rfc3339_opts(SecondsFormat::Nanos, true),
            shop: shop.to_owned(),
            subscription,
            body: Bytes::from(body.to_string()),
            forged: false,
        }
    }

    /// The same under another id.
    pub(super) fn renamed(&self, webhook_id: String) -> Self {
        Self { webhook_id, ..self.clone() }
    }

    /// What somebody else makes of it: another id, and a signature made with a secret that is not ours.
    pub(super) fn forged(&self, webhook_id: String) -> Self {
        Self { forged: true, ..self.renamed(webhook_id) }
    }

    pub(super) fn is_forged(&self) -> bool {
        self.forged
    }

    pub(super) fn shop(&self) -> &str {
        &self.shop
    }

    pub(super) fn subscription(&self) -> i64 {
        self.subscription.id
    }

    pub(super) fn request(
        &self,
        client: &reqwest::Client,
        secret: &shopify::Secret,
    ) -> reqwest::RequestBuilder {
        let signature = if self.forged {
            shopify::webhook::sign(&shopify::Secret::new("guessed"), &self.body)
        } else {
            shopify::webhook::sign(secret, &self.body)
        };
        client
            .post(&self.subscription.uri)
            .header("content-type", "application/json")
            .header("user-agent", "Shopify-Captain-Hook")
            .header("x-shopify-topic", &self.subscription.topic)
            .header("x-shopify-hmac-sha256", signature)
            .header("x-shopify-shop-domain", &self.shop)
            .header("x-shopify-api-version", shopify::API_VERSION)
            .header("x-shopify-webhook-id", &self.webhook_id)
            .header("x-shopify-event-id", &self.event_id)
            .header("x-shopify-triggered-at", &self.triggered_at)
            .body(self.body.clone())
    }
}
