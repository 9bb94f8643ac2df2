//! Pushes, as operators see them.

use domain::code::Code;
use domain::delivery::Failure;
use domain::id::{ConnectionId, ExternalId};
use domain::page::{Cursor, Page, PageRequest};
use domain::push::{Hold, PushKey, PushState, StockPush};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::entity::stock_push::{Column, Entity, Model};
use crate::page::{Sort, keyset, page_of};
use crate::row::{Of, time};
use crate::{StoreError, Tenant};

const PUSH: Of = Of("stock_push");

/// Which pushes are wanted; all of them where nothing is said.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PushFilter {
    /// Those of a POS product.
    pub pos_product_id: Option<String>,
}

impl Tenant {
    /// A page of pushes, by connection, item and location.
    pub async fn stock_pushes(
        &self,
        request: &PageRequest,
        filter: &PushFilter,
    ) -> Result<Page<StockPush>, StoreError> {
        let place = match &request.cursor {
            Some(cursor) => Some(place_of(cursor)?),
            None => None,
        };
        let mut select = Entity::find().filter(Column::BusinessId.eq(self.business_id().uuid()));
        if let Some(product) = &filter.pos_product_id {
            select = select.filter(Column::PosProductId.eq(product.as_str()));
        }
        let columns = [Column::ConnectionId, Column::InventoryItemId, Column::LocationId];
        let models =
            keyset(select, request, Sort::OldestFirst, columns, place).all(self.reader()).await?;
        page_of(request, models, cursor_of, read_push)
    }
}

/// The item stands in the cursor's key, the connection and the location in its id.
fn cursor_of(model: &Model) -> Cursor {
    let id = format!("{} {}", model.connection_id, model.location_id);
    Cursor { key: model.inventory_item_id, id }
}

fn place_of(cursor: &Cursor) -> Result<[sea_orm::Value; 3], StoreError> {
    let (connection, location) = cursor.id.split_once(' ').ok_or(StoreError::InvalidCursor)?;
    let connection: uuid::Uuid = connection.parse().map_err(|_| StoreError::InvalidCursor)?;
    let location: i64 = location.parse().map_err(|_| StoreError::InvalidCursor)?;
    Ok([connection.into(), cursor.key.into(), location.into()])
}

fn read_push(model: Model) -> Result<StockPush, StoreError> {
    let state = state_of(&model)?;
    Ok(StockPush {
        key: PushKey {
            connection_id: ConnectionId::from_uuid(model.connection_id),
            inventory_item_id: ExternalId(model.inventory_item_id),
            location_id: ExternalId(model.location_id),
        },
        pos_product_id: model.pos_product_id,
        variant_id: ExternalId(model.variant_id),
        state,
        attempts: PUSH.count("attempts", model.attempts)?,
        due_at: time(model.run_at),
        level: model.level,
        buffer: model.buffer.map(|buffer| PUSH.count("buffer", buffer)).transpose()?,
        target: model.target,
        known: model.known,
        sent: model.sent.zip(model.sent_at).map(|(sent, at)| (sent, time(at))),
        updated_at: time(model.updated_at),
    })
}

fn state_of(model: &Model) -> Result<PushState, StoreError> {
    let failure = match (&model.failure_code, &model.failure_detail) {
        (Some(code), detail) => {
            let code = PUSH.word("failure_code", code, Code::parse)?;
            Some(Failure::new(code, detail.clone().unwrap_or_default()))
        }
        _ => None,
    };
    let hold = || PUSH.word("hold", model.hold.as_deref().unwrap_or_default(), Hold::parse);
    let unexplained = || Failure::new(Code::Internal, "");
    Ok(match model.state.as_str() {
        "ready" => PushState::Waiting(failure),
        "running" => PushState::Running,
        "settled" => PushState::Settled,
        "held" => PushState::Held(hold()?),
        "failed" => PushState::Failed(failure.unwrap_or_else(unexplained)),
        other => PUSH.word("state", other, |_| None)?,
    })
}
