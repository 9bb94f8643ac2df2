//! Deliveries that the gateway makes itself, about what it holds. They take the same way as the store's, so that they
//! survive a crash, are tried again, and stand in the same history.

use domain::code::Code;
use domain::delivery::{Failure, NewDelivery, Source};
use domain::flow::Incoming;
use domain::id::{BusinessId, ConnectionId, DeliveryId, ExternalId};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::app::App;

/// The topic of a delivery that has an order mapped and posted again: `{"order_id"}`.
pub(crate) const REPOST: &str = "tillgate/repost";
/// The topic of a delivery that tells of a new link: `{"variant_id"}`.
pub(crate) const RELINKED: &str = "tillgate/relinked";

/// A delivery of ours. Each is one of its own, even where the body says the same.
pub(crate) fn internal_delivery(
    app: &App,
    business_id: BusinessId,
    connection_id: ConnectionId,
    topic: &str,
    mut body: Value,
) -> NewDelivery {
    let now = app.now();
    let id = DeliveryId::new(now, &app.entropy());
    body["request"] = Value::String(id.to_string());
    let body = body.to_string().into_bytes();
    NewDelivery {
        id,
        business_id,
        connection_id,
        source: Source::Internal,
        topic: topic.to_owned(),
        webhook_id: format!("internal:{id}"),
        event_id: None,
        api_version: None,
        triggered_at: None,
        received_at: now,
        body_hash: Sha256::digest(&body).into(),
        body,
    }
}

/// What a delivery of ours asks for.
pub(crate) fn read(topic: &str, body: &[u8]) -> Result<Incoming, Failure> {
    let malformed = |what: &str| Failure::new(Code::MalformedBody, what.to_owned());
    let body: Value = serde_json::from_slice(body).map_err(|_| malformed("not JSON"))?;
    let id = |name: &str| -> Result<ExternalId, Failure> {
        let text = body[name].as_str().ok_or_else(|| malformed(name))?;
        text.parse().map_err(|_| malformed(name))
    };
    match topic {
        REPOST => Ok(Incoming::Repost { id: id("order_id")? }),
        RELINKED => Ok(Incoming::Relinked { variant_id: id("variant_id")? }),
        _ => Ok(Incoming::Unsupported),
    }
}
