//! Product pushes, as operators see them.

use domain::code::Code;
use domain::delivery::Failure;
use domain::id::{ConnectionId, ExternalId, SyncLogId};
use domain::page::{Cursor, Page, PageRequest};
use domain::product_push::{ProductHold, ProductPush, ProductPushKey, ProductPushState};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::entity::product_push::{Column, Entity, Model};
use crate::page::{Sort, keyset, page_of};
use crate::row::{Of, time};
use crate::{StoreError, Tenant};

const PUSH: Of = Of("product_push");

/// Which product pushes are wanted; all of them where nothing is said.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProductPushFilter {
    /// Those that are part of this request.
    pub sync_log_id: Option<SyncLogId>,
    /// Those that failed.
    pub failed: bool,
}

impl Tenant {
    /// A page of product pushes, by connection and POS product.
    pub async fn product_pushes(
        &self,
        request: &PageRequest,
        filter: &ProductPushFilter,
    ) -> Result<Page<ProductPush>, StoreError> {
        let place = match &request.cursor {
            Some(cursor) => Some(place_of(cursor)?),
            None => None,
        };
        let mut select = Entity::find().filter(Column::BusinessId.eq(self.business_id().uuid()));
        if let Some(id) = filter.sync_log_id {
            select = select.filter(Column::SyncLogId.eq(id.uuid()));
        }
        if filter.failed {
            select = select.filter(Column::State.eq("failed"));
        }
        let columns = [Column::ConnectionId, Column::PosProductId];
        let models =
            keyset(select, request, Sort::OldestFirst, columns, place).all(self.reader()).await?;
        page_of(request, models, cursor_of, read_push)
    }
}

fn cursor_of(model: &Model) -> Cursor {
    Cursor { key: 0, id: format!("{} {}", model.connection_id, model.pos_product_id) }
}

fn place_of(cursor: &Cursor) -> Result<[sea_orm::Value; 2], StoreError> {
    let (connection, product) = cursor.id.split_once(' ').ok_or(StoreError::InvalidCursor)?;
    let connection: uuid::Uuid = connection.parse().map_err(|_| StoreError::InvalidCursor)?;
    Ok([connection.into(), product.into()])
}

fn read_push(model: Model) -> Result<ProductPush, StoreError> {
    let failure = match (&model.failure_code, &model.failure_detail) {
        (Some(code), detail) => {
            let code = PUSH.word("failure_code", code, Code::parse)?;
            Some(Failure::new(code, detail.clone().unwrap_or_default()))
        }
        _ => None,
    };
    let hold = model.hold.as_deref().map(|hold| PUSH.word("hold", hold, ProductHold::parse));
    let state = match (model.state.as_str(), hold.transpose()?, failure) {
        ("ready", None, failure) => ProductPushState::Waiting(failure),
        ("running", None, _) => ProductPushState::Running,
        ("done", None, None) => ProductPushState::Done,
        ("held", Some(hold), None) => ProductPushState::Held(hold),
        ("failed", None, Some(failure)) => ProductPushState::Failed(failure),
        _ => return Err(PUSH.corrupt("state", "does not fit the row")),
    };
    Ok(ProductPush {
        key: ProductPushKey {
            connection_id: ConnectionId::from_uuid(model.connection_id),
            pos_product_id: model.pos_product_id,
        },
        sync_log_id: SyncLogId::from_uuid(model.sync_log_id),
        state,
        attempts: PUSH.count("attempts", model.attempts)?,
        product_id: model.product_id.map(ExternalId),
        pushed_at: model.pushed_at.map(time),
        updated_at: time(model.updated_at),
    })
}
