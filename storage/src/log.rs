//! The sync log and the activity feed.

mod feed;

use domain::activity::{SyncKind, SyncLogEntry, SyncStatus};
use domain::id::{ConnectionId, DeliveryId, SyncLogId};
use domain::page::{Page, PageRequest};
use domain::time::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::entity::sync_log;
use crate::page::{Sort, by_id, id_of, keyset, page_of};
use crate::sql::{Column as Field, Rows, int, text, uuid};
use crate::writer::Txn;
use crate::{StoreError, Tenant, row};

const ENTRY: row::Of = row::Of("sync_log");

const FIELDS: &[Field] = &[
    uuid("business_id"),
    uuid("sync_log_id"),
    uuid("connection_id").or_null(),
    text("kind"),
    text("status"),
    int("processed"),
    int("failed"),
    text("error_detail").or_null(),
    uuid("delivery_id").or_null(),
    int("started_at"),
    int("finished_at").or_null(),
];
const REPLACE: &str = " ON CONFLICT (business_id, sync_log_id) DO UPDATE SET \
    status = excluded.status, processed = excluded.processed, failed = excluded.failed, \
    error_detail = excluded.error_detail, finished_at = excluded.finished_at";

impl Tenant {
    /// A page of the sync log, the entry made last first (S0.13). Entries sort by their ids, which sort by age: the page
    /// is one range of the table itself.
    pub async fn sync_log(&self, request: &PageRequest) -> Result<Page<SyncLogEntry>, StoreError> {
        use sync_log::{Column, Entity};
        let place = match &request.cursor {
            Some(cursor) => Some([id_of::<Uuid>(cursor)?.into()]),
            None => None,
        };
        let select = Entity::find().filter(Column::BusinessId.eq(self.business_id().uuid()));
        let columns = [Column::SyncLogId];
        let models =
            keyset(select, request, Sort::NewestFirst, columns, place).all(self.reader()).await?;
        page_of(request, models, |model| by_id(&model.sync_log_id), read_entry)
    }

    /// An entry of the sync log.
    pub async fn sync_log_entry(&self, id: SyncLogId) -> Result<Option<SyncLogEntry>, StoreError> {
        let key = (self.business_id().uuid(), id.uuid());
        let model = sync_log::Entity::find_by_id(key).one(self.reader()).await?;
        model.map(read_entry).transpose()
    }

    /// Writes an entry: a new one, or how an earlier one with the same id went on.
    pub async fn put_sync_log(&self, entry: SyncLogEntry) -> Result<(), StoreError> {
        let business = self.business_id().uuid();
        self.write(move |txn| Box::pin(async move { put(txn, business, entry).await })).await
    }
}

/// The same within a transaction.
pub(crate) async fn put(txn: &Txn, business: Uuid, entry: SyncLogEntry) -> Result<(), StoreError> {
    let mut rows = Rows::new(FIELDS);
    rows.push([
        business.into(),
        entry.id.uuid().into(),
        entry.connection_id.map(ConnectionId::uuid).into(),
        entry.kind.as_str().into(),
        entry.status.as_str().into(),
        i64::from(entry.processed).into(),
        i64::from(entry.failed).into(),
        entry.error_detail.into(),
        entry.delivery_id.map(DeliveryId::uuid).into(),
        entry.started_at.millis().into(),
        entry.finished_at.map(Timestamp::millis).into(),
    ]);
    rows.insert(txn.conn(), txn.dialect(), "sync_log", REPLACE).await?;
    Ok(())
}

pub(crate) fn read_entry(model: sync_log::Model) -> Result<SyncLogEntry, StoreError> {
    Ok(SyncLogEntry {
        id: SyncLogId::from_uuid(model.sync_log_id),
        connection_id: model.connection_id.map(ConnectionId::from_uuid),
        kind: ENTRY.word("kind", &model.kind, SyncKind::parse)?,
        status: ENTRY.word("status", &model.status, SyncStatus::parse)?,
        processed: ENTRY.count("processed", model.processed)?,
        failed: ENTRY.count("failed", model.failed)?,
        error_detail: model.error_detail,
        delivery_id: model.delivery_id.map(DeliveryId::from_uuid),
        started_at: row::time(model.started_at),
        finished_at: model.finished_at.map(row::time),
    })
}
