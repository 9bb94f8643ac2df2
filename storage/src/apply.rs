//! Applying what a batch of deliveries came to.
//!
//! Everything of a batch is written in one savepoint, the deliveries' own fate included, in a handful of statements
//! however many rows there are. Each statement that depends on what the decision saw says so in its condition, and the
//! number of rows that it found is compared with the number that it must find: where they differ, somebody else wrote
//! meanwhile, and the batch is undone to be decided anew.

pub(crate) mod fates;
pub(crate) mod feed;
mod pos;
mod refined;
mod run;
mod stock;

use domain::flow::Changes;
use domain::id::BusinessId;
use domain::time::Timestamp;

use crate::Tenant;
use crate::apply::feed::Numbers;
use crate::connections::end;
use crate::error::StoreError;
use crate::inbox::{self, Packed, Received};
use crate::push;
use crate::sql::{Column, Rows, text, uuid};
use crate::writer::Txn;

/// What a batch's changes came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Applied {
    /// Deliveries that follow from the batch and were not here yet.
    pub follow_ups: u64,
    /// The number of the batch's last event in the feed, where it had any.
    pub last_activity: Option<i64>,
}

impl Tenant {
    /// Writes everything or nothing, and returns after the commit. To drop the future changes nothing once the changes
    /// were sent to the writer.
    ///
    /// Fails with [`StoreError::LostLease`] where another worker holds one of the deliveries by now, and with
    /// [`StoreError::Conflict`] where an order, product, POS order, movement or link is no longer as it was when the
    /// changes were decided: the links in `assumed_links` are compared before `links` are made, the orders in
    /// `assumed_orders` after `orders` are written. The same where the binding is no longer the one of
    /// `assumed_binding`.
    pub async fn apply(&self, changes: Changes) -> Result<Applied, StoreError> {
        if changes.business_id != self.business_id() {
            return Err(StoreError::Conflict("the changes belong to another business"));
        }
        self.writer().apply(changes).await
    }
}

/// Writes the batches; where one cannot be written, none is.
pub(crate) async fn write(txn: &mut Txn, batches: &[&Changes]) -> Result<Vec<Applied>, StoreError> {
    fates::write(txn, batches).await?;
    let numbered = batches.iter().filter(|batch| {
        let fenced = batch.assumed_binding.is_some();
        let moves = !batch.movements.is_empty() || !batch.links.is_empty();
        fenced || moves || !batch.activity.is_empty() || !batch.pos_orders.is_empty()
    });
    let counts = numbered.map(|batch| (batch.business_id, batch.activity.len()));
    let numbers = feed::reserve(txn, counts).await?;
    assumed_bindings(batches, &numbers)?;
    refined::write(txn, batches).await?;
    run::write(txn, batches).await?;
    pos::write(txn, batches, &numbers).await?;
    stock::write(txn, batches, &numbers).await?;
    push::heard(txn, batches).await?;
    connections(txn, batches).await?;
    feed::log(txn, batches).await?;
    let events: Vec<_> =
        batches.iter().map(|batch| (batch.business_id, batch.activity.as_slice())).collect();
    let last_activity = feed::append(txn, &events, numbers).await?;
    let mut applied = Vec::with_capacity(batches.len());
    for (batch, last_activity) in batches.iter().zip(last_activity) {
        let follow_ups = follow_ups(txn, batch).await?;
        applied.push(Applied { follow_ups, last_activity });
    }
    Ok(applied)
}

/// The binding must be the one that each decision took its mappers from. Read with the counter, it costs nothing more;
/// whoever changes it holds the counter's lock, so it cannot change before this is committed.
fn assumed_bindings(batches: &[&Changes], numbers: &Numbers) -> Result<(), StoreError> {
    let void = batches.iter().any(|batch| {
        batch.assumed_binding.is_some_and(|assumed| assumed != numbers.revision(batch.business_id))
    });
    if void { Err(StoreError::Conflict("another mapper serves by now")) } else { Ok(()) }
}

async fn follow_ups(txn: &mut Txn, batch: &Changes) -> Result<u64, StoreError> {
    if batch.follow_ups.is_empty() {
        return Ok(0);
    }
    if batch.follow_ups.iter().any(|delivery| delivery.business_id != batch.business_id) {
        return Err(StoreError::Conflict("a following delivery belongs to another business"));
    }
    let rows: Vec<Packed> = batch.follow_ups.iter().cloned().map(Packed::new).collect();
    let stored = inbox::store(txn, &rows.iter().collect::<Vec<_>>()).await?;
    Ok(stored.iter().filter(|received| **received == Received::Stored).count() as u64)
}

const CONNECTION: &[Column] =
    &[uuid("business_id").key(), uuid("connection_id").key(), text("status")];

async fn connections(txn: &mut Txn, batches: &[&Changes]) -> Result<(), StoreError> {
    let mut rows = Rows::new(CONNECTION);
    for batch in batches {
        for (connection_id, status) in &batch.connections {
            if !status.is_live() {
                // There is more to an end than the word.
                let key = (batch.business_id, *connection_id);
                end(txn, key, batch.now, batch.now).await?;
                continue;
            }
            rows.push([
                batch.business_id.uuid().into(),
                connection_id.uuid().into(),
                status.as_str().into(),
            ]);
        }
    }
    // One that has ended stays so.
    let live = "connection.status <> 'disconnected'";
    rows.update(txn.conn(), txn.dialect(), "connection", "", live).await?;
    Ok(())
}

/// The items of all batches, each with its business and the time of its decision.
pub(crate) fn each<'b, T: 'b>(
    batches: &'b [&'b Changes],
    items: impl Fn(&'b Changes) -> &'b [T],
) -> impl Iterator<Item = (BusinessId, Timestamp, &'b T)> {
    batches
        .iter()
        .flat_map(move |batch| items(batch).iter().map(|item| (batch.business_id, batch.now, item)))
}

/// All of what was decided must have been found as it was.
fn found_all(found: u64, wanted: usize, what: &'static str) -> Result<(), StoreError> {
    if found == wanted as u64 { Ok(()) } else { Err(StoreError::Conflict(what)) }
}
