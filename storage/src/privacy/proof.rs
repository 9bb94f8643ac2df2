//! Looking again whether an erased person is anywhere.

use domain::id::{DeliveryId, ExternalId};
use domain::pos::PosOrder;
use domain::privacy::Mark;
use domain::time::Timestamp;
use futures_util::TryStreamExt as _;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, StreamTrait as _};

use super::tombstone::Tombstones;
use crate::entity::shopify_order;
use crate::page::parts;
use crate::{StoreError, Tenant, row};

/// The columns besides bodies and POS orders that hold words of somebody else's.
const TEXTS: &[(&str, &[&str])] = &[
    ("activity", &["message"]),
    ("inbox", &["failure_detail"]),
    ("mapper_repair", &["detail"]),
    ("mapper_run", &["failure_detail", "log"]),
    ("outbox", &["failure_detail"]),
    ("pos_order", &["number"]),
    ("product_push", &["failure_detail"]),
    ("shadow_report", &["body"]),
    ("shopify_line_item", &["title", "variant_title"]),
    ("shopify_order", &["name"]),
    ("shopify_raw_ingest", &["error"]),
    ("stock_push", &["failure_detail"]),
    ("sync_log", &["error_detail"]),
];

/// What a look into a table came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Looked {
    /// The table.
    pub table: &'static str,
    /// Rows that were looked at.
    pub rows: u64,
    /// Those that still hold something of the person.
    pub naming: u64,
}

impl Tenant {
    /// The marks that a request's person was erased by.
    pub async fn tombstones_of_request(
        &self,
        request: DeliveryId,
    ) -> Result<Tombstones, StoreError> {
        self.tombstones_of(Some(request)).await
    }

    /// Looks through every row of every table that holds texts, but for the bodies of deliveries: whether anything in it
    /// is the mark of somebody whom `names` knows, and whether the orders still name a buyer. Other sales count that were made until `erased_at`.
    pub async fn look_for_person(
        &self,
        orders: &[ExternalId],
        erased_at: Timestamp,
        names: impl Fn(&[Mark]) -> bool + Send + Sync,
    ) -> Result<Vec<Looked>, StoreError> {
        let mut looked = Vec::with_capacity(TEXTS.len() + 2);
        for (table, columns) in TEXTS {
            looked.push(self.look_into(table, columns, &names).await?);
        }
        looked.push(self.sales_naming(orders, erased_at, &names).await?);
        for one in &mut looked {
            if one.table == "shopify_order" {
                one.naming += self.orders_naming(orders).await?;
            }
        }
        looked.sort_by_key(|one| one.table);
        Ok(looked)
    }

    async fn look_into(
        &self,
        table: &'static str,
        columns: &[&str],
        names: &(impl Fn(&[Mark]) -> bool + Sync),
    ) -> Result<Looked, StoreError> {
        let sql = format!("SELECT {} FROM {table} WHERE business_id = ?", columns.join(", "));
        let statement = self.dialect().statement(&sql, [self.business_id().uuid().into()]);
        let mut found = Looked { table, rows: 0, naming: 0 };
        let mut rows = self.reader().stream_raw(statement).await?;
        while let Some(row) = rows.try_next().await? {
            found.rows += 1;
            let mut naming = false;
            for at in 0..columns.len() {
                let text: Option<String> = row.try_get_by_index(at)?;
                naming |= text.is_some_and(|text| tells(&text, names));
            }
            found.naming += u64::from(naming);
        }
        Ok(found)
    }

    async fn orders_naming(&self, orders: &[ExternalId]) -> Result<u64, StoreError> {
        use shopify_order::{Column, Entity};
        let mut naming = 0;
        for part in parts(orders) {
            naming += Entity::find()
                .filter(Column::BusinessId.eq(self.business_id().uuid()))
                .filter(Column::OrderId.is_in(part.into_iter().map(|id| id.0)))
                .filter(Column::CustomerId.is_not_null())
                .count(self.reader())
                .await?;
        }
        Ok(naming)
    }

    async fn sales_naming(
        &self,
        orders: &[ExternalId],
        erased_at: Timestamp,
        names: &(impl Fn(&[Mark]) -> bool + Sync),
    ) -> Result<Looked, StoreError> {
        let sql = "SELECT external_id, document FROM pos_order_version WHERE business_id = ?";
        let statement = self.dialect().statement(sql, [self.business_id().uuid().into()]);
        let mut found = Looked { table: "pos_order_version", rows: 0, naming: 0 };
        let mut rows = self.reader().stream_raw(statement).await?;
        while let Some(row) = rows.try_next().await? {
            found.rows += 1;
            let id = ExternalId(row.try_get_by_index(0)?);
            let document: String = row.try_get_by_index(1)?;
            let sale: PosOrder = row::Of("pos_order_version").json("document", &document)?;
            // What somebody bought afterwards is a new acquaintance.
            let is_theirs = orders.contains(&id);
            let naming = (is_theirs && sale.names_person())
                || ((is_theirs || sale.placed_at <= erased_at) && tells(&document, names));
            found.naming += u64::from(naming);
        }
        Ok(found)
    }
}

/// Whether a word of the text marks the person.
fn tells(text: &str, names: &impl Fn(&[Mark]) -> bool) -> bool {
    let parts_words = |c: char| c.is_whitespace() || "\"'<>()[]{},;:=".contains(c);
    let words = text.split(parts_words).map(|word| word.trim_end_matches('.'));
    words.filter(|word| !word.is_empty()).any(|word| names(&Mark::of_value(word)))
}
