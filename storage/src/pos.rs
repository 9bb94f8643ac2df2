//! POS orders.

use std::collections::HashMap;

use domain::flow::StoredPosOrder;
use domain::id::{DeliveryId, ExternalId, PosOrderId, RunId};
use domain::mapper::Bound;
use domain::money::Currency;
use domain::page::{Cursor, Page, PageRequest};
use domain::pos::{PosOrder, PosState};
use domain::time::Timestamp;
use rust_decimal::Decimal;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::entity::{pos_order, pos_order_version};
use crate::mapper::bound_of;
use crate::page::{Sort, id_of, keyset, page_of, parts};
use crate::{StoreError, Tenant, row};

const ORDER: row::Of = row::Of("pos_order");
const VERSION: row::Of = row::Of("pos_order_version");

/// Versions of one POS order that are listed, the newest first.
const VERSIONS_MAX: u64 = 100;
/// Holds for the version that the order's row names.
const IS_NEWEST: &str = "pos_order_version.version = (SELECT o.version FROM pos_order o \
    WHERE o.business_id = pos_order_version.business_id \
    AND o.external_id = pos_order_version.external_id)";

/// A POS order in its newest version, without its document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PosOrderHead {
    /// Its id, the same for all versions.
    pub id: PosOrderId,
    /// The store order.
    pub external_id: ExternalId,
    /// The newest version.
    pub version: i64,
    /// The delivery that brought the store order's version.
    pub delivery_id: DeliveryId,
    /// The hash of the body that it was mapped from.
    pub source_hash: [u8; 32],
    /// SHA-256 of the document.
    pub document_hash: [u8; 32],
    /// The number printed on the receipt.
    pub number: String,
    /// The state of the sale.
    pub state: PosState,
    /// The currency of the amounts.
    pub currency: Currency,
    /// What the buyer owed before returns.
    pub total: Decimal,
    /// Money that went back.
    pub refunded_total: Decimal,
    /// How many lines.
    pub line_count: u32,
    /// Lines that move no stock because their variant is not linked (S0.41).
    pub unlinked_lines: u32,
    /// The mapper that made it.
    pub mapper: Bound,
    /// When the order was placed.
    pub placed_at: Timestamp,
    /// When it was posted first.
    pub created_at: Timestamp,
    /// When it was posted last.
    pub updated_at: Timestamp,
}

/// One version of a POS order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PosOrderVersion {
    /// The store order.
    pub external_id: ExternalId,
    /// Its number, from 1.
    pub version: i64,
    /// The delivery that brought the store order's version.
    pub delivery_id: DeliveryId,
    /// The execution that made it.
    pub run_id: RunId,
    /// The hash of the body that it was mapped from.
    pub source_hash: [u8; 32],
    /// SHA-256 of the document.
    pub document_hash: [u8; 32],
    /// The mapped order.
    pub document: PosOrder,
    /// When it was posted.
    pub created_at: Timestamp,
}

impl Tenant {
    /// What stands of the POS orders of these store orders; those that have none are absent.
    pub async fn pos_orders_of(
        &self,
        orders: &[ExternalId],
    ) -> Result<HashMap<ExternalId, StoredPosOrder>, StoreError> {
        use pos_order::{Column, Entity};
        type Row = (i64, Uuid, i64, Vec<u8>, Vec<u8>, i64, i64);
        let columns = [
            Column::ExternalId,
            Column::PosOrderId,
            Column::Version,
            Column::SourceHash,
            Column::DocumentHash,
            Column::MapperVersion,
            Column::MapperConfig,
        ];
        let mut stored = HashMap::with_capacity(orders.len());
        for part in parts(orders) {
            let rows: Vec<Row> = Entity::find()
                .select_only()
                .columns(columns)
                .filter(Column::BusinessId.eq(self.business_id().uuid()))
                .filter(Column::ExternalId.is_in(part.into_iter().map(|id| id.0)))
                .into_tuple()
                .all(self.reader())
                .await?;
            for (external_id, id, version, source_hash, document_hash, mapper, config) in rows {
                let order = StoredPosOrder {
                    id: PosOrderId::from_uuid(id),
                    version,
                    source_hash: ORDER.hash("source_hash", source_hash)?,
                    document_hash: ORDER.hash("document_hash", document_hash)?,
                    mapper: bound_of(ORDER, mapper, config)?,
                };
                stored.insert(ExternalId(external_id), order);
            }
        }
        Ok(stored)
    }

