//! Orders on their way through the inbox.

use std::time::Duration;

use domain::delivery::{Claimed, Fate, NewDelivery, Outcome, Source};
use domain::flow::{Changes, RawIngest};
use domain::id::{ConnectionId, DeliveryId, ExternalId, PosOrderId};
use domain::refined::Version;
use storage::Tenant;

use crate::sample::{event, line, log_entry, movement, order, order_write, pos_order, pos_write};
use crate::world::{World, at, entropy};

/// How long the tests' workers hold a delivery.
pub(crate) const LEASE: Duration = Duration::from_secs(30);

/// A webhook with a body of its own, received at `millis`.
pub(crate) fn webhook(tenant: &Tenant, millis: i64, name: &str) -> NewDelivery {
    let mut body_hash = [0; 32];
    body_hash[..name.len().min(32)].copy_from_slice(&name.as_bytes()[..name.len().min(32)]);
    NewDelivery {
        id: DeliveryId::new(at(millis), &entropy()),
        business_id: tenant.business_id(),
        connection_id: ConnectionId::new(at(0), &[7; 10]),
        source: Source::Webhook,
        topic: "orders/create".into(),
        webhook_id: format!("webhook-{name}"),
        event_id: Some(format!("event-{name}")),
        api_version: None,
        triggered_at: Some(at(millis - 1)),
        received_at: at(millis),
        body_hash,
        body: format!("{{\"name\":\"{name}\",\"note\":\"{}\"}}", "la ".repeat(200)).into_bytes(),
    }
}

/// Receives a webhook and claims it.
pub(crate) async fn received(world: &World, name: &str) -> Claimed {
    world.mine.receive(webhook(&world.mine, 1_000, name)).await.unwrap();
    let mut claimed = world.storage.system().claim(1, LEASE, at(2_000)).await.unwrap();
    assert_eq!(claimed.len(), 1);
    claimed.remove(0)
}

/// What the order with `id` in a claimed delivery comes to: its first version of two lines that move stock.
pub(crate) fn first_version(tenant: &Tenant, claimed: &Claimed, id: i64) -> Changes {
    let delivery = &claimed.delivery;
    let mut changes = Changes::new(tenant.business_id(), at(3_000));
    changes.deliveries.push((delivery.id, claimed.lease, Fate::Done(Outcome::Applied)));
    changes.raw.push(RawIngest {
        delivery_id: delivery.id,
        connection_id: delivery.connection_id,
        object_type: "order".into(),
        object_id: Some(ExternalId(id)),
        canonical_hash: delivery.body_hash,
        source: delivery.source,
        error: None,
    });
    let order = order(id, 500, vec![line(id * 10 + 1, 71, 2), line(id * 10 + 2, 72, 1)]);
    changes.orders.push(order_write(delivery.connection_id, order));
    let pos_id = PosOrderId::new(at(500), &entropy());
    changes.pos_orders.push(pos_write(pos_id, 1, &pos_order(id, 500)));
    changes.movements.push(movement(id, id * 10 + 1, "tea", 0, -2));
    changes.movements.push(movement(id, id * 10 + 2, "cup", 0, -1));
    changes.sync_log.push(log_entry(3_000));
    changes.activity.push(event("posted"));
    changes
}

/// The next version of an order that [`first_version`] wrote, which takes one more piece.
pub(crate) fn next_version(
    tenant: &Tenant,
    claimed: &Claimed,
    id: i64,
    replaces: Version,
    pos_id: PosOrderId,
) -> Changes {
    let mut changes = first_version(tenant, claimed, id);
    let write = &mut changes.orders[0];
    write.replaces = Some(replaces);
    write.order.updated_at = at(700);
    write.version.updated_at = at(700);
    write.version.body_hash = [9; 32];
    changes.pos_orders = vec![pos_write(pos_id, 2, &pos_order(id, 500))];
    changes.movements = vec![movement(id, id * 10 + 1, "tea", 1, -1)];
    changes
}
