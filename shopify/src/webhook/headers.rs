//! The headers of a delivery. They are not signed: only the body is.

use http::HeaderMap;

use crate::shop::Shop;

/// The longest value of a header that is kept.
const VALUE_BYTES_MAX: usize = 255;

/// What the headers say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryHeaders {
    /// The topic, for instance `orders/create`.
    pub topic: String,
    /// The shop that sent it.
    pub shop: Shop,
    /// The sender's id of this delivery, the same in each repetition.
    pub webhook_id: String,
    /// The sender's id of the event behind it.
    pub event_id: Option<String>,
    /// The version that shaped the body.
    pub api_version: Option<String>,
    /// When it was first sent, as RFC 3339.
    pub triggered_at: Option<String>,
    /// Whether it was sent for a try.
    pub test: bool,
}

/// What is wrong with the headers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderProblem {
    /// A header that every delivery has is missing.
    #[error("the header X-Shopify-{0} is missing")]
    Missing(&'static str),
    /// A header is not short printable text.
    #[error("the header X-Shopify-{0} is not a short printable text")]
    Malformed(&'static str),
    /// The shop is none.
    #[error("the header X-Shopify-Shop-Domain names no shop")]
    InvalidShop,
}

/// Reads the headers of either family (`X-Shopify-…`, or without the `X-`).
pub fn read_headers(headers: &HeaderMap) -> Result<DeliveryHeaders, HeaderProblem> {
    let required = |name| value(headers, name)?.ok_or(HeaderProblem::Missing(name));
    let shop = required("Shop-Domain")?;
    Ok(DeliveryHeaders {
        topic: required("Topic")?,
        shop: Shop::parse(&shop).map_err(|_| HeaderProblem::InvalidShop)?,
        webhook_id: required("Webhook-Id")?,
        event_id: value(headers, "Event-Id")?,
        api_version: value(headers, "API-Version")?,
        triggered_at: value(headers, "Triggered-At")?,
        test: value(headers, "Test")?.is_some_and(|text| text == "true"),
    })
}

fn value(headers: &HeaderMap, name: &'static str) -> Result<Option<String>, HeaderProblem> {
    let of = |prefix: &str| headers.get(format!("{prefix}shopify-{}", name.to_ascii_lowercase()));
    let Some(value) = of("x-").or_else(|| of("")) else {
        return Ok(None);
    };
    let text = value.to_str().map_err(|_| HeaderProblem::Malformed(name))?;
    if text.len() > VALUE_BYTES_MAX || text.is_empty() {
        return Err(HeaderProblem::Malformed(name));
    }
    Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(prefix: &str, left_out: &str) -> HeaderMap {
        let all = [
            ("topic", "orders/create"),
            ("shop-domain", "A.myshopify.com"),
            ("webhook-id", "w1"),
            ("event-id", "e1"),
            ("api-version", "2026-10"),
            ("triggered-at", "2024-08-07T22:57:57.290670248Z"),
        ];
        let kept = all.into_iter().filter(|(name, _)| *name != left_out);
        kept.map(|(name, value)| {
            let name: http::HeaderName = format!("{prefix}shopify-{name}").parse().unwrap();
            (name, http::HeaderValue::from_static(value))
        })
        .collect()
    }

    #[test]
    fn both_families_are_read() {
        let read = read_headers(&headers("x-", "")).unwrap();
        assert_eq!(read.shop.as_str(), "a.myshopify.com");
        assert_eq!(
            (read.topic.as_str(), read.webhook_id.as_str(), read.test),
            ("orders/create", "w1", false)
        );
        assert_eq!(read_headers(&headers("", "")), Ok(read));
    }

    #[test]
    fn what_is_missing_is_named() {
        for (left_out, name) in
            [("topic", "Topic"), ("shop-domain", "Shop-Domain"), ("webhook-id", "Webhook-Id")]
        {
            assert_eq!(read_headers(&headers("x-", left_out)), Err(HeaderProblem::Missing(name)));
        }
        assert!(read_headers(&headers("x-", "event-id")).is_ok());
        let mut evil = headers("x-", "");
        evil.insert("x-shopify-shop-domain", http::HeaderValue::from_static("evil.example"));
        assert_eq!(read_headers(&evil), Err(HeaderProblem::InvalidShop));
    }
}