    /// A page of POS orders, the one placed last first.
    pub async fn pos_orders(
        &self,
        request: &PageRequest,
    ) -> Result<Page<PosOrderHead>, StoreError> {
        use pos_order::{Column, Entity};
        let place = match &request.cursor {
            Some(cursor) => Some([cursor.key.into(), id_of::<i64>(cursor)?.into()]),
            None => None,
        };
        let select = Entity::find().filter(Column::BusinessId.eq(self.business_id().uuid()));
        let columns = [Column::PlacedAt, Column::ExternalId];
        let models =
            keyset(select, request, Sort::NewestFirst, columns, place).all(self.reader()).await?;
        page_of(request, models, place_of, read_head)
    }

    /// The POS order of a store order.
    pub async fn pos_order(&self, order: ExternalId) -> Result<Option<PosOrderHead>, StoreError> {
        Ok(self.pos_orders_by_id(&[order]).await?.remove(&order))
    }

    /// The POS orders of several store orders; those that have none are absent.
    pub async fn pos_orders_by_id(
        &self,
        orders: &[ExternalId],
    ) -> Result<HashMap<ExternalId, PosOrderHead>, StoreError> {
        use pos_order::{Column, Entity};
        let mut heads = HashMap::with_capacity(orders.len());
        for part in parts(orders) {
            let models = Entity::find()
                .filter(Column::BusinessId.eq(self.business_id().uuid()))
                .filter(Column::ExternalId.is_in(part.into_iter().map(|id| id.0)))
                .all(self.reader())
                .await?;
            for model in models {
                heads.insert(ExternalId(model.external_id), read_head(model)?);
            }
        }
        Ok(heads)
    }

    /// The newest versions of several POS orders, with their documents; store orders that have none are absent.
    pub async fn pos_documents(
        &self,
        orders: &[ExternalId],
    ) -> Result<HashMap<ExternalId, PosOrderVersion>, StoreError> {
        use pos_order_version::{Column, Entity};
        let mut documents = HashMap::with_capacity(orders.len());
        for part in parts(orders) {
            let models = Entity::find()
                .filter(Column::BusinessId.eq(self.business_id().uuid()))
                .filter(Column::ExternalId.is_in(part.into_iter().map(|id| id.0)))
                .filter(Expr::cust(IS_NEWEST))
                .all(self.reader())
                .await?;
            for model in models {
                documents.insert(ExternalId(model.external_id), read_version(model)?);
            }
        }
        Ok(documents)
    }

    /// The versions of a store order's POS order, the newest first; of more than a hundred, the newest hundred.
    pub async fn pos_order_versions(
        &self,
        order: ExternalId,
    ) -> Result<Vec<PosOrderVersion>, StoreError> {
        use pos_order_version::{Column, Entity};
        let models = Entity::find()
            .filter(Column::BusinessId.eq(self.business_id().uuid()))
            .filter(Column::ExternalId.eq(order.0))
            .order_by_desc(Column::Version)
            .limit(VERSIONS_MAX)
            .all(self.reader())
            .await?;
        models.into_iter().map(read_version).collect()
    }
}

fn place_of(model: &pos_order::Model) -> Cursor {
    Cursor { key: model.placed_at, id: model.external_id.to_string() }
}

fn read_head(model: pos_order::Model) -> Result<PosOrderHead, StoreError> {
    Ok(PosOrderHead {
        id: PosOrderId::from_uuid(model.pos_order_id),
        external_id: ExternalId(model.external_id),
        version: model.version,
        delivery_id: DeliveryId::from_uuid(model.delivery_id),
        source_hash: ORDER.hash("source_hash", model.source_hash)?,
        document_hash: ORDER.hash("document_hash", model.document_hash)?,
        number: model.number,
        state: ORDER.word("state", &model.state, PosState::parse)?,
        currency: ORDER.currency(&model.currency)?,
        total: ORDER.decimal("total", &model.total)?,
        refunded_total: ORDER.decimal("refunded_total", &model.refunded_total)?,
        line_count: ORDER.count("line_count", model.line_count)?,
        unlinked_lines: ORDER.count("unlinked_lines", model.unlinked_lines)?,
        mapper: bound_of(ORDER, model.mapper_version, model.mapper_config)?,
        placed_at: row::time(model.placed_at),
        created_at: row::time(model.created_at),
        updated_at: row::time(model.updated_at),
    })
}

fn read_version(model: pos_order_version::Model) -> Result<PosOrderVersion, StoreError> {
    Ok(PosOrderVersion {
        external_id: ExternalId(model.external_id),
        version: model.version,
        delivery_id: DeliveryId::from_uuid(model.delivery_id),
        run_id: RunId::from_uuid(model.run_id),
        source_hash: VERSION.hash("source_hash", model.source_hash)?,
        document_hash: VERSION.hash("document_hash", model.document_hash)?,
        document: VERSION.json("document", &model.document)?,
        created_at: row::time(model.created_at),
    })
}
