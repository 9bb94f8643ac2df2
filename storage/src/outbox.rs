//! The outbox: POS orders on their way to the business's own POS. The row is the queue, as in the inbox.

mod endpoint;
mod send;

use domain::delivery::Failure;
use domain::id::ExternalId;
use domain::outbox::{OutboxEntry, OutboxState};
use domain::page::{Cursor, Page, PageRequest};
use domain::time::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::entity::outbox::{Column, Entity, Model};
use crate::page::{Sort, id_of, keyset, page_of};
use crate::writer::Txn;
use crate::{StoreError, Tenant, row};

pub use endpoint::EndpointSecrets;
pub(crate) use send::enqueue;
pub use send::{Dispatch, Dispatched};

const ENTRY: row::Of = row::Of("outbox");

const AGAIN: &str = "
    UPDATE outbox SET state = 'ready', attempts = 0, run_at = ?, lease_token = NULL,
        failure_code = NULL, failure_detail = NULL
    WHERE business_id = ? AND external_id = ? AND state IN ('ready', 'sent', 'dead')";

impl Tenant {
    /// A page of POS orders on their way, of one state or of all, by the store order's id, the greatest first.
    pub async fn outbox(
        &self,
        state: Option<OutboxState>,
        request: &PageRequest,
    ) -> Result<Page<OutboxEntry>, StoreError> {
        let place = match &request.cursor {
            Some(cursor) => Some([id_of::<i64>(cursor)?.into()]),
            None => None,
        };
        let mut select = Entity::find().filter(Column::BusinessId.eq(self.business_id().uuid()));
        if let Some(state) = state {
            select = select.filter(Column::State.eq(state.as_str()));
        }
        let columns = [Column::ExternalId];
        let models =
            keyset(select, request, Sort::NewestFirst, columns, place).all(self.reader()).await?;
        let place_of = |model: &Model| Cursor { key: 0, id: model.external_id.to_string() };
        page_of(request, models, place_of, read_entry)
    }

    /// Has the newest version of a store order's POS order sent, sent before or not. Fails with
    /// [`StoreError::NotFound`] where there is no such POS order or no endpoint. One that is being sent at this moment
    /// stays as it is.
    pub async fn send_again(&self, order: ExternalId, now: Timestamp) -> Result<(), StoreError> {
        let business = self.business_id();
        self.write(move |txn| {
            Box::pin(async move {
                if enqueue(txn, business, &[order], now).await? == 0 {
                    return Err(StoreError::NotFound("POS order or endpoint"));
                }
                let values = [now.millis().into(), business.uuid().into(), order.0.into()];
                again(txn, values).await
            })
        })
        .await
    }
}

async fn again(txn: &Txn, values: [sea_orm::Value; 3]) -> Result<(), StoreError> {
    txn.conn().execute_raw(txn.dialect().statement(AGAIN, values)).await?;
    Ok(())
}

fn read_entry(model: Model) -> Result<OutboxEntry, StoreError> {
    let failure = match (model.failure_code, model.failure_detail) {
        (Some(code), detail) => {
            let code = ENTRY.word("failure_code", &code, domain::code::Code::parse)?;
            Some(Failure::new(code, detail.unwrap_or_default()))
        }
        _ => None,
    };
    Ok(OutboxEntry {
        external_id: ExternalId(model.external_id),
        wanted_version: model.wanted_version,
        sent_version: model.sent_version,
        state: ENTRY.word("state", &model.state, OutboxState::parse)?,
        attempts: ENTRY.count("attempts", model.attempts)?,
        run_at: row::time(model.run_at),
        failure,
        sent_at: model.sent_at.map(row::time),
    })
}
