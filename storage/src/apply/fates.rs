//! The deliveries' own fate, fenced by their leases.

use std::collections::HashMap;

use domain::delivery::{Failure, Fate};
use domain::flow::Changes;
use domain::id::{BusinessId, DeliveryId, ExternalId};
use domain::mapper::Capability;
use domain::refined::ObjectType;
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::inbox::pack;
use crate::sql::{Column, Rows, bytes, int, text, uuid};
use crate::writer::Txn;

const DONE: &[Column] = &[
    uuid("business_id").key(),
    uuid("delivery_id").key(),
    int("lease_token").key(),
    text("outcome"),
    int("finished_at"),
    text("object_type").or_null(),
    int("object_id").or_null(),
];
const RETRY: &[Column] = &[
    uuid("business_id").key(),
    uuid("delivery_id").key(),
    int("lease_token").key(),
    int("run_at"),
    text("failure_code"),
    text("failure_detail"),
    text("object_type").or_null(),
    int("object_id").or_null(),
];
const DEAD: &[Column] = &[
    uuid("business_id").key(),
    uuid("delivery_id").key(),
    int("lease_token").key(),
    int("finished_at"),
    text("failure_code"),
    text("failure_detail"),
    text("object_type").or_null(),
    int("object_id").or_null(),
];

const BODY: &[Column] = &[
    uuid("business_id").key(),
    uuid("delivery_id").key(),
    bytes("body"),
    text("body_encoding"),
    int("erased_at"),
];

/// Puts bodies without a person in the place of those that came.
pub(crate) async fn erase_bodies(
    txn: &Txn,
    business_id: BusinessId,
    bodies: &[(DeliveryId, Vec<u8>)],
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut rows = Rows::new(BODY);
    for (id, body) in bodies {
        let (body, encoding) = pack(body.clone());
        rows.push([
            business_id.uuid().into(),
            id.uuid().into(),
            body.into(),
            encoding.as_str().into(),
            now.millis().into(),
        ]);
    }
    rows.update(txn.conn(), txn.dialect(), "delivery", "", "").await
}

pub(super) async fn write(txn: &Txn, batches: &[&Changes]) -> Result<(), StoreError> {
    for batch in batches.iter().filter(|batch| !batch.erased_bodies.is_empty()) {
        erase_bodies(txn, batch.business_id, &batch.erased_bodies, batch.now).await?;
    }
    let (mut done, mut retry, mut dead) = (Rows::new(DONE), Rows::new(RETRY), Rows::new(DEAD));
    for batch in batches {
        let business_id = batch.business_id.uuid();
        let now = batch.now.millis();
        let objects = objects(batch);
        for (id, lease, fate) in &batch.deliveries {
            let (delivery_id, lease) = (id.uuid(), *lease);
            let object = objects.get(id);
            let (object_type, object_id) =
                (object.map(|(kind, _)| *kind).into(), object.map(|(_, id)| id.0).into());
            match fate {
                Fate::Done(outcome) => done.push([
                    business_id.into(),
                    delivery_id.into(),
                    lease.into(),
                    outcome.as_str().into(),
                    now.into(),
                    object_type,
                    object_id,
                ]),
                Fate::Retry { at, failure: Failure { code, detail } } => retry.push([
                    business_id.into(),
                    delivery_id.into(),
                    lease.into(),
                    at.millis().into(),
                    code.as_str().into(),
                    detail.as_str().into(),
                    object_type,
                    object_id,
                ]),
                Fate::Dead(Failure { code, detail }) => dead.push([
                    business_id.into(),
                    delivery_id.into(),
                    lease.into(),
                    now.into(),
                    code.as_str().into(),
                    detail.as_str().into(),
                    object_type,
                    object_id,
                ]),
            }
        }
    }
    finish(txn, done, "state = 'done', lease_token = NULL").await?;
    finish(txn, retry, "state = 'ready', lease_token = NULL").await?;
    finish(txn, dead, "state = 'dead', lease_token = NULL").await
}

async fn finish(txn: &Txn, rows: Rows, set: &str) -> Result<(), StoreError> {
    let wanted = rows.len() as u64;
    // Only a running row has a lease. To ask for its state as well would invite the planner to walk the index of open
    // rows instead of finding the row by its key.
    let found = rows.update(txn.conn(), txn.dialect(), "inbox", set, "").await?;
    if found == wanted { Ok(()) } else { Err(StoreError::LostLease) }
}

/// Which object each delivery is about, as far as its raw row tells, or what was run for it.
fn objects(batch: &Changes) -> HashMap<DeliveryId, (&str, ExternalId)> {
    let runs = batch.runs.iter().map(|run| {
        let kind = match run.capability {
            Capability::MapOrder => ObjectType::Order,
            Capability::MapProduct | Capability::PublishProduct => ObjectType::Product,
        };
        (run.delivery_id, (kind.as_str(), run.external_id))
    });
    let raw = batch.raw.iter();
    let raw =
        raw.filter_map(|raw| Some((raw.delivery_id, (raw.object_type.as_str(), raw.object_id?))));
    runs.chain(raw).collect()
}
