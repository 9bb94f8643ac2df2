//! Taking a person out of everything, in one transaction.
//!
//! Rows stay where they are, with what they say of goods and money; what came of the person in them goes. Digests stay
//! too: a delivery still has the hash of the bytes that came, so that runs and certificates can account for it.

mod log;
mod pos;

use std::collections::BTreeSet;

use domain::activity::NewActivity;
use domain::id::{BusinessId, DeliveryId, ExternalId};
use domain::privacy::{Counts, ERASED, Mark, PrivacyState, StoredRequest, Telltales};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait as _, EntityTrait as _, Value};
use uuid::Uuid;

use super::request::{Closed, close, take_back};
use super::tombstone::{self, Plot};
use crate::apply::fates::erase_bodies;
use crate::entity::privacy_request;
use crate::sql::{Column, Dialect, Rows, uuid};
use crate::writer::Txn;
use crate::{StoreError, Tenant};

/// A person to be taken out, with all that they were found in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Erasure {
    /// The request that asks for it.
    pub request: StoredRequest,
    /// The store's id of the person, where they have one.
    pub customer_id: Option<ExternalId>,
    /// Their orders.
    pub orders: Vec<ExternalId>,
    /// The deliveries that told of them, with what is to stand there instead.
    pub bodies: Vec<(DeliveryId, Vec<u8>)>,
    /// What tells of them wherever it stands.
    pub telltales: Telltales,
    /// What the feed tells of it.
    pub event: NewActivity,
}

impl Tenant {
    /// Takes a person out of everything that the business holds, and closes the request with what that came to. Returns
    /// whether it was open: done again it changes nothing.
    pub async fn erase_person(&self, erasure: Erasure, now: Timestamp) -> Result<bool, StoreError> {
        let (business, keys) = (self.business_id(), self.keys().clone());
        let erased = self
            .write(move |txn| {
                Box::pin(async move {
                    let id = erasure.request.id;
                    let key = (business.uuid(), id.uuid());
                    let stored = privacy_request::Entity::find_by_id(key).one(txn.conn()).await?;
                    if stored.is_none_or(|row| row.state != PrivacyState::Open.as_str()) {
                        return Ok(false);
                    }
                    overwrite(txn, true).await?;
                    let counts = erase(txn, business, &erasure, now).await;
                    overwrite(txn, false).await?;
                    let counts = counts?;
                    let plot = Plot {
                        business: business.uuid(),
                        request: id.uuid(),
                        connection: erasure.request.connection_id.uuid(),
                        erased_at: erasure.request.requested_at.millis(),
                    };
                    let marks: Vec<Mark> =
                        erasure.orders.iter().copied().map(Mark::order).collect();
                    tombstone::add(txn, &keys, plot, &marks).await?;
                    let closed = Closed { state: PrivacyState::Done, note: None, at: Some(now) };
                    close(txn, business.uuid(), id, closed, (&erasure.orders, &counts)).await?;
                    txn.publish(business, &[erasure.event]).await?;
                    Ok(true)
                })
            })
            .await?;
        if erased && self.dialect() == Dialect::Sqlite {
            // What was overwritten also stands in the log until that starts over. Where somebody reads meanwhile, the
            // log's own turn comes later.
            let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
            self.writer().migrator().execute_unprepared(checkpoint).await?;
        }
        Ok(erased)
    }
}

/// Has SQLite write zeros over what is removed or shortened, or not: otherwise the bytes stand in the file until
/// something else needs the place. PostgreSQL's old rows go when it vacuums.
pub(super) async fn overwrite(txn: &Txn, on: bool) -> Result<(), StoreError> {
    if txn.dialect() == Dialect::Sqlite {
        let word = if on { "ON" } else { "OFF" };
        txn.conn().execute_unprepared(&format!("PRAGMA secure_delete = {word}")).await?;
    }
    Ok(())
}

