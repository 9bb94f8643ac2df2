//! Orders of the store.

use std::collections::HashMap;

use domain::id::{ConnectionId, DeliveryId, ExternalId};
use domain::money::Currency;
use domain::page::{Cursor, Page, PageRequest};
use domain::refined::Version;
use domain::time::Timestamp;
use rust_decimal::Decimal;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::version_of;
use crate::entity::{shopify_line_item, shopify_order};
use crate::page::{Sort, id_of, keyset, page_of, parts};
use crate::row;
use crate::{StoreError, Tenant};

const ORDER: row::Of = row::Of("shopify_order");
const LINE: row::Of = row::Of("shopify_line_item");

/// An order as it is stored. Amounts are in the shop's currency; the whole order is in its delivery's body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredOrder {
    /// The store's id.
    pub id: ExternalId,
    /// The connection that it came by.
    pub connection_id: ConnectionId,
    /// The delivery that holds the body of this version.
    pub delivery_id: DeliveryId,
    /// The name shown to people, for instance `#1042`.
    pub name: String,
    /// The running number in the store.
    pub number: i64,
    /// Where the order was made.
    pub source_name: Option<String>,
    /// A test order: no money moved.
    pub test: bool,
    /// The store's word for the state of payment.
    pub financial_status: String,
    /// The store's word for the state of delivery.
    pub fulfillment_status: Option<String>,
    /// The shop's currency.
    pub currency: Currency,
    /// Lines after discounts.
    pub subtotal: Decimal,
    /// All taxes.
    pub total_tax: Decimal,
    /// What the buyer owed before returns.
    pub total: Decimal,
    /// What remains after edits, returns and refunds of lines.
    pub current_total: Decimal,
    /// The buyer, if known.
    pub customer_id: Option<ExternalId>,
    /// How many lines.
    pub line_count: u32,
    /// When the order was made.
    pub created_at: Timestamp,
    /// When it counts for the books.
    pub processed_at: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Which version this is.
    pub version: Version,
    /// When this version was written here.
    pub written_at: Timestamp,
    /// When the store said that it is gone.
    pub removed_at: Option<Timestamp>,
}

/// A line of an order as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredLine {
    /// The store's id.
    pub id: ExternalId,
    /// The order.
    pub order_id: ExternalId,
    /// The product, unless it is a custom line or was deleted.
    pub product_id: Option<ExternalId>,
    /// The variant, unless it is a custom line or was deleted.
    pub variant_id: Option<ExternalId>,
    /// The seller's own number.
    pub sku: Option<String>,
    /// The product's name when it was bought.
    pub title: String,
    /// The variant's name when it was bought.
    pub variant_title: Option<String>,
    /// Pieces ever sold on this line.
    pub quantity: i64,
    /// Pieces left after removals, returns and refunds.
    pub current_quantity: i64,
    /// Price of one piece before discounts.
    pub unit_price: Decimal,
    /// Discounts on the whole line.
    pub discount: Decimal,
}

impl Tenant {
    /// A page of orders, the one made last first.
    pub async fn orders(&self, request: &PageRequest) -> Result<Page<StoredOrder>, StoreError> {
        use shopify_order::{Column, Entity};
        let place = match &request.cursor {
            Some(cursor) => Some([cursor.key.into(), id_of::<i64>(cursor)?.into()]),
            None => None,
        };
        let select = Entity::find().filter(Column::BusinessId.eq(self.business_id().uuid()));
        let columns = [Column::CreatedAt, Column::OrderId];
        let models =
            keyset(select, request, Sort::NewestFirst, columns, place).all(self.reader()).await?;
        page_of(request, models, place_of, read_order)
    }

    /// An order.
    pub async fn order(&self, id: ExternalId) -> Result<Option<StoredOrder>, StoreError> {
        use shopify_order::{Column, Entity};
        let model = Entity::find()
            .filter(Column::BusinessId.eq(self.business_id().uuid()))
            .filter(Column::OrderId.eq(id.0))
            .one(self.reader())
            .await?;
        model.map(read_order).transpose()
    }

