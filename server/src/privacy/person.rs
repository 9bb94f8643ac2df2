//! Knowing an erased person again in what comes.

use domain::delivery::{Failure, NewDelivery};
use domain::flow::Incoming;
use domain::privacy::Mark;
use domain::time::Timestamp;
use serde_json::Value;
use storage::Tombstones;

use crate::providers::Provider;

/// A body of which nothing is left.
pub(crate) const EMPTIED: &[u8] = b"{}";

/// The body of a delivery that tells of an erased person, without them; none where it tells of nobody who was erased.
pub(crate) fn take_out(
    provider: &dyn Provider,
    tombstones: &Tombstones,
    delivery: &NewDelivery,
    incoming: &Result<Incoming, Failure>,
) -> Option<Vec<u8>> {
    let (marks, made_at) = marks_of(delivery, incoming);
    let names = tombstones.name(delivery.connection_id, &marks, made_at);
    let body = names.then(|| provider.without_person(&delivery.topic, &delivery.body))?;
    (body != delivery.body).then_some(body)
}

/// By whom a delivery is marked, and when what it tells of was made, where that is known. A body that nobody reads field
/// by field is marked by each of its values.
pub(super) fn marks_of(
    delivery: &NewDelivery,
    incoming: &Result<Incoming, Failure>,
) -> (Vec<Mark>, Option<Timestamp>) {
    match incoming {
        Ok(Incoming::Order(order)) => (Mark::of_order(order), Some(order.created_at)),
        Ok(
            Incoming::Product(_)
            | Incoming::Level(_)
            | Incoming::Repost { .. }
            | Incoming::Relinked { .. }
            | Incoming::Uninstalled,
        ) => (Vec::new(), None),
        // Who asks is not erased before the answer.
        Ok(Incoming::Privacy(asked)) => (asked.person.marks(), None),
        Ok(
            Incoming::Hint { .. }
            | Incoming::Removed { .. }
            | Incoming::Kept { .. }
            | Incoming::Unsupported,
        )
        | Err(_) => {
            let mut marks = Vec::new();
            if let Ok(value) = serde_json::from_slice(&delivery.body) {
                collect(&value, &mut marks);
            }
            (marks, None)
        }
    }
}

fn collect(value: &Value, marks: &mut Vec<Mark>) {
    match value {
        Value::Object(fields) => fields.values().for_each(|field| collect(field, marks)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, marks)),
        Value::String(text) => marks.extend(Mark::of_value(text)),
        Value::Number(number) => marks.extend(Mark::of_value(&number.to_string())),
        Value::Null | Value::Bool(_) => {}
    }
}