/// Whom and what a person is taken out of.
pub(super) struct Scope<'a> {
    business: BusinessId,
    orders: &'a [ExternalId],
    /// Every delivery that was about the person or one of their orders.
    deliveries: BTreeSet<Uuid>,
    telltales: &'a Telltales,
    now: Timestamp,
}

async fn erase(
    txn: &mut Txn,
    business: BusinessId,
    erasure: &Erasure,
    now: Timestamp,
) -> Result<Counts, StoreError> {
    take_back(txn, business.uuid(), erasure.request.id, now).await?;
    let bodies = erase_bodies(txn, business, &erasure.bodies, now).await?;
    let deliveries = erasure.bodies.iter().map(|(id, _)| id.uuid()).collect();
    let scope = Scope::new(business, &erasure.orders, deliveries, &erasure.telltales, now);
    let mut counts = erase_orders(txn, scope).await?;
    counts.insert("delivery".to_owned(), bodies);
    log::forget_customer(txn, business, erasure.customer_id, &mut counts).await?;
    counts.retain(|_, rows| *rows > 0);
    Ok(counts)
}

/// Takes the buyers out of orders, and out of all that was said of them and of the deliveries.
pub(super) async fn erase_orders(
    txn: &mut Txn,
    mut scope: Scope<'_>,
) -> Result<Counts, StoreError> {
    let mut counts = Counts::new();
    let told = told_of(txn, &scope).await?;
    scope.deliveries.extend(told);
    log::erase(txn, &scope, &mut counts).await?;
    log::forget_buyers(txn, &scope, &mut counts).await?;
    pos::erase(txn, &scope, &mut counts).await?;
    Ok(counts)
}

const TOLD_OF: &str = "SELECT delivery_id FROM inbox
    WHERE business_id = ? AND object_type = 'order' AND object_id ";

/// The deliveries that were ever about the person's orders.
async fn told_of(txn: &Txn, scope: &Scope<'_>) -> Result<Vec<Uuid>, StoreError> {
    let sql = format!("{TOLD_OF}{}", txn.dialect().in_list());
    let values = [scope.business.uuid().into(), scope.order_list(txn.dialect())];
    let rows = txn.conn().query_all_raw(txn.dialect().statement(&sql, values)).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

const DELIVERY: &[Column] = &[uuid("business_id").key(), uuid("delivery_id").key()];

impl<'a> Scope<'a> {
    pub(super) fn new(
        business: BusinessId,
        orders: &'a [ExternalId],
        deliveries: BTreeSet<Uuid>,
        telltales: &'a Telltales,
        now: Timestamp,
    ) -> Self {
        Self { business, orders, deliveries, telltales, now }
    }

    /// The orders as a parameter.
    fn order_list(&self, dialect: Dialect) -> Value {
        dialect.ints(self.orders.iter().map(|order| order.0))
    }

    /// Sets `set` where `condition` holds in a table's rows of the deliveries.
    async fn by_delivery(
        &self,
        txn: &Txn,
        table: &str,
        set: &str,
        condition: &str,
    ) -> Result<u64, StoreError> {
        let mut rows = Rows::new(DELIVERY);
        for delivery in &self.deliveries {
            rows.push([self.business.uuid().into(), (*delivery).into()]);
        }
        rows.update(txn.conn(), txn.dialect(), table, set, condition).await
    }

    /// Runs `UPDATE … SET … WHERE business_id = ? AND {of orders} AND {condition}`.
    async fn by_order(
        &self,
        txn: &Txn,
        (table, column): (&str, &str),
        set: &str,
        condition: &str,
    ) -> Result<u64, StoreError> {
        let dialect = txn.dialect();
        let sql = format!(
            "UPDATE {table} SET {set} WHERE business_id = ? AND {column} {} AND ({condition})",
            dialect.in_list()
        );
        let values = [self.business.uuid().into(), self.order_list(dialect)];
        Ok(txn.conn().execute_raw(dialect.statement(&sql, values)).await?.rows_affected())
    }
}

/// Sets a column to the word for what is gone.
fn to_erased(column: &str) -> String {
    format!("{column} = '{ERASED}'")
}
