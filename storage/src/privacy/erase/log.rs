//! What was said of the person's orders: reasons, logs, reports.

use domain::id::{BusinessId, ExternalId};
use domain::privacy::Counts;
use sea_orm::{ColumnTrait, ConnectionTrait as _, EntityTrait, QueryFilter};
use serde_json::Value;

use super::{Scope, to_erased};
use crate::StoreError;
use crate::entity::shadow_report;
use crate::sql::{Column, Rows, text, uuid};
use crate::writer::Txn;

/// The events that repeat what a plugin or the business's POS worded.
const WORDED: &str = "subject_kind = 'order' AND kind IN ('order_refused', 'dispatch_died')";

/// Texts that somebody else worded may hold anything that the order did, so they go whole.
pub(super) async fn erase(
    txn: &Txn,
    scope: &Scope<'_>,
    counts: &mut Counts,
) -> Result<(), StoreError> {
    let detail = to_erased("failure_detail");
    let is_told = "failure_detail IS NOT NULL";
    let mut note = |table: &str, rows: u64| counts.insert(table.to_owned(), rows);

    note("inbox", scope.by_delivery(txn, "inbox", &detail, is_told).await?);
    let error = to_erased("error");
    let raw = scope.by_delivery(txn, "shopify_raw_ingest", &error, "error IS NOT NULL").await?;
    note("shopify_raw_ingest", raw);
    let error = to_erased("error_detail");
    note("sync_log", scope.by_delivery(txn, "sync_log", &error, "error_detail IS NOT NULL").await?);

    let set = format!(
        "log = NULL, failure_detail = CASE WHEN {is_told} THEN '{}' END",
        domain::privacy::ERASED
    );
    let runs = ("mapper_run", "external_id");
    let condition = format!("capability = 'map_order' AND (log IS NOT NULL OR {is_told})");
    note("mapper_run", scope.by_order(txn, runs, &set, &condition).await?);
    note("outbox", scope.by_order(txn, ("outbox", "external_id"), &detail, is_told).await?);
    note("activity", events(txn, scope).await?);
    note("shadow_report", reports(txn, scope).await?);
    Ok(())
}

async fn events(txn: &Txn, scope: &Scope<'_>) -> Result<u64, StoreError> {
    let dialect = txn.dialect();
    let sql = format!(
        "UPDATE activity SET {} WHERE business_id = ? AND {WORDED} AND subject_id {}",
        to_erased("message"),
        dialect.in_list()
    );
    let orders = dialect.texts(scope.orders.iter().map(ToString::to_string));
    let values = [scope.business.uuid().into(), orders];
    Ok(txn.conn().execute_raw(dialect.statement(&sql, values)).await?.rows_affected())
}

const REPORT: &[Column] = &[uuid("business_id").key(), uuid("report_id").key(), text("body")];
const END_RUNS: &str = "DELETE FROM mapper_work WHERE business_id = ? AND kind = 'shadow'";

/// Examples of differences quote what the orders say. A run that is under way has read them, and is ended.
async fn reports(txn: &Txn, scope: &Scope<'_>) -> Result<u64, StoreError> {
    use shadow_report::{Column, Entity};
    let business = scope.business.uuid();
    txn.conn().execute_raw(txn.dialect().statement(END_RUNS, [business.into()])).await?;
    let reports = Entity::find()
        .filter(Column::BusinessId.eq(business))
        .filter(Column::Body.is_not_null())
        .all(txn.conn())
        .await?;
    let mut rows = Rows::new(REPORT);
    for report in reports {
        let read = report.body.as_deref().map(serde_json::from_str::<Value>);
        let mut body = read
            .transpose()
            .map_err(|_| StoreError::corrupt("shadow_report", "body is not JSON"))?
            .unwrap_or_default();
        if blank_examples(&mut body, scope.orders) {
            rows.push([business.into(), report.report_id.into(), body.to_string().into()]);
        }
    }
    rows.update(txn.conn(), txn.dialect(), "shadow_report", "", "").await
}

/// Empties the examples of these orders. Returns whether there were any.
fn blank_examples(value: &mut Value, orders: &[ExternalId]) -> bool {
    match value {
        Value::Object(fields) if fields.contains_key("path") && fields.contains_key("before") => {
            let id = fields.get("id").and_then(Value::as_i64).map(ExternalId);
            let is_theirs = id.is_some_and(|id| orders.contains(&id));
            let quotes = |name| fields.get(name).is_some_and(|quoted| !quoted.is_null());
            let blanks = is_theirs && (quotes("before") || quotes("after"));
            if blanks {
                fields.insert("before".to_owned(), Value::Null);
                fields.insert("after".to_owned(), Value::Null);
            }
            blanks
        }
        Value::Object(fields) => blank_all(fields.values_mut(), orders),
        Value::Array(items) => blank_all(items.iter_mut(), orders),
        _ => false,
    }
}

fn blank_all<'v>(values: impl Iterator<Item = &'v mut Value>, orders: &[ExternalId]) -> bool {
    let mut any = false;
    for value in values {
        any |= blank_examples(value, orders);
    }
    any
}

const CUSTOMER: &str = "object_type = 'customer' AND object_id = ?";

/// Takes the buyers' ids out of the orders.
pub(super) async fn forget_buyers(
    txn: &Txn,
    scope: &Scope<'_>,
    counts: &mut Counts,
) -> Result<(), StoreError> {
    let orders = ("shopify_order", "order_id");
    let forgot = scope.by_order(txn, orders, "customer_id = NULL", "customer_id IS NOT NULL");
    counts.insert("shopify_order".to_owned(), forgot.await?);
    Ok(())
}

/// Takes the person's own id out of the rows that name it.
pub(super) async fn forget_customer(
    txn: &Txn,
    business: BusinessId,
    customer: Option<ExternalId>,
    counts: &mut Counts,
) -> Result<(), StoreError> {
    let Some(customer) = customer else { return Ok(()) };
    for table in ["inbox", "shopify_raw_ingest"] {
        let sql =
            format!("UPDATE {table} SET object_id = NULL WHERE business_id = ? AND {CUSTOMER}");
        let values = [business.uuid().into(), customer.0.into()];
        let forgot = txn.conn().execute_raw(txn.dialect().statement(&sql, values)).await?;
        *counts.entry(table.to_owned()).or_default() += forgot.rows_affected();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn examples_of_other_orders_stay() {
        let example = |id| json!({ "id": id, "path": "number", "before": "a", "after": "b" });
        let mut body = json!({ "groups": [{ "examples": [example(1), example(2)] }] });
        assert!(blank_examples(&mut body, &[ExternalId(1)]));
        let examples = &body["groups"][0]["examples"];
        assert_eq!((&examples[0]["before"], &examples[1]["before"]), (&Value::Null, &json!("a")));
        assert!(!blank_examples(&mut body, &[ExternalId(1)]));
    }
}
