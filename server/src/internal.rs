//! Deliveries that the gateway makes itself, about what it holds. They take the same way as the store's, so that they
//! survive a crash, are tried again, and stand in the same history.

use domain::code::Code;
use domain::connection::Connection;
use domain::delivery::{Failure, NewDelivery, Source};
use domain::flow::Incoming;
use domain::id::{BusinessId, ConnectionId, DeliveryId, ExternalId};
use domain::mapper::Bound;
use domain::refined::ObjectType;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::app::App;

/// The topic of a delivery that has an order mapped and posted again: `{"order_id"}`, and `{"repairs"}` with the version and
/// the config where a repair does.
pub(crate) const REPOST: &str = "tillgate/repost";
/// The topic of a delivery that tells of new links: `{"variant_ids"}`, and `{"after"}` where a page of the orders that hold
/// them is done.
pub(crate) const RELINKED: &str = "tillgate/relinked";

/// The topic of a delivery that tells of an object which the store no longer has: `{"kind"}` and `{"id"}`.
pub(crate) const VANISHED: &str = "tillgate/vanished";

/// A delivery that has an order mapped and posted again.
pub(crate) fn repost(
    app: &App,
    business_id: BusinessId,
    connection_id: ConnectionId,
    order: ExternalId,
) -> NewDelivery {
    internal_delivery(
        app,
        business_id,
        connection_id,
        REPOST,
        json!({ "order_id": order.to_string() }),
    )
}

/// A delivery that has an order mapped and posted again because a repair does again what a mapper did. Under a binding
/// that is one delivery, however often the repair is begun: while no other change was made, there is nothing to add to it.
pub(crate) fn repair(
    app: &App,
    business_id: BusinessId,
    connection_id: ConnectionId,
    order: ExternalId,
    (repairs, binding_revision): (Bound, i64),
) -> NewDelivery {
    let Bound { version, config } = repairs;
    let body = json!({
        "order_id": order.to_string(),
        "repairs": { "version": version, "config": config },
    });
    let delivery = internal_delivery(app, business_id, connection_id, REPOST, body);
    let webhook_id = format!("{}{binding_revision}:{order}", repair_prefix(repairs));
    NewDelivery { webhook_id, ..delivery }
}

/// Which order a delivery is about by its sender's id, where it is one of [`repair`]'s for this mapper.
pub(crate) fn repaired_order(webhook_id: &str, repairs: Bound) -> Option<ExternalId> {
    let rest = webhook_id.strip_prefix(&repair_prefix(repairs))?;
    rest.split_once(':')?.1.parse().ok()
}

fn repair_prefix(Bound { version, config }: Bound) -> String {
    format!("internal:repair:{version}:{config}:")
}

/// A delivery that has orders posted again because variants were linked, from the page on that begins at `after`.
pub(crate) fn relinked(
    app: &App,
    business_id: BusinessId,
    connection_id: ConnectionId,
    variants: &[ExternalId],
    after: Option<&str>,
) -> NewDelivery {
    let variants: Vec<String> = variants.iter().map(ToString::to_string).collect();
    let body = json!({ "variant_ids": variants, "after": after });
    internal_delivery(app, business_id, connection_id, RELINKED, body)
}

/// A delivery that has an object marked as removed, because a reconciliation found that the store no longer has it.
pub(crate) fn vanished(
    app: &App,
    connection: &Connection,
    kind: ObjectType,
    id: ExternalId,
) -> NewDelivery {
    let body = json!({ "kind": kind.as_str(), "id": id.to_string() });
    internal_delivery(app, connection.business_id, connection.id, VANISHED, body)
}

/// A delivery of ours. Each is one of its own, even where the body says the same.
fn internal_delivery(
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
    let id = |name: &str, value: &Value| -> Result<ExternalId, Failure> {
        let text = value.as_str().ok_or_else(|| malformed(name))?;
        text.parse().map_err(|_| malformed(name))
    };
    match topic {
        REPOST => Ok(Incoming::Repost {
            id: id("order_id", &body["order_id"])?,
            repairs: match &body["repairs"] {
                Value::Null => None,
                repairs => Some(read_bound(repairs).ok_or_else(|| malformed("repairs"))?),
            },
        }),
        RELINKED => {
            let listed = body["variant_ids"].as_array().ok_or_else(|| malformed("variant_ids"))?;
            let variant_ids =
                listed.iter().map(|value| id("variant_ids", value)).collect::<Result<_, _>>()?;
            Ok(Incoming::Relinked { variant_ids, after: body["after"].as_str().map(str::to_owned) })
        }
        VANISHED => {
            let kind = body["kind"].as_str().and_then(ObjectType::parse);
            let kind = kind.ok_or_else(|| malformed("kind"))?;
            Ok(Incoming::Removed { kind, id: id("id", &body["id"])? })
        }
        _ => Ok(Incoming::Unsupported),
    }
}

fn read_bound(bound: &Value) -> Option<Bound> {
    let number = |field: &str| u32::try_from(bound[field].as_u64()?).ok();
    Some(Bound { version: number("version")?, config: number("config")? })
}
