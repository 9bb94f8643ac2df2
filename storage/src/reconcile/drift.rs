//! Drift: the objects that a reconciliation found to differ.

use domain::code::Code;
use domain::id::{DeliveryId, ExternalId, ReconciliationId};
use domain::page::{Cursor, Page, PageRequest};
use domain::reconcile::{Cause, Drift, DriftKind, DriftState};
use domain::time::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Value,
};
use uuid::Uuid;

use crate::entity::drift::{Column, Entity, Model};
use crate::page::{Sort, id_of, keyset, page_of};
use crate::row::{self, Of};
use crate::sql::{self, Rows, int, text, uuid};
use crate::writer::Txn;
use crate::{StoreError, Tenant};

const DRIFT: Of = Of("drift");

impl Tenant {
    /// Up to `limit` objects of a reconciliation that differ so and are mended so far, by id.
    pub async fn drift_in(
        &self,
        run: ReconciliationId,
        kinds: &[DriftKind],
        state: DriftState,
        limit: u64,
    ) -> Result<Vec<Drift>, StoreError> {
        let rows = Entity::find()
            .filter(Column::BusinessId.eq(self.business_id().uuid()))
            .filter(Column::ReconciliationId.eq(run.uuid()))
            .filter(Column::Kind.is_in(kinds.iter().map(|kind| kind.as_str())))
            .filter(Column::State.eq(state.as_str()))
            .order_by_asc(Column::ObjectId)
            .limit(limit)
            .all(self.reader())
            .await?;
        rows.iter().map(read_drift).collect()
    }

    /// How many objects of a reconciliation differ in each way, by how far they are mended.
    pub async fn drift_counts(
        &self,
        run: ReconciliationId,
    ) -> Result<Vec<(DriftKind, DriftState, u64)>, StoreError> {
        let statement = self.dialect().statement(
            "SELECT kind, state, count(*) FROM drift
             WHERE business_id = ? AND reconciliation_id = ? GROUP BY kind, state",
            [self.business_id().uuid().into(), run.uuid().into()],
        );
        let rows = self.reader().query_all_raw(statement).await?;
        let read = rows.iter().map(|row| {
            let (kind, state): (String, String) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            Ok((
                DRIFT.word("kind", &kind, DriftKind::parse)?,
                DRIFT.word("state", &state, DriftState::parse)?,
                row.try_get_by_index::<i64>(2)?.unsigned_abs(),
            ))
        });
        read.collect()
    }

    /// A page of the objects that a reconciliation found to differ, by id. Those that nobody was asked about yet are not
    /// among them.
    pub async fn drift(
        &self,
        run: ReconciliationId,
        request: &PageRequest,
    ) -> Result<Page<Drift>, StoreError> {
        let place = match &request.cursor {
            Some(cursor) => Some([id_of::<i64>(cursor)?.into()]),
            None => None,
        };
        let select = Entity::find()
            .filter(Column::BusinessId.eq(self.business_id().uuid()))
            .filter(Column::ReconciliationId.eq(run.uuid()))
            .filter(Column::Kind.ne(DriftKind::Unseen.as_str()));
        let columns = [Column::ObjectId];
        let models =
            keyset(select, request, Sort::OldestFirst, columns, place).all(self.reader()).await?;
        let place = |model: &Model| Cursor { key: 0, id: model.object_id.to_string() };
        page_of(request, models, place, |model| read_drift(&model))
    }
}

const ROW: &[sql::Column] = &[
    uuid("business_id"),
    uuid("reconciliation_id"),
    int("object_id"),
    text("kind"),
    text("state"),
    text("cause"),
    uuid("cause_delivery_id").or_null(),
    text("cause_code").or_null(),
    int("object_created_at"),
    int("store_updated_at").or_null(),
    int("held_updated_at").or_null(),
    uuid("healed_by").or_null(),
    int("found_at"),
];

/// Writes drift, in the place of what stood of the same objects.
pub(super) async fn write(
    txn: &Txn,
    (business, run): (Uuid, Uuid),
    found: &[Drift],
) -> Result<(), StoreError> {
    let mut rows = Rows::new(ROW);
    for drift in found {
        let (cause, delivery, code) = cause_columns(&drift.cause);
        rows.push([
            business.into(),
            run.into(),
            drift.object_id.0.into(),
            drift.kind.as_str().into(),
            drift.state.as_str().into(),
            cause.into(),
            delivery.map(DeliveryId::uuid).into(),
            code.map(|code| code.as_str().to_owned()).into(),
            drift.created_at.millis().into(),
            drift.store_updated_at.map(Timestamp::millis).into(),
            drift.held_updated_at.map(Timestamp::millis).into(),
            drift.healed_by.map(DeliveryId::uuid).into(),
            drift.found_at.millis().into(),
        ]);
    }
    let replace = " ON CONFLICT (business_id, reconciliation_id, object_id) DO UPDATE
        SET kind = excluded.kind, state = excluded.state, cause = excluded.cause,
            cause_delivery_id = excluded.cause_delivery_id, cause_code = excluded.cause_code,
            healed_by = excluded.healed_by";
    rows.insert(txn.conn(), txn.dialect(), "drift", replace).await?;
    Ok(())
}

/// Removes what stood of these objects.
pub(super) async fn remove(
    txn: &Txn,
    (business, run): (Uuid, Uuid),
    mistaken: &[ExternalId],
) -> Result<(), StoreError> {
    if mistaken.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "DELETE FROM drift WHERE business_id = ? AND reconciliation_id = ? AND object_id {}",
        txn.dialect().in_list()
    );
    let ids: Value = txn.dialect().ints(mistaken.iter().map(|id| id.0));
    let statement = txn.dialect().statement(&sql, [business.into(), run.into(), ids]);
    txn.conn().execute_raw(statement).await?;
    Ok(())
}

fn cause_columns(cause: &Cause) -> (&'static str, Option<DeliveryId>, Option<Code>) {
    match cause {
        Cause::Refused { delivery_id, code } => ("refused", Some(*delivery_id), Some(*code)),
        Cause::InQueue { delivery_id } => ("in_queue", Some(*delivery_id), None),
        Cause::NeverReceived => ("never_received", None, None),
        Cause::Unknown => ("unknown", None, None),
    }
}

fn read_cause(row: &Model) -> Option<Cause> {
    let delivery_id = row.cause_delivery_id.map(DeliveryId::from_uuid);
    Some(match row.cause.as_str() {
        "refused" => Cause::Refused {
            delivery_id: delivery_id?,
            code: row.cause_code.as_deref().and_then(Code::parse)?,
        },
        "in_queue" => Cause::InQueue { delivery_id: delivery_id? },
        "never_received" => Cause::NeverReceived,
        "unknown" => Cause::Unknown,
        _ => return None,
    })
}

fn read_drift(row: &Model) -> Result<Drift, StoreError> {
    Ok(Drift {
        object_id: ExternalId(row.object_id),
        kind: DRIFT.word("kind", &row.kind, DriftKind::parse)?,
        state: DRIFT.word("state", &row.state, DriftState::parse)?,
        cause: DRIFT.word("cause", &row.cause, |_| read_cause(row))?,
        created_at: row::time(row.object_created_at),
        store_updated_at: row.store_updated_at.map(row::time),
        held_updated_at: row.held_updated_at.map(row::time),
        healed_by: row.healed_by.map(DeliveryId::from_uuid),
        found_at: row::time(row.found_at),
    })
}
