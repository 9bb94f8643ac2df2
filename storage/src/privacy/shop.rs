//! Erasing all that is held of a shop, some days after it took the app away.
//!
//! That can be a great deal, so it goes in parts, each a transaction of its own that leaves less for the next: whoever is
//! killed in between goes on where they were. What the business made of it stays: its ledger, its links, and its sales
//! without their buyers.

use std::collections::BTreeSet;

use domain::activity::NewActivity;
use domain::connection::ConnectionStatus;
use domain::id::{BusinessId, ConnectionId, DeliveryId, ExternalId};
use domain::pos::PosOrder;
use domain::privacy::{Counts, ERASED, Mark, PrivacyState, StoredRequest, Telltales};
use domain::time::Timestamp;
use futures_util::TryStreamExt as _;
use sea_orm::{
    ColumnTrait, ConnectionTrait as _, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    StreamTrait as _,
};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::Looked;
use super::erase::{Scope, erase_orders, overwrite};
use super::request::{Closed, add_counts, close};
use super::tombstone::{self, Plot};
use crate::entity::{connection, delivery, shopify_order};
use crate::sql::{Column, Rows, bytes, int, text, uuid};
use crate::writer::Txn;
use crate::{StoreError, Tenant, row};

/// Orders of one part.
const ORDERS_MAX: u64 = 100;
/// Deliveries of one part.
const DELIVERIES_MAX: u64 = 500;
/// What is left of a body.
const EMPTIED: &str = "{}";

/// The tables whose rows of a connection go whole.
const WHOLE: [&str; 7] = [
    "shopify_product",
    "shopify_raw_ingest",
    "connection_secret",
    "delivery_hour",
    "product_push",
    "push_location",
    "stock_push",
];

impl Tenant {
    /// Erases a part of the shop's orders. Returns whether there may be more. Fails with [`StoreError::Conflict`] where
    /// the shop is connected.
    pub async fn erase_shop_orders(
        &self,
        request: &StoredRequest,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.erase_part(request, move |txn, of| Box::pin(orders(txn, of, now))).await
    }

    /// Empties a part of the bodies that came by the connection, those behind `after`. Returns the last one of the part;
    /// none at the end. Fails as [`Tenant::erase_shop_orders`] does.
    pub async fn erase_shop_bodies(
        &self,
        request: &StoredRequest,
        after: Option<DeliveryId>,
        now: Timestamp,
    ) -> Result<Option<DeliveryId>, StoreError> {
        self.erase_part(request, move |txn, of| Box::pin(empty_bodies(txn, of, after, now))).await
    }

    /// Erases the rest, and closes the request. Fails as [`Tenant::erase_shop_orders`] does.
    pub async fn erase_shop(
        &self,
        request: &StoredRequest,
        event: NewActivity,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let keys = self.keys().clone();
        self.erase_part(request, move |txn, of| {
            Box::pin(async move {
                let mut counts = rest(txn, of).await?;
                let plot = Plot {
                    business: of.business.uuid(),
                    request: of.request.uuid(),
                    connection: of.connection,
                    erased_at: now.millis(),
                };
                tombstone::add(txn, &keys, plot, &[Mark::shop()]).await?;
                add_counts(txn, of.business, of.request, &mut counts).await?;
                let closed = Closed { state: PrivacyState::Done, note: None, at: Some(now) };
                close(txn, of.business.uuid(), of.request, closed, (&[], &counts)).await?;
                txn.publish(of.business, &[event]).await?;
                Ok(())
            })
        })
        .await
    }

    async fn erase_part<T: Send + 'static>(
        &self,
        request: &StoredRequest,
        part: impl for<'t> FnOnce(
            &'t mut Txn,
            Of,
        ) -> futures_util::future::BoxFuture<'t, Result<T, StoreError>>
        + Send
        + 'static,
    ) -> Result<T, StoreError> {
        let of = Of {
            business: self.business_id(),
            request: request.id,
            connection: request.connection_id.uuid(),
        };
        self.write(move |txn| {
            Box::pin(async move {
                let key = (of.business.uuid(), of.connection);
                let found = connection::Entity::find_by_id(key).one(txn.conn()).await?;
                let over = ConnectionStatus::Disconnected.as_str();
                if found.is_none_or(|row| row.status != over) {
                    return Err(StoreError::Conflict("the shop is connected"));
                }
                overwrite(txn, true).await?;
                let done = part(txn, of).await;
                overwrite(txn, false).await?;
                done
            })
        })
        .await
    }
}

