//! The executions of plugins that POS orders came from.

use domain::flow::{Changes, Run};
use domain::id::BusinessId;
use domain::personal::Personal;
use domain::time::Timestamp;
use sea_orm::Value;

use super::each;
use crate::error::StoreError;
use crate::sql::{Column, Rows, bytes, int, text, uuid};
use crate::writer::Txn;

const RUN: &[Column] = &[
    uuid("business_id"),
    uuid("run_id"),
    uuid("delivery_id"),
    text("capability"),
    int("external_id"),
    int("mapper_version"),
    int("mapper_config"),
    text("contract"),
    text("host"),
    bytes("plugin_digest"),
    bytes("config_digest"),
    bytes("input_digest"),
    bytes("output_digest").or_null(),
    text("outcome"),
    text("failure_code").or_null(),
    text("failure_detail").or_null(),
    text("log").or_null(),
    int("fuel"),
    int("duration_us"),
    int("created_at"),
];

pub(super) async fn write(txn: &Txn, batches: &[&Changes]) -> Result<(), StoreError> {
    let mut rows = Rows::new(RUN);
    for (business_id, now, run) in each(batches, |batch| &batch.runs) {
        rows.push(values(business_id, now, run));
    }
    rows.insert(txn.conn(), txn.dialect(), "mapper_run", "").await?;
    Ok(())
}

fn values(business_id: BusinessId, now: Timestamp, run: &Run) -> [Value; 20] {
    let failure = run.failure.as_ref();
    [
        business_id.uuid().into(),
        run.id.uuid().into(),
        run.delivery_id.uuid().into(),
        run.capability.as_str().into(),
        run.external_id.0.into(),
        i64::from(run.mapper.version).into(),
        i64::from(run.mapper.config).into(),
        run.contract.as_str().into(),
        run.host.as_str().into(),
        run.plugin_digest.to_vec().into(),
        run.config_digest.to_vec().into(),
        run.input_digest.to_vec().into(),
        run.output_digest.map(Vec::from).into(),
        run.outcome.as_str().into(),
        failure.map(|failure| failure.code.as_str()).into(),
        failure.map(|failure| failure.detail.as_str()).into(),
        run.log.as_ref().map(Personal::reveal).into(),
        i64::try_from(run.fuel).unwrap_or(i64::MAX).into(),
        i64::try_from(run.duration_us).unwrap_or(i64::MAX).into(),
        now.millis().into(),
    ]
}