    /// Several orders; those that are not stored are absent.
    pub async fn orders_by_id(
        &self,
        ids: &[ExternalId],
    ) -> Result<HashMap<ExternalId, StoredOrder>, StoreError> {
        use shopify_order::{Column, Entity};
        let mut orders = HashMap::with_capacity(ids.len());
        for part in parts(ids) {
            let models = Entity::find()
                .filter(Column::BusinessId.eq(self.business_id().uuid()))
                .filter(Column::OrderId.is_in(part.into_iter().map(|id| id.0)))
                .all(self.reader())
                .await?;
            for model in models {
                orders.insert(ExternalId(model.order_id), read_order(model)?);
            }
        }
        Ok(orders)
    }

    /// The lines of several orders, each order's in its own sequence; orders without lines are absent.
    pub async fn order_lines(
        &self,
        orders: &[ExternalId],
    ) -> Result<HashMap<ExternalId, Vec<StoredLine>>, StoreError> {
        use shopify_line_item::{Column, Entity};
        let mut lines: HashMap<_, Vec<_>> = HashMap::with_capacity(orders.len());
        for part in parts(orders) {
            let models = Entity::find()
                .filter(Column::BusinessId.eq(self.business_id().uuid()))
                .filter(Column::OrderId.is_in(part.into_iter().map(|id| id.0)))
                .order_by_asc(Column::OrderId)
                .order_by_asc(Column::Position)
                .all(self.reader())
                .await?;
            for model in models {
                let line = read_line(model)?;
                lines.entry(line.order_id).or_default().push(line);
            }
        }
        Ok(lines)
    }
}

fn place_of(model: &shopify_order::Model) -> Cursor {
    Cursor { key: model.created_at, id: model.order_id.to_string() }
}

fn read_order(model: shopify_order::Model) -> Result<StoredOrder, StoreError> {
    Ok(StoredOrder {
        id: ExternalId(model.order_id),
        connection_id: ConnectionId::from_uuid(model.connection_id),
        delivery_id: DeliveryId::from_uuid(model.delivery_id),
        name: model.name,
        number: model.number,
        source_name: model.source_name,
        test: model.test,
        financial_status: model.financial_status,
        fulfillment_status: model.fulfillment_status,
        currency: ORDER.currency(&model.currency)?,
        subtotal: ORDER.decimal("subtotal", &model.subtotal)?,
        total_tax: ORDER.decimal("total_tax", &model.total_tax)?,
        total: ORDER.decimal("total", &model.total)?,
        current_total: ORDER.decimal("current_total", &model.current_total)?,
        customer_id: model.customer_id.map(ExternalId),
        line_count: ORDER.count("line_count", model.line_count)?,
        created_at: row::time(model.created_at),
        processed_at: model.processed_at.map(row::time),
        cancelled_at: model.cancelled_at.map(row::time),
        closed_at: model.closed_at.map(row::time),
        version: version_of(ORDER, model.updated_at, &model.authority, model.body_hash)?,
        written_at: row::time(model.written_at),
        removed_at: model.removed_at.map(row::time),
    })
}

fn read_line(model: shopify_line_item::Model) -> Result<StoredLine, StoreError> {
    Ok(StoredLine {
        id: ExternalId(model.line_item_id),
        order_id: ExternalId(model.order_id),
        product_id: model.product_id.map(ExternalId),
        variant_id: model.variant_id.map(ExternalId),
        sku: model.sku,
        title: model.title,
        variant_title: model.variant_title,
        quantity: model.quantity,
        current_quantity: model.current_quantity,
        unit_price: LINE.decimal("unit_price", &model.unit_price)?,
        discount: LINE.decimal("discount", &model.discount)?,
    })
}