/// What is erased.
#[derive(Clone, Copy)]
struct Of {
    business: BusinessId,
    request: DeliveryId,
    connection: Uuid,
}

async fn orders(txn: &mut Txn, of: Of, now: Timestamp) -> Result<bool, StoreError> {
    use shopify_order::{Column as Field, Entity};
    let ids: Vec<i64> = Entity::find()
        .select_only()
        .column(Field::OrderId)
        .filter(Field::BusinessId.eq(of.business.uuid()))
        .filter(Field::ConnectionId.eq(of.connection))
        .limit(ORDERS_MAX)
        .into_tuple()
        .all(txn.conn())
        .await?;
    if ids.is_empty() {
        return Ok(false);
    }
    let orders: Vec<ExternalId> = ids.iter().copied().map(ExternalId).collect();
    let telltales = Telltales::default();
    let scope = Scope::new(of.business, &orders, BTreeSet::new(), &telltales, now);
    let mut counts = erase_orders(txn, scope).await?;
    let dialect = txn.dialect();
    for table in ["shopify_line_item", "shopify_order"] {
        let sql =
            format!("DELETE FROM {table} WHERE business_id = ? AND order_id {}", dialect.in_list());
        let values = [of.business.uuid().into(), dialect.ints(ids.iter().copied())];
        let gone = txn.conn().execute_raw(dialect.statement(&sql, values)).await?;
        counts.insert(table.to_owned(), gone.rows_affected());
    }
    add_counts(txn, of.business, of.request, &mut counts).await?;
    Ok(true)
}

async fn empty_bodies(
    txn: &mut Txn,
    of: Of,
    after: Option<DeliveryId>,
    now: Timestamp,
) -> Result<Option<DeliveryId>, StoreError> {
    use delivery::{Column as Field, Entity};
    let after = after.map_or_else(Uuid::nil, DeliveryId::uuid);
    let ids: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Field::DeliveryId)
        .filter(Field::BusinessId.eq(of.business.uuid()))
        .filter(Field::DeliveryId.gt(after))
        .filter(Field::ConnectionId.eq(of.connection))
        .order_by_asc(Field::DeliveryId)
        .limit(DELIVERIES_MAX)
        .into_tuple()
        .all(txn.conn())
        .await?;
    let Some(last) = ids.last().copied() else { return Ok(None) };
    let emptied = empty(txn, of, &ids, now).await?;
    let telltales = Telltales::default();
    let deliveries = ids.into_iter().collect();
    let scope = Scope::new(of.business, &[], deliveries, &telltales, now);
    let mut counts = erase_orders(txn, scope).await?;
    counts.insert("delivery".to_owned(), emptied);
    add_counts(txn, of.business, of.request, &mut counts).await?;
    Ok(Some(DeliveryId::from_uuid(last)))
}

const EMPTY: &[Column] = &[
    uuid("business_id").key(),
    uuid("delivery_id").key(),
    text("webhook_id"),
    text("event_id").or_null(),
    bytes("body_hash"),
    bytes("body"),
    text("body_encoding"),
    int("erased_at"),
];

/// Leaves of deliveries that they came. By what they were told apart goes too: a merchant who comes back is told of the
/// same objects anew, and must not be taken for a repetition.
async fn empty(txn: &Txn, of: Of, ids: &[Uuid], now: Timestamp) -> Result<u64, StoreError> {
    let mut rows = Rows::new(EMPTY);
    for id in ids {
        let hash: [u8; 32] = Sha256::digest(id.as_bytes()).into();
        rows.push([
            of.business.uuid().into(),
            (*id).into(),
            format!("erased:{id}").into(),
            None::<String>.into(),
            hash.to_vec().into(),
            EMPTIED.as_bytes().to_vec().into(),
            "plain".into(),
            now.millis().into(),
        ]);
    }
    rows.update(txn.conn(), txn.dialect(), "delivery", "", "").await
}

const VARIANTS: &str = "DELETE FROM shopify_product_variant WHERE business_id = ?
    AND product_id IN (SELECT product_id FROM shopify_product
        WHERE business_id = ? AND connection_id = ?)";
const PRODUCT_EVENTS: &str = "UPDATE activity SET message = ? WHERE business_id = ?
    AND kind = 'product_changed' AND subject_kind = 'product'
    AND subject_id IN (SELECT CAST(product_id AS TEXT) FROM shopify_product
        WHERE business_id = ? AND connection_id = ?)";
// The path of its webhooks is closed; the shop's name stays, by which the store's last requests find us.
const CONNECTION: &str = "UPDATE connection SET path_token_hash = NULL, granted_scopes = '[]',
    subscriptions = '[]', last_synced_at = NULL WHERE business_id = ? AND connection_id = ?";

async fn rest(txn: &Txn, of: Of) -> Result<Counts, StoreError> {
    let (business, connection) = (of.business.uuid(), of.connection);
    let mut counts = Counts::new();
    let run = async |sql: &str, values: Vec<sea_orm::Value>| -> Result<u64, StoreError> {
        let statement = txn.dialect().statement(sql, values);
        Ok(txn.conn().execute_raw(statement).await?.rows_affected())
    };
    let key = || vec![business.into(), connection.into()];
    let with = |first: sea_orm::Value| [vec![first], key()].concat();
    let told = run(PRODUCT_EVENTS, [vec![ERASED.into()], with(business.into())].concat()).await?;
    counts.insert("activity".to_owned(), told);
    let variants = run(VARIANTS, with(business.into())).await?;
    counts.insert("shopify_product_variant".to_owned(), variants);
    for table in WHOLE {
        let sql = format!("DELETE FROM {table} WHERE business_id = ? AND connection_id = ?");
        counts.insert(table.to_owned(), run(&sql, key()).await?);
    }
    counts.insert("connection".to_owned(), run(CONNECTION, key()).await?);
    Ok(counts)
}

const SALES: &str = "SELECT v.document FROM pos_order_version AS v
    JOIN delivery AS d ON d.business_id = v.business_id AND d.delivery_id = v.delivery_id
    WHERE v.business_id = ? AND d.connection_id = ?";

impl Tenant {
    /// Looks for what is left of a shop: rows that came by its connection, bodies that say anything, sales that name their
    /// buyers.
    pub async fn look_for_shop(&self, connection: ConnectionId) -> Result<Vec<Looked>, StoreError> {
        let key = || [self.business_id().uuid().into(), connection.uuid().into()];
        let mut looked = Vec::new();
        for table in WHOLE.into_iter().chain(["shopify_order"]) {
            let sql = format!(
                "SELECT count(*), count(*) FROM {table} WHERE business_id = ? AND connection_id = ?"
            );
            looked.push(self.counted(table, &sql, key()).await?);
        }
        let bodies = "SELECT count(*), count(CASE WHEN length(body) > 2 THEN 1 END)
            FROM delivery WHERE business_id = ? AND connection_id = ?";
        looked.push(self.counted("delivery", bodies, key()).await?);
        let mut sales = Looked { table: "pos_order_version", rows: 0, naming: 0 };
        let statement = self.dialect().statement(SALES, key());
        let mut rows = self.reader().stream_raw(statement).await?;
        while let Some(row) = rows.try_next().await? {
            let document: String = row.try_get_by_index(0)?;
            let sale: PosOrder = row::Of(sales.table).json("document", &document)?;
            sales.rows += 1;
            sales.naming += u64::from(sale.names_person());
        }
        looked.push(sales);
        Ok(looked)
    }

    async fn counted(
        &self,
        table: &'static str,
        sql: &str,
        key: [sea_orm::Value; 2],
    ) -> Result<Looked, StoreError> {
        let row = self.reader().query_one_raw(self.dialect().statement(sql, key)).await?;
        let row = row.ok_or_else(|| StoreError::unavailable("a count gave no answer"))?;
        let count = |at| row.try_get_by_index::<i64>(at).map(i64::unsigned_abs);
        Ok(Looked { table, rows: count(0)?, naming: count(1)? })
    }
}
